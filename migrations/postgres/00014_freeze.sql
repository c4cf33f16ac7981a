-- +goose Up
-- document: the day on which a text is frozen by itself, the instant at which that day ends, who set it,
-- and what forbade it when it was tried ('' for nothing yet).
alter table document add column freeze_on text not null default '';
alter table document add column freeze_zone text not null default '';
alter table document add column freeze_at timestamptz;
alter table document add column freeze_set_by bigint references account (id);
alter table document add column freeze_refused text not null default '';
create index document_freeze_due on document (freeze_at) where freeze_at is not null;

-- Why it was frozen while comments were open, '' where none were.
alter table revision add column freeze_reason text not null default '';

-- document: what is frozen or sent stays as it is, whoever writes to the table.
-- +goose StatementBegin
create function refuse_pinned_segment() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and exists (select 1 from revision where id = old.revision_id and state <> 'open_for_comment')
    or tg_op <> 'DELETE' and exists (select 1 from revision where id = new.revision_id and state <> 'open_for_comment') then
    raise exception 'what is frozen stays as it is';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger segment_pinned before insert or update or delete on segment
  for each row execute function refuse_pinned_segment();

-- +goose StatementBegin
create function refuse_pinned_revision() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'what is frozen stays as it is';
  end if;
  if new.document_id <> old.document_id or new.number <> old.number or new.structure <> old.structure
    or new.state = 'open_for_comment' or old.state = 'sent' and new.state <> 'sent' then
    raise exception 'what is frozen stays as it is';
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger revision_pinned before update or delete on revision
  for each row when (old.state <> 'open_for_comment') execute function refuse_pinned_revision();

-- +goose StatementBegin
create function refuse_pinned_translation() returns trigger language plpgsql as $$
begin
  if exists (select 1 from translation t join revision r on r.id = t.revision_id
    where t.id = old.translation_id and t.state = 'approved' and r.state = 'sent') then
    raise exception 'what was sent stays as it is';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger translation_segment_pinned before update or delete on translation_segment
  for each row execute function refuse_pinned_translation();

-- +goose Down
drop trigger translation_segment_pinned on translation_segment;
drop function refuse_pinned_translation();
drop trigger revision_pinned on revision;
drop function refuse_pinned_revision();
drop trigger segment_pinned on segment;
drop function refuse_pinned_segment();
alter table revision drop column freeze_reason;
drop index document_freeze_due;
alter table document drop column freeze_refused;
alter table document drop column freeze_set_by;
alter table document drop column freeze_at;
alter table document drop column freeze_zone;
alter table document drop column freeze_on;
