-- +goose Up

-- contribution: what became of a text after it was published. The text that a correction replaces stays readable, and what is asked for waits
-- for an officer. corrections counts those that were approved; public_changed_at is when what everybody sees changed last.
alter table contribution add column corrections integer not null default 0;
alter table contribution add column corrected_at timestamp;
alter table contribution add column public_changed_at timestamp;
update contribution set public_changed_at = coalesce(withdrawn_at, published_at) where public_number is not null;
create index contribution_changed on contribution (cycle_id, public_changed_at) where public_number is not null;

create table contribution_version (
  id integer primary key autoincrement,
  contribution_id integer not null references contribution (id),
  number integer not null,
  answers text not null,
  language text not null,
  published_at timestamp not null,
  replaced_at timestamp not null
);
create unique index contribution_version_number on contribution_version (contribution_id, number);

create table correction (
  id integer primary key autoincrement,
  contribution_id integer not null references contribution (id),
  answers text not null,
  note text not null default '',
  state text not null,
  proposed_at timestamp not null,
  decided_at timestamp,
  decided_by integer references account (id),
  reason text not null default ''
);
create unique index correction_proposed on correction (contribution_id) where state = 'proposed';
create index correction_contribution on correction (contribution_id, id);

-- contribution: who of the secretariat and of the leads looks at it for the meeting after the deadline, and whether that is done.
alter table contribution add column reviewer_id integer references account (id);
alter table contribution add column reviewed_at timestamp;
create index contribution_reviewer on contribution (cycle_id, reviewer_id);

-- +goose Down
drop index contribution_reviewer;
alter table contribution drop column reviewed_at;
alter table contribution drop column reviewer_id;
drop table correction;
drop table contribution_version;
drop index contribution_changed;
alter table contribution drop column public_changed_at;
alter table contribution drop column corrected_at;
alter table contribution drop column corrections;
