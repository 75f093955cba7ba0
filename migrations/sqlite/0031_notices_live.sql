-- Notices are numbered, each member's from 1, in the order in which they were written: by its number whoever follows them goes on.
-- How many are unread is kept; what members wish to be told of, as far as it is not what everybody is told at first.

alter table notices add column number bigint not null default 0;
update notices set number = numbered.number
    from (select member_id, at, id, row_number() over (partition by member_id order by at, id) as number from notices) numbered
    where notices.member_id = numbered.member_id and notices.at = numbered.at and notices.id = numbered.id;
create unique index notices_numbered on notices (member_id, number) where number > 0;

create table notice_counts (
    member_id blob primary key not null references members (id) on delete cascade,
    -- The last number that was given.
    last bigint not null,
    unread bigint not null
) without rowid;
insert into notice_counts (member_id, last, unread)
    select member_id, count(*), count(*) filter (where read_at is null) from notices group by member_id;

create table notice_settings (
    member_id blob not null references members (id) on delete cascade,
    kind text not null,
    is_on boolean not null,
    primary key (member_id, kind)
) without rowid;

-- Whoever writes a notice takes its number and counts it with others at once. One that was written without a number, as nodes of
-- before do, is numbered and counted here; what is read and deleted always is.
create trigger notice_numbered after insert on notices when new.number = 0 begin
    insert into notice_counts (member_id, last, unread) values (new.member_id, 1, new.read_at is null)
        on conflict (member_id) do update set last = last + 1, unread = unread + excluded.unread;
    update notices set number = (select last from notice_counts where member_id = new.member_id)
        where member_id = new.member_id and at = new.at and id = new.id;
end;
create trigger notice_read after update of read_at on notices when (old.read_at is null) <> (new.read_at is null) begin
    update notice_counts set unread = unread + (new.read_at is null) - (old.read_at is null) where member_id = new.member_id;
end;
create trigger notice_gone after delete on notices when old.read_at is null begin
    update notice_counts set unread = unread - 1 where member_id = old.member_id;
end;
