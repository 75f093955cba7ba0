-- Which parties buy an item: they are found under its name, so that the search reads them again with it, and looked through all parties
-- for every fifty items of a catalogue that was brought.
create index parties_by_item on parties (item_id);
