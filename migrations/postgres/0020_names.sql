-- What the names of admins and creators look like: nobody else may be called so. Written by the program, also for those who were there
-- before (engine/src/accounts/names.rs).

create table protected_names (
    look text not null,
    member_id uuid not null references members (id) on delete cascade,
    primary key (look, member_id)
);
create index protected_names_by_member on protected_names (member_id);
