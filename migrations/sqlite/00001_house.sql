-- +goose Up

-- account: who may sign in, and how.

create table account (
  id integer primary key autoincrement,
  email text not null,
  name text not null,
  language text not null default 'en',
  time_zone text not null default 'UTC',
  created_at timestamp not null,
  disabled_at timestamp
);
create unique index account_email on account (email);

create table account_role (
  account_id integer not null references account (id),
  role text not null,
  granted_at timestamp not null,
  primary key (account_id, role)
);

-- Tokens are kept as SHA-256 of the secret, never the secret.
create table sign_in_token (
  id integer primary key autoincrement,
  account_id integer not null references account (id),
  hash text not null,
  created_at timestamp not null,
  expires_at timestamp not null,
  used_at timestamp
);
create unique index sign_in_token_hash on sign_in_token (hash);
create index sign_in_token_account on sign_in_token (account_id, created_at);

create table session (
  id integer primary key autoincrement,
  account_id integer not null references account (id),
  hash text not null,
  created_at timestamp not null,
  last_seen_at timestamp not null,
  expires_at timestamp not null,
  revoked_at timestamp,
  user_agent text not null default ''
);
create unique index session_hash on session (hash);
create index session_account on session (account_id);

create table api_token (
  id integer primary key autoincrement,
  account_id integer not null references account (id),
  hash text not null,
  created_at timestamp not null,
  last_used_at timestamp,
  revoked_at timestamp
);
create unique index api_token_hash on api_token (hash);

-- audit: the append-only trail. The triggers below refuse update and delete.

create table audit_event (
  id integer primary key autoincrement,
  at timestamp not null,
  actor_kind text not null,
  actor_id integer,
  actor_name text not null default '',
  action text not null,
  object_kind text not null,
  object_id integer not null,
  cycle_id integer,
  before text not null default '',
  after text not null default '',
  request_id text not null default ''
);
create index audit_event_object on audit_event (object_kind, object_id, id);
create index audit_event_action on audit_event (action, id);

-- cycle: rounds of the process and their dates.

create table cycle (
  id integer primary key autoincrement,
  slug text not null,
  name text not null,
  state text not null,
  default_language text not null,
  author_may_approve boolean not null default false,
  organization_stops_follow_ups boolean not null default true,
  uncertain_policy text not null default 'hold',
  list_name text not null default '',
  list_url text not null default '',
  event_name text not null default '',
  event_place text not null default '',
  event_start text not null default '',
  event_end text not null default '',
  created_at timestamp not null
);
create unique index cycle_slug on cycle (slug);

-- A date is a displayed day with a zone, and the instant at which that day ends there.
-- A changed date supersedes its row, so that lateness is judged by what applied on arrival.
create table cycle_date (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  kind text not null,
  on_date text not null,
  zone text not null,
  at timestamp not null,
  note text not null default '',
  applies_from timestamp not null,
  superseded_at timestamp
);
create index cycle_date_cycle on cycle_date (cycle_id, kind);
create unique index cycle_date_current on cycle_date (cycle_id, kind) where superseded_at is null;

-- contact: persons, organizations, addresses.

create table contact (
  id integer primary key autoincrement,
  kind text not null,
  name text not null,
  transliteration text not null default '',
  sort_name text not null,
  country text not null default '',
  region text not null default '',
  region_overridden boolean not null default false,
  stakeholder_group text not null default '',
  languages text not null default '',
  language_chain text not null default '',
  expertise text not null default '',
  source text not null default '',
  lawful_basis text not null default '',
  notes text not null default '',
  search_name text not null default '',
  search_notes text not null default '',
  created_at timestamp not null,
  updated_at timestamp not null
);
create index contact_sort on contact (sort_name, id);
create index contact_country on contact (country);

create table address (
  id integer primary key autoincrement,
  email text not null,
  hash text not null,
  kind text not null,
  status text not null,
  created_at timestamp not null
);
create unique index address_email on address (email);
create index address_hash on address (hash);

