-- +goose Up

-- A guideline as a thing: its names, whose it is, who sees it.
create table guideline (
    id         text    primary key,
    agency     text    not null,             -- the lead agency
    workspace  text    not null default '',
    kind       text    not null,             -- agency | network
    template   text    not null,
    title_ar   text    not null default '',
    title_en   text    not null default '',
    title_norm text    not null default '',  -- folded, for lists and search
    summary    text    not null default '',
    language   text    not null,             -- ar | en
    visibility text    not null,             -- agency | agencies | network | public
    tags       text    not null default '[]',
    hidden     boolean not null default false, -- by moderation, pending or decided
    import_key text    not null default '',  -- the page's path, for imported ones
    created_by text    not null,
    created_at bigint  not null,
    updated_at bigint  not null
);
create unique index guideline_import on guideline (agency, import_key) where import_key <> '';
create index guideline_recent on guideline (updated_at, id);
create index guideline_agency on guideline (agency);
create index guideline_workspace on guideline (workspace);

-- The agencies named by the rung "agencies" of the ladder.
create table guideline_share (
    guideline text not null references guideline (id),
    agency    text not null,
    primary key (guideline, agency)
);

-- The agencies that write besides the lead: those of a joint workspace.
create table guideline_writer (
    guideline text not null references guideline (id),
    agency    text not null,
    primary key (guideline, agency)
);
create index guideline_writer_agency on guideline_writer (agency);

create table edition (
    id               text    primary key,
    guideline        text    not null references guideline (id),
    major            bigint  not null,
    minor            bigint  not null,
    state            text    not null,
    draft            text    not null default '',
    created_by       text    not null,
    created_at       bigint  not null,
    updated_at       bigint  not null,
    submitted_by     text    not null default '',
    submitted_at     bigint  not null default 0,
    approved_by      text    not null default '',
    approved_agency  text    not null default '',
    approved_at      bigint  not null default 0,
    approved_hash    text    not null default '',
    ballot           text    not null default '',
    ballot_hash      text    not null default '', -- the text a ballot carried
    experts          text    not null default '[]',
    opens_at         bigint  not null default 0,
    closes_at        bigint  not null default 0,
    change_note      text    not null default '',
    minor_change     boolean not null default false,
    review_by        bigint  not null default 0,
    publish_at       bigint  not null default 0,
    published_at     bigint  not null default 0,
    published_by     text    not null default '',
    revision_hash    text    not null default '', -- of the published text
    revision_version bigint  not null default 0,
    forced_by        text    not null default '',
    second_eye_due   bigint  not null default 0,  -- not 0: awaits a second eye
    notice           text    not null default '', -- why it was withdrawn or unpublished
    redirect         text    not null default ''
);
-- GV1: one edition in work and one published, whatever races.
create unique index edition_in_work on edition (guideline)
    where state in ('draft', 'in_review', 'amends_needed', 'ready', 'fact_check', 'fact_check_received', 'consultation', 'ballot', 'scheduled');
create unique index edition_published on edition (guideline) where state = 'published';
create unique index edition_number on edition (guideline, major, minor) where published_at > 0;
create unique index edition_draft on edition (draft) where draft <> '';
create index edition_guideline on edition (guideline, created_at);
create index edition_due on edition (publish_at) where state = 'scheduled';

-- Who wrote it, as recorded at each submission; reviewers are of others.
create table edition_author (
    edition text not null references edition (id),
    person  text not null,
    primary key (edition, person)
);

create table edition_step (
    edition    text   not null references edition (id),
    n          bigint not null,
    at         bigint not null,
    step       text   not null,
    from_state text   not null,
    to_state   text   not null,
    person     text   not null,
    agency     text   not null default '',
    reason     text   not null default '',
    hash       text   not null default '', -- the text it was about
    primary key (edition, n)
);

-- Frozen texts, by hash.
create table edition_revision (
    edition text   not null references edition (id),
    hash    text   not null,
    version bigint not null,
    body    text   not null,
    at      bigint not null,
    primary key (edition, hash)
);

-- What an imported page was, byte for byte.
create table revision_source (
    edition      text    primary key references edition (id),
    guideline    text    not null references guideline (id),
    hash         text    not null, -- SHA-256 of the original
    original     bytea   not null,
    front_matter bytea   not null,
    eol          text    not null, -- lf | crlf | cr
    bom          boolean not null,
    text_hash    text    not null, -- of the text as imported
    at           bigint  not null
);
create index revision_source_guideline on revision_source (guideline, at);
