-- What admins need: one log of everything that is done to others, suspensions that end, links that make an admin, lists by time,
-- and markets that are hidden.

-- From what sort of browser it was done; nothing where the program did it.
alter table audit add column device text not null default '';
-- What else it was done to, and what it is called where that has no id of its own.
alter table audit add column party_id blob;
alter table audit add column item_id blob;
alter table audit add column order_id blob;
alter table audit add column named text not null default '';
create index audit_by_admin on audit (admin_id, at, id);
create index audit_by_member on audit (member_id, at, id);
create index audit_by_action on audit (action, at, id);

-- Rows are added, and after two years taken away: nothing else, whoever tries.
create trigger audit_not_changed before update on audit begin
    select raise(abort, 'the audit log is only added to');
end;
create trigger audit_not_deleted before delete on audit
    when old.at >= cast(strftime('%s', 'now') as integer) * 1000000 - 63072000000000 begin
    select raise(abort, 'the audit log is only added to');
end;

-- When a suspension ends by itself; null for one that somebody ends.
alter table members add column suspended_until bigint;
create index members_ending on members (suspended_until) where suspended_until is not null;
create index members_suspended on members (created_at, id) where suspended_at is not null;
create index members_admins on members (created_at, id) where role = 'admin';
create index members_newest on members (created_at, id);

-- Links by which whoever opens one, once, becomes an admin: only the hash of what is in them.
create table admin_links (
    hash blob primary key not null,
    made_at bigint not null,
    expires_at bigint not null,
    used_by blob,
    used_at bigint
) without rowid;

create index events_newest on events (created_at, id);
create index parties_newest on parties (created_at, id);
-- Money that is owed and did not arrive: long ago, somebody has to look.
create index refunds_waiting on refunds (owed_at, id) where look_at is not null;

-- When an admin hid it: nobody finds it any more, or makes a party there.
alter table markets add column hidden_at bigint;
create index markets_hidden on markets (hidden_at, id) where hidden_at is not null;
create trigger search_market_hidden after update of hidden_at on markets
    when old.hidden_at is not new.hidden_at begin
    insert into search_changes (kind, id) values ('market', new.id);
end;
