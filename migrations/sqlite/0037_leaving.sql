-- Members leave, take along what is kept of them, and say what they agree to.

-- When they left: the row stays without anything that says whose it was, for what still refers to it.
alter table members add column left_at bigint;

-- Which privacy policy they accepted; until now one version stood for that and the terms.
alter table members add column privacy_version bigint not null default 0;
update members set privacy_version = terms_version;

-- What members agreed to, and took back: each once more when it is another version.
create table consents (
    member_id blob not null references members (id) on delete cascade,
    kind text not null,
    at bigint not null,
    version bigint not null,
    given boolean not null,
    primary key (member_id, kind, at)
) without rowid;

-- Who left with which email, as a keyed hash: a suspension follows whoever signs up with it anew.
create table departed (
    hash blob primary key not null,
    member_id blob not null references members (id),
    until bigint not null
) without rowid;
create index departed_by_end on departed (until);
create index departed_by_member on departed (member_id);

-- The business that whoever left had sold as: for as long as the law has it kept with what was bought of them.
create table departed_businesses (
    seller_id blob primary key not null,
    number text not null,
    company text not null,
    representative text not null,
    address text not null,
    mail_order text not null,
    email text not null,
    phone text not null,
    erase_at bigint not null
) without rowid;
create index departed_businesses_due on departed_businesses (erase_at);

-- What is somebody's, where it was only found by what it belongs to.
create index chat_lines_by_member on chat_lines (member_id, at, event_id) where member_id is not null;
create index reports_by_member on reports (member_id);
create index mutes_by_member on mutes (member_id);
create index choices_by_member on choices (member_id);
create index reviews_by_member on reviews (member_id, at, id);
create index review_reports_by_member on review_reports (member_id);
create index parties_by_leader on parties (leader_id, created_at, id);
create index party_questions_by_member on party_questions (member_id, at, id);
create index party_lines_by_member on party_lines (member_id, at, party_id);
