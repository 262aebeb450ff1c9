-- +goose Up

-- The log as one sequence: what is committed together lies side by side, whichever drafts it is of, so that a commit of many drafts writes a few pages
-- and not one for each. A row names the one before it of the same draft; the newest is the draft's tip.
create table draft_log_in_order (
    id     bigint not null primary key, -- grows with time
    draft  bigint not null,             -- no reference: it would be looked up with every edit, and the tip has it
    before bigint not null,             -- id of the draft's row before, 0 at the first
    first  bigint not null,
    last   bigint not null,
    length bigint not null, -- of the text before, in UTF-16 units
    at     bigint not null,
    body   bytea  not null
);
insert into draft_log_in_order (id, draft, before, first, last, length, at, body)
select id, draft, coalesce(lag(id) over (partition by draft order by first), 0), first, last, length, at, body
  from (select row_number() over (order by at, draft, first) as id, draft, first, last, length, at, body from draft_log) as numbered;

-- The newest row of a draft. It moves from one head to the next by one statement, which decides between two nodes, and how often clients have come back
-- stands here for the same reason: an older socket of a client may not push.
create table draft_tip (
    draft   bigint not null primary key references draft (key),
    head    bigint not null, -- its last version, 0 before the first
    newest  bigint not null, -- its id, 0 before the first
    flushes bigint not null, -- how many rows there are
    returns bigint not null
);
insert into draft_tip (draft, head, newest, flushes, returns)
select d.key, coalesce(l.last, 0), coalesce(l.id, 0), coalesce(l.flushes, 0), d.returns
  from draft d
  left join (select draft, last, id,
                    count(*) over (partition by draft) as flushes,
                    row_number() over (partition by draft order by first desc) as back
               from draft_log_in_order) as l on l.draft = d.key and l.back = 1;

-- Every 64th row, to begin a walk back from that is not at the tip.
create table draft_mark (
    draft bigint not null references draft (key),
    first bigint not null,
    entry bigint not null,
    primary key (draft, first)
);
insert into draft_mark (draft, first, entry)
select draft, first, id
  from (select draft, first, id, row_number() over (partition by draft order by first) as place from draft_log_in_order) as counted
 where place % 64 = 0;

drop table draft_log;
alter table draft_log_in_order rename to draft_log;
alter table draft drop column returns;
