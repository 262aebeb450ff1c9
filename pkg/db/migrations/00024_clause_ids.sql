-- +goose Up

-- Ids that clauses of a page keep from the edition before it, by position in
-- the text (rules D3); none where they follow from the clauses' words.
alter table guide add column anchors text not null default '[]';
