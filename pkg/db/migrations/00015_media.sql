-- +goose Up

-- Images of texts. The bytes lie in the data directory under their hash; this says what they are.
create table image (
    hash   text   not null primary key, -- SHA-256 of the stored bytes, hexadecimal
    type   text   not null,             -- by content: image/png, image/jpeg, image/gif, image/webp
    size   bigint not null,             -- bytes
    width  bigint not null,             -- pixels; 0 where an import did not look
    height bigint not null,
    at     bigint not null
);

-- The guidelines an image belongs to: it is seen by whoever sees one of them.
create table image_use (
    hash      text   not null references image (hash),
    guideline text   not null references guideline (id),
    person    text   not null default '', -- who brought it in; empty for an import
    at        bigint not null,
    primary key (hash, guideline)
);
create index image_use_guideline on image_use (guideline);

-- What imports brought in before belongs to the texts that show it.
insert into image (hash, type, size, width, height, at)
    select hash, min(type), min(size), 0, 0, min(at) from import_file group by hash;
insert into image_use (hash, guideline, at)
    select i.hash, e.guideline, min(i.at)
      from image i
      join edition_revision r on r.body like '%' || i.hash || '%'
      join edition e on e.id = r.edition
     group by i.hash, e.guideline;
