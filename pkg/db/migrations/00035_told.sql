-- +goose Up
-- What authors are told on their desks.
create index moderation_author on moderation_item (author, state);
