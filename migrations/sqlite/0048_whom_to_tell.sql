-- Whom to tell: of what becomes of an event, and of a party at a market.

-- Whether who wishes for it was found among those who entered: there they are told of what becomes of it, and not once more as wishers,
-- whether or not they still wish for it then.
alter table wishes add column entered boolean not null default false;

-- Who favours an item is told of it where it is near their home: beside the item stands the region of that, so that those around a
-- market are found by an index, however many favour the item elsewhere. The database keeps it, so that nothing that writes can leave
-- it out. Regions are a tenth of a degree high and wide (model/src/markets/grid.rs has the same).

alter table favourite_items add column region bigint;
create index favourite_items_by_region on favourite_items (item_id, region, at);
-- What it was looked up by until now.
drop index favourite_items_by_time;

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

-- As if everybody moved to where they live.
update homes set at = at;
