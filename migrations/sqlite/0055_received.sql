-- Who received what may be reviewed by them, whatever became of it afterwards: what was sent back whole is refunded. Of a rush nothing
-- is in it.
drop index orders_delivered_by_member;
create index orders_received_by_member on orders (member_id, event_id) where state in ('delivered', 'refunded');
