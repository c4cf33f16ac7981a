-- +goose Up

-- contribution: what was answered, for those who read it by question: answers that count, with who gave them, and under
-- 'files' the text of the documents that came with them. What the public may see of it is marked.
create view codable_answer as
  select k.cycle_id, k.id as contribution_id, a.question, a.text, k.name, k.organization, k.capacity,
    k.stakeholder_group, k.region, k.country, k.language, k.public_number, k.state = 'published' as published,
    k.received_at
  from contribution k
  join (
    select contribution_id, question, text from answer
    union all
    select f.contribution_id, 'files', group_concat(f.text, char(10) || char(10) order by f.position)
    from contribution_file f where f.removed_at is null and f.text <> '' group by f.contribution_id
  ) a on a.contribution_id = k.id
  where k.state in ('received', 'checked', 'published', 'withheld');

-- contribution: those that count, by group, with or without an answer to a question.
create view codable_contribution as
  select cycle_id, id as contribution_id, stakeholder_group, region, language, name, organization, capacity,
    public_number, state = 'published' as published, received_at
  from contribution
  where state in ('received', 'checked', 'published', 'withheld');

-- synthesis: passages that were marked, what they are about, and the paragraphs that cite them. A quote is
-- emptied when its contribution is withdrawn.
create table excerpt (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  contribution_id integer not null references contribution (id),
  question text not null,
  quote text not null,
  start integer not null,
  note text not null default '',
  marked_by integer references account (id),
  marked_at timestamp not null,
  withdrawn_at timestamp
);
create index excerpt_contribution on excerpt (contribution_id, question);
create index excerpt_cycle on excerpt (cycle_id, question);

create table excerpt_tag (
  excerpt_id integer not null references excerpt (id),
  tag text not null,
  primary key (excerpt_id, tag)
);
create index excerpt_tag_tag on excerpt_tag (tag);

create table synthesis_paragraph (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  section text not null,
  position integer not null,
  text text not null,
  version integer not null,
  written_by integer references account (id),
  written_at timestamp not null
);
create index synthesis_paragraph_cycle on synthesis_paragraph (cycle_id, section, position);

create table paragraph_excerpt (
  paragraph_id integer not null references synthesis_paragraph (id),
  excerpt_id integer not null references excerpt (id),
  primary key (paragraph_id, excerpt_id)
);
create index paragraph_excerpt_excerpt on paragraph_excerpt (excerpt_id);

create table synthesis_output (
  cycle_id integer primary key references cycle (id),
  document_id integer not null references document (id),
  revision_number integer not null,
  title text not null,
  body text not null,
  compiled_by integer references account (id),
  compiled_at timestamp not null
);

-- +goose Down
drop table synthesis_output;
drop table paragraph_excerpt;
drop table synthesis_paragraph;
drop table excerpt_tag;
drop table excerpt;
drop view codable_contribution;
drop view codable_answer;
