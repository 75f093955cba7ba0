-- Whom to tell of what becomes of an event: apart from the one before, which holds its tables for as long as it writes them.

-- Whether who wishes for it was found among those who entered: there they are told of what becomes of it, and not once more as wishers,
-- whether or not they still wish for it then.
alter table wishes add column entered boolean not null default false;
