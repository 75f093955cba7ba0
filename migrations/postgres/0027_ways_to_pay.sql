-- Through whom a member paid last: it is offered first the next time.
create index payments_by_member on payments (member_id, begun_at);
