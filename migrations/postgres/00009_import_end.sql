-- +goose Up

-- contact: when those whom an import brought or changed had been compared with everybody, and when its file and what
-- was said of its rows were deleted.
alter table import add column compared_at timestamptz;
alter table import add column forgotten_at timestamptz;
update import set compared_at = finished_at;

-- +goose Down
alter table import drop column forgotten_at;
alter table import drop column compared_at;
