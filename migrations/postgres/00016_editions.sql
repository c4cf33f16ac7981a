-- +goose Up
-- document: an approved translation is never changed. A correction of it is its next edition, of which readers see
-- nothing until it is approved; reason says why it was begun.
alter table translation add column edition integer not null default 1;
alter table translation add column reason text not null default '';
drop index translation_locale;
create unique index translation_edition on translation (revision_id, locale, edition);

-- Who wrote a translated text, so that nobody's is overwritten unseen by somebody else.
alter table translation_segment add column author_id bigint references account (id);

-- campaign: which edition of the translation a delivery has; the source text has only one.
alter table delivery add column edition integer not null default 1;

-- document: the newest translation of the newest revision of a text into each language, where a source edit made it stale.
create or replace view stale_translation as
  select d.cycle_id, t.id as translation_id, t.locale
  from translation t
  join revision r on r.id = t.revision_id
  join document d on d.id = r.document_id
  where r.number = (select max(n.number) from revision n where n.document_id = r.document_id)
    and not exists (
      select 1 from translation n where n.revision_id = t.revision_id and n.locale = t.locale and n.edition > t.edition)
    and (t.state = 'stale' or exists (
      select 1 from translation_segment g where g.translation_id = t.id and g.stale));

-- document: the editions of translations that were approved, for whoever sends them.
create view approved_edition as
  select revision_id, locale, edition from translation where state = 'approved';

-- +goose StatementBegin
create or replace function refuse_pinned_translation() returns trigger language plpgsql as $$
begin
  if exists (select 1 from translation t where t.id = old.translation_id and t.state = 'approved') then
    raise exception 'what was approved stays as it is';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  return new;
end $$;
-- +goose StatementEnd

-- +goose Down
drop view approved_edition;
drop trigger translation_segment_pinned on translation_segment;
delete from translation_segment where translation_id in (
  select t.id from translation t where t.id <> (
    select n.id from translation n where n.revision_id = t.revision_id and n.locale = t.locale
    order by case when n.state = 'approved' then 0 else 1 end, n.edition desc limit 1));
delete from translation where id in (
  select t.id from translation t where t.id <> (
    select n.id from translation n where n.revision_id = t.revision_id and n.locale = t.locale
    order by case when n.state = 'approved' then 0 else 1 end, n.edition desc limit 1));
-- +goose StatementBegin
create or replace function refuse_pinned_translation() returns trigger language plpgsql as $$
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
create or replace view stale_translation as
  select d.cycle_id, t.id as translation_id, t.locale
  from translation t
  join revision r on r.id = t.revision_id
  join document d on d.id = r.document_id
  where r.number = (select max(n.number) from revision n where n.document_id = r.document_id)
    and (t.state = 'stale' or exists (
      select 1 from translation_segment g where g.translation_id = t.id and g.stale));
alter table delivery drop column edition;
alter table translation_segment drop column author_id;
drop index translation_edition;
create unique index translation_locale on translation (revision_id, locale);
alter table translation drop column reason;
alter table translation drop column edition;
