-- Notices are numbered, each member's from 1, in the order in which they were written: by its number whoever follows them goes on.
-- How many are unread is kept; what members wish to be told of, as far as it is not what everybody is told at first.

alter table notices add column number bigint not null default 0;
update notices set number = numbered.number
    from (select member_id, at, id, row_number() over (partition by member_id order by at, id) as number from notices) numbered
    where notices.member_id = numbered.member_id and notices.at = numbered.at and notices.id = numbered.id;
create unique index notices_numbered on notices (member_id, number) where number > 0;

create table notice_counts (
    member_id uuid primary key not null references members (id) on delete cascade,
    -- The last number that was given.
    last bigint not null,
    unread bigint not null
);
insert into notice_counts (member_id, last, unread)
    select member_id, count(*), count(*) filter (where read_at is null) from notices group by member_id;

create table notice_settings (
    member_id uuid not null references members (id) on delete cascade,
    kind text not null,
    is_on boolean not null,
    primary key (member_id, kind)
);

-- Whoever writes a notice takes its number and counts it with others at once. One that was written without a number, as nodes of
-- before do, is numbered and counted here; what is read and deleted always is, of all members of a statement in one order.
create function number_notice() returns trigger language plpgsql as $$
begin
    insert into notice_counts as c (member_id, last, unread)
        values (new.member_id, 1, case when new.read_at is null then 1 else 0 end)
        on conflict (member_id) do update set last = c.last + 1, unread = c.unread + excluded.unread
        returning c.last into new.number;
    return new;
end $$;
create trigger notice_numbered before insert on notices
    for each row when (new.number = 0) execute function number_notice();

create function recount_read_notices() returns trigger language plpgsql as $$
begin
    update notice_counts c set unread = c.unread + changed.by_how_many
        from (
            select member_id, sum(many)::bigint as by_how_many from (
                select member_id, count(*) as many from new_rows where read_at is null group by member_id
                union all
                select member_id, -count(*) from old_rows where read_at is null group by member_id
            ) both_sides group by member_id having sum(many) <> 0 order by member_id
        ) changed
        where c.member_id = changed.member_id;
    return null;
end $$;
create trigger notice_read after update on notices
    referencing old table as old_rows new table as new_rows
    for each statement execute function recount_read_notices();

create function recount_gone_notices() returns trigger language plpgsql as $$
begin
    update notice_counts c set unread = c.unread - gone.many
        from (select member_id, count(*) as many from old_rows where read_at is null group by member_id order by member_id) gone
        where c.member_id = gone.member_id;
    return null;
end $$;
create trigger notice_gone after delete on notices
    referencing old table as old_rows
    for each statement execute function recount_gone_notices();
