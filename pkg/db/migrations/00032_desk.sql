-- +goose Up

-- What waits is asked for by its state: a desk reads all of it.
create index edition_state on edition (state, guideline);
create index thread_person on thread (person, state);
