-- +goose Up
-- What the readers of a mailbox asked not to get, by the keyed hash of the address: so it holds for everybody who uses the
-- mailbox, and survives the erasure of the address. scope is campaign or cycle (object_id says which), reminders,
-- second_reminder, or everything, of which suppression is what decides and this is the story. Rows are ended, never deleted.
create table opt_out (
  id integer primary key autoincrement,
  hash text not null,
  scope text not null,
  object_id integer not null default 0,
  how text not null,
  delivery_id integer,
  recorded_by integer references account (id),
  note text not null default '',
  asked_at timestamp not null,
  ended_at timestamp,
  ended_by integer references account (id),
  ended_note text not null default ''
);
create unique index opt_out_live on opt_out (hash, scope, object_id) where ended_at is null;
create index opt_out_scope on opt_out (scope, object_id) where ended_at is null;

-- Another address that a reader asked for. It counts once a letter to it was answered; the secret in that letter is kept as a hash.
create table address_change (
  id integer primary key autoincrement,
  contact_id integer not null,
  delivery_id integer not null,
  email text not null,
  secret_hash text not null,
  language text not null,
  asked_at timestamp not null,
  expires_at timestamp not null,
  confirmed_at timestamp
);
create unique index address_change_secret on address_change (secret_hash);
create index address_change_contact on address_change (contact_id, asked_at);
create index address_change_email on address_change (email, asked_at);

-- The mail by whose page a contact suggested somebody else in their place.
alter table candidate add column delivery_id integer;
create index candidate_delivery on candidate (delivery_id) where delivery_id is not null;

-- contact: what was asked not to be got and holds now, whoever asked: to know at once whether there is any of a kind.
create view opt_out_now as
  select scope, object_id from opt_out where ended_at is null;

-- contact: the same by contact: what was asked at any address that the contact has, by whoever reads there.
create view contact_opt_out as
  select ca.contact_id, o.scope, o.object_id
  from contact_address ca
  join address a on a.id = ca.address_id
  join opt_out o on o.hash = a.hash and o.ended_at is null;

-- contact: whom nobody may approach in a cycle, because they asked so for the cycle.
create view cycle_opted_out_contact as
  select o.object_id as cycle_id, ca.contact_id
  from opt_out o
  join address a on a.hash = o.hash
  join contact_address ca on ca.address_id = a.id
  where o.scope = 'cycle' and o.ended_at is null;

-- campaign: which mail of which campaign a delivery is.
create view delivery_origin as
  select d.id as delivery_id, d.contact_id, d.address_id, d.locale, d.sent_at, d.state, s.position as step, p.id as campaign_id, p.name as campaign, p.cycle_id
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id;

-- +goose Down
drop view delivery_origin;
drop view cycle_opted_out_contact;
drop view contact_opt_out;
drop view opt_out_now;
drop index candidate_delivery;
alter table candidate drop column delivery_id;
drop table address_change;
drop table opt_out;
