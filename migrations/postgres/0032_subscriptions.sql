-- What members hear of before it opens: reminders of what they wish for, and what is new in categories and by keywords.

-- Which reminders were written, each once: another opening is another reminder.
create table event_reminders (
    opens_at bigint not null,
    event_id uuid not null references events (id) on delete cascade,
    -- Within so many hours of the opening.
    hours bigint not null,
    primary key (opens_at, event_id, hours)
);

-- Whoever wishes for an event is told in the order in which they came to.
create index wishes_by_event_and_time on wishes (event_id, at);

-- When whoever has units in checkout was told that their time is about to end.
alter table orders add column warned_at bigint;

create table category_subscriptions (
    member_id uuid not null references members (id) on delete cascade,
    category text not null,
    at bigint not null,
    primary key (member_id, category)
);
create index category_subscriptions_by_category on category_subscriptions (category, at);

create table keyword_subscriptions (
    member_id uuid not null references members (id) on delete cascade,
    -- As it is compared.
    key text not null,
    -- As it was typed.
    keyword text not null,
    -- The two letters that the key begins with.
    run text not null,
    at bigint not null,
    primary key (member_id, key)
);
-- From what stands in an event to the keywords, each of them once, and from each to its members.
create index keyword_subscriptions_by_run on keyword_subscriptions (run, key);
create index keyword_subscriptions_by_key on keyword_subscriptions (key, at);

-- Whom a new event was told already, until it opens: once, however many of their subscriptions it matches, and whatever becomes of it.
create table event_alerts (
    event_id uuid not null references events (id) on delete cascade,
    member_id uuid not null references members (id) on delete cascade,
    primary key (event_id, member_id)
);
create index event_alerts_by_member on event_alerts (member_id);
