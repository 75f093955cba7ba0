-- Whom to tell of a party at a market.

-- Who favours an item is told of it where it is near their home: beside the item stands the region of that, so that those around a
-- market are found by an index, however many favour the item elsewhere. The database keeps it, so that nothing that writes can leave
-- it out. Regions are a tenth of a degree high and wide (model/src/markets/grid.rs has the same).

alter table favourite_items add column region bigint;
create index favourite_items_by_region on favourite_items (item_id, region, at);
-- favourite_items_by_time stays: programs of before look up by it while they still run.

create function home_region(latitude double precision, longitude double precision) returns bigint language sql immutable as $$
    select floor((latitude + 90) * 10)::bigint * 3600 + floor((longitude + 180) * 10)::bigint % 3600
$$;

-- Who moves or forgets their home while they mark an item does one after the other, by their member's row: otherwise neither would see the other.
create function place_favourites() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        perform 1 from members where id = old.member_id for no key update;
        update favourite_items set region = null where member_id = old.member_id;
    else
        perform 1 from members where id = new.member_id for no key update;
        update favourite_items set region = home_region(new.latitude, new.longitude) where member_id = new.member_id;
    end if;
    return null;
end $$;
create trigger home_placed after insert or update or delete on homes
    for each row execute function place_favourites();

create function place_favourite() returns trigger language plpgsql as $$
begin
    perform 1 from members where id = new.member_id for no key update;
    new.region := (select home_region(latitude, longitude) from homes where member_id = new.member_id);
    return new;
end $$;
create trigger favourite_item_placed before insert on favourite_items
    for each row execute function place_favourite();

-- Of what is there already. By the items alone: by the homes it would take everybody's row in members, one after the other. Neither table
-- is written meanwhile.
update favourite_items f set region = home_region(h.latitude, h.longitude) from homes h where h.member_id = f.member_id;
