-- What happens by itself, each job at one node at a time. The program makes the rows: model::Job lists them.
-- Times are the database's.
create table jobs (
    name text primary key not null,
    -- When anybody may take it; while it is held, the end of the lease.
    due_at bigint not null,
    -- Which node holds it, or held it last, and until when; not held while there is no end.
    leased_by bigint,
    leased_until bigint,
    -- The last run. One that began after it ended is still going on, or its node was killed.
    last_started_at bigint,
    last_ended_at bigint,
    -- Runs that failed since one succeeded.
    failures bigint not null,
    last_failed_at bigint,
    last_error text
);
