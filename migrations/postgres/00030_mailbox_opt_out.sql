-- +goose Up

-- contact: what was asked not to be got and holds now, by the mailbox where it was asked, whatever contacts have that one.
create view address_opt_out as
  select a.id as address_id, o.scope, o.object_id
  from address a
  join opt_out o on o.hash = a.hash and o.ended_at is null;

-- +goose Down
drop view address_opt_out;
