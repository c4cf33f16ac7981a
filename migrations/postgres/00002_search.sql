-- +goose Up

-- contact: by what contacts are found and sorted. Every row follows from other tables and can be made again.
-- script and the keys are the order of names; words are all words that a search or a filter may ask for,
-- folded, with a space before and after each.
create table contact_search (
  contact_id bigint primary key references contact (id) on delete cascade,
  script smallint not null,
  sort_key bytea not null,
  sort_key_es bytea not null,
  address_state text not null,
  words text not null
);
create index contact_search_order on contact_search (script, sort_key, contact_id);
create index contact_search_order_es on contact_search (script, sort_key_es, contact_id);

-- Not compressed: the words of thousands of rows are read for one page of a list. Only long ones lie beside the table.
alter table contact_search alter column words set storage external;

-- Its cost keeps the planner from computing it for row after row where the index knows.
-- +goose StatementBegin
create function contact_words(words text) returns tsvector language plpgsql immutable strict parallel safe cost 10000 as $$
begin
  return array_to_tsvector(string_to_array(btrim(words), ' '));
end $$;
-- +goose StatementEnd
create index contact_search_words on contact_search using gin (contact_words(words)) with (gin_pending_list_limit = 512);

alter table contact drop column search_name;
alter table contact drop column search_notes;

-- contact: what is known of an entry of the list, kept so that nobody has to ask the views for each.
-- unreached: nobody reached them, they have not answered, and they did not opt out.
alter table listing add column addressable boolean not null default false;
alter table listing add column approached boolean not null default false;
alter table listing add column responded boolean not null default false;
alter table listing add column no_address boolean not null default false;
alter table listing add column bounced boolean not null default false;
alter table listing add column no_language boolean not null default false;
alter table listing add column unreached boolean not null default false;
update listing set addressable = exists (select 1 from usable_address a where a.contact_id = listing.contact_id),
  approached = exists (select 1 from delivered_contact d where d.cycle_id = listing.cycle_id and d.contact_id = listing.contact_id)
    or exists (select 1 from reached_contact r where r.cycle_id = listing.cycle_id and r.contact_id = listing.contact_id),
  responded = exists (select 1 from responded_contact p where p.cycle_id = listing.cycle_id and p.contact_id = listing.contact_id),
  no_address = not exists (select 1 from contact_address ca where ca.contact_id = listing.contact_id),
  bounced = exists (select 1 from contact_address ca where ca.contact_id = listing.contact_id)
    and not exists (select 1 from usable_address a where a.contact_id = listing.contact_id)
    and not exists (select 1 from opted_out_contact x where x.contact_id = listing.contact_id),
  no_language = exists (select 1 from contact c where c.id = listing.contact_id and c.languages = ''),
  unreached = not exists (select 1 from reached_contact r where r.cycle_id = listing.cycle_id and r.contact_id = listing.contact_id)
    and not exists (select 1 from responded_contact p where p.cycle_id = listing.cycle_id and p.contact_id = listing.contact_id)
    and not exists (select 1 from opted_out_contact x where x.contact_id = listing.contact_id);

-- contact: entries of the lists, counted by the triggers below. Writers of PostgreSQL each count into a part of
-- their own, so that none waits for another; the parts are summed on reading and folded by the worker.
create table listed_count (
  cycle_id bigint not null references cycle (id),
  stakeholder_group text not null,
  region text not null,
  part integer not null,
  listed integer not null,
  addressable integer not null,
  approached integer not null,
  responded integer not null,
  no_address integer not null,
  bounced integer not null,
  no_language integer not null,
  unreached integer not null,
  primary key (cycle_id, stakeholder_group, region, part)
);
insert into listed_count (cycle_id, stakeholder_group, region, part, listed, addressable, approached, responded, no_address, bounced, no_language, unreached)
  select cycle_id, stakeholder_group, region, 0, count(*), sum(case when addressable then 1 else 0 end),
    sum(case when approached then 1 else 0 end),
    sum(case when responded then 1 else 0 end),
    sum(case when no_address then 1 else 0 end),
    sum(case when bounced then 1 else 0 end),
    sum(case when no_language then 1 else 0 end),
    sum(case when unreached then 1 else 0 end)
  from listing group by cycle_id, stakeholder_group, region;

