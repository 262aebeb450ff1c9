-- +goose Up

-- A guideline may render another one in another language: its original, which is authoritative (rules D3). An edition of it names the edition of
-- the original that it was made from.
alter table guideline add column translates text not null default ''; -- the original, or ''
create unique index guideline_translation on guideline (translates, language) where translates <> '';
alter table edition add column made_from text not null default '';
alter table guide add column translates text not null default '';
alter table guide add column made_from  text not null default '';
create index guide_translation on guide (translates) where translates <> '';
