-- What changed lately of how neighbours stand: marks, parties that are done, numbers. Nodes look for what nobody told them of.
create index penalties_newest on penalties (at);
create index parties_done on parties (ended_at) where state = 'done';
create index phones_newest on phones (since);
