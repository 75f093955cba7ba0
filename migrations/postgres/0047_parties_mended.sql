-- Parties: time to leave for whoever was taken, and questions that are not shown.

-- Until when a member leaves freely, because they were taken a moment ago.
alter table party_members add column free_until bigint;

-- When the leader or an admin hid it.
alter table party_questions add column hidden_at bigint;
