-- +goose Up

-- A discussion ends: by the secretariat, with what came of it, or by the hub
-- when the round after a tie is certified.
alter table discussion add column closed_at bigint not null default 0;  -- 0: open
alter table discussion add column closed_by text not null default '';   -- a person, or "system"
alter table discussion add column conclusion text not null default '';
