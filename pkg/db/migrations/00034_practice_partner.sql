-- +goose Up

-- Partners see no practice but those that are put before them by name (rules D4).
create table practice_partner (
  practice text not null references practice (id),
  person   text not null references person (id),
  primary key (practice, person)
);
create index practice_partner_person on practice_partner (person);
