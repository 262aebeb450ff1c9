-- +goose Up

-- Attempts to sign in that are not yet forgiven, by account, source or known device. free_at is the moment at which a key has its
-- whole allowance again; from then on its row says nothing and may go. No address or e-mail stands here: keys are digests.
create table signin_attempt (
    key     text   not null primary key,
    free_at bigint not null
);
create index signin_attempt_free on signin_attempt (free_at);

-- Who took over a seat said so, having seen its hand-over page. A holding without a row here has that still to do.
create table handover (
    holding  text   not null primary key references holding (id),
    taken_at bigint not null
);
