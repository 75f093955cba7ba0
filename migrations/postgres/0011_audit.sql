-- What was done to members and events for the site: by whom and why. Nothing of it is ever changed.

create table audit (
    id uuid primary key not null,
    at bigint not null,
    -- The admin; null when it was a command of the program.
    admin_id uuid,
    action text not null,
    member_id uuid,
    event_id uuid,
    reason text not null
);
create index audit_by_time on audit (at);
