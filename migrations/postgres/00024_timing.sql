-- +goose Up
-- campaign: when an approved campaign goes out by itself. kind is 'at' (a minute of a day in a zone), 'own_hour' (a minute of a
-- day in each reader's own zone) or ''; scheduled_at is the first instant of it. refused is why it did not go out then, as JSON.
alter table campaign add column schedule_kind text not null default '';
alter table campaign add column schedule_day text not null default '';
alter table campaign add column schedule_minute integer not null default 0;
alter table campaign add column schedule_zone text not null default '';
alter table campaign add column scheduled_at timestamptz;
alter table campaign add column scheduled_by bigint references account (id);
alter table campaign add column schedule_locales text not null default '';
alter table campaign add column schedule_refused text not null default '';
-- At most so many messages of the campaign per second, minute or hour; 0 for no limit.
alter table campaign add column rate_count integer not null default 0;
alter table campaign add column rate_per text not null default '';
-- campaign: the minute of the reader's own day at which a step goes out, null for all at once; own_day is that day.
alter table campaign_step add column own_minute integer;
alter table campaign_step add column own_day text not null default '';
-- campaign: why a batch waits until not_before, '' where it is for nothing but its deliveries.
alter table delivery_batch add column waits text not null default '';

-- +goose Down
alter table delivery_batch drop column waits;
alter table campaign_step drop column own_day;
alter table campaign_step drop column own_minute;
alter table campaign drop column rate_per;
alter table campaign drop column rate_count;
alter table campaign drop column schedule_refused;
alter table campaign drop column schedule_locales;
alter table campaign drop column scheduled_by;
alter table campaign drop column scheduled_at;
alter table campaign drop column schedule_zone;
alter table campaign drop column schedule_minute;
alter table campaign drop column schedule_day;
alter table campaign drop column schedule_kind;
