-- +goose Up
-- campaign: with which language policy a completion was asked for, '' for that of the step.
alter table campaign_step add column completion_policy text not null default '';

-- +goose Down
alter table campaign_step drop column completion_policy;
