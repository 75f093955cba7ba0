-- Orders of what is sold, where they go, what happened to them, and the tickets that they gave.

create table orders (
    id blob primary key not null,
    event_id blob not null,
    -- The entry that it is of.
    rank bigint not null,
    member_id blob not null,
    -- What people call it; given a moment later.
    number text unique,
    kind text not null,
    units bigint not null,
    -- Whole won: each, and all together.
    price bigint not null,
    amount bigint not null,
    -- The offer as it was bought by: its refund table holds whatever becomes of the event.
    terms text not null,
    state text not null,
    -- Until when it may be paid for; null once it was, or is over.
    due_at bigint,
    -- The payment that is being confirmed: meanwhile the deadline stands still.
    paying blob,
    -- The payment that paid for it.
    paid_by blob,
    -- Units that were given back, and won that were owed back and that arrived.
    units_back bigint not null default 0,
    owed_back bigint not null default 0,
    refunded bigint not null default 0,
    -- When its entry lost its units otherwise than by being given back: what was paid goes back.
    lost_at bigint,
    created_at bigint not null,
    unique (event_id, rank)
);
create index orders_by_member on orders (member_id, created_at, id);
create index orders_due on orders (due_at) where due_at is not null and paying is null;
create index orders_unnumbered on orders (created_at) where number is null;

-- How many orders a day in Korea has.
create table order_days (
    day bigint primary key not null,
    made bigint not null
);

create table order_addresses (
    order_id blob primary key not null,
    name text not null,
    phone text not null,
    postcode text not null,
    address text not null,
    detail text not null
);

-- Every change: when, by whom, and what. Nothing of it is ever changed.
create table order_steps (
    id blob not null,
    order_id blob not null,
    at bigint not null,
    by_whom text not null,
    what text not null,
    primary key (order_id, id)
);
create index order_steps_by_time on order_steps (order_id, at, id);

create table tickets (
    id blob primary key not null,
    order_id blob not null,
    event_id blob not null,
    member_id blob not null,
    -- Which of its order's, from 1.
    number bigint not null,
    starts_at bigint not null,
    state text not null,
    issued_at bigint not null,
    unique (order_id, number)
);
create index tickets_by_member on tickets (member_id, starts_at, id);

-- How many units members chose beforehand.
create table choices (
    event_id blob not null,
    member_id blob not null,
    quantity bigint not null,
    fewer boolean not null,
    primary key (event_id, member_id)
);

-- What goes back when its event is called off.
create index orders_kept on orders (event_id) where state in ('paid', 'preparing');
create index orders_lost on orders (lost_at) where lost_at is not null and state in ('paid', 'preparing');
create index events_cancelled on events (cancelled_at) where cancelled_at is not null;
