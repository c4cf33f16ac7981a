-- +goose Up

-- document: what readers of a message get in none of whose languages it is approved.
alter table document add column language_policy text not null default 'fallback';

-- campaign: which of a text's variants a delivery has, '' for the general text; the language policy that a step was
-- approved with, '' before that; and how far the completion of a launched step is for whom its message was held.
alter table delivery add column variant text not null default '';
alter table campaign_step add column language_policy text not null default '';
alter table campaign_step add column completion text not null default '';
alter table campaign_step add column completion_by bigint references account (id);
alter table campaign_step add column completion_at timestamptz;

-- nri: in which languages an initiative works, the first one first.
create view initiative_language as
  select nri_id, language, position from nri_language;

-- nri: which mailboxes are those of an initiative's present coordinators.
create view initiative_mailbox as
  select m.nri_id, k.email from nri_coordinator m
  join account k on k.id = m.account_id
  where m.until is null;

-- +goose Down
drop view initiative_mailbox;
drop view initiative_language;
alter table campaign_step drop column completion_at;
alter table campaign_step drop column completion_by;
alter table campaign_step drop column completion;
alter table campaign_step drop column language_policy;
alter table delivery drop column variant;
alter table document drop column language_policy;
