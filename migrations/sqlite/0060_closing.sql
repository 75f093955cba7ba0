-- In pages by closing and id: many events close at the same moment, and each page of them read all of those anew.
drop index events_by_closing;
create index events_by_closing on events (closes_at, id) where published_at is not null and cancelled_at is null;
