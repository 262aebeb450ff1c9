-- +goose Up

-- Counts the returns of clients to a draft: a node that remembers them looks again when it has moved, since an older socket of a
-- client may not push.
alter table draft add column returns bigint not null default 0;
