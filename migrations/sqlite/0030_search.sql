-- What the search follows: which things changed, noted by the database itself in the transaction that changes them, so that nothing
-- that writes can leave it out. Each node's index lies beside the database and reads on from the last of these that it has.

create table search_changes (
    -- In the order in which they were written.
    number integer primary key not null,
    -- Another one in every history: an index tells by it whether the database is the one that it was made from.
    mark text not null default (lower(hex(randomblob(16)))),
    -- What sort of thing: event, party, member, market, item; none for the first, which is always there.
    kind text not null,
    id blob not null
);
insert into search_changes (kind, id) values ('none', zeroblob(16));

create trigger search_event_made after insert on events begin
    insert into search_changes (kind, id) values ('event', new.id);
end;
create trigger search_event_changed
    after update of title, summary, description, category, offer, opens_at, closes_at, published_at, cancelled_at on events begin
    insert into search_changes (kind, id) values ('event', new.id);
end;
create trigger search_event_gone after delete on events begin
    insert into search_changes (kind, id) values ('event', old.id);
end;

create trigger search_party_made after insert on parties begin
    insert into search_changes (kind, id) values ('party', new.id);
end;
create trigger search_party_changed
    after update of market_id, item_id, note, state, meets_from, leader_id on parties begin
    insert into search_changes (kind, id) values ('party', new.id);
end;
create trigger search_party_gone after delete on parties begin
    insert into search_changes (kind, id) values ('party', old.id);
end;

-- Of members what is seen of what they made: their names, and whether they are suspended.
create trigger search_member_changed after update of nickname, suspended_at on members
    when old.nickname is not new.nickname or old.suspended_at is not new.suspended_at begin
    insert into search_changes (kind, id) values ('member', new.id);
end;
create trigger search_creator_made after insert on creators begin
    insert into search_changes (kind, id) values ('member', new.member_id);
end;
create trigger search_creator_changed after update on creators begin
    insert into search_changes (kind, id) values ('member', new.member_id);
end;
create trigger search_creator_gone after delete on creators begin
    insert into search_changes (kind, id) values ('member', old.member_id);
end;

create trigger search_market_made after insert on markets begin
    insert into search_changes (kind, id) values ('market', new.id);
end;
create trigger search_market_changed after update of name, address, kind on markets begin
    insert into search_changes (kind, id) values ('market', new.id);
end;
create trigger search_market_gone after delete on markets begin
    insert into search_changes (kind, id) values ('market', old.id);
end;

create trigger search_item_made after insert on items begin
    insert into search_changes (kind, id) values ('item', new.id);
end;
create trigger search_item_changed after update of name, category on items begin
    insert into search_changes (kind, id) values ('item', new.id);
end;
create trigger search_item_gone after delete on items begin
    insert into search_changes (kind, id) values ('item', old.id);
end;

-- What many looked for, by hours since the epoch: how many, and nothing of who.
create table search_terms (
    hour bigint not null,
    term text not null,
    count bigint not null,
    primary key (hour, term)
) without rowid;
