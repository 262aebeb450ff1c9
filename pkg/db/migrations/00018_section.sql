-- +goose Up

-- Sections of a living text that are given to one agency to write. at_pos is
-- the beginning of the heading's line in the text of version; where it is now
-- follows from the draft's log.
create table section (
    id         text   primary key,
    draft      text   not null,
    version    bigint not null,
    at_pos     bigint not null,
    heading    text   not null,              -- as it was when it was given
    agency     text   not null,
    due_at     bigint not null default 0,
    note       text   not null default '',
    person     text   not null,              -- who gave it
    created_at bigint not null,
    updated_at bigint not null,
    done_at    bigint not null default 0,
    done_by    text   not null default '',
    ended_at   bigint not null default 0
);
create index section_draft on section (draft, ended_at);
create index section_agency on section (agency, ended_at, done_at);
