-- +goose Up
create table setting (
    key   text primary key,
    value text not null
);

-- The one chain of a hub: audit record and outbox in one.
create table event_head (
    id   integer primary key check (id = 1),
    seq  bigint not null,
    hash text not null
);
insert into event_head (id, seq, hash) values (1, 0, '');

create table event (
    seq       bigint primary key,
    at        bigint not null,
    person    text not null,
    seat      text not null,
    agency    text not null,
    kind      text not null,
    object    text not null,
    body      text not null,
    prev_hash text not null,
    hash      text not null
);
create index event_object on event (object, seq);
create index event_kind on event (kind, seq);

-- How far each subscriber has read the chain.
create table event_cursor (
    subscriber text primary key,
    seq        bigint not null
);

create table idempotency (
    person   text not null,
    key      text not null,
    route    text not null,
    request  text not null,
    status   bigint not null,
    response bytea not null,
    at       bigint not null,
    primary key (person, key)
);
create index idempotency_at on idempotency (at);
