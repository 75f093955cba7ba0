-- Neighbours further: phones that members confirm, markets that members add, and how far an import of the catalogue is.

-- Which account has which number, one at a time. Kept for a while after it ended: penalties and suspensions follow a number.
create table phones (
    member_id blob not null references members (id),
    -- A keyed hash of the number: by this table alone nobody knows which it is.
    hash blob not null,
    -- Its last four digits, for its owner to know it by.
    ending text not null,
    since bigint not null,
    until bigint,
    primary key (member_id, hash, since)
) without rowid;
create unique index phones_by_hash on phones (hash) where until is null;
create unique index phones_by_member on phones (member_id) where until is null;
create index phones_of_hash on phones (hash, member_id);
create index phones_ended on phones (until) where until is not null;

-- The code that a member was sent last.
create table phone_codes (
    member_id blob primary key not null references members (id) on delete cascade,
    -- Of the number that it was sent to.
    hash blob not null,
    ending text not null,
    -- A keyed hash of the code.
    code blob not null,
    -- The code itself where nothing is sent: on a demonstration.
    shown text not null,
    expires_at bigint not null,
    tries bigint not null
) without rowid;
create index phone_codes_expired on phone_codes (expires_at);

-- By whom it was added; null for one of a list.
alter table markets add column added_by blob references members (id);
create index markets_added on markets (added_by, created_at) where added_by is not null;

-- The last import of each kind, and the pages of it that were written: one that was cut short goes on there.
create table imports (
    name text primary key not null,
    -- Where from, without the key.
    source text not null,
    started_at bigint not null,
    rows_there bigint not null,
    ended_at bigint
);
create table import_pages (
    name text not null,
    first_row bigint not null,
    primary key (name, first_row)
) without rowid;

-- What was said long ago is found by its age, and erased.
create index party_lines_by_age on party_lines (at);
create index party_questions_by_age on party_questions (at);