create table contact_address (
  contact_id integer not null references contact (id),
  address_id integer not null references address (id),
  position integer not null,
  primary key (contact_id, position)
);
create unique index contact_address_pair on contact_address (contact_id, address_id);
create index contact_address_address on contact_address (address_id);

create table affiliation (
  id integer primary key autoincrement,
  contact_id integer not null references contact (id),
  organization_id integer not null references contact (id),
  function text not null default '',
  title text not null default '',
  represents boolean not null default true,
  since text not null default '',
  until text not null default '',
  created_at timestamp not null
);
create index affiliation_contact on affiliation (contact_id);
create index affiliation_organization on affiliation (organization_id);

-- A contact on the list of a cycle, with its one primary group and its region for that cycle.
create table listing (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  contact_id integer not null references contact (id),
  stakeholder_group text not null,
  region text not null,
  listed_at timestamp not null
);
create unique index listing_contact on listing (cycle_id, contact_id);
create index listing_cell on listing (cycle_id, stakeholder_group, region);

create table candidate (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  state text not null,
  kind text not null,
  name text not null,
  organization text not null default '',
  email text not null default '',
  stakeholder_group text not null default '',
  country text not null default '',
  language text not null default '',
  note text not null default '',
  suggested_by integer references account (id),
  suggested_at timestamp not null,
  decided_by integer references account (id),
  decided_at timestamp,
  decision_note text not null default '',
  contact_id integer references contact (id)
);
create index candidate_state on candidate (cycle_id, state, id);

-- Kept by keyed hash, so that it survives the erasure of the address.
create table suppression (
  id integer primary key autoincrement,
  hash text not null,
  reason text not null,
  created_at timestamp not null
);
create unique index suppression_hash on suppression (hash);

-- outreach: targets, claims, attempts, what volunteers say they are connected to.

create table target (
  cycle_id integer not null references cycle (id),
  stakeholder_group text not null,
  region text not null,
  count integer not null,
  primary key (cycle_id, stakeholder_group, region)
);

create table claim (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  contact_id integer not null references contact (id),
  volunteer_id integer not null references account (id),
  purpose text not null,
  state text not null,
  claimed_at timestamp not null,
  expires_at timestamp not null,
  warned_at timestamp,
  renewed_at timestamp,
  ended_at timestamp,
  notes text not null default ''
);
create unique index claim_live on claim (cycle_id, contact_id, purpose) where state = 'active';
create index claim_volunteer on claim (volunteer_id, state);
create index claim_contact on claim (contact_id);
create index claim_expiry on claim (expires_at) where state = 'active';

create table attempt (
  id integer primary key autoincrement,
  claim_id integer not null references claim (id),
  cycle_id integer not null references cycle (id),
  contact_id integer not null references contact (id),
  volunteer_id integer not null references account (id),
  channel text not null,
  outcome text not null,
  note text not null default '',
  promised_until timestamp,
  at timestamp not null
);
create index attempt_contact on attempt (cycle_id, contact_id);
create index attempt_claim on attempt (claim_id);

create table connection (
  id integer primary key autoincrement,
  account_id integer not null references account (id),
  kind text not null,
  value text not null
);
create unique index connection_value on connection (account_id, kind, value);

-- document: every text that people comment on, translate, freeze and send.

create table document (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  kind text not null,
  slug text not null,
  source_language text not null,
  created_at timestamp not null
);
create unique index document_slug on document (cycle_id, slug);

create table revision (
  id integer primary key autoincrement,
  document_id integer not null references document (id),
  number integer not null,
  state text not null,
  structure text not null default '',
  author_id integer references account (id),
  note text not null default '',
  created_at timestamp not null,
  frozen_at timestamp,
  frozen_by integer references account (id),
  sent_at timestamp
);
create unique index revision_number on revision (document_id, number);

create table segment (
  revision_id integer not null references revision (id),
  key text not null,
  position integer not null,
  kind text not null,
  text text not null,
  primary key (revision_id, key)
);

