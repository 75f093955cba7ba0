-- What was not sent yet and what is tried again are looked for apart: servers that hang leave any number of the latter.
create index webhook_deliveries_new on webhook_deliveries (due_at) where due_at is not null and tries = 0;
create index webhook_deliveries_again on webhook_deliveries (due_at) where due_at is not null and tries > 0;
