-- +goose Up

-- contribution: whom a contributor invited to edit with them, through a link of their own. A contact is kept where the address is one's;
-- the language is that of the pages they see.
create table contribution_editor (
  id integer primary key autoincrement,
  contribution_id integer not null references contribution (id),
  cycle_id integer not null references cycle (id),
  name text not null,
  email text not null,
  contact_id integer references contact (id),
  language text not null,
  state text not null,
  invited_at timestamp not null,
  mailed_at timestamp,
  active_at timestamp,
  revoked_at timestamp
);
create index contribution_editor_contribution on contribution_editor (contribution_id);
create unique index contribution_editor_email on contribution_editor (contribution_id, email) where state <> 'revoked' and email <> '';
create index contribution_editor_mailbox on contribution_editor (email, mailed_at) where email <> '';
create index contribution_editor_contact on contribution_editor (contact_id) where contact_id is not null;

-- Who changed answers or documents last, null for the contributor, and when.
alter table contribution add column editor_id integer;
alter table contribution add column edited_at timestamp;

-- Who wrote the answer, null for the contributor, and when; page tells one opened page of the form from another.
alter table answer add column editor_id integer;
alter table answer add column written_at timestamp;
alter table answer add column page text not null default '';

-- +goose Down
alter table answer drop column page;
alter table answer drop column written_at;
alter table answer drop column editor_id;
alter table contribution drop column edited_at;
alter table contribution drop column editor_id;
drop table contribution_editor;
