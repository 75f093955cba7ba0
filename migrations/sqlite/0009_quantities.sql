-- How many units an entry asks for, and versions of what nodes leave to each other: a node takes only what it knows.

alter table entries add column quantity bigint not null default 1;
-- Which version of the program was the first to know such a command.
alter table commands add column version bigint not null default 1;
-- The newest version that a node can read.
alter table nodes add column reads bigint not null default 1;
