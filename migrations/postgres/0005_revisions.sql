-- Editing: what creators changed of a published event, visible to everybody; capacity as the turnstile has it.

-- What places are given by.
alter table tallies add column capacity bigint;
update tallies set capacity = (select capacity from events where id = event_id);

create table revisions (
    event_id uuid not null,
    number bigint not null,
    at bigint not null,
    -- JSON: which field, before and after.
    edit text not null,
    primary key (event_id, number)
);
