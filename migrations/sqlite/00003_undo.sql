-- +goose Up

-- undo: what one action changed, so that it can be taken back whole.

create table changeset (
  id integer primary key autoincrement,
  kind text not null,
  at timestamp not null,
  by_id integer references account (id),
  by_name text not null,
  cycle_id integer references cycle (id),
  note text not null default '',
  objects integer not null default 0,
  undone_at timestamp,
  undone_by_id integer references account (id),
  undone_by_name text not null default ''
);
create index changeset_kind on changeset (kind, id);

-- The image of a row before (null: the action added it) and after (null: the action took it away).
-- seal is the step of the action since which the image after may be out of date.
create table changeset_row (
  changeset_id integer not null references changeset (id),
  table_name text not null,
  row_key text not null,
  seal integer not null,
  before text,
  after text,
  primary key (changeset_id, table_name, row_key)
);
create index changeset_row_seal on changeset_row (changeset_id, seal);

-- contact: what brings spellings of a name together, with its vowels and without, see the package names.
alter table contact add column name_key text not null default '';
alter table contact add column name_bones text not null default '';
create index contact_name_key on contact (name_key, kind, id);
create index contact_name_bones on contact (name_bones, kind, id);
-- Names without vowels are few, and only they are looked for by their bones.
create index contact_bare_name on contact (name_bones, kind) where name_key = name_bones and name_key <> '';

-- contact: words that are part of several names, so that one is hardly the other with a typing error.
create table known_word (
  word text primary key,
  contacts integer not null
);

-- contact: pairs that may be one and the same, the smaller id first. The ids may be those of contacts that are
-- no more: what was merged is remembered, and found again when the merge is taken back.
create table duplicate (
  id integer primary key autoincrement,
  low_id integer not null,
  high_id integer not null,
  score integer not null,
  reasons text not null,
  state text not null,
  found_at timestamp not null,
  decided_by integer references account (id),
  decided_at timestamp,
  changeset_id integer references changeset (id)
);
create unique index duplicate_pair on duplicate (low_id, high_id);
create index duplicate_high on duplicate (high_id);
create index duplicate_open on duplicate (score, id) where state = 'open';

-- contact: whom a merged contact became part of, so that old links still lead to it.
create table merged_contact (
  contact_id integer primary key,
  survivor_id integer not null references contact (id),
  name text not null,
  merged_at timestamp not null,
  changeset_id integer not null references changeset (id)
);
create index merged_contact_survivor on merged_contact (survivor_id);

-- contact: whom a contact became part of, for links that were given out before.
create view contact_successor as
  select contact_id, survivor_id from merged_contact;

-- +goose Down
drop view contact_successor;
drop table merged_contact;
drop table duplicate;
drop table known_word;
drop index contact_bare_name;
drop index contact_name_bones;
drop index contact_name_key;
alter table contact drop column name_bones;
alter table contact drop column name_key;
drop table changeset_row;
drop table changeset;