-- +goose StatementBegin
create function count_listing_added() returns trigger language plpgsql as $$
begin
  insert into listed_count (cycle_id, stakeholder_group, region, part, listed, addressable, approached, responded, no_address, bounced, no_language, unreached)
  select cycle_id, stakeholder_group, region, pg_backend_pid(), sum(listed), sum(addressable), sum(approached), sum(responded), sum(no_address), sum(bounced), sum(no_language), sum(unreached)
  from (select cycle_id, stakeholder_group, region, 1 as listed, addressable::int as addressable, approached::int as approached, responded::int as responded, no_address::int as no_address, bounced::int as bounced, no_language::int as no_language, unreached::int as unreached from now_there) d
  group by cycle_id, stakeholder_group, region
  having sum(listed) <> 0 or sum(addressable) <> 0 or sum(approached) <> 0 or sum(responded) <> 0 or sum(no_address) <> 0 or sum(bounced) <> 0 or sum(no_language) <> 0 or sum(unreached) <> 0
  on conflict (cycle_id, stakeholder_group, region, part) do update set
    listed = listed_count.listed + excluded.listed,
    addressable = listed_count.addressable + excluded.addressable,
    approached = listed_count.approached + excluded.approached,
    responded = listed_count.responded + excluded.responded,
    no_address = listed_count.no_address + excluded.no_address,
    bounced = listed_count.bounced + excluded.bounced,
    no_language = listed_count.no_language + excluded.no_language,
    unreached = listed_count.unreached + excluded.unreached;
  return null;
end $$;
-- +goose StatementEnd
create trigger listing_added after insert on listing referencing new table as now_there
  for each statement execute function count_listing_added();

-- +goose StatementBegin
create function count_listing_changed() returns trigger language plpgsql as $$
begin
  insert into listed_count (cycle_id, stakeholder_group, region, part, listed, addressable, approached, responded, no_address, bounced, no_language, unreached)
  select cycle_id, stakeholder_group, region, pg_backend_pid(), sum(listed), sum(addressable), sum(approached), sum(responded), sum(no_address), sum(bounced), sum(no_language), sum(unreached)
  from (select cycle_id, stakeholder_group, region, 1 as listed, addressable::int as addressable, approached::int as approached, responded::int as responded, no_address::int as no_address, bounced::int as bounced, no_language::int as no_language, unreached::int as unreached from now_there
    union all select cycle_id, stakeholder_group, region, -1 as listed, -addressable::int as addressable, -approached::int as approached, -responded::int as responded, -no_address::int as no_address, -bounced::int as bounced, -no_language::int as no_language, -unreached::int as unreached from was_there) d
  group by cycle_id, stakeholder_group, region
  having sum(listed) <> 0 or sum(addressable) <> 0 or sum(approached) <> 0 or sum(responded) <> 0 or sum(no_address) <> 0 or sum(bounced) <> 0 or sum(no_language) <> 0 or sum(unreached) <> 0
  on conflict (cycle_id, stakeholder_group, region, part) do update set
    listed = listed_count.listed + excluded.listed,
    addressable = listed_count.addressable + excluded.addressable,
    approached = listed_count.approached + excluded.approached,
    responded = listed_count.responded + excluded.responded,
    no_address = listed_count.no_address + excluded.no_address,
    bounced = listed_count.bounced + excluded.bounced,
    no_language = listed_count.no_language + excluded.no_language,
    unreached = listed_count.unreached + excluded.unreached;
  return null;
