-- +goose Up

-- Whose contribution it is, withdrawn ones too: a personal link asks for it at every request.
create index contribution_contact_id on contribution (contact_id, cycle_id, id);

-- +goose Down
drop index contribution_contact_id;