create table translation (
  id integer primary key autoincrement,
  revision_id integer not null references revision (id),
  locale text not null,
  state text not null,
  translator_id integer references account (id),
  reviewer_id integer references account (id),
  review_note text not null default '',
  claimed_at timestamp,
  submitted_at timestamp,
  approved_at timestamp,
  updated_at timestamp not null
);
create unique index translation_locale on translation (revision_id, locale);

create table translation_segment (
  translation_id integer not null references translation (id),
  key text not null,
  text text not null,
  source_hash text not null,
  stale boolean not null default false,
  primary key (translation_id, key)
);

-- campaign: what is sent to whom, and what became of it.

create table campaign (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  name text not null,
  state text not null,
  audience text not null,
  created_by integer references account (id),
  created_at timestamp not null,
  submitted_by integer references account (id),
  submitted_at timestamp,
  approved_by integer references account (id),
  approved_at timestamp,
  launched_by integer references account (id),
  finished_at timestamp
);
create index campaign_cycle on campaign (cycle_id, id);

create table campaign_step (
  id integer primary key autoincrement,
  campaign_id integer not null references campaign (id),
  position integer not null,
  kind text not null,
  state text not null,
  document_id integer not null references document (id),
  revision_id integer references revision (id),
  offset_days integer not null default 0,
  offset_from text not null default 'launch',
  due_at timestamp,
  ends_at timestamp,
  launched_at timestamp,
  launch_cursor integer not null default 0,
  planned integer not null default 0,
  finished_at timestamp
);
create unique index campaign_step_position on campaign_step (campaign_id, position);

-- One narrow row per 500 deliveries: lease, attempt and counters.
create table delivery_batch (
  step_id integer not null references campaign_step (id),
  number integer not null,
  owner text not null default '',
  lease_until timestamp,
  attempt integer not null default 0,
  not_before timestamp,
  ended_at timestamp,
  queued integer not null,
  sent integer not null default 0,
  deferred integer not null default 0,
  failed integer not null default 0,
  skipped integer not null default 0,
  uncertain integer not null default 0,
  primary key (step_id, number)
);

-- id is step_id * 2^32 + the number within the step, so that a batch is a range of the primary key.
-- No index mentions the state: that would halve the rate of sending.
create table delivery (
  id integer primary key,
  step_id integer not null references campaign_step (id),
  contact_id integer not null references contact (id),
  address_id integer references address (id),
  locale text not null,
  fallback boolean not null default false,
  stakeholder_group text not null,
  region text not null,
  state text not null,
  reason text not null default '',
  attempts integer not null default 0,
  until timestamp,
  sent_at timestamp,
  server text not null default '',
  reply text not null default '',
  personal_by integer references account (id)
);
create unique index delivery_slot on delivery (step_id, address_id);
create index delivery_contact on delivery (contact_id);

-- contribution: answers by any channel.

create table contribution (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  contact_id integer references contact (id),
  unit_id integer references contact (id),
  nri_id integer,
  delivery_id integer,
  questionnaire_revision_id integer references revision (id),
  secret_hash text not null default '',
  state text not null,
  channel text not null,
  capacity text not null,
  name text not null,
  organization text not null default '',
  email text not null default '',
  stakeholder_group text not null default '',
  region text not null default '',
  country text not null default '',
  language text not null,
  consent_publication boolean not null default false,
  started_at timestamp not null,
  updated_at timestamp not null,
  received_at timestamp,
  deadline_at timestamp,
  late boolean not null default false,
  checked_at timestamp,
  published_at timestamp,
  withdrawn_at timestamp,
  recorded_by integer references account (id),
  public_number integer
);
create unique index contribution_contact on contribution (cycle_id, contact_id) where state <> 'withdrawn';
create unique index contribution_public on contribution (cycle_id, public_number);
create index contribution_state on contribution (cycle_id, state, id);
create index contribution_secret on contribution (secret_hash) where secret_hash <> '';
create index contribution_form on contribution (email, started_at) where contact_id is null;

create table answer (
  contribution_id integer not null references contribution (id),
  question text not null,
  text text not null,
  primary key (contribution_id, question)
);

-- nri: initiatives, who coordinates them, what they passed on.

