-- +goose Up
-- What is known of people: what they do for their organizations, why we may keep what we know,
-- who was erased; and who suggests a contact without an account.

-- A closed choice; what the secretariat had typed freely is kept as the note.
alter table contact add column lawful_basis_note text not null default '';
update contact set lawful_basis_note = lawful_basis where lawful_basis <> '';
update contact set lawful_basis = case lower(trim(lawful_basis))
  when '' then ''
  when 'consent' then 'consent'
  when 'legitimate interest' then 'legitimate_interest'
  when 'legitimate interests' then 'legitimate_interest'
  when 'public interest' then 'public_interest'
  when 'public task' then 'public_interest'
  when 'contract' then 'contract'
  when 'legal obligation' then 'legal_obligation'
  when 'vital interests' then 'vital_interest'
  else 'other' end;
update contact set lawful_basis_note = '' where lawful_basis not in ('', 'other');

-- When a person was forgotten at their own request. The row stays for counts and history.
alter table contact add column erased_at timestamp;

-- contact: who was forgotten. The trail, which is never changed, is read without what it says of them.
create view erased_contact as
  select id as contact_id from contact where erased_at is not null;

-- function becomes a closed choice; what was typed freely is kept as the title.
update affiliation set title = function where title = '' and function <> ''
  and lower(replace(function, ' ', '_')) not in ('decision_maker', 'implementer', 'policy_analyst', 'operator', 'technical_expert', 'researcher', 'advocate', 'journalist', 'legal_adviser', 'liaison');
update affiliation set function = case
  when function = '' then ''
  when lower(replace(function, ' ', '_')) in ('decision_maker', 'implementer', 'policy_analyst', 'operator', 'technical_expert', 'researcher', 'advocate', 'journalist', 'legal_adviser', 'liaison')
    then lower(replace(function, ' ', '_'))
  else 'other' end;

alter table candidate add column transliteration text not null default '';
alter table candidate add column function text not null default '';
alter table candidate add column origin text not null default 'member';
alter table candidate add column contribution_id integer references contribution (id);
alter table candidate add column suggester_name text not null default '';
alter table candidate add column suggester_email text not null default '';
create index candidate_email on candidate (email) where email <> '';
create index candidate_contribution on candidate (contribution_id);
create index candidate_contact on candidate (contact_id);
create index candidate_suggested_by on candidate (suggested_by, id);

-- +goose Down
drop index candidate_email;
drop index candidate_suggested_by;
drop index candidate_contact;
drop index candidate_contribution;
alter table candidate drop column suggester_email;
alter table candidate drop column suggester_name;
alter table candidate drop column contribution_id;
alter table candidate drop column origin;
alter table candidate drop column function;
alter table candidate drop column transliteration;
update affiliation set function = title where function = 'other';
drop view erased_contact;
alter table contact drop column erased_at;
update contact set lawful_basis = lawful_basis_note where lawful_basis = 'other';
alter table contact drop column lawful_basis_note;
