-- +goose Up

-- A best practice: its card is what agencies vote on.
create table practice (
  id           text   primary key,
  agency       text   not null,            -- the agency that nominated it
  stage        text   not null,
  stage_before text   not null default '', -- where it returns when a ballot decides nothing
  title_ar     text   not null,
  title_en     text   not null default '',
  title_norm   text   not null default '',
  card         text   not null,            -- JSON, practice.Card
  hash         text   not null,            -- SHA-256 of the card: names the revision
  revision     bigint not null default 1,
  merged_into  text   not null default '',
  nominated_by text   not null,
  created_at   bigint not null,
  updated_at   bigint not null,
  stage_at     bigint not null
);
create index practice_stage on practice (stage, stage_at);
create index practice_agency on practice (agency);

-- Every card as it once stood, so that a ballot's hash leads to a text for ever.
create table practice_revision (
  practice text   not null references practice (id),
  hash     text   not null,
  revision bigint not null,
  card     text   not null,
  person   text   not null,
  at       bigint not null,
  primary key (practice, revision)
);

create table practice_step (
  practice text   not null references practice (id),
  n        bigint not null,
  from_stage text not null,
  to_stage text   not null,
  reason   text   not null default '',
  person   text   not null,
  agency   text   not null default '',
  at       bigint not null,
  primary key (practice, n)
);

-- A question put to agencies. franchise, weight_mode, secrecy, reveal and
-- positions have one value today; they are columns so that persons' polls,
-- weights, secret ballots and manual adoption need no rewrite of old rows.
create table ballot (
  id              text    primary key,
  subject_kind    text    not null,               -- practice | edition
  subject_id      text    not null,
  subject_hash    text    not null default '',    -- frozen at opening
  subject_title_ar text   not null default '',
  subject_title_en text   not null default '',
  agency          text    not null default '',    -- the subject's agency
  question_ar     text    not null,
  question_en     text    not null default '',
  franchise       text    not null default 'agency',
  weight_mode     text    not null default 'equal',
  secrecy         text    not null default 'open',
  reveal          text    not null default 'live',
  positions       text    not null default 'decision',
  threshold       text    not null,
  quorum          bigint  not null,               -- per cent of E−R
  reason_required text    not null,               -- none | against | all
  early_close     boolean not null,               -- may close when the outcome can no longer change
  min_open        bigint  not null,               -- microseconds
  state           text    not null,
  result          text    not null default '',
  close_cause     text    not null default '',    -- time | all_voted | settled | notice
  round           bigint  not null default 1,
  previous        text    not null default '',
  owner           text    not null,               -- who prepared it; never certifies it
  opened_by       text    not null default '',    -- nor does who opened it
  created_at      bigint  not null,
  opens_at        bigint  not null default 0,     -- planned while scheduled, actual from then on
  closes_at       bigint  not null default 0,     -- moves only once, by an extension
  extended_from   bigint  not null default 0,     -- closes_at before the extension
  notice_closes_at bigint not null default 0,     -- announced early close, 24 hours ahead
  notice_reason   text    not null default '',
  closed_at       bigint  not null default 0,
  certified_at    bigint  not null default 0,
  certified_by    text    not null default '',
  certificate     text    not null default '',    -- JSON exactly as hashed
  certificate_hash text   not null default '',
  updated_at      bigint  not null
);
create index ballot_state on ballot (state, closes_at);
create index ballot_subject on ballot (subject_kind, subject_id);
create unique index ballot_next_round on ballot (previous) where previous <> '';

-- The electorate as it stood at opening. An agency has one seat.
create table ballot_elector (
  ballot    text   not null references ballot (id),
  agency    text   not null,
  seat      text   not null,
  weight    bigint not null,                      -- millionths
  holders   text   not null,                      -- JSON array of person ids entitled at opening
  suspended boolean not null default false,       -- suspended later: keeps its row, flagged
  primary key (ballot, agency)
);

-- The vote that counts: one row for a ballot and an agency, whatever races.
create table ballot_vote (
  ballot       text    not null,
  agency       text    not null,
  choice       text    not null,
  reason       text    not null default '',
  cast_by      text    not null,
  cast_seat    text    not null default '',
  by_principal boolean not null,
  mandate      text    not null default '',       -- a proxy's mandate
  subject_hash text    not null,
  cast_at      bigint  not null,
  n            bigint  not null,                  -- 1 for the first, counting changes
  primary key (ballot, agency),
  foreign key (ballot, agency) references ballot_elector (ballot, agency)
);

-- Every vote ever cast in an open ballot, the current one included.
create table ballot_vote_change (
  ballot       text    not null,
  agency       text    not null,
  n            bigint  not null,
  choice       text    not null,
  reason       text    not null default '',
  cast_by      text    not null,
  by_principal boolean not null,
  at           bigint  not null,
  primary key (ballot, agency, n)
);

create table ballot_step (
  ballot text   not null references ballot (id),
  n      bigint not null,
  event  text   not null,
  from_state text not null,
  to_state text not null,
  reason text   not null default '',
  person text   not null,
  agency text   not null default '',
  at     bigint not null,
  primary key (ballot, n)
);