create table nri (
  id integer primary key autoincrement,
  name text not null,
  kind text not null,
  scope text not null default '',
  website text not null default '',
  year_founded integer not null default 0,
  confirmed boolean not null default true,
  source text not null default '',
  note text not null default '',
  contact_id integer references contact (id),
  created_at timestamp not null
);
create unique index nri_name on nri (name);
create unique index nri_contact_id on nri (contact_id);

create table nri_country (
  nri_id integer not null references nri (id),
  country text not null,
  primary key (nri_id, country)
);
create index nri_country_country on nri_country (country);

create table nri_language (
  nri_id integer not null references nri (id),
  position integer not null,
  language text not null,
  primary key (nri_id, position)
);

create table nri_coordinator (
  id integer primary key autoincrement,
  nri_id integer not null references nri (id),
  account_id integer not null references account (id),
  since timestamp not null,
  until timestamp
);
create unique index nri_coordinator_current on nri_coordinator (nri_id, account_id) where until is null;
create index nri_coordinator_account on nri_coordinator (account_id);

create table relay (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  nri_id integer not null references nri (id),
  logged_by integer references account (id),
  kind text not null,
  audience_size integer not null default 0,
  language text not null default '',
  note text not null default '',
  on_date text not null,
  created_at timestamp not null
);
create index relay_nri on relay (cycle_id, nri_id);

create table meeting (
  id integer primary key autoincrement,
  cycle_id integer not null references cycle (id),
  title text not null,
  starts_at timestamp not null,
  zone text not null,
  minutes integer not null default 60,
  join_url text not null default '',
  created_at timestamp not null
);
create index meeting_cycle on meeting (cycle_id, starts_at);

-- mail: single mails waiting to leave, and what was captured where no server is set.

create table outgoing_mail (
  id integer primary key autoincrement,
  kind text not null,
  recipient text not null,
  mail_from text not null,
  raw blob not null,
  state text not null,
  attempts integer not null default 0,
  not_before timestamp not null,
  lease_until timestamp,
  reply text not null default '',
  created_at timestamp not null,
  sent_at timestamp
);
create index outgoing_mail_waiting on outgoing_mail (not_before) where state = 'queued';

create table captured_mail (
  id integer primary key autoincrement,
  at timestamp not null,
  mail_from text not null,
  recipient text not null,
  message_id text not null,
  subject text not null,
  locale text not null default '',
  raw blob not null
);
create unique index captured_mail_message on captured_mail (message_id, recipient);
create index captured_mail_recipient on captured_mail (recipient, id);

-- Views: the facts that one room shows to the statements of another.

-- An address of a contact that may be mailed at all: it works and is not suppressed.
create view usable_address as
  select ca.contact_id, ca.position, a.id as address_id, a.email, a.kind
  from contact_address ca
  join address a on a.id = ca.address_id
  where a.status = 'ok'
    and not exists (select 1 from suppression s where s.hash = a.hash);

-- The one address that a contact is mailed at: the first usable one in the contact's order.
create view mailable_address as
  select u.contact_id, u.address_id, u.email, u.kind
  from usable_address u
  where not exists (
    select 1 from usable_address v where v.contact_id = u.contact_id and v.position < u.position);

-- The unit that a contact answers for: the organization it represents, else itself.
create view contact_unit as
  select c.id as contact_id,
    coalesce((select min(f.organization_id) from affiliation f
      where f.contact_id = c.id and f.represents and f.until = ''), c.id) as unit_id
  from contact c;

-- Claims that hold now, as far as the worker has swept: compare expires_at with the time of asking.
create view live_claim as
  select id as claim_id, cycle_id, contact_id, volunteer_id, purpose, expires_at
  from claim where state = 'active';

-- Follow-ups wait for a promise until its day.
create view promised_contact as
  select cycle_id, contact_id, promised_until from attempt
  where outcome = 'promised' and promised_until is not null;

-- Contacts whom a person reached by a logged attempt.
create view reached_contact as
  select distinct cycle_id, contact_id from attempt
  where outcome in ('reached', 'declined', 'promised', 'responded');

