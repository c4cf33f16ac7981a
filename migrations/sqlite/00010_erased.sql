-- +goose Up

-- contact: who was forgotten, those included who had become part of them before. The trail, which is never changed,
-- is read without what it says of them.
drop view erased_contact;
create view erased_contact as
  select id as contact_id from contact where erased_at is not null
  union all
  select m.contact_id from merged_contact m join contact c on c.id = m.survivor_id where c.erased_at is not null;

-- +goose Down
drop view erased_contact;
create view erased_contact as
  select id as contact_id from contact where erased_at is not null;
