-- +goose Up
-- What was done in a case, which every desk of an author asks.
create index moderation_log_item on moderation_log (item, at);
