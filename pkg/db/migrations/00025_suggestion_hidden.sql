-- +goose Up

-- Hidden by moderation.
alter table suggestion add column hidden boolean not null default false;
