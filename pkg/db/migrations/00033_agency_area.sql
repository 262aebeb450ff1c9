-- +goose Up

-- Where an agency works: a governorate or another area, as a code like its sector.
alter table agency add column area text not null default 'nationwide';

-- What the network calls its sectors and areas, besides those that the hub has words for.
create table agency_word (
    axis text not null check (axis in ('sector', 'area')),
    code text not null,
    ar   text not null,
    en   text not null,
    primary key (axis, code)
);
