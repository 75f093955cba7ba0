-- Members' own programs: tokens with which they call the site.

create table api_tokens (
    id blob primary key not null,
    member_id blob not null references members (id) on delete cascade,
    name text not null,
    -- Of the token alone: it was shown once.
    token_hash blob not null unique,
    -- What it is good for, by names with spaces between.
    scopes text not null,
    created_at bigint not null,
    expires_at bigint not null,
    last_used_at bigint
) without rowid;
create index api_tokens_of_member on api_tokens (member_id, created_at);
create index api_tokens_by_end on api_tokens (expires_at);
