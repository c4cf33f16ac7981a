-- +goose Up
-- document: what reviewers wrote at segments of a translation. They belong to a language of a document, not to one revision.
create table translation_note (
  id integer primary key autoincrement,
  document_id integer not null references document (id),
  locale text not null,
  key text not null,
  text text not null,
  author_id integer references account (id),
  created_at timestamp not null,
  settled_at timestamp,
  settled_by integer references account (id)
);
create index translation_note_document on translation_note (document_id, locale);

-- What was approved for the same wording elsewhere is looked up by the wording.
create index translation_segment_source on translation_segment (source_hash);

-- +goose Down
drop index translation_segment_source;
drop table translation_note;
