-- +goose Up
-- These views are asked about single contacts. A distinct would make SQLite gather all of them each time, and
-- whoever asks for many counts each once already.
drop view reached_contact;
-- Contacts whom a person reached by a logged attempt.
create view reached_contact as
  select cycle_id, contact_id from attempt
  where outcome in ('reached', 'declined', 'promised', 'responded');

drop view delivered_contact;
-- Contacts with a delivery that was sent and did not bounce.
create view delivered_contact as
  select p.cycle_id, d.contact_id
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id
  where d.state in ('sent', 'complained');

drop view asked_enough_contact;
-- Who handed an answer in, also those who took it back later: nobody is asked twice.
create view asked_enough_contact as
  select cycle_id, contact_id from contribution
  where contact_id is not null and state in ('received', 'checked', 'published', 'withheld', 'withdrawn');

drop view bounced_contact;
-- Contacts of whom an address works no more.
create view bounced_contact as
  select ca.contact_id
  from contact_address ca
  join address a on a.id = ca.address_id
  where a.status = 'bounced';

drop view opted_out_contact;
-- Contacts who asked at any of their addresses not to be mailed: nobody may approach them.
create view opted_out_contact as
  select ca.contact_id
  from contact_address ca
  join address a on a.id = ca.address_id
  join suppression s on s.hash = a.hash;

-- +goose Down
drop view reached_contact;
create view reached_contact as
  select distinct cycle_id, contact_id from attempt
  where outcome in ('reached', 'declined', 'promised', 'responded');
drop view delivered_contact;
create view delivered_contact as
  select distinct p.cycle_id, d.contact_id
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id
  where d.state in ('sent', 'complained');
drop view asked_enough_contact;
create view asked_enough_contact as
  select distinct cycle_id, contact_id from contribution
  where contact_id is not null and state in ('received', 'checked', 'published', 'withheld', 'withdrawn');
drop view bounced_contact;
create view bounced_contact as
  select distinct ca.contact_id
  from contact_address ca
  join address a on a.id = ca.address_id
  where a.status = 'bounced';
drop view opted_out_contact;
create view opted_out_contact as
  select distinct ca.contact_id
  from contact_address ca
  join address a on a.id = ca.address_id
  join suppression s on s.hash = a.hash;
