-- +goose Up

-- contact: files of contacts and what became of their rows.
create table import (
  id integer primary key autoincrement,
  state text not null,
  file_name text not null,
  size integer not null,
  sha256 text not null,
  stored boolean not null default false,
  detected text not null default '',
  mapping text not null default '',
  cycle_id integer references cycle (id),
  source text not null default '',
  lawful_basis text not null default '',
  stakeholder_group text not null default '',
  country text not null default '',
  duplicates text not null default 'skip',
  rows_total integer not null default 0,
  rows_done integer not null default 0,
  position text not null default '',
  new_count integer not null default 0,
  update_count integer not null default 0,
  unchanged_count integer not null default 0,
  possible_duplicate_count integer not null default 0,
  suppressed_count integer not null default 0,
  rejected_count integer not null default 0,
  problem text not null default '',
  owner text not null default '',
  lease_until timestamp,
  created_by integer references account (id),
  created_at timestamp not null,
  checked_at timestamp,
  started_at timestamp,
  finished_at timestamp,
  undone_at timestamp,
  removed_count integer not null default 0,
  kept_count integer not null default 0
);
create index import_state on import (state, id);
create index import_sha256 on import (sha256);

-- The file itself: the process that takes it in and the one that reads it may be on different machines.
create table import_chunk (
  import_id integer not null references import (id),
  number integer not null,
  content blob not null,
  primary key (import_id, number)
);

-- What a row of the file means, for the rows that somebody may want to look at: not those that are
-- plainly new or unchanged, of which there may be millions.
create table import_row (
  import_id integer not null references import (id),
  number integer not null,
  verdict text not null,
  name text not null default '',
  contact_id integer,
  of_row integer not null default 0,
  detail text not null default '',
  decision text not null default '',
  primary key (import_id, number)
);
create index import_row_verdict on import_row (import_id, verdict, number);

-- What takes the changes of an import back, batch by batch.
create table import_changeset (
  import_id integer not null references import (id),
  changeset_id integer not null,
  primary key (import_id, changeset_id)
);

-- What an import brought and its undoing had to leave, and why.
create table import_kept (
  import_id integer not null references import (id),
  contact_id integer not null,
  reason text not null,
  primary key (import_id, contact_id)
);

-- Which import brought a row. No foreign keys: an import is never deleted, and a check of each of a
-- million rows would cost a tenth of the import.
alter table contact add column import_id integer;
alter table address add column import_id integer;
alter table contact_address add column import_id integer;
alter table affiliation add column import_id integer;
alter table listing add column import_id integer;
create index contact_import on contact (import_id) where import_id is not null;
create index address_import on address (import_id) where import_id is not null;

-- Whether anything refers to a contact is asked for each that is taken away again.
create index listing_of_contact on listing (contact_id);
create index contribution_of_contact on contribution (contact_id);
create index contribution_unit on contribution (unit_id);
create index attempt_of_contact on attempt (contact_id);

-- cycle: what a round is called.
create view cycle_name as
  select id as cycle_id, slug, name from cycle;

-- +goose Down
drop view cycle_name;
drop index attempt_of_contact;
drop index contribution_unit;
drop index contribution_of_contact;
drop index listing_of_contact;
drop index address_import;
drop index contact_import;
alter table listing drop column import_id;
alter table affiliation drop column import_id;
alter table contact_address drop column import_id;
alter table address drop column import_id;
alter table contact drop column import_id;
drop table import_kept;
drop table import_changeset;
drop table import_row;
drop table import_chunk;
drop table import;
