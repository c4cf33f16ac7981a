-- +goose Up
-- campaign: contacts to whom a message is on its way. They stay on the list until it is decided what became of it.
create view queued_contact as
  select distinct p.cycle_id, d.contact_id
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id
  where d.state in ('planned', 'queued', 'deferred', 'uncertain') and p.state <> 'cancelled';

-- +goose Down
drop view queued_contact;
