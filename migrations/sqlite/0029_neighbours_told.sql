-- Neighbours are told: how often a party was changed, for whoever looks at it meanwhile; and whoever favours its market or its item.

alter table parties add column changes bigint not null default 0;

-- The picture of its receipt, under an id of its own: a new price takes it along with its own picture or not at all.
alter table parties add column receipt blob;
update parties set receipt = id where cost is not null;
create unique index parties_by_receipt on parties (receipt) where receipt is not null;

-- Whoever favours something is told in the order in which they came to favour it.
create index favourite_markets_by_time on favourite_markets (market_id, at);
create index favourite_items_by_time on favourite_items (item_id, at);
