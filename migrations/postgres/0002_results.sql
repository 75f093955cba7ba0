-- What becomes of entries: prizes claimed, passed on and sent; entries by member; notices.

-- A prize in one entry's hands. `place` decides the prize and moves from rank to rank; a rank holds one place at most.
create table claims (
    event_id uuid not null,
    rank bigint not null,
    place bigint not null,
    member_id uuid not null,
    state text not null,
    -- When the place was first given; seven days later it is left over.
    first_at bigint not null,
    given_at bigint not null,
    due_at bigint not null,
    -- When its holder is to be reminded; null afterwards.
    remind_at bigint,
    filled_at bigint,
    sent_at bigint,
    -- When what they wrote was erased.
    erased_at bigint,
    primary key (event_id, rank)
);
create index claims_due on claims (due_at) where state = 'offered';
create index claims_to_remind on claims (remind_at) where remind_at is not null;
create index claims_to_erase on claims (sent_at) where state = 'sent' and erased_at is null;

-- What winners wrote: apart, so that erasing is deleting.
create table deliveries (
    event_id uuid not null,
    rank bigint not null,
    name text not null,
    phone text not null,
    postcode text not null,
    address text not null,
    detail text not null,
    primary key (event_id, rank)
);

-- What a member asked to be offered next time.
create table saved_deliveries (
    member_id uuid primary key not null references members (id) on delete cascade,
    name text not null,
    phone text not null,
    postcode text not null,
    address text not null,
    detail text not null
);

-- Why creators took entries out; visible on the board.
create table disqualifications (
    event_id uuid not null,
    rank bigint not null,
    reason text not null,
    at bigint not null,
    primary key (event_id, rank)
);

-- Entries by member. Filled soon after the rush, not in it: at random places of the table, it would cost each click a page.
create table member_entries (
    member_id uuid not null,
    entered_at bigint not null,
    event_id uuid not null,
    rank bigint not null,
    primary key (member_id, entered_at, event_id)
);

-- Up to which rank what follows from entries was written.
alter table tallies add column followed bigint not null default 0;
create index tallies_behind on tallies (event_id) where followed < total;

-- What people are to be told of, written with its cause; expanded into notices afterwards.
create table outbox (
    id uuid primary key not null,
    cause text not null,
    -- How far its audience was told: the last rank.
    told bigint not null default 0,
    created_at bigint not null,
    done_at bigint
);
create index outbox_waiting on outbox (created_at) where done_at is null;

create table notices (
    member_id uuid not null references members (id) on delete cascade,
    at bigint not null,
    id uuid not null,
    notice text not null,
    event_id uuid,
    read_at bigint,
    primary key (member_id, at, id)
);
create index notices_unread on notices (member_id) where read_at is null;

create index events_to_settle on events (closes_at) where settled_at is null and cancelled_at is null and published_at is not null;
