-- Addresses that are a member's email no more, and are still to be told so: written as the email changes, whatever becomes of whoever
-- asked for it.
create table old_emails (
    id uuid primary key not null,
    member_id uuid not null references members (id) on delete cascade,
    email text not null,
    -- In which language it is told.
    lang text not null,
    changed_at bigint not null,
    due_at bigint not null
);
create index old_emails_by_member on old_emails (member_id);
create index old_emails_due on old_emails (due_at);
