-- +goose Up
-- document: who may comment, whose suggestion a revision took up, and what people say of passages.
alter table document add column commenting text not null default 'members';
alter table revision add column credit text not null default '';

create table comment_thread (
  id integer primary key autoincrement,
  document_id integer not null references document (id),
  revision_id integer not null references revision (id),
  begun_key text not null,
  kind text not null,
  segment_key text not null,
  quote text not null default '',
  start integer not null default 0,
  length integer not null default 0,
  touched boolean not null default false,
  replacement text not null default '',
  state text not null,
  waits_for text not null default '',
  reason text not null default '',
  author_id integer references account (id),
  public_name text not null default '',
  visible boolean not null default true,
  created_at timestamp not null,
  decided_by integer references account (id),
  decided_at timestamp,
  decided_revision_id integer references revision (id)
);
create index comment_thread_document on comment_thread (document_id, state);
create index comment_thread_author on comment_thread (author_id);

create table comment (
  id integer primary key autoincrement,
  thread_id integer not null references comment_thread (id),
  author_id integer references account (id),
  public_name text not null default '',
  body text not null,
  asks boolean not null default false,
  created_at timestamp not null
);
create index comment_thread_id on comment (thread_id);

-- document: comments and suggestions that wait for the editors.
create view waiting_comment as
  select d.cycle_id, t.id as thread_id, t.document_id, t.created_at
  from comment_thread t
  join document d on d.id = t.document_id
  where t.state = 'open' and t.waits_for = 'editors';

-- +goose Down
drop view waiting_comment;
drop table comment;
drop table comment_thread;
alter table revision drop column credit;
alter table document drop column commenting;
