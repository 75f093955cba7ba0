-- Another password for whoever forgot theirs: what was asked for, and the links that were given out.

-- Asked for by anybody and for any address. Whether somebody has it is looked up when a letter is to be sent: asking is the same work
-- for all.
create table password_requests (
    id uuid primary key not null,
    -- The address as it is compared, and as it was kept before addresses were composed.
    email text not null,
    typed text not null,
    lang text not null,
    asked_at bigint not null,
    due_at bigint not null,
    tries bigint not null
);
create index password_requests_due on password_requests (due_at);

create table password_links (
    -- The link itself is nowhere but in its letter.
    token_hash bytea primary key not null,
    member_id uuid not null references members (id) on delete cascade,
    made_at bigint not null,
    expires_at bigint not null,
    -- When another password was set by it, or by another link of the same member's.
    used_at bigint
);
create index password_links_by_member on password_links (member_id);
create index password_links_by_end on password_links (expires_at);
