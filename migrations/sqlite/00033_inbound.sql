-- +goose Up

-- inbound: every mail that came in, once, stored before anything is decided about it. hash is of what was sent, without what
-- servers added on the way. received_at is when it truly arrived, stored_at when we kept it. kind is '' until it was sorted.
-- matched_by says how cycle, contact and delivery were found: token, message_id (proposed), sender (proposed) or ''.
create table inbound_mail (
  id integer primary key autoincrement,
  hash text not null,
  received_at timestamp not null,
  stored_at timestamp not null,
  envelope_from text not null default '',
  envelope_to text not null default '',
  message_id text not null default '',
  from_name text not null default '',
  from_email text not null default '',
  subject text not null default '',
  size integer not null default 0,
  files integer not null default 0,
  kind text not null default '',
  state text not null,
  matched_by text not null default '',
  cycle_id integer references cycle (id),
  contact_id integer references contact (id),
  delivery_id integer,
  status text not null default '',
  diagnostic text not null default '',
  outcome text not null default '',
  note text not null default '',
  contribution_id integer,
  sorted_at timestamp,
  handled_at timestamp,
  handled_by integer references account (id),
  erased_at timestamp
);
create unique index inbound_mail_hash on inbound_mail (hash);
create index inbound_mail_state on inbound_mail (state, id);
create index inbound_mail_kind on inbound_mail (kind, id);
create index inbound_mail_contact on inbound_mail (contact_id) where contact_id is not null;
create index inbound_mail_sender on inbound_mail (from_email) where from_email <> '';
create index inbound_mail_unsorted on inbound_mail (id) where sorted_at is null;

-- inbound: the mail itself, to the byte, until the contact is erased.
create table inbound_raw (
  mail_id integer primary key references inbound_mail (id) on delete cascade,
  raw blob not null
);

-- inbound: mails that wait for an officer; of whose cycle nothing is known, in every cycle.
create view waiting_mail as
  select m.id, c.id as cycle_id from inbound_mail m join cycle c on c.id = m.cycle_id or m.cycle_id is null
  where m.state = 'new' and m.sorted_at is not null;

-- +goose Down
drop view waiting_mail;
drop table inbound_raw;
drop table inbound_mail;
