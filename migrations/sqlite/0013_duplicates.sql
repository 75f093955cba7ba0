-- Who wrote the same as another winner is looked up, not searched for among all of them.

create index deliveries_by_phone on deliveries (event_id, phone);
create index deliveries_by_address on deliveries (event_id, address, detail) where address <> '';
