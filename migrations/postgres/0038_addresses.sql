-- A member's address book. It takes the place of what they had saved for next time, which is moved over; what older nodes still save there
-- follows by a job (engine/src/addresses).

create table addresses (
    id uuid primary key not null,
    member_id uuid not null references members (id) on delete cascade,
    name text not null,
    phone text not null,
    -- Both empty of what came from a prize without a parcel.
    postcode text not null,
    address text not null,
    detail text not null,
    -- What its owner knows it by.
    note text not null,
    -- The greatest of a member's is their default; of several the oldest.
    preferred bigint not null default 0,
    -- When it was written or chosen last.
    used_at bigint not null
);
create index addresses_by_member on addresses (member_id, preferred);
create index addresses_by_use on addresses (used_at);

-- There was one of each member: their id is one that no other address has.
insert into addresses (id, member_id, name, phone, postcode, address, detail, note, used_at)
    select member_id, member_id, name, phone, postcode, address, detail, '',
        coalesce(saved_at, cast(extract(epoch from now()) * 1000000 as bigint))
    from saved_deliveries;
delete from saved_deliveries;
