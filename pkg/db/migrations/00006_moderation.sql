-- +goose Up

-- Flagged content that waits for, or had, a decision. One row an object and
-- open case; a decided case stays, and a later flag opens another.
create table moderation_item (
    id            text    primary key,
    object        text    not null,
    kind          text    not null,             -- prefix of the object's id
    author        text    not null default '',
    author_agency text    not null default '',
    agency        text    not null default '',  -- of the guideline or practice it belongs to
    body          text    not null,             -- as flagged
    revision      text    not null,             -- of the object, as flagged
    url           text    not null default '',
    state         text    not null,             -- pending | upheld | rejected | ignored
    hidden        boolean not null default false,
    auto_hidden   boolean not null default false,
    claimed_by    text    not null default '',
    claimed_at    bigint  not null default 0,
    priority      bigint  not null,
    reason        text    not null,             -- the class that decided, or the gravest flag's
    note          text    not null default '',
    decided_by    text    not null default '',
    decided_at    bigint  not null default 0,
    version       bigint  not null,
    created_at    bigint  not null,
    updated_at    bigint  not null
);
create unique index moderation_open on moderation_item (object) where state = 'pending';
create index moderation_queue on moderation_item (state, priority, created_at);
create index moderation_object on moderation_item (object, created_at);

-- One flag a person and revision of an object: after an edit it is a fresh one.
create table moderation_flag (
    id       text   primary key,
    item     text   not null references moderation_item (id),
    object   text   not null,
    revision text   not null,
    person   text   not null,
    agency   text   not null default '',
    reason   text   not null,
    body     text   not null default '',
    at       bigint not null
);
create unique index moderation_flag_once on moderation_flag (object, person, revision);
create index moderation_flag_item on moderation_flag (item, at);
create index moderation_flag_person on moderation_flag (person);

-- What was done, append-only.
create table moderation_log (
    id      text   primary key,
    at      bigint not null,
    item    text   not null references moderation_item (id),
    object  text   not null,
    kind    text   not null,
    action  text   not null,             -- auto_hide | keep | hide | restore | ignore
    reason  text   not null,
    note    text   not null default '',
    outcome text   not null,             -- state of the item after
    person  text   not null,
    agency  text   not null default ''
);
create index moderation_log_at on moderation_log (at, id);
