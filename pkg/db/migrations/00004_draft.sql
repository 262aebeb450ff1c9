-- +goose Up

-- The living text of an edition. Its key is a small number, because every row of the log carries it.
create table draft (
    id         text   not null primary key,
    key        bigint not null unique,
    edition    text   not null,
    epoch      text   not null, -- changes when a backup is restored
    created_at bigint not null
);
create index draft_edition on draft (edition);

-- The log: a row holds the updates of one flush, versions first to last, in the run form of docs/protocol.md, each with client
-- and sequence. A row begins at head + 1, so the primary key decides between two nodes.
create table draft_log (
    draft  bigint not null references draft (key),
    first  bigint not null,
    last   bigint not null,
    length bigint not null, -- of the text before, in UTF-16 units
    at     bigint not null,
    body   bytea  not null,
    primary key (draft, first)
);

-- One client is one load of one tab. last_seq moves in the transaction that appends.
create table draft_client (
    draft      bigint not null references draft (key),
    client     bigint not null,
    person     text   not null,
    agency     text   not null,
    seat       text   not null,
    resume     text   not null, -- hash of the tab's secret
    attached   bigint not null, -- counts returns: an older socket of the client may not push
    last_seq   bigint not null,
    created_at bigint not null,
    primary key (draft, client)
);
create index draft_client_person on draft_client (person);

-- Texts that bound the cost of opening: version 0 and the newest ones.
create table draft_snapshot (
    draft   bigint not null references draft (key),
    version bigint not null,
    at      bigint not null,
    body    bytea  not null,
    primary key (draft, version)
);

-- Comments stand on a range of the text of a version and are moved along the log from there.
create table thread (
    id           text    not null primary key,
    draft        text    not null references draft (id),
    state        text    not null check (state in ('open', 'resolved')),
    kind         text    not null check (kind in ('general', 'technical', 'editorial')),
    blocking     boolean not null,
    version      bigint  not null,
    from_pos     bigint  not null,
    to_pos       bigint  not null,
    quote        text    not null,
    orphaned     boolean not null,
    person       text    not null,
    agency       text    not null,
    created_at   bigint  not null,
    updated_at   bigint  not null,
    outcome      text    not null,
    outcome_note text    not null,
    resolved_by  text    not null,
    resolved_at  bigint  not null,
    reopened     boolean not null,
    hidden       boolean not null
);
create index thread_draft on thread (draft, state, created_at);

create table comment (
    id         text    not null primary key,
    thread     text    not null references thread (id),
    person     text    not null,
    agency     text    not null,
    body       text    not null,
    created_at bigint  not null,
    hidden     boolean not null
);
create index comment_thread on comment (thread, created_at, id);

create table comment_mention (
    comment text not null references comment (id),
    person  text not null,
    primary key (comment, person)
);
create index comment_mention_person on comment_mention (person);
