-- What admins need: one log of everything that is done to others, suspensions that end, links that make an admin, lists by time,
-- and markets that are hidden.

-- From what sort of browser it was done; nothing where the program did it.
alter table audit add column device text not null default '';
-- What else it was done to, and what it is called where that has no id of its own.
alter table audit add column party_id uuid;
alter table audit add column item_id uuid;
alter table audit add column order_id uuid;
alter table audit add column named text not null default '';
create index audit_by_admin on audit (admin_id, at, id);
create index audit_by_member on audit (member_id, at, id);
create index audit_by_action on audit (action, at, id);

-- Rows are added, and after two years taken away: nothing else, whoever tries.
create function audit_is_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.at < (extract(epoch from now()) * 1000000)::bigint - 63072000000000 then
            return old;
        end if;
    end if;
    raise exception 'the audit log is only added to';
end $$;
create trigger audit_kept before update or delete on audit
    for each row execute function audit_is_kept();
create trigger audit_not_emptied before truncate on audit
    for each statement execute function audit_is_kept();

-- When a suspension ends by itself; null for one that somebody ends.
alter table members add column suspended_until bigint;
create index members_ending on members (suspended_until) where suspended_until is not null;
create index members_suspended on members (created_at, id) where suspended_at is not null;
create index members_admins on members (created_at, id) where role = 'admin';
create index members_newest on members (created_at, id);
create index members_by_beginning on members (nickname_key collate "C");

-- Links by which whoever opens one, once, becomes an admin: only the hash of what is in them.
create table admin_links (
    hash bytea primary key not null,
    made_at bigint not null,
    expires_at bigint not null,
    used_by uuid,
    used_at bigint
);

create index events_newest on events (created_at, id);
create index parties_newest on parties (created_at, id);
-- Money that is owed and did not arrive: long ago, somebody has to look.
create index refunds_waiting on refunds (owed_at, id) where look_at is not null;

-- When an admin hid it: nobody finds it any more, or makes a party there.
alter table markets add column hidden_at bigint;
create index markets_hidden on markets (hidden_at, id) where hidden_at is not null;
create trigger search_market_hidden after update of hidden_at on markets
    for each row when (old.hidden_at is distinct from new.hidden_at) execute function note_search_change('market');
