-- Which members signed in on which browser, to show a creator entries that may be one person's. Hashes alone, forgotten after 90 days.

create table devices (
    device bytea not null,
    member_id uuid not null references members (id) on delete cascade,
    seen_at bigint not null,
    primary key (device, member_id)
);
create index devices_by_member on devices (member_id);
create index devices_by_age on devices (seen_at);
