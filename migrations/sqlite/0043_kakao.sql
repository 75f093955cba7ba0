-- Members sign in by Kakao as well, by OpenID Connect.
--
-- Whoever signed up by it may have no password (an empty hash, which nothing verifies) and no email: then theirs begins with @ and goes
-- on at random, which nobody can type as one.

-- Whom a provider says that a member is.
create table member_identities (
    provider text not null,
    subject text not null,
    member_id blob not null references members (id) on delete cascade,
    connected_at bigint not null,
    primary key (provider, subject)
) without rowid;
create unique index member_identities_of_member on member_identities (member_id, provider);

-- Who came back from a provider and is nobody here yet, until they sign up, or say by their password whom they are.
create table pending_identities (
    token_hash blob primary key not null,
    provider text not null,
    subject text not null,
    -- As the provider confirms it.
    email text,
    nickname text not null,
    -- Where on the site they go on.
    next text not null,
    expires_at bigint not null
) without rowid;
create index pending_identities_by_end on pending_identities (expires_at);

-- Ways back from a provider that were gone, each once.
create table used_returns (
    state_hash blob primary key not null,
    expires_at bigint not null
) without rowid;
create index used_returns_by_end on used_returns (expires_at);
