-- +goose Up

-- contribution, contact: deliveries of which somebody used a link, to answer or to ask for no more: they arrived.
create view proved_delivery as
  select delivery_id from contribution where delivery_id is not null
  union all
  select delivery_id from opt_out where delivery_id is not null;
create index opt_out_delivery on opt_out (delivery_id) where delivery_id is not null;

-- +goose Down
drop index opt_out_delivery;
drop view proved_delivery;
