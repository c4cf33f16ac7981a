-- +goose Up
-- document: where in its passage a comment began, and how whoever comments without an account hears of the outcome.
alter table comment_thread add column begun_start integer not null default 0;
alter table comment_thread add column public_email text not null default '';
alter table comment_thread add column public_language text not null default '';
alter table comment add column visible boolean not null default true;
update comment_thread set begun_start = start where not touched;

-- +goose Down
alter table comment drop column visible;
alter table comment_thread drop column public_language;
alter table comment_thread drop column public_email;
alter table comment_thread drop column begun_start;
