-- Whoever does not read what is said in their party is told of it after a while.

-- The last line that a member was told of by a notice.
alter table party_members add column told_number bigint not null default 0;

-- Parties in which something was said, until it is looked who did not read it.
create table party_chats (
    party_id blob primary key not null,
    -- When it is looked.
    due_at bigint not null
) without rowid;
create index party_chats_due on party_chats (due_at, party_id);
