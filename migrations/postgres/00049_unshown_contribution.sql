-- +goose Up

-- contribution: the addresses under which one was published that the public may not read now: withdrawn or withheld since then. What a
-- text of the cycle rests on it is not shown to the public either.
create view unshown_contribution as
  select k.cycle_id, k.public_number, '/calls/' || n.slug || '/contributions/' || k.public_number as address
  from contribution k
  join cycle_name n on n.cycle_id = k.cycle_id
  where k.public_number is not null and k.state <> 'published';

-- +goose Down
drop view unshown_contribution;
