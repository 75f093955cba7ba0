-- Payments and refunds, each a written state machine (model::payments), and the sandbox, which is a provider in this database.

create table payments (
    id uuid primary key not null,
    -- What is paid for: a kind that the program knows, and one of that kind.
    subject_kind text not null,
    subject_id uuid not null,
    member_id uuid not null,
    provider text not null,
    -- Whole won.
    amount bigint not null,
    title text not null,
    -- The page to go on to.
    return_to text not null,
    -- SHA-256 of the token by which the customer's return is known.
    token bytea not null,
    state text not null,
    -- What the provider calls it, where the customer approves, and where a QR code leads another device.
    reference text,
    link text,
    elsewhere text,
    -- What came with the return that the provider asks for when it is to take the money.
    proof text,
    -- Why it came to nothing.
    decline text,
    begun_at bigint not null,
    -- Until when the customer may approve.
    expires_at bigint not null,
    approved_at bigint,
    ended_at bigint,
    -- What of a paid amount is owed back or was given back: never more than that.
    refunded bigint not null default 0,
    -- When it is looked at next; null once it is over.
    look_at bigint
);
create index payments_by_subject on payments (subject_kind, subject_id);
create index payments_to_look_at on payments (look_at) where look_at is not null;

create table refunds (
    id uuid primary key not null,
    payment_id uuid not null,
    -- By which a request that is made twice is known.
    request_id uuid not null,
    amount bigint not null,
    -- Not a part of what was paid: whatever was taken of a payment that came to nothing, which is closed with it.
    closes boolean not null,
    state text not null,
    owed_at bigint not null,
    ended_at bigint,
    -- When it is looked at next; null once it is done.
    look_at bigint,
    unique (payment_id, request_id)
);
create index refunds_to_look_at on refunds (look_at) where look_at is not null;

-- Every step: when, by whom, and what. Nothing of it is ever changed.
create table payment_steps (
    id uuid primary key not null,
    payment_id uuid not null,
    refund_id uuid,
    at bigint not null,
    who text not null,
    what text not null
);
create index payment_steps_by_payment on payment_steps (payment_id, at);

-- The sandbox's own books.
create table sandbox_payments (
    id uuid primary key not null,
    payment_id uuid not null unique,
    amount bigint not null,
    -- What it would take: another amount when its customer changed that on the way.
    takes bigint not null,
    title text not null,
    back text not null,
    state text not null,
    choice text,
    expires_at bigint not null,
    decided_at bigint,
    taken bigint not null default 0
);

create table sandbox_returns (
    refund_id uuid primary key not null,
    payment_id uuid not null,
    amount bigint not null
);
create index sandbox_returns_by_payment on sandbox_returns (payment_id);
