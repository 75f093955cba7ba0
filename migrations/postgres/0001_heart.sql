-- Members, events, the turnstile's log with its projections, and chat.
-- Times are microseconds since the epoch (UTC), offers and links are JSON.

create table members (
    id uuid primary key not null,
    email text not null unique,
    nickname text not null,
    -- Lower case without spaces: two nicknames that read alike are the same.
    -- In the order of its characters, whatever the database sorts by: members are found by its beginning.
    nickname_key text collate "C" not null unique,
    password_hash text not null,
    mode text not null,
    role text not null,
    masked boolean not null default false,
    marketing boolean not null,
    terms_version bigint not null,
    suspended_at bigint,
    created_at bigint not null
);

create table sessions (
    token_hash bytea primary key not null,
    member_id uuid not null references members (id) on delete cascade,
    device text not null,
    created_at bigint not null,
    expires_at bigint not null
);
create index sessions_by_member on sessions (member_id);
create index sessions_by_end on sessions (expires_at);

create table creators (
    member_id uuid primary key not null references members (id) on delete cascade,
    name text not null,
    introduction text not null,
    links text not null
);

create table events (
    id uuid primary key not null,
    -- What the creating form carried: sending it twice creates once.
    request_id uuid not null unique,
    creator_id uuid not null references members (id),
    title text not null,
    summary text not null,
    description text not null,
    category text not null,
    banner text,
    card text,
    kind text not null,
    offer text not null,
    capacity bigint not null,
    entry_code text,
    rules text not null,
    opens_at bigint not null,
    closes_at bigint not null,
    published_at bigint,
    cancelled_at bigint,
    cancel_reason text,
    settled_at bigint,
    created_at bigint not null
);
create index events_by_opening on events (opens_at) where published_at is not null and cancelled_at is null;
create index events_by_closing on events (closes_at) where published_at is not null and cancelled_at is null;
create index events_by_creator on events (creator_id, created_at);

-- What the turnstile decided, appended and never changed. One row per event and batch: `count` records from sequence
-- `first` on, each with its length before it. The fairness log will hash exactly these records.
create table event_log (
    event_id uuid not null,
    first bigint not null,
    count bigint not null,
    records bytea not null,
    primary key (event_id, first)
);

-- Projections of the log, written in its transactions.
create table entries (
    event_id uuid not null,
    rank bigint not null,
    member_id uuid not null,
    entered_at bigint not null,
    state text not null,
    -- Opens the log's commitment to the member; erased with the member.
    salt bytea not null,
    primary key (event_id, rank)
);

create table tallies (
    event_id uuid primary key not null,
    total bigint not null,
    last_at bigint not null,
    next_sequence bigint not null,
    -- Whether the log says that the event was called off.
    cancelled boolean not null
);

-- Everything but clicks that changes an event, written with its cause and applied by the sequencer.
create table commands (
    id uuid primary key not null,
    event_id uuid not null,
    command text not null,
    created_at bigint not null,
    done_at bigint
);
create index commands_waiting on commands (created_at) where done_at is null;

create table chat_lines (
    event_id uuid not null,
    number bigint not null,
    -- The same for every repeat of one line.
    request_id uuid not null unique,
    at bigint not null,
    member_id uuid,
    text text,
    state text,
    primary key (event_id, number)
);
