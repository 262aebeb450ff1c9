-- +goose Up

-- What somebody would write differently, beside the text. body is a change in the binary form of docs/protocol.md on the text of
-- version; while the suggestion is open it is moved along the log from there.
create table suggestion (
    id             text    not null primary key,
    draft          text    not null references draft (id),
    key            text    not null,             -- of the tab that makes it; saving again with it revises
    state          text    not null check (state in ('open', 'accepted', 'rejected', 'withdrawn')),
    version        bigint  not null,
    length         bigint  not null,             -- of that version's text, in UTF-16 units
    body           bytea   not null,
    orphaned       boolean not null,
    quote          text    not null,             -- the text it takes away
    insertion      text    not null,             -- the text it puts there
    note           text    not null,
    person         text    not null,
    agency         text    not null,
    seat           text    not null,
    created_at     bigint  not null,
    updated_at     bigint  not null,
    decided_by     text    not null,
    decided_agency text    not null,
    decided_at     bigint  not null,
    reason         text    not null,
    log_version    bigint  not null,             -- the update that holds it, once accepted; 0 when others had made it already
    thread         text    references thread (id)
);
create index suggestion_draft on suggestion (draft, state, created_at);
create unique index suggestion_key on suggestion (draft, person, key);
create index suggestion_thread on suggestion (thread);
