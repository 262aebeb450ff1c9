-- +goose Up

-- Files that came with imported pages. The bytes lie in the data directory
-- under their hash; this says where they belong in a folder.
create table import_file (
    agency text   not null references agency (id),
    path   text   not null,          -- inside the agency's folder
    hash   text   not null,          -- SHA-256, hexadecimal
    type   text   not null,          -- by content: image/png, image/jpeg, image/gif, image/webp
    size   bigint not null,          -- bytes
    at     bigint not null,
    primary key (agency, path)
);
create index import_file_hash on import_file (hash);

-- The folder an agency's pages came in, so that export writes it again.
create table import_folder (
    agency text not null primary key references agency (id),
    name   text not null unique
);
