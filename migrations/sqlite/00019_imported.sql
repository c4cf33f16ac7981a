-- +goose Up
-- document: whether a translated text came from a file of its author and was not edited here since. Their next file may replace it.
alter table translation_segment add column imported boolean not null default false;

-- +goose Down
alter table translation_segment drop column imported;
