-- +goose Up

-- A discussion about something the network decides on, as against a thread,
-- which stands on a place of a text. A tied ballot opens one (rules D1.10).
create table discussion (
  id           text   primary key,
  subject_kind text   not null,            -- practice | edition
  subject_id   text   not null,
  cause        text   not null,            -- tie
  cause_id     text   not null,            -- the ballot
  opened_at    bigint not null,
  unique (cause, cause_id)
);
create index discussion_subject on discussion (subject_id, opened_at);

create table discussion_post (
  id         text    primary key,
  discussion text    not null references discussion (id),
  person     text    not null,
  agency     text    not null default '',
  body       text    not null,
  at         bigint  not null,
  hidden     boolean not null default false -- by moderation
);
create index discussion_post_order on discussion_post (discussion, at, id);

-- The discussion that a tie opened.
alter table ballot add column discussion text not null default '';

-- Hidden by moderation.
alter table practice add column hidden boolean not null default false;
