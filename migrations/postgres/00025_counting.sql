-- +goose Up

-- The triggers that count lists work by statement here, and need no other for one flag.
select 1;

-- contact: the addresses of contacts that work, in the contact's order, whoever asked for nothing more there.
create view working_address as
  select ca.contact_id, ca.position, ca.address_id
  from contact_address ca
  join address a on a.id = ca.address_id
  where a.status = 'ok';

-- +goose Down
drop view working_address;
select 1;
