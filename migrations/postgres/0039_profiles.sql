-- A member's picture, and nicknames that are changed and told apart by what they look like.

-- When the nickname was changed last.
alter table members add column nickname_changed_at bigint;
-- The id of the picture; it has sizes of its own.
alter table members add column picture uuid;
create unique index members_by_picture on members (picture) where picture is not null;

-- What nicknames look like (engine/src/accounts/names.rs): of those that look alike one member has it. Written by the program, also for
-- those who were there before; where several looked alike then, the others' have their id behind it.
create table nickname_looks (
    look text primary key not null,
    member_id uuid not null unique references members (id) on delete cascade
);
