-- +goose Up

-- campaign: a launch adds whole lists at once, and a foreign key is checked row by row: three of them cost more than all the rest
-- of a launch. The same is checked here a statement at a time. Who adds deliveries and who removes what they refer to wait for
-- each other, so that neither overlooks what the other has not committed.
alter table delivery drop constraint delivery_step_id_fkey;
alter table delivery drop constraint delivery_contact_id_fkey;
alter table delivery drop constraint delivery_address_id_fkey;
alter table delivery drop constraint delivery_personal_by_fkey;

-- +goose StatementBegin
create function check_delivery_added() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(hashtext('delivery'));
  if exists (select 1 from added a where not exists (select 1 from contact c where c.id = a.contact_id))
    or exists (select 1 from added a where a.address_id is not null and not exists (select 1 from address m where m.id = a.address_id))
    or exists (select 1 from added a where a.personal_by is not null and not exists (select 1 from account m where m.id = a.personal_by))
    or exists (select 1 from (select distinct step_id from added) a where not exists (select 1 from campaign_step s where s.id = a.step_id)) then
    raise foreign_key_violation using message = 'a delivery refers to something that is not there';
  end if;
  return null;
end $$;
-- +goose StatementEnd
create trigger delivery_added after insert on delivery referencing new table as added
  for each statement execute function check_delivery_added();
-- +goose StatementBegin
create function check_delivery_moved() returns trigger language plpgsql as $$
begin
  if new.contact_id <> old.contact_id then -- who becomes one with somebody is removed soon after
    perform pg_advisory_xact_lock(hashtext('delivery'));
  else
    perform pg_advisory_xact_lock_shared(hashtext('delivery'));
  end if;
  if not exists (select 1 from contact c where c.id = new.contact_id)
    or new.address_id is not null and not exists (select 1 from address m where m.id = new.address_id)
    or new.personal_by is not null and not exists (select 1 from account m where m.id = new.personal_by)
    or not exists (select 1 from campaign_step s where s.id = new.step_id) then
    raise foreign_key_violation using message = 'a delivery refers to something that is not there';
  end if;
  return null;
end $$;
-- +goose StatementEnd
create trigger delivery_moved after update of step_id, contact_id, address_id, personal_by on delivery
  for each row execute function check_delivery_moved();

-- +goose StatementBegin
create function check_delivered_removed() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('delivery'));
  if tg_table_name = 'contact' and exists (select 1 from removed r join delivery d on d.contact_id = r.id)
    or tg_table_name = 'campaign_step' and exists (select 1 from removed r join delivery d on d.step_id = r.id)
    or tg_table_name = 'account' and exists (select 1 from removed r join delivery d on d.personal_by = r.id)
    or tg_table_name = 'address' and exists (select 1 from removed r cross join campaign_step s join delivery d on d.step_id = s.id and d.address_id = r.id) then
    raise foreign_key_violation using message = 'a delivery refers to it';
  end if;
  return null;
end $$;
-- +goose StatementEnd
create trigger contact_removed after delete on contact referencing old table as removed
  for each statement execute function check_delivered_removed();
create trigger address_removed after delete on address referencing old table as removed
  for each statement execute function check_delivered_removed();
create trigger account_removed after delete on account referencing old table as removed
  for each statement execute function check_delivered_removed();
create trigger campaign_step_removed after delete on campaign_step referencing old table as removed
  for each statement execute function check_delivered_removed();

-- +goose Down
drop trigger campaign_step_removed on campaign_step;
drop trigger account_removed on account;
drop trigger address_removed on address;
drop trigger contact_removed on contact;
drop function check_delivered_removed();
drop trigger delivery_moved on delivery;
drop function check_delivery_moved();
drop trigger delivery_added on delivery;
drop function check_delivery_added();
alter table delivery add constraint delivery_personal_by_fkey foreign key (personal_by) references account (id);
alter table delivery add constraint delivery_step_id_fkey foreign key (step_id) references campaign_step (id);
alter table delivery add constraint delivery_contact_id_fkey foreign key (contact_id) references contact (id);
alter table delivery add constraint delivery_address_id_fkey foreign key (address_id) references address (id);
