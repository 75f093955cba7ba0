-- Notices reach members outside the site as well: their browsers by Web Push, and their mail.

-- A browser that asked to be told, at the service that reaches it.
create table push_endpoints (
    id uuid primary key not null,
    member_id uuid not null references members (id) on delete cascade,
    -- In which it asked: whoever signs out there is told there no more.
    session_hash bytea not null references sessions (token_hash) on delete cascade,
    url text not null,
    -- The browser's public key and the secret that it shares: nobody between reads what is sent.
    p256dh bytea not null,
    auth bytea not null,
    -- What its member knows the device by.
    label text not null,
    lang text not null,
    created_at bigint not null,
    last_ok_at bigint
);
create unique index push_endpoints_by_url on push_endpoints (url);
create index push_endpoints_of_session on push_endpoints (session_hash);
create index push_endpoints_of_member on push_endpoints (member_id, created_at);

-- Who asked for mail; nothing is sent before it was confirmed by what was sent to that address.
create table mail_settings (
    member_id uuid primary key not null references members (id) on delete cascade,
    email text not null,
    lang text not null,
    asked_at bigint not null,
    confirmed_at bigint
);

-- What is still to be sent, of which notice and where: an endpoint, or zeros for mail. Taken by moving it to when it is to be tried
-- again, so that whoever took it and was killed is followed.
create table notice_deliveries (
    member_id uuid not null references members (id) on delete cascade,
    number bigint not null,
    target_id uuid not null,
    due_at bigint not null,
    -- When it was first due: a day later it is of no use.
    since bigint not null,
    tries bigint not null,
    primary key (member_id, number, target_id)
);
create index notice_deliveries_due on notice_deliveries (due_at);
