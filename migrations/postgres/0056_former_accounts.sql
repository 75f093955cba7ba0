-- Who a member was before, as far as an email, a Kakao account or a phone told it: marks follow them to the new account. Kept while one of
-- the former account's may still count.
create table former_accounts (
    member_id uuid not null references members (id) on delete cascade,
    former_id uuid not null references members (id) on delete cascade,
    since bigint not null,
    -- By the Kakao account or the phone, and not by an email alone, which nobody proves.
    proved boolean not null,
    primary key (member_id, former_id)
);
create index former_accounts_by_former on former_accounts (former_id);
create index former_accounts_by_time on former_accounts (since);
