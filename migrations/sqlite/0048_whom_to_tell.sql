-- Whom to tell of a party at a market.

-- Who favours an item is told of it where it is near their home: beside the item stands the region of that, so that those around a
-- market are found by an index, however many favour the item elsewhere. The database keeps it, so that nothing that writes can leave
-- it out. Regions are a tenth of a degree high and wide (model/src/markets/grid.rs has the same).

alter table favourite_items add column region bigint;
create index favourite_items_by_region on favourite_items (item_id, region, at);
-- favourite_items_by_time stays: programs of before look up by it while they still run.

create trigger home_placed after insert on homes begin
    update favourite_items
        set region = cast((new.latitude + 90) * 10 as bigint) * 3600 + cast((new.longitude + 180) * 10 as bigint) % 3600
        where member_id = new.member_id;
end;
create trigger home_moved after update on homes begin
    update favourite_items
        set region = cast((new.latitude + 90) * 10 as bigint) * 3600 + cast((new.longitude + 180) * 10 as bigint) % 3600
        where member_id = new.member_id;
end;
create trigger home_forgotten after delete on homes begin
    update favourite_items set region = null where member_id = old.member_id;
end;
create trigger favourite_item_placed after insert on favourite_items begin
    update favourite_items
        set region = (
            select cast((latitude + 90) * 10 as bigint) * 3600 + cast((longitude + 180) * 10 as bigint) % 3600
            from homes where member_id = new.member_id
        )
        where member_id = new.member_id and item_id = new.item_id;
end;

-- Of what is there already.
update favourite_items
    set region = cast((h.latitude + 90) * 10 as bigint) * 3600 + cast((h.longitude + 180) * 10 as bigint) % 3600
    from homes h where h.member_id = favourite_items.member_id;
