-- Erasing: what winners wrote goes at the latest 90 days after they gave it, and so does what they saved for next time.

create index claims_filled on claims (filled_at) where filled_at is not null and erased_at is null;
-- When it was given last; null is what was saved before this was kept, which counts from now.
alter table saved_deliveries add column saved_at bigint;
create index saved_deliveries_by_age on saved_deliveries (saved_at);
-- Which pictures are shown, so that the others can be removed.
create index events_by_banner on events (banner) where banner is not null;
create index events_by_card on events (card) where card is not null;
