-- +goose Up

-- contact: what a message to the whole list asks of each entry, kept so that nobody has to ask the tables of addresses.
-- mailbox_id is the first address that works, of whoever asked for nothing at any of theirs; null for everybody else, who is
-- looked up. language_chain is the contact's. Both follow from other tables and can be made again.
alter table listing add column mailbox_id bigint;
alter table listing add column language_chain text not null default '';
update listing set language_chain = (select c.language_chain from contact c where c.id = listing.contact_id),
  mailbox_id = (select w.address_id from working_address w where w.contact_id = listing.contact_id
      and exists (select 1 from contact_search s where s.contact_id = listing.contact_id and s.address_state = 'usable')
    order by w.position limit 1);

-- contact: the list of a cycle with the mailboxes of those who are mailed without a further question.
create view listed_mailbox as
  select l.cycle_id, l.contact_id, l.stakeholder_group, l.region, l.id as listing_id, l.mailbox_id, l.language_chain
  from listing l
  where l.mailbox_id is not null;

-- +goose Down
drop view listed_mailbox;
alter table listing drop column language_chain;
alter table listing drop column mailbox_id;
