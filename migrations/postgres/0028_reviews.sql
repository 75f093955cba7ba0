-- Reviews of what was bought or attended, with what their sellers answer and what was reported; and what sellers sold by month.

create table reviews (
    -- By which a request that is made twice is known.
    id uuid primary key not null,
    event_id uuid not null,
    -- Who sells it.
    seller_id uuid not null,
    member_id uuid not null,
    -- 1 to 5.
    stars bigint not null,
    text text not null,
    -- Addresses of its pictures, as a list.
    pictures text not null,
    at bigint not null,
    changed_at bigint,
    -- What the seller says to it.
    answer text not null default '',
    answered_at bigint,
    answer_changed_at bigint,
    -- When an admin hid it.
    hidden_at bigint,
    unique (event_id, member_id)
);
create index reviews_newest on reviews (event_id, at, id) where hidden_at is null;
create index reviews_best on reviews (event_id, stars, id) where hidden_at is null;
create index reviews_newest_of_seller on reviews (seller_id, at, id) where hidden_at is null;
create index reviews_best_of_seller on reviews (seller_id, stars, id) where hidden_at is null;
create index reviews_hidden on reviews (hidden_at, id) where hidden_at is not null;

-- Who received what: of a rush nothing is in it.
create index orders_delivered_by_member on orders (member_id, event_id) where state = 'delivered';

-- Which pictures reviews show: the others are removed some day.
create table review_pictures (
    review_id uuid not null,
    address text not null,
    primary key (review_id, address)
);
create index review_pictures_by_address on review_pictures (address);

-- Who reported which, once each; when an admin had looked at it.
create table review_reports (
    review_id uuid not null,
    member_id uuid not null,
    at bigint not null,
    done_at bigint,
    primary key (review_id, member_id)
);
create index review_reports_waiting on review_reports (at) where done_at is null;

-- How many reviews everybody sees of an event, or of a seller, and all their stars.
create table review_sums (
    subject_id uuid primary key not null,
    reviews bigint not null,
    stars bigint not null
);

-- What moved within a month in Korea, counted from year 0: what payments and refunds say that were counted. Those that were not
-- are few.
create table seller_months (
    seller_id uuid not null,
    month bigint not null,
    orders bigint not null,
    sales bigint not null,
    refunds bigint not null,
    primary key (seller_id, month)
);
alter table payments add column counted_at bigint;
alter table refunds add column counted_at bigint;
create index payments_uncounted on payments (ended_at) where state = 'paid' and counted_at is null;
create index refunds_uncounted on refunds (owed_at) where counted_at is null;
