-- +goose Up

-- contribution: when its author had the link to go on mailed to them, so that nobody fills a mailbox with it.
alter table contribution add column link_mailed_at timestamp;

-- +goose Down
alter table contribution drop column link_mailed_at;
