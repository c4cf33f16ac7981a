-- +goose Up

-- cycle: the deadline of one contact, because it meets before the annual meeting; that of an organization is that of everybody who answers for
-- it. A row says what applied from when until when: a change ends one and begins another, a revocation ends one.
create table own_date (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  contact_id integer not null references contact (id),
  on_date text not null,
  zone text not null,
  at timestamp not null,
  meeting text not null,
  reason text not null,
  state text not null,
  applies_from timestamp not null,
  ended_at timestamp
);
create index own_date_cycle on own_date (cycle_id, applies_from);
create index own_date_contact on own_date (contact_id);
create unique index own_date_current on own_date (cycle_id, contact_id) where ended_at is null;

-- +goose Down
drop table own_date;
