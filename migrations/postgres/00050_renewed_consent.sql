-- +goose Up

-- contribution: since when an author agrees to publication whose contribution is withheld, until an officer has decided.
alter table contribution add column consent_renewed_at timestamptz;
create index contribution_renewed on contribution (cycle_id) where consent_renewed_at is not null;

-- contribution: what waits for an officer because its author changed their mind.
create view renewed_consent as
  select cycle_id, id as contribution_id from contribution where consent_renewed_at is not null;

-- +goose Down
drop view renewed_consent;
drop index contribution_renewed;
alter table contribution drop column consent_renewed_at;
