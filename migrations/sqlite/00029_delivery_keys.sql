-- +goose Up

-- The foreign keys of deliveries cost little here, and stay.
select 1;

-- +goose Down
select 1;
