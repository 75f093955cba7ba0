-- Editing: what creators changed of a published event, visible to everybody; capacity as the turnstile has it.

-- What places are given by. Null with entries of before: the event's own.
alter table tallies add column capacity bigint;

create table revisions (
    event_id blob not null,
    number bigint not null,
    at bigint not null,
    -- JSON: which field, before and after.
    edit text not null,
    primary key (event_id, number)
) without rowid;
