-- +goose Up

-- A thread inside is the matter of the agency that began it, and of nobody else.
alter table thread add column inside boolean not null default false;

-- Reading what changed since.
create index thread_changed on thread (draft, updated_at);
