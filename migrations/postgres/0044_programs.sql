-- Members' own programs: tokens with which they call the site.

create table api_tokens (
    id uuid primary key not null,
    member_id uuid not null references members (id) on delete cascade,
    name text not null,
    -- Of the token alone: it was shown once.
    token_hash bytea not null unique,
    -- What it is good for, by names with spaces between.
    scopes text not null,
    created_at bigint not null,
    expires_at bigint not null,
    last_used_at bigint
);
create index api_tokens_of_member on api_tokens (member_id, created_at);
create index api_tokens_by_end on api_tokens (expires_at);

-- Creators' own servers, which are told of their events (Standard Webhooks).

create table webhook_endpoints (
    id uuid primary key not null,
    member_id uuid not null references members (id) on delete cascade,
    url text not null,
    -- What is sent is signed by it: it is needed as it is.
    secret bytea not null,
    -- What it is told of, by names with spaces between.
    kinds text not null,
    created_at bigint not null,
    last_ok_at bigint,
    -- When nothing was sent there any more: it said that it is gone, or did not answer for a day.
    disabled_at bigint
);
create index webhook_endpoints_of_member on webhook_endpoints (member_id, created_at);

-- What is sent, with what came of it. Taken by moving it to when it is to be tried again; nothing is due any more once it is done or over.
create table webhook_deliveries (
    id uuid primary key not null,
    endpoint_id uuid not null references webhook_endpoints (id) on delete cascade,
    kind text not null,
    body text not null,
    created_at bigint not null,
    -- When it was first due, once more after it was asked for again.
    since bigint not null,
    due_at bigint,
    tries bigint not null,
    tried_at bigint,
    -- What was answered last: a status, or 0 where nothing was.
    status bigint,
    done_at bigint
);
create index webhook_deliveries_due on webhook_deliveries (due_at) where due_at is not null;
create index webhook_deliveries_of_endpoint on webhook_deliveries (endpoint_id, created_at);

-- Openings and endings of events that were sent, each once.
create table webhook_moments (
    event_id uuid not null references events (id) on delete cascade,
    kind text not null,
    primary key (event_id, kind)
);
