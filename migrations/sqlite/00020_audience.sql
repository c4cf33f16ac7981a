-- +goose Up
-- campaign: saved filters of a cycle. version counts how often the filter was changed.
create table audience_segment (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  name text not null,
  audience text not null,
  version integer not null default 1,
  created_by integer references account (id),
  created_at timestamp not null,
  updated_at timestamp not null
);
create unique index audience_segment_name on audience_segment (cycle_id, name);

-- campaign: from which saved filter a campaign was made, as it was called and how often it had changed by then. It is no
-- reference, so that a saved filter may be deleted.
alter table campaign add column segment_id integer;
alter table campaign add column segment_name text not null default '';
alter table campaign add column segment_version integer not null default 0;

-- campaign: single messages of a step that are left out, or sent in other words. exceptions counts how often that changed:
-- where it is 0 nobody has to look.
alter table campaign_step add column exceptions integer not null default 0;
create table dropped_message (
  id integer primary key autoincrement,
  step_id integer not null references campaign_step (id),
  contact_id integer not null references contact (id),
  reason text not null,
  dropped_by integer references account (id),
  dropped_at timestamp not null
);
create unique index dropped_message_contact on dropped_message (step_id, contact_id);
create index dropped_message_of on dropped_message (contact_id);

-- approved_at is null while an edit waits for a second person.
create table edited_message (
  id integer primary key autoincrement,
  step_id integer not null references campaign_step (id),
  contact_id integer not null references contact (id),
  locale text not null,
  fallback boolean not null,
  subject text not null,
  body text not null,
  edited_by integer references account (id),
  edited_at timestamp not null,
  approved_by integer references account (id),
  approved_at timestamp
);
create unique index edited_message_contact on edited_message (step_id, contact_id);
create index edited_message_of on edited_message (contact_id);

-- +goose Down
drop table edited_message;
drop table dropped_message;
alter table campaign_step drop column exceptions;
alter table campaign drop column segment_version;
alter table campaign drop column segment_name;
alter table campaign drop column segment_id;
drop table audience_segment;
