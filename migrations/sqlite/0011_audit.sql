-- What was done to members and events for the site: by whom and why. Nothing of it is ever changed.

create table audit (
    id blob primary key not null,
    at bigint not null,
    -- The admin; null when it was a command of the program.
    admin_id blob,
    action text not null,
    member_id blob,
    event_id blob,
    reason text not null
) without rowid;
create index audit_by_time on audit (at);
