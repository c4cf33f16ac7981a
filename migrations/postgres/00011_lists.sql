-- +goose Up
-- These views are asked about single contacts. A distinct would make SQLite gather all of them each time, and
-- whoever asks for many counts each once already.
-- Contacts whom a person reached by a logged attempt.
create or replace view reached_contact as
  select cycle_id, contact_id from attempt
  where outcome in ('reached', 'declined', 'promised', 'responded');

-- Contacts with a delivery that was sent and did not bounce.
create or replace view delivered_contact as
  select p.cycle_id, d.contact_id
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id
  where d.state in ('sent', 'complained');

-- Who handed an answer in, also those who took it back later: nobody is asked twice.
create or replace view asked_enough_contact as
  select cycle_id, contact_id from contribution
  where contact_id is not null and state in ('received', 'checked', 'published', 'withheld', 'withdrawn');

-- Contacts of whom an address works no more.
create or replace view bounced_contact as
  select ca.contact_id
  from contact_address ca
  join address a on a.id = ca.address_id
  where a.status = 'bounced';

-- Contacts who asked at any of their addresses not to be mailed: nobody may approach them.
create or replace view opted_out_contact as
  select ca.contact_id
  from contact_address ca
  join address a on a.id = ca.address_id
  join suppression s on s.hash = a.hash;

-- contact: the words in the order of names, so that a page that many match is read from the index alone. An entry of an index has
-- room for 2,700 bytes: who has more words (long notes, mostly) is read from the table, in the same order.
create index contact_search_words_order on contact_search (script, sort_key, contact_id) include (words) where octet_length(words) <= 2000;
create index contact_search_words_order_es on contact_search (script, sort_key_es, contact_id) include (words) where octet_length(words) <= 2000;
create index contact_search_words_long on contact_search (script, sort_key, contact_id) where octet_length(words) > 2000;
create index contact_search_words_long_es on contact_search (script, sort_key_es, contact_id) where octet_length(words) > 2000;

-- +goose Down
drop index contact_search_words_long_es;
drop index contact_search_words_long;
drop index contact_search_words_order_es;
drop index contact_search_words_order;
create or replace view reached_contact as
  select distinct cycle_id, contact_id from attempt
  where outcome in ('reached', 'declined', 'promised', 'responded');
create or replace view delivered_contact as
  select distinct p.cycle_id, d.contact_id
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id
  where d.state in ('sent', 'complained');
create or replace view asked_enough_contact as
  select distinct cycle_id, contact_id from contribution
  where contact_id is not null and state in ('received', 'checked', 'published', 'withheld', 'withdrawn');
create or replace view bounced_contact as
  select distinct ca.contact_id
  from contact_address ca
  join address a on a.id = ca.address_id
  where a.status = 'bounced';
create or replace view opted_out_contact as
  select distinct ca.contact_id
  from contact_address ca
  join address a on a.id = ca.address_id
  join suppression s on s.hash = a.hash;
