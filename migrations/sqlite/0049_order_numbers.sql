-- Numbers of orders have six digits: each day in Korea has a million, of which sales take some at a time.
-- Programs of before go on with order_days and order_blocks while they still run.

-- How many of a day's numbers were taken.
create table number_days (
    day bigint primary key not null,
    taken bigint not null
);

-- Those that a sale took last, and gives to its orders: of which day, how many, the next of them, and where they end.
create table number_blocks (
    event_id blob primary key not null,
    day bigint not null,
    size bigint not null,
    next bigint not null,
    until bigint not null
) without rowid;
