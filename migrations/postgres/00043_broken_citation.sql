-- +goose Up

-- synthesis: paragraphs of a draft that still rest on a contribution which its author took back.
create view broken_citation as
  select distinct p.cycle_id, p.id as paragraph_id
  from synthesis_paragraph p
  join paragraph_excerpt c on c.paragraph_id = p.id
  join excerpt e on e.id = c.excerpt_id
  where e.withdrawn_at is not null;

-- +goose Down
drop view broken_citation;
