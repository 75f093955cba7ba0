-- Admins correct single markets, and sellers are reminded once of hours that no deal is in.

-- The market that it was about; it may be gone since.
alter table audit add column market_id uuid;

-- When its seller was told that no deal is in it.
alter table booked_hours add column told_at bigint;
