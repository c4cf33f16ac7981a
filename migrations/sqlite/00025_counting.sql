-- +goose Up

-- contact: of the flags of a listing, that of the approached changes for a whole list within minutes, when a campaign is
-- sent. Where nothing else changes, one counter is touched and no more.
drop trigger listing_changed;

-- +goose StatementBegin
create trigger listing_changed after update on listing
when old.cycle_id <> new.cycle_id or old.stakeholder_group <> new.stakeholder_group or old.region <> new.region or old.addressable <> new.addressable or old.responded <> new.responded or old.no_address <> new.no_address or old.bounced <> new.bounced or old.no_language <> new.no_language or old.unreached <> new.unreached begin
  insert into listed_count (cycle_id, stakeholder_group, region, part, listed, addressable, approached, responded, no_address, bounced, no_language, unreached)
  values (old.cycle_id, old.stakeholder_group, old.region, 0, -1, -old.addressable, -old.approached, -old.responded, -old.no_address, -old.bounced, -old.no_language, -old.unreached)
  on conflict (cycle_id, stakeholder_group, region, part) do update set
    listed = listed_count.listed + excluded.listed,
    addressable = listed_count.addressable + excluded.addressable,
    approached = listed_count.approached + excluded.approached,
    responded = listed_count.responded + excluded.responded,
    no_address = listed_count.no_address + excluded.no_address,
    bounced = listed_count.bounced + excluded.bounced,
    no_language = listed_count.no_language + excluded.no_language,
    unreached = listed_count.unreached + excluded.unreached;
  insert into listed_count (cycle_id, stakeholder_group, region, part, listed, addressable, approached, responded, no_address, bounced, no_language, unreached)
  values (new.cycle_id, new.stakeholder_group, new.region, 0, 1, new.addressable, new.approached, new.responded, new.no_address, new.bounced, new.no_language, new.unreached)
  on conflict (cycle_id, stakeholder_group, region, part) do update set
    listed = listed_count.listed + excluded.listed,
    addressable = listed_count.addressable + excluded.addressable,
    approached = listed_count.approached + excluded.approached,
    responded = listed_count.responded + excluded.responded,
    no_address = listed_count.no_address + excluded.no_address,
    bounced = listed_count.bounced + excluded.bounced,
    no_language = listed_count.no_language + excluded.no_language,
    unreached = listed_count.unreached + excluded.unreached;
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger listing_approached after update of approached on listing
when old.approached <> new.approached and not (old.cycle_id <> new.cycle_id or old.stakeholder_group <> new.stakeholder_group or old.region <> new.region or old.addressable <> new.addressable or old.responded <> new.responded or old.no_address <> new.no_address or old.bounced <> new.bounced or old.no_language <> new.no_language or old.unreached <> new.unreached) begin
  update listed_count set approached = approached + new.approached - old.approached
  where cycle_id = new.cycle_id and stakeholder_group = new.stakeholder_group and region = new.region and part = 0;
end;
-- +goose StatementEnd

-- contact: the addresses of contacts that work, in the contact's order, whoever asked for nothing more there.
create view working_address as
  select ca.contact_id, ca.position, ca.address_id
  from contact_address ca
  join address a on a.id = ca.address_id
  where a.status = 'ok';

-- +goose Down
drop view working_address;
drop trigger listing_approached;
drop trigger listing_changed;

-- +goose StatementBegin
create trigger listing_changed after update on listing begin
  insert into listed_count (cycle_id, stakeholder_group, region, part, listed, addressable, approached, responded, no_address, bounced, no_language, unreached)
  values (old.cycle_id, old.stakeholder_group, old.region, 0, -1, -old.addressable, -old.approached, -old.responded, -old.no_address, -old.bounced, -old.no_language, -old.unreached)
  on conflict (cycle_id, stakeholder_group, region, part) do update set
    listed = listed_count.listed + excluded.listed,
    addressable = listed_count.addressable + excluded.addressable,
    approached = listed_count.approached + excluded.approached,
    responded = listed_count.responded + excluded.responded,
    no_address = listed_count.no_address + excluded.no_address,
    bounced = listed_count.bounced + excluded.bounced,
    no_language = listed_count.no_language + excluded.no_language,
    unreached = listed_count.unreached + excluded.unreached;
  insert into listed_count (cycle_id, stakeholder_group, region, part, listed, addressable, approached, responded, no_address, bounced, no_language, unreached)
  values (new.cycle_id, new.stakeholder_group, new.region, 0, 1, new.addressable, new.approached, new.responded, new.no_address, new.bounced, new.no_language, new.unreached)
  on conflict (cycle_id, stakeholder_group, region, part) do update set
    listed = listed_count.listed + excluded.listed,
    addressable = listed_count.addressable + excluded.addressable,
    approached = listed_count.approached + excluded.approached,
    responded = listed_count.responded + excluded.responded,
    no_address = listed_count.no_address + excluded.no_address,
    bounced = listed_count.bounced + excluded.bounced,
    no_language = listed_count.no_language + excluded.no_language,
    unreached = listed_count.unreached + excluded.unreached;
end;
-- +goose StatementEnd
