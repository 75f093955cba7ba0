-- Sellers: the business that somebody sells as, how orders were sent, what is sent back, what a seller calls off, and what they
-- were paid.

create table businesses (
    member_id uuid primary key not null references members (id) on delete cascade,
    -- Ten digits. What is public of a business is enough to have it checked: one member has it.
    number text not null unique,
    company text not null,
    representative text not null,
    -- The day of its opening.
    opened text not null,
    address text not null,
    mail_order text not null,
    email text not null,
    phone text not null,
    -- By whom it was checked when it was written, when it was asked about last, and when it was found closed.
    checked_by text not null,
    checked_at bigint not null,
    asked_at bigint not null,
    closed_at bigint
);

create table shipments (
    order_id uuid primary key not null,
    carrier text not null,
    tracking text not null,
    shipped_at bigint not null,
    delivered_at bigint
);

create table returns (
    -- By which a request that is made twice is known.
    id uuid primary key not null,
    order_id uuid not null,
    event_id uuid not null,
    rank bigint not null,
    units bigint not null,
    reason text not null,
    state text not null,
    answer text not null,
    asked_at bigint not null
);
-- One at a time of each order.
create unique index returns_open on returns (order_id) where state in ('asked', 'accepted');
create index returns_by_order on returns (order_id, asked_at);
create index returns_open_by_event on returns (event_id, rank) where state in ('asked', 'accepted');

-- All orders of a sale that are not sent yet are called off, one after the other.
create table callings_off (
    -- By which a request that is made twice is known.
    id uuid primary key not null,
    event_id uuid not null,
    reason text not null,
    -- The last rank that it means, and the last that was done.
    until bigint not null,
    done bigint not null,
    asked_at bigint not null,
    done_at bigint
);
create unique index callings_off_open on callings_off (event_id) where done_at is null;

-- What sellers were paid for a month in Korea, counted from year 0.
create table payouts (
    seller_id uuid not null,
    month bigint not null,
    amount bigint not null,
    at bigint not null,
    primary key (seller_id, month)
);

-- Lists of a seller. A rush writes into none of these but, for what is free, the first.
create index orders_to_ship on orders (event_id, rank) where state in ('paid', 'preparing');
create index orders_shipped on orders (event_id, rank) where state = 'shipped';
create index orders_delivered on orders (event_id, rank) where state = 'delivered';
