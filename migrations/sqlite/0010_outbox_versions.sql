-- In which version a trigger was written: a node leaves those that it does not know to a newer one.
alter table outbox add column version bigint not null default 1;
