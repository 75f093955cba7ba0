-- When the last unit of a sale was given, for the first time: 0 until then, and again where there are more of them, until those are given
-- as well. Null where nothing is sold, and of a sale that an older program began: it may have been that long ago.
alter table tallies add column full_at bigint;
