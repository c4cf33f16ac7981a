-- +goose Up

-- contribution: a correction may ask for another spelling of the name and for other documents too. Version n of a contribution is the n-th text
-- that was published; a document belongs to all from since on, and one that was replaced or taken out by a correction is kept until the
-- last to which it belongs. removed are the numbers of documents that a correction takes out, as JSON.
alter table contribution_file add column since integer not null default 1;
alter table contribution_version add column name text not null default '';
alter table contribution_version add column organization text not null default '';
update contribution_version set
  name = (select c.name from contribution c where c.id = contribution_version.contribution_id),
  organization = (select c.organization from contribution c where c.id = contribution_version.contribution_id);
alter table correction add column name text not null default '';
alter table correction add column organization text not null default '';
alter table correction add column removed text not null default '[]';
update correction set
  name = (select c.name from contribution c where c.id = correction.contribution_id),
  organization = (select c.organization from contribution c where c.id = correction.contribution_id);

-- Documents that wait for an officer with the correction that brought them. position is the number of the one whose place it takes, 0 for one more.
create table correction_file (
  id integer primary key autoincrement,
  contribution_id integer not null references contribution (id),
  correction_id integer not null references correction (id),
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
  since integer not null default 1,
  uploaded_at timestamp not null,
  uploaded_by integer references account (id),
  removed_at timestamp
);
create index correction_file_correction on correction_file (correction_id);
create index correction_file_contribution on correction_file (contribution_id);

-- Documents of earlier versions.
create table earlier_file (
  id integer primary key autoincrement,
  contribution_id integer not null references contribution (id),
  until integer not null,
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
  since integer not null default 1,
  uploaded_at timestamp not null,
  uploaded_by integer references account (id),
  removed_at timestamp
);
create unique index earlier_file_position on earlier_file (contribution_id, position, until);

-- contribution: the secret link of somebody without an invitation who left a contribution to the others who signed it.
alter table signatory add column secret_hash text not null default '';
create index signatory_secret on signatory (secret_hash) where secret_hash <> '';

-- +goose Down
drop index signatory_secret;
alter table signatory drop column secret_hash;
drop table earlier_file;
drop table correction_file;
alter table correction drop column removed;
alter table correction drop column organization;
alter table correction drop column name;
alter table contribution_version drop column organization;
alter table contribution_version drop column name;
alter table contribution_file drop column since;
