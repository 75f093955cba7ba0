-- Hours that creators book for their deals, by model::slots.

create table bookings (
    id uuid primary key not null,
    -- By which a request that is made twice is known.
    request_id uuid not null unique,
    seller_id uuid not null,
    -- Whole won: each hour, and all together.
    price bigint not null,
    amount bigint not null,
    state text not null,
    -- Until when its hours are set aside; null once it was paid for, or is over.
    held_until bigint,
    -- The payment that is being confirmed: meanwhile the deadline stands still.
    paying uuid,
    -- The payment that paid for it.
    paid_by uuid,
    -- Won that were owed back and that arrived.
    owed_back bigint not null default 0,
    refunded bigint not null default 0,
    booked_at bigint not null
);
-- One at a time of each seller is to be paid for.
create unique index bookings_held on bookings (seller_id) where state = 'held';
create index bookings_due on bookings (held_until) where state = 'held' and paying is null;

create table booked_hours (
    booking_id uuid not null,
    starts_at bigint not null,
    seller_id uuid not null,
    -- How many deals the hour had room for when it was booked.
    most bigint not null,
    -- The deal that it is for.
    event_id uuid,
    -- When it was given back, or its booking ended.
    freed_at bigint,
    primary key (booking_id, starts_at)
);
create index booked_hours_taken on booked_hours (starts_at) where freed_at is null;
create index booked_hours_by_seller on booked_hours (seller_id, starts_at, booking_id);
create index booked_hours_by_event on booked_hours (event_id) where event_id is not null;
