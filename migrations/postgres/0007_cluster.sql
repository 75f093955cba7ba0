-- Which node of a cluster sequences what. Nothing of it is used where there is one process.

-- Queues of clicks that events are spread over.
create table shards (
    id bigint primary key not null,
    -- Raised by every new owner: what an older one writes is refused.
    epoch bigint not null,
    -- Which of the queues that followed each other.
    generation bigint not null,
    -- How far it was read, as of the last commit.
    position_ms bigint not null,
    position_seq bigint not null,
    node bigint
);

-- Nodes that showed that they are there, by the database's clock.
create table nodes (
    id bigint primary key not null,
    seen_at bigint not null
);
