-- +goose Up

-- Clauses as readers see them, for excerpts that lead to their place; the
-- search index stands in memory, so its folded text goes.
alter table guide add column clauses text not null default '[]';
alter table guide drop column folded;
create index guide_updated on guide (updated_at);

-- Answers to "was this useful?", counted and nothing more: no person, no time.
create table guide_answer (
    guide  text    not null references guide (id),
    useful boolean not null,
    given  bigint  not null,
    primary key (guide, useful)
);
