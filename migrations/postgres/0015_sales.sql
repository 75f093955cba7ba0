-- Sales: what entries have of what is sold, and what the units come to. All of it is null where nothing is sold.

-- How many units are an entry's, held or paid for.
alter table entries add column units bigint;
-- Until when they are held in checkout.
alter table entries add column due_at bigint;
-- Whether fewer than it asks for would do.
alter table entries add column fewer boolean;
-- Units that were paid for, and that are held.
alter table tallies add column sold bigint;
alter table tallies add column held bigint;
-- When whoever still waits gets nothing any more; null once that was decided.
alter table tallies add column ends_at bigint;
create index tallies_ending on tallies (ends_at) where ends_at is not null;