-- Contacts with a delivery that was sent and did not bounce.
create view delivered_contact as
  select distinct p.cycle_id, d.contact_id
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id
  where d.state in ('sent', 'complained');

-- Who answered, by any channel, late ones included. A contact that is not on the list has no row.
create view responded_contact as
  select k.cycle_id, k.contact_id, u.unit_id, k.capacity, k.late, k.received_at
  from contribution k
  join contact_unit u on u.contact_id = k.contact_id
  where k.state in ('received', 'checked', 'published', 'withheld');

-- The units that answered: through the organization where the contact answered for it.
create view responded_unit as
  select distinct cycle_id,
    case when capacity = 'organizational' then unit_id else contact_id end as unit_id
  from responded_contact;

-- Who handed an answer in, also those who took it back later: nobody is asked twice.
create view asked_enough_contact as
  select distinct cycle_id, contact_id from contribution
  where contact_id is not null and state in ('received', 'checked', 'published', 'withheld', 'withdrawn');

-- Their units: the organization where the answer was given for it.
create view asked_enough_unit as
  select distinct k.cycle_id,
    case when k.capacity = 'organizational' then u.unit_id else k.contact_id end as unit_id
  from contribution k
  join contact_unit u on u.contact_id = k.contact_id
  where k.state in ('received', 'checked', 'published', 'withheld', 'withdrawn');

-- The countries that a coordinator may see.
create view coordinator_country as
  select distinct m.account_id, n.country
  from nri_coordinator m
  join nri_country n on n.nri_id = m.nri_id
  where m.until is null;

-- What a contact is called and where it belongs, for those who keep a copy of it at the moment of an answer.
create view contact_profile as
  select c.id as contact_id, c.kind, c.name, c.country, c.region, c.stakeholder_group, c.language_chain,
    u.unit_id, case when u.unit_id = c.id then '' else o.name end as organization
  from contact c
  join contact_unit u on u.contact_id = c.id
  join contact o on o.id = u.unit_id;

-- Group and region of the contacts on the list of a cycle.
create view listed_contact as
  select cycle_id, contact_id, stakeholder_group, region, id as listing_id from listing;

-- Contacts who answer for an initiative: the organization of that name, who represents it, and
-- whoever is reached at the address of one of its coordinators.
create view nri_contact as
  select u.contact_id, n.id as nri_id
  from nri n
  join contact o on o.name = n.name
  join contact_unit u on u.unit_id = o.id
  union
  select ca.contact_id, m.nri_id
  from nri_coordinator m
  join account k on k.id = m.account_id
  join address a on a.email = k.email
  join contact_address ca on ca.address_id = a.id
  where m.until is null;

-- Every mailbox of a contact and whether it was suppressed, for the page that unsubscribes it.
create view contact_mailbox as
  select ca.contact_id, ca.position, a.id as address_id, a.email,
    exists (select 1 from suppression s where s.hash = a.hash) as suppressed
  from contact_address ca
  join address a on a.id = ca.address_id;

-- The mailbox that a delivery goes to, and the language it is written in.
create view delivery_mailbox as
  select d.id as delivery_id, d.contact_id, a.id as address_id, a.email, d.locale,
    exists (select 1 from suppression s where s.hash = a.hash) as suppressed
  from delivery d
  join address a on a.id = d.address_id;

-- What every room may know of a contact: never an address.
create view contact_card as
  select c.id as contact_id, c.kind, c.name, c.transliteration, c.sort_name, c.country, c.region,
    c.stakeholder_group, c.languages, c.language_chain, c.expertise
  from contact c;

-- The organizations that a contact belongs to now.
create view contact_organization as
  select f.contact_id, f.organization_id, f.represents, o.name, o.sort_name
  from affiliation f
  join contact o on o.id = f.organization_id
  where f.until = '';

-- Contacts of whom an address works no more.
create view bounced_contact as
  select distinct ca.contact_id
  from contact_address ca
  join address a on a.id = ca.address_id
  where a.status = 'bounced';

