-- +goose Up

-- campaign: what happened to a delivery beyond a plain first acceptance: each try that a server refused, that ended
-- nobody knows how, or that came after another; and what people decided about it, with their reason. attempt counts the
-- tries of a series, which begins anew where somebody has it sent again; it is 0 for what was no try.
create table delivery_try (
  id integer primary key autoincrement,
  delivery_id integer not null references delivery (id) on delete cascade,
  at timestamp not null,
  state text not null,
  reason text not null default '',
  attempt integer not null default 0,
  until timestamp,
  server text not null default '',
  reply text not null default '',
  decided_by integer references account (id),
  note text not null default ''
);
create index delivery_try_delivery on delivery_try (delivery_id, id);

-- campaign: whether messages of a step were sent again to somebody who had them; only then is it asked which.
alter table campaign_step add column resent boolean not null default false;

-- campaign: messages of a follow-up that wait because a volunteer has the contact in hand, and whether the volunteer
-- was told.
create table volunteer_turn (
  delivery_id integer primary key references delivery (id) on delete cascade,
  volunteer_id integer not null references account (id),
  since timestamp not null,
  told_at timestamp
);
create index volunteer_turn_volunteer on volunteer_turn (volunteer_id);

-- contribution: deliveries of which somebody used the link to the form: they arrived.
create view opened_delivery as
  select delivery_id, id as contribution_id, started_at, received_at, state from contribution where delivery_id is not null;
create index contribution_delivery on contribution (delivery_id) where delivery_id is not null;

-- +goose Down
drop index contribution_delivery;
drop view opened_delivery;
drop table volunteer_turn;
alter table campaign_step drop column resent;
drop table delivery_try;
