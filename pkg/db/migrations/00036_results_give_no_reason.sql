-- +goose Up
-- The history of an edition said of every ballot that had decided that it had been cancelled.
update edition_step set reason = '' where step in ('carried', 'not_carried', 'not_quorate') and reason = 'ballot.cancelled';