-- Contacts who asked at any of their addresses not to be mailed: nobody may approach them.
create view opted_out_contact as
  select distinct ca.contact_id
  from contact_address ca
  join address a on a.id = ca.address_id
  join suppression s on s.hash = a.hash;

-- What people are called to each other.
create view account_name as
  select id as account_id, name from account;

-- contact: what a contact is called, without an address.
create view contact_name as
  select id as contact_id, kind, name, sort_name from contact;

-- contact: the list of a cycle, with the unit that a contact answers for and whether it can be mailed.
create view listed_member as
  select l.id as listing_id, l.cycle_id, l.contact_id, u.unit_id, l.stakeholder_group, l.region,
    c.country, c.language_chain,
    case when exists (select 1 from usable_address a where a.contact_id = l.contact_id) then 1 else 0 end as addressable
  from listing l
  join contact c on c.id = l.contact_id
  join contact_unit u on u.contact_id = l.contact_id;

-- contact: suggestions that nobody has decided on.
create view waiting_candidate as
  select cycle_id, id as candidate_id, suggested_at from candidate where state = 'proposed';

-- cycle: the dates that hold now.
create view cycle_date_now as
  select cycle_id, kind, on_date, zone, at from cycle_date where superseded_at is null;

-- outreach: how many units a cell of the matrix should have.
create view cell_target as
  select cycle_id, stakeholder_group, region, count from target;

-- outreach: which volunteers took a contact, at any time of the cycle.
create view contact_volunteer as
  select distinct cycle_id, contact_id, volunteer_id from claim;

-- outreach: contacts that somebody tried to reach, with or without success.
create view attempted_contact as
  select distinct cycle_id, contact_id from attempt;

-- outreach: whom a volunteer reached.
create view volunteer_reached as
  select distinct cycle_id, contact_id, volunteer_id from attempt
  where outcome in ('reached', 'declined', 'promised', 'responded');

-- outreach: contacts that said no.
create view declined_contact as
  select distinct cycle_id, contact_id from attempt where outcome = 'declined';

-- outreach: contacts that were briefed by somebody who had taken that on.
create view briefed_contact as
  select distinct cycle_id, contact_id from claim where purpose = 'brief' and state = 'done';

-- document: translations of the newest revision of a text that a source edit made stale.
create view stale_translation as
  select d.cycle_id, t.id as translation_id, t.locale
  from translation t
  join revision r on r.id = t.revision_id
  join document d on d.id = r.document_id
  where r.number = (select max(n.number) from revision n where n.document_id = r.document_id)
    and (t.state = 'stale' or exists (
      select 1 from translation_segment g where g.translation_id = t.id and g.stale));

-- campaign: deliveries that a server took, with the moment.
create view sent_delivery as
  select p.cycle_id, d.id as delivery_id, d.contact_id, d.sent_at
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id
  where d.state in ('sent', 'complained', 'bounced') and d.sent_at is not null;

-- campaign: contacts to which a message was tried, whether it arrived or not.
create view mailed_contact as
  select distinct p.cycle_id, d.contact_id
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id
  where d.state in ('sent', 'complained', 'bounced', 'failed');

-- campaign: deliveries that arrived and went out in a volunteer's name.
create view volunteer_delivered as
  select distinct p.cycle_id, d.contact_id, d.personal_by as volunteer_id
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id
  where d.state in ('sent', 'complained') and d.personal_by is not null;

-- campaign: deliveries that may or may not have been accepted, for a person to decide.
create view uncertain_delivery as
  select p.cycle_id, d.id as delivery_id
  from delivery d
  join campaign_step s on s.id = d.step_id
  join campaign p on p.id = s.campaign_id
  where d.state = 'uncertain';

-- nri: the entry of an initiative among the contacts, where it has one.
create view initiative_contact as
  select id as nri_id, contact_id from nri where contact_id is not null;

-- nri: which countries an initiative is for.
create view initiative_country as
  select nri_id, country from nri_country;

-- nri: what an initiative is called.
create view initiative_name as
  select id as nri_id, name from nri;

-- nri: who speaks for an initiative now.
create view current_coordinator as
  select nri_id, account_id from nri_coordinator where until is null;

