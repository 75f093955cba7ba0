-- The site's own keys, made once: what they sign is told from what was made up, also without this database.

create table site_keys (
    name text primary key not null,
    -- The seed of the private key.
    seed bytea not null,
    made_at bigint not null
);

-- Until when it is known where an order went: as long as the law orders, shorter when it was never paid for.
alter table order_addresses add column erase_at bigint not null default 9223372036854775807;
-- Five years.
update order_addresses set erase_at = (select created_at from orders where id = order_id) + 157852800000000;
create index order_addresses_due on order_addresses (erase_at);
