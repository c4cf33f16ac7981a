-- +goose Up

-- What the public may list, by number and by what changed last: the lists read these and nothing else.
drop index contribution_changed;
create index contribution_listed on contribution (cycle_id, public_number)
  where public_number is not null and state in ('published', 'withdrawn');
create index contribution_changed on contribution (cycle_id, public_changed_at, public_number)
  where public_number is not null and state in ('published', 'withdrawn');

-- +goose Down
drop index contribution_changed;
drop index contribution_listed;
create index contribution_changed on contribution (cycle_id, public_changed_at) where public_number is not null;
