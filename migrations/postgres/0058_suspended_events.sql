-- An event that whoever looks after the site stopped for a while: since when, and why, which its page says.
alter table events add column suspended_at bigint;
alter table events add column suspension text;

-- Nobody finds it meanwhile.
create trigger search_event_suspended after update of suspended_at on events
    for each row when (old.suspended_at is distinct from new.suspended_at) execute function note_search_change('event');