-- contribution: every counted contribution, late ones included, and the one unit it answers for: the
-- initiative, else the organization, else the person. Without a unit it came from nobody we know.
create view counted_contribution as
  select k.id as contribution_id, k.cycle_id, k.contact_id, k.nri_id, k.capacity,
    case
      when k.nri_id is not null then i.contact_id
      when k.contact_id is null then k.unit_id
      when k.capacity = 'organizational' then u.unit_id
      else k.contact_id
    end as unit_id,
    k.name, k.stakeholder_group, k.region, k.country, k.language, k.channel,
    case when k.late then 1 else 0 end as late, k.received_at
  from contribution k
  left join contact_unit u on u.contact_id = k.contact_id
  left join initiative_contact i on i.nri_id = k.nri_id
  where k.state in ('received', 'checked', 'published', 'withheld');

-- contribution: contacts that began an answer and have not handed it in.
create view begun_contact as
  select distinct k.cycle_id, k.contact_id
  from contribution k
  where k.state = 'draft' and k.contact_id is not null
    and exists (select 1 from answer a where a.contribution_id = k.id and a.text <> '');

-- contribution: what arrived and nobody has checked yet.
create view unchecked_contribution as
  select cycle_id, id as contribution_id from contribution where state = 'received';

-- How an address stands: obstacle says what forbids to mail it, '' where nothing does.
create view address_state as
  select a.id as address_id, a.email, a.kind,
    case when a.status = 'complained' or exists (select 1 from suppression s where s.hash = a.hash) then 'suppressed'
      when a.status <> 'ok' then 'bounced'
      else '' end as obstacle
  from address a;

-- +goose StatementBegin
create trigger audit_event_no_update before update on audit_event
begin
  select raise(abort, 'audit_event is append-only');
end;
-- +goose StatementEnd

-- +goose StatementBegin
create trigger audit_event_no_delete before delete on audit_event
begin
  select raise(abort, 'audit_event is append-only');
end;
-- +goose StatementEnd

-- +goose Down
drop view address_state;
drop view unchecked_contribution;
drop view begun_contact;
drop view counted_contribution;
drop view current_coordinator;
drop view initiative_name;
drop view initiative_country;
drop view initiative_contact;
drop view uncertain_delivery;
drop view volunteer_delivered;
drop view mailed_contact;
drop view sent_delivery;
drop view stale_translation;
drop view briefed_contact;
drop view declined_contact;
drop view volunteer_reached;
drop view attempted_contact;
drop view contact_volunteer;
drop view cell_target;
drop view cycle_date_now;
drop view waiting_candidate;
drop view listed_member;
drop view contact_name;
drop view account_name;
drop view opted_out_contact;
drop view bounced_contact;
drop view contact_organization;
drop view contact_card;
drop view delivery_mailbox;
drop view contact_mailbox;
drop view nri_contact;
drop view listed_contact;
drop view contact_profile;
drop view coordinator_country;
drop view asked_enough_unit;
drop view asked_enough_contact;
drop view responded_unit;
drop view responded_contact;
drop view delivered_contact;
drop view reached_contact;
drop view promised_contact;
drop view live_claim;
drop view contact_unit;
drop view mailable_address;
drop view usable_address;
drop table captured_mail;
drop table outgoing_mail;
drop table meeting;
drop table relay;
drop table nri_coordinator;
drop table nri_language;
drop table nri_country;
drop table nri;
drop table answer;
drop table contribution;
drop table delivery;
drop table delivery_batch;
drop table campaign_step;
drop table campaign;
drop table translation_segment;
drop table translation;
drop table segment;
drop table revision;
drop table document;
drop table connection;
drop table attempt;
drop table claim;
drop table target;
drop table suppression;
drop table candidate;
drop table listing;
drop table affiliation;
drop table contact_address;
drop table address;
drop table contact;
drop table cycle_date;
drop table cycle;
drop table audit_event;
drop table api_token;
drop table session;
drop table sign_in_token;
drop table account_role;
drop table account;
