-- +goose Up
-- document: the day on which a text is frozen by itself, the instant at which that day ends, who set it,
-- and what forbade it when it was tried ('' for nothing yet).
alter table document add column freeze_on text not null default '';
alter table document add column freeze_zone text not null default '';
alter table document add column freeze_at timestamp;
alter table document add column freeze_set_by integer references account (id);
alter table document add column freeze_refused text not null default '';
create index document_freeze_due on document (freeze_at) where freeze_at is not null;

-- Why it was frozen while comments were open, '' where none were.
alter table revision add column freeze_reason text not null default '';

-- document: what is frozen or sent stays as it is, whoever writes to the table.
-- +goose StatementBegin
create trigger segment_pinned_insert before insert on segment
when exists (select 1 from revision where id = new.revision_id and state <> 'open_for_comment')
begin
  select raise(abort, 'what is frozen stays as it is');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger segment_pinned_update before update on segment
when exists (select 1 from revision where id in (old.revision_id, new.revision_id) and state <> 'open_for_comment')
begin
  select raise(abort, 'what is frozen stays as it is');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger segment_pinned_delete before delete on segment
when exists (select 1 from revision where id = old.revision_id and state <> 'open_for_comment')
begin
  select raise(abort, 'what is frozen stays as it is');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger revision_pinned_update before update on revision
when old.state <> 'open_for_comment' and (new.document_id <> old.document_id or new.number <> old.number
  or new.structure <> old.structure or new.state = 'open_for_comment' or old.state = 'sent' and new.state <> 'sent')
begin
  select raise(abort, 'what is frozen stays as it is');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger revision_pinned_delete before delete on revision
when old.state <> 'open_for_comment'
begin
  select raise(abort, 'what is frozen stays as it is');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger translation_segment_pinned_update before update on translation_segment
when exists (select 1 from translation t join revision r on r.id = t.revision_id
  where t.id = old.translation_id and t.state = 'approved' and r.state = 'sent')
begin
  select raise(abort, 'what was sent stays as it is');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger translation_segment_pinned_delete before delete on translation_segment
when exists (select 1 from translation t join revision r on r.id = t.revision_id
  where t.id = old.translation_id and t.state = 'approved' and r.state = 'sent')
begin
  select raise(abort, 'what was sent stays as it is');
end;
-- +goose StatementEnd

-- +goose Down
drop trigger translation_segment_pinned_delete;
drop trigger translation_segment_pinned_update;
drop trigger revision_pinned_delete;
drop trigger revision_pinned_update;
drop trigger segment_pinned_delete;
drop trigger segment_pinned_update;
drop trigger segment_pinned_insert;
alter table revision drop column freeze_reason;
drop index document_freeze_due;
alter table document drop column freeze_refused;
alter table document drop column freeze_set_by;
alter table document drop column freeze_at;
alter table document drop column freeze_zone;
alter table document drop column freeze_on;
