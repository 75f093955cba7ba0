-- An order is one row when it is made: its number and its first step are part of it.
-- Until when its units were set aside at first; null for what was free, and for older orders, whose first step says it.
alter table orders add column held_until bigint;

-- The block of numbers that a sale's orders have: how many sales there were on the day of its first order.
create table order_blocks (
    event_id blob primary key not null,
    -- When it was taken.
    at bigint not null,
    block bigint not null
) without rowid;

-- Whose order it is, their entry says (member_entries), which is listed after the rush: as an index of the orders it cost a rush half
-- of what an order did.
drop index orders_by_member;
