-- What happened over time, for the creator: clicks refused by reason, people in the room. Entries have their own times.

create table refusals (
    event_id uuid not null,
    -- Seconds since the epoch.
    second bigint not null,
    reason text not null,
    count bigint not null,
    primary key (event_id, second, reason)
);

create table heads (
    event_id uuid not null,
    second bigint not null,
    present bigint not null,
    primary key (event_id, second)
);
