-- +goose Up

-- The network's terminology: one concept a row, with the preferred word of
-- each language. Forms that are in use (preferred and discouraged) stand in
-- term_form, where a word has one meaning only.
create table term (
    id            text   primary key,
    state         text   not null,             -- proposed | approved | retired | rejected
    ar            text   not null,
    en            text   not null,
    definition_ar text   not null default '',
    definition_en text   not null default '',
    discouraged   text   not null,             -- JSON: [{"lang":"ar","text":"…"}]
    sort_ar       text   not null,
    person        text   not null,             -- who proposed it
    agency        text   not null default '',
    note          text   not null default '',  -- why it was rejected or retired
    edition       bigint not null,             -- of the glossary, when this term last changed in it; 0 before
    version       bigint not null,
    created_at    bigint not null,
    updated_at    bigint not null
);
create index term_state on term (state, sort_ar, id);

create table term_form (
    lang text not null,
    form text not null,                        -- folded, without the article
    term text not null references term (id),
    primary key (lang, form)
);
create index term_form_term on term_form (term);
