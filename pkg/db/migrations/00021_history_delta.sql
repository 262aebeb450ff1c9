-- +goose Up

-- How the text of the frame before became this one, and by whom, so that comparisons over a long time replay no updates in between.
-- Frames follow from the log: those without it are made anew.
delete from history_frame;
alter table history_frame add column delta bytea not null default '';
