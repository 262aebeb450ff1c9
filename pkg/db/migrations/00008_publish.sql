-- +goose Up

-- A guide: an edition as published, one immutable revision behind it.
create table guide (
    id            text    primary key,       -- the edition
    guideline     text    not null,
    agency        text    not null,
    major         bigint  not null,
    minor         bigint  not null,
    state         text    not null,          -- published | superseded | withdrawn | unpublished
    title_ar      text    not null,
    title_en      text    not null,
    summary       text    not null,
    language      text    not null,
    tags          text    not null,
    visibility    text    not null,
    body          text    not null,          -- Markdown of the revision
    revision_hash text    not null,
    html          text    not null,          -- rendered once, when published
    toc           text    not null,
    plain         text    not null,          -- words only
    folded        text    not null,          -- title, summary and words, folded for search
    change_note   text    not null,
    published_at  bigint  not null,
    review_by     bigint  not null,
    notice        text    not null,
    redirect      text    not null,
    hidden        boolean not null,
    updated_at    bigint  not null
);
create unique index guide_number on guide (guideline, major, minor);
create index guide_recent on guide (state, published_at, id);
create index guide_agency on guide (agency);

create table guide_share (
    guide  text not null references guide (id),
    agency text not null,
    primary key (guide, agency)
);
