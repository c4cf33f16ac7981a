-- +goose Up

-- outreach: claims change hands, and whole plans are proposed.

-- Why a claim ended without its volunteer: a code, and what the officer wrote to them. predecessor_id is the
-- claim that was handed over or reassigned; it is no reference, so that undoing an import may take both.
alter table claim add column ended_why text not null default '';
alter table claim add column reason text not null default '';
alter table claim add column predecessor_id integer;

-- outreach: what a volunteer's tries came to, for matching.
create index attempt_volunteer on attempt (volunteer_id, at);

-- A claim that its holder offers to a named colleague; at most one offer is open at a time.
create table handover (
  id integer primary key autoincrement,
  claim_id integer not null references claim (id),
  from_id integer not null references account (id),
  to_id integer not null references account (id),
  state text not null,
  note text not null default '',
  answer text not null default '',
  offered_at timestamp not null,
  decided_at timestamp
);
create unique index handover_open on handover (claim_id) where state = 'offered';
create index handover_to on handover (to_id, state);
create index handover_from on handover (from_id, state);

-- Who is proposed to take which contact: all open gaps of a cycle at once.
create table plan (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  state text not null,
  proposed_by integer not null references account (id),
  proposed_at timestamp not null,
  decided_by integer references account (id),
  decided_at timestamp
);
create index plan_cycle on plan (cycle_id, id);

-- contact_id is no reference: a plan is a proposal, and must not keep contacts from being merged. A line
-- without a volunteer is a gap that nobody suits; why is the key of the sentence that says so, or
-- why the line was overtaken.
create table plan_line (
  id integer primary key autoincrement,
  plan_id integer not null references plan (id),
  contact_id integer not null,
  purpose text not null,
  volunteer_id integer references account (id),
  fit integer not null default 0,
  reasons text not null default '',
  state text not null,
  why text not null default '',
  claim_id integer references claim (id)
);
create unique index plan_line_contact on plan_line (plan_id, contact_id, purpose);

-- account: who may be given contacts.
create view volunteer_account as
  select a.id as account_id, a.name, a.language, a.created_at
  from account a
  join account_role r on r.account_id = a.id
  where r.role = 'volunteer' and a.disabled_at is null;

-- contact: the contacts that are a member of the house, by the address that they sign in with.
create view own_contact as
  select k.id as account_id, ca.contact_id
  from account k
  join address a on a.email = k.email
  join contact_address ca on ca.address_id = a.id;

-- contact: the organizations that a member of the house has left.
create view former_employer as
  select distinct o.account_id, f.organization_id
  from own_contact o
  join affiliation f on f.contact_id = o.contact_id
  where f.until <> '';

-- outreach: contacts that volunteers took on in a cycle and that nobody has reached or holds.
create view unreached_contact as
  select distinct c.cycle_id, c.contact_id
  from claim c
  where c.state <> 'active'
    and not exists (select 1 from claim v
      where v.cycle_id = c.cycle_id and v.contact_id = c.contact_id and v.state = 'active')
    and not exists (select 1 from attempt a
      where a.cycle_id = c.cycle_id and a.contact_id = c.contact_id
        and a.outcome in ('reached', 'declined', 'promised', 'responded'));

-- +goose Down

drop view unreached_contact;
drop view former_employer;
drop view own_contact;
drop view volunteer_account;
drop table plan_line;
drop table plan;
drop table handover;
drop index attempt_volunteer;
alter table claim drop column predecessor_id;
alter table claim drop column reason;
alter table claim drop column ended_why;
