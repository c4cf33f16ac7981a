-- +goose Up

-- campaign: what belongs to a delivery in a volunteer's name beyond its row: the claim under which it
-- was sent, the opening lines, and whether the volunteers' room was told what became of it.
create table personal_message (
  delivery_id integer primary key references delivery (id),
  claim_id integer not null references claim (id),
  opening text not null default '',
  written_at timestamp not null,
  told_at timestamp
);
create index personal_message_claim on personal_message (claim_id);

-- outreach: addresses of which a volunteer says that they are wrong, for an officer to decide.
create table reported_address (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  contact_id integer not null references contact (id),
  address_id integer not null references address (id),
  reported_by integer not null references account (id),
  reported_at timestamp not null,
  note text not null default '',
  decision text not null default '',
  decided_by integer references account (id),
  decided_at timestamp
);
create unique index reported_address_open on reported_address (contact_id, address_id) where decision = '';
create index reported_address_cycle on reported_address (cycle_id, decision, id);

-- outreach: contacts whose last word to a volunteer was no. Whoever was reached again since has
-- another last word.
create view declining_contact as
  select distinct a.cycle_id, a.contact_id from attempt a
  where a.outcome = 'declined' and not exists (
    select 1 from attempt b
    where b.cycle_id = a.cycle_id and b.contact_id = a.contact_id
      and b.outcome in ('reached', 'promised', 'responded')
      and (b.at > a.at or (b.at = a.at and b.id > a.id)));

-- outreach: addresses that an officer should look at. One that stopped working or left the contact since is
-- not among them: nothing is left to decide.
create view doubted_address as
  select r.id as report_id, r.cycle_id, r.contact_id, r.address_id, u.email, r.reported_by, r.reported_at, r.note
  from reported_address r
  join usable_address u on u.contact_id = r.contact_id and u.address_id = r.address_id
  where r.decision = '';

-- account: who writes in person, and where they read answers.
create view account_mailbox as
  select id as account_id, name, email from account where disabled_at is null;

-- campaign: messages in a volunteer's name and what became of them.
create view personal_delivery as
  select d.id as delivery_id, m.claim_id, p.cycle_id, d.contact_id, d.personal_by as volunteer_id, d.locale,
    d.state, d.reason, d.until, d.sent_at, m.written_at
  from personal_message m
  join delivery d on d.id = m.delivery_id
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id;

-- +goose Down
drop view personal_delivery;
drop view account_mailbox;
drop view doubted_address;
drop view declining_contact;
drop table reported_address;
drop table personal_message;
