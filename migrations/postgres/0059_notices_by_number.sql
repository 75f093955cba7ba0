-- What a member has not read is looked for by its number, as on SQLite, where notices lie in that order. Here they lie as they come, and
-- their keys stay: nodes of before, which run beside this, write notices without a number and find them by their time.

-- Up to which number a member has read everything that there still is: what is unread is looked for behind it. Of what is there already
-- nothing is said at first; it follows with what is read next, so that no table is written while others wait for it.
alter table notice_counts add column read_up_to bigint not null default 0;

-- One index less for every notice that is written. Nodes of before find what is unread among all that a member was told.
drop index notices_unread;

-- As it was, and once nothing is unread, everything is read.
create or replace function recount_read_notices() returns trigger language plpgsql as $$
begin
    update notice_counts c
        set unread = c.unread + changed.by_how_many,
            read_up_to = case when c.unread + changed.by_how_many = 0 then c.last else c.read_up_to end
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

create or replace function recount_gone_notices() returns trigger language plpgsql as $$
begin
    update notice_counts c
        set unread = c.unread - gone.many,
            read_up_to = case when c.unread = gone.many then c.last else c.read_up_to end
        from (select member_id, count(*) as many from old_rows where read_at is null group by member_id order by member_id) gone
        where c.member_id = gone.member_id;
    return null;
end $$;
