-- +goose Up

-- A text with whose it is, at a version: a point from which the log is read. It follows from the log and may be deleted at any time.
create table history_frame (
    draft   text   not null references draft (id),
    version bigint not null,
    at      bigint not null,
    slots   bytea  not null, -- counts of the updates since the frame before, by slots and writers
    body    bytea  not null, -- text and spans, zstd
    primary key (draft, version)
);

-- The writers of the text that a draft began with, where it came from another edition; numbers are below 0.
create table history_origin (
    draft  text   not null references draft (id),
    writer bigint not null,
    person text   not null,
    agency text   not null,
    primary key (draft, writer)
);

-- A version with a name, or one that a restoration made.
create table revision (
    id         text   not null primary key,
    draft      text   not null references draft (id),
    version    bigint not null,
    kind       text   not null check (kind in ('named', 'before_restore', 'restored')),
    name       text   not null,
    restored   bigint not null, -- of kind restored: the version whose text came back; else -1
    person     text   not null,
    agency     text   not null,
    created_at bigint not null
);
create index revision_draft on revision (draft, version);
