-- Deals and tickets in lists, the pictures that show goods in detail, and what members wish for.

-- When what a ticket is for begins.
alter table events add column starts_at bigint;
create index events_of_kind_by_opening on events (kind, opens_at, id) where published_at is not null and cancelled_at is null;
create index events_of_kind_by_closing on events (kind, closes_at, id) where published_at is not null and cancelled_at is null;
create index events_of_category_by_closing on events (kind, category, closes_at, id)
    where published_at is not null and cancelled_at is null;
create index events_by_start on events (starts_at, id) where published_at is not null and cancelled_at is null;
create index events_of_category_by_start on events (category, starts_at, id)
    where published_at is not null and cancelled_at is null;

-- Which pictures an event shows beside its banner and card: the others are removed some day.
create table detail_pictures (
    event_id blob not null,
    address text not null,
    primary key (event_id, address)
) without rowid;
create index detail_pictures_by_address on detail_pictures (address);

create table wishes (
    member_id blob not null references members (id) on delete cascade,
    event_id blob not null references events (id) on delete cascade,
    at bigint not null,
    primary key (member_id, event_id)
) without rowid;
create index wishes_by_time on wishes (member_id, at, event_id);
-- For counting, and for telling everybody who wishes for an event, a few at a time.
create index wishes_by_event on wishes (event_id, member_id);
