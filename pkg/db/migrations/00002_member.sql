-- +goose Up

-- One row once the network is set up; the key makes setting up happen once.
create table network (
    id         text   not null primary key check (id = 'network'),
    name_ar    text   not null,
    name_en    text   not null,
    created_at bigint not null
);

create table setup_token (
    token_hash text   not null primary key,
    expires_at bigint not null
);

create table agency (
    id         text    not null primary key,
    code       text    not null unique,
    kind       text    not null,
    tier       text    not null,
    sector     text    not null,
    name_ar    text    not null,
    name_en    text    not null,
    key_ar     text    not null,
    key_en     text    not null,
    short_ar   text    not null,
    short_en   text    not null,
    hue        bigint  not null check (hue between 1 and 8),
    has_vote   boolean not null,
    status     text    not null check (status in ('active', 'suspended')),
    joined     bigint  not null,
    created_at bigint  not null
);
create index agency_key_ar on agency (key_ar);
create index agency_key_en on agency (key_en);

create table person (
    id              text   not null primary key,
    name_ar         text   not null,
    name_en         text   not null,
    email           text   not null,
    email_key       text   not null unique,
    password_hash   text   not null,
    password_at     bigint not null,
    locale          text   not null,
    digits          text   not null,
    calendar        text   not null,
    theme           text   not null,
    status          text   not null check (status in ('active', 'suspended')),
    created_at      bigint not null
);

create table person_role (
    person     text   not null references person (id),
    role       text   not null check (role in ('SA', 'MO', 'EX', 'PO', 'RD')),
    granted_at bigint not null,
    granted_by text   not null,
    primary key (person, role)
);

-- A seat is a position; holdings say who sat on it. Open ends are 0.
create table seat (
    id        text    not null primary key,
    agency    text    not null references agency (id),
    kind      text    not null check (kind in ('principal', 'alternate', 'writer', 'reader')),
    can_vote  boolean not null,
    since     bigint  not null,
    until     bigint  not null
);
create index seat_agency on seat (agency);
create unique index seat_principal on seat (agency) where kind = 'principal' and until = 0;

create table holding (
    id     text   not null primary key,
    seat   text   not null references seat (id),
    person text   not null references person (id),
    since  bigint not null,
    until  bigint not null,
    reason text   not null
);
create index holding_seat on holding (seat);
create unique index holding_one_holder on holding (seat) where until = 0;
create unique index holding_one_seat on holding (person) where until = 0;

create table invitation (
    id         text    not null primary key,
    token_hash text    not null unique,
    email      text    not null,
    email_key  text    not null,
    name_ar    text    not null,
    name_en    text    not null,
    agency     text    not null,
    kind       text    not null,
    can_vote   boolean not null,
    roles      text    not null,
    replaces   text    not null,
    invited_by text    not null,
    created_at bigint  not null,
    expires_at bigint  not null,
    used_at    bigint  not null,
    revoked_at bigint  not null
);
create index invitation_agency on invitation (agency);

create table session (
    id               text   not null primary key,
    person           text   not null references person (id),
    token_hash       text   not null unique,
    user_agent       text   not null,
    created_at       bigint not null,
    last_seen_at     bigint not null,
    expires_at       bigint not null,
    password_at      bigint not null,
    second_factor_at bigint not null,
    step_up_at       bigint not null,
    revoked_at       bigint not null,
    revoked_reason   text   not null
);
create index session_person on session (person, revoked_at);

-- A device that signed in before has a sign-in allowance of its own.
create table known_device (
    person     text   not null references person (id),
    token_hash text   not null,
    used_at    bigint not null,
    primary key (person, token_hash)
);

create table workspace (
    id         text   not null primary key,
    kind       text   not null check (kind in ('agency', 'joint', 'commons')),
    agency     text   not null,
    visibility text   not null,
    name_ar    text   not null,
    name_en    text   not null,
    created_by text   not null,
    created_at bigint not null
);
create unique index workspace_one_commons on workspace (kind) where kind = 'commons';
create unique index workspace_one_agency on workspace (agency) where kind = 'agency';

create table workspace_agency (
    workspace text   not null references workspace (id),
    agency    text   not null references agency (id),
    since     bigint not null,
    primary key (workspace, agency)
);
create index workspace_agency_agency on workspace_agency (agency);
