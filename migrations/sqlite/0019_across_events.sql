-- What is looked up of claims and of what winners wrote, over all events: entries of before that are to expire, and who won at
-- several events of a creator under several accounts.

create index claims_expired on claims (event_id, rank) where state = 'expired';
create index claims_by_member on claims (member_id);
create index deliveries_by_any_phone on deliveries (phone);
create index deliveries_by_any_address on deliveries (address, detail) where address <> '';
