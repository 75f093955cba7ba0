-- Notices lie in the order of their numbers, each member's together: to write one touches this table and its member's count, and no index
-- besides, each of which would be another page for every one of a hundred thousand who are told.

-- Up to which number a member has read everything that there still is: what is unread is looked for behind it, by the key.
alter table notice_counts add column read_up_to bigint not null default 0;

create table notices_by_number (
    member_id blob not null references members (id) on delete cascade,
    -- From 1; nobody writes one without.
    number bigint not null,
    at bigint not null,
    id blob not null,
    notice text not null,
    event_id blob,
    read_at bigint,
    primary key (member_id, number)
) without rowid;
insert into notices_by_number (member_id, number, at, id, notice, event_id, read_at)
    select member_id, number, at, id, notice, event_id, read_at from notices;
-- With its indices and triggers.
drop table notices;
alter table notices_by_number rename to notices;

update notice_counts set read_up_to = coalesce(
    (select n.number - 1 from notices n where n.member_id = notice_counts.member_id and n.read_at is null order by n.number limit 1),
    last
);

-- What is read and deleted is counted here, however that came about. Once nothing is unread, everything is read.
create trigger notice_read after update of read_at on notices when (old.read_at is null) <> (new.read_at is null) begin
    update notice_counts
        set unread = unread + (new.read_at is null) - (old.read_at is null),
            read_up_to = case when unread + (new.read_at is null) - (old.read_at is null) = 0 then last else read_up_to end
        where member_id = new.member_id;
end;
create trigger notice_gone after delete on notices when old.read_at is null begin
    update notice_counts
        set unread = unread - 1, read_up_to = case when unread = 1 then last else read_up_to end
        where member_id = old.member_id;
end;
