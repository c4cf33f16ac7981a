-- +goose Up

-- mail: that the mail server takes no mail, since when, when it was tried last, and its words; one row while it lasts, of
-- whichever process found it so last. Whoever gets a message through takes it away.
create table mail_trouble (
  id integer primary key check (id = 1),
  since timestamp not null,
  tried_at timestamp not null,
  kind text not null,
  server text not null default '',
  reply text not null default ''
);

-- +goose Down
drop table mail_trouble;
