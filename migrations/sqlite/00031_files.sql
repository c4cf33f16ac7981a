-- +goose Up

-- contribution: the documents that came with an answer. What is kept is the copy without what tells of its author, and the text in
-- it. Of one that was taken back only its number is left, so that no other gets its address.
create table contribution_file (
  id integer primary key autoincrement,
  contribution_id integer not null references contribution (id),
  position integer not null,
  question text not null default '',
  name text not null,
  kind text not null,
  size integer not null,
  sha256 text not null,
  content blob not null,
  text text not null default '',
  words integer not null default 0,
  pages integer not null default 0,
  cut boolean not null default false,
  links text not null default '[]',
  stripped text not null default '[]',
  uploaded_at timestamp not null,
  uploaded_by integer references account (id),
  removed_at timestamp
);
create unique index contribution_file_position on contribution_file (contribution_id, position);

-- +goose Down
drop table contribution_file;
