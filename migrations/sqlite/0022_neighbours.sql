-- Neighbours: markets and items, where members live, parties with their members, questions and chat, penalties, favourites.

create table markets (
    id blob primary key not null,
    name text not null,
    -- What two markets that are the same have in common: name and address without what does not count.
    key text not null unique,
    kind text not null,
    address text not null,
    latitude real not null,
    longitude real not null,
    -- Of the grid that is searched (model/src/markets/grid.rs).
    cell bigint not null,
    -- Made up for a demonstration.
    demonstration boolean not null,
    created_at bigint not null
);
create index markets_by_cell on markets (cell);

create table items (
    id blob primary key not null,
    category text not null,
    name text not null,
    -- The name without what does not count, and its initial consonants: found by their beginning.
    key text not null,
    initials text not null,
    created_at bigint not null,
    unique (key, category)
);
create index items_by_initials on items (initials, key);

-- Where members look from. Nobody else is ever told.
create table homes (
    member_id blob primary key not null references members (id) on delete cascade,
    latitude real not null,
    longitude real not null,
    at bigint not null
) without rowid;

create table parties (
    id blob primary key not null,
    -- What the creating form carried: sending it twice creates once.
    request_id blob not null unique,
    leader_id blob not null references members (id),
    market_id blob not null references markets (id),
    item_id blob not null references items (id),
    -- The market's.
    cell bigint not null,
    quantity bigint not null,
    unit text not null,
    -- Whole won: as thought, and as it was.
    total bigint not null,
    cost bigint,
    -- Shares: in all, taken, and the fewest that it takes place with.
    wanted bigint not null,
    taken bigint not null,
    least bigint not null,
    automatic boolean not null,
    meets_from bigint not null,
    meets_to bigint not null,
    proposed_from bigint,
    proposed_to bigint,
    note text not null,
    state text not null,
    confirmed boolean not null,
    free_until bigint,
    ended_at bigint,
    reason text not null,
    created_at bigint not null
);
create index parties_near on parties (cell, meets_from) where state in ('recruiting', 'full');
create index parties_open on parties (meets_to) where state in ('recruiting', 'full');
create index parties_by_market on parties (market_id, meets_from);

-- Everybody who has or had to do with a party.
create table party_members (
    party_id blob not null,
    member_id blob not null references members (id),
    state text not null,
    shares bigint not null,
    agreed boolean not null,
    came boolean,
    leader_absent boolean not null,
    -- The last line of its chat that they read.
    read_number bigint not null,
    since bigint not null,
    primary key (party_id, member_id)
) without rowid;
create index party_members_by_member on party_members (member_id, since, party_id);

create table party_questions (
    id blob primary key not null,
    party_id blob not null,
    member_id blob not null references members (id),
    at bigint not null,
    text text not null,
    answer text not null
);
create index party_questions_by_party on party_questions (party_id, at, id);

create table party_lines (
    party_id blob not null,
    number bigint not null,
    -- The same for every repeat of one line.
    request_id blob not null unique,
    at bigint not null,
    member_id blob not null references members (id),
    text text not null,
    primary key (party_id, number)
);

-- Who was marked, once in each party.
create table penalties (
    party_id blob not null,
    member_id blob not null references members (id),
    kind text not null,
    at bigint not null,
    appeal text not null,
    appealed_at bigint,
    appeal_state text not null,
    answer text not null,
    primary key (party_id, member_id)
) without rowid;
create index penalties_by_member on penalties (member_id, at);
create index penalties_appealed on penalties (appealed_at) where appeal_state = 'open';

create table favourite_markets (
    member_id blob not null references members (id) on delete cascade,
    market_id blob not null references markets (id) on delete cascade,
    at bigint not null,
    primary key (member_id, market_id)
) without rowid;
-- For telling everybody who favours it.
create index favourite_markets_by_market on favourite_markets (market_id, member_id);

create table favourite_items (
    member_id blob not null references members (id) on delete cascade,
    item_id blob not null references items (id) on delete cascade,
    at bigint not null,
    primary key (member_id, item_id)
) without rowid;
create index favourite_items_by_item on favourite_items (item_id, member_id);