end $$;
-- +goose StatementEnd
create trigger listing_changed after update on listing referencing old table as was_there new table as now_there
  for each statement execute function count_listing_changed();

-- +goose StatementBegin
create function count_listing_gone() returns trigger language plpgsql as $$
begin
  insert into listed_count (cycle_id, stakeholder_group, region, part, listed, addressable, approached, responded, no_address, bounced, no_language, unreached)
  select cycle_id, stakeholder_group, region, pg_backend_pid(), sum(listed), sum(addressable), sum(approached), sum(responded), sum(no_address), sum(bounced), sum(no_language), sum(unreached)
  from (select cycle_id, stakeholder_group, region, -1 as listed, -addressable::int as addressable, -approached::int as approached, -responded::int as responded, -no_address::int as no_address, -bounced::int as bounced, -no_language::int as no_language, -unreached::int as unreached from was_there) d
  group by cycle_id, stakeholder_group, region
  having sum(listed) <> 0 or sum(addressable) <> 0 or sum(approached) <> 0 or sum(responded) <> 0 or sum(no_address) <> 0 or sum(bounced) <> 0 or sum(no_language) <> 0 or sum(unreached) <> 0
  on conflict (cycle_id, stakeholder_group, region, part) do update set
    listed = listed_count.listed + excluded.listed,
    addressable = listed_count.addressable + excluded.addressable,
    approached = listed_count.approached + excluded.approached,
    responded = listed_count.responded + excluded.responded,
    no_address = listed_count.no_address + excluded.no_address,
    bounced = listed_count.bounced + excluded.bounced,
    no_language = listed_count.no_language + excluded.no_language,
    unreached = listed_count.unreached + excluded.unreached;
  return null;
end $$;
-- +goose StatementEnd
create trigger listing_gone after delete on listing referencing old table as was_there
  for each statement execute function count_listing_gone();

-- campaign: whether the lists count what became of a batch. Everything that changes a batch says that they do not.
alter table delivery_batch add column counted boolean not null default true;
create index delivery_batch_uncounted on delivery_batch (step_id, number) where not counted;

-- contact: how a contact's addresses stand: none, usable, bounced, or opted_out where it asked at any
-- of them not to be mailed.
create view contact_state as
  select contact_id, address_state from contact_search;

-- contact: the list of a cycle with what is known of each entry, kept as plain flags: a room that looks for
-- gaps narrows by them instead of asking the views of addresses, deliveries and answers row by row.
create view listed_fact as
  select l.cycle_id, l.contact_id, l.stakeholder_group, l.region, l.addressable, l.approached, l.responded,
    l.no_address, l.bounced, l.no_language, l.unreached
  from listing l;

-- contact: how many entries of a cycle's list each cell has, and how many of each flag. It costs the
-- same for a hundred contacts and for a million.
create view listed_cell as
  select cycle_id, stakeholder_group, region, sum(listed) as listed, sum(addressable) as addressable, sum(approached) as approached, sum(responded) as responded, sum(no_address) as no_address, sum(bounced) as bounced, sum(no_language) as no_language, sum(unreached) as unreached
  from listed_count group by cycle_id, stakeholder_group, region;

-- +goose Down
drop view listed_cell;
drop view listed_fact;
drop view contact_state;
drop trigger listing_added on listing;
drop function count_listing_added();
drop trigger listing_changed on listing;
drop function count_listing_changed();
drop trigger listing_gone on listing;
drop function count_listing_gone();
drop index delivery_batch_uncounted;
alter table delivery_batch drop column counted;
drop table listed_count;
alter table listing drop column addressable;
alter table listing drop column approached;
alter table listing drop column responded;
alter table listing drop column no_address;
alter table listing drop column bounced;
alter table listing drop column no_language;
alter table listing drop column unreached;
alter table contact add column search_name text not null default '';
alter table contact add column search_notes text not null default '';
drop table contact_search;
drop function contact_words(text);
