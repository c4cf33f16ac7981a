-- +goose Up

-- contribution: who signs a contribution beside the one who gave it, each by their own word. A contact is kept where the address is one's;
-- group and place are as they were on the list when the name was given.
create table signatory (
  id integer primary key autoincrement,
  contribution_id integer not null references contribution (id),
  cycle_id integer not null references cycle (id),
  position integer not null,
  name text not null,
  organization text not null default '',
  capacity text not null,
  email text not null,
  contact_id integer references contact (id),
  nri_id integer,
  stakeholder_group text not null default '',
  region text not null default '',
  country text not null default '',
  state text not null,
  invited_at timestamp not null,
  mailed_at timestamp,
  answered_at timestamp,
  confirmed_at timestamp,
  digest text not null default ''
);
create unique index signatory_position on signatory (contribution_id, position);
create unique index signatory_email on signatory (contribution_id, email) where state <> 'withdrawn' and email <> '';
create index signatory_mailbox on signatory (email, mailed_at) where email <> '';
create index signatory_contact on signatory (contact_id) where contact_id is not null;
create index signatory_cycle on signatory (cycle_id, contact_id) where contact_id is not null and confirmed_at is not null;

-- By whose name a contribution goes whose author took their own back.
alter table contribution add column lead_signatory_id integer;

drop view responded_contact;
-- Who answered, by any channel, late ones included, and who signed with them. A contact that is not on the list has no row.
create view responded_contact as
  select k.cycle_id, k.contact_id, u.unit_id, k.capacity, k.late, k.received_at
  from contribution k
  join contact_unit u on u.contact_id = k.contact_id
  where k.state in ('received', 'checked', 'published', 'withheld')
  union all
  select g.cycle_id, g.contact_id, u.unit_id, g.capacity, k.late, k.received_at
  from signatory g
  join contribution k on k.id = g.contribution_id
  join contact_unit u on u.contact_id = g.contact_id
  where g.state = 'confirmed' and k.state in ('received', 'checked', 'published', 'withheld');

drop view asked_enough_contact;
-- Who handed an answer in or signed one, also those who took it back later: nobody is asked twice.
create view asked_enough_contact as
  select cycle_id, contact_id from contribution
  where contact_id is not null and state in ('received', 'checked', 'published', 'withheld', 'withdrawn')
  union all
  select cycle_id, contact_id from signatory where contact_id is not null and confirmed_at is not null;

drop view asked_enough_unit;
-- Their units: the organization where the answer was given, or signed, for it.
create view asked_enough_unit as
  select distinct k.cycle_id,
    case when k.capacity = 'organizational' then u.unit_id else k.contact_id end as unit_id
  from contribution k
  join contact_unit u on u.contact_id = k.contact_id
  where k.state in ('received', 'checked', 'published', 'withheld', 'withdrawn')
  union
  select g.cycle_id, case when g.capacity = 'organizational' then u.unit_id else g.contact_id end
  from signatory g
  join contact_unit u on u.contact_id = g.contact_id
  where g.confirmed_at is not null;

-- The units that answered by a counted contribution, their own or one that they signed: the initiative, else the organization, else
-- the person. A contribution with three signatures is one in counted_contribution and has three rows here.
create view answered_unit as
  select cycle_id, contact_id, nri_id, unit_id, late from counted_contribution where unit_id is not null
  union all
  select g.cycle_id, g.contact_id, g.nri_id,
    case
      when i.contact_id is not null then i.contact_id
      when g.capacity = 'organizational' then u.unit_id
      else g.contact_id
    end,
    case when k.late then 1 else 0 end
  from signatory g
  join contribution k on k.id = g.contribution_id
  join contact_unit u on u.contact_id = g.contact_id
  left join initiative_contact i on i.nri_id = g.nri_id
  where g.state = 'confirmed' and k.state in ('received', 'checked', 'published', 'withheld');

-- +goose Down
drop view answered_unit;
drop view asked_enough_unit;
create view asked_enough_unit as
  select distinct k.cycle_id,
    case when k.capacity = 'organizational' then u.unit_id else k.contact_id end as unit_id
  from contribution k
  join contact_unit u on u.contact_id = k.contact_id
  where k.state in ('received', 'checked', 'published', 'withheld', 'withdrawn');
drop view asked_enough_contact;
create view asked_enough_contact as
  select cycle_id, contact_id from contribution
  where contact_id is not null and state in ('received', 'checked', 'published', 'withheld', 'withdrawn');
drop view responded_contact;
create view responded_contact as
  select k.cycle_id, k.contact_id, u.unit_id, k.capacity, k.late, k.received_at
  from contribution k
  join contact_unit u on u.contact_id = k.contact_id
  where k.state in ('received', 'checked', 'published', 'withheld');
alter table contribution drop column lead_signatory_id;
drop table signatory;
