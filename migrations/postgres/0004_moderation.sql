-- Moderation of chat: lines hidden by the creator or an admin, members who may not speak in an event, reports.

alter table chat_lines add column hidden_at bigint;

create table mutes (
    event_id uuid not null,
    member_id uuid not null,
    at bigint not null,
    primary key (event_id, member_id)
);

create table reports (
    event_id uuid not null,
    number bigint not null,
    -- Who reported; once each.
    member_id uuid not null,
    at bigint not null,
    -- When the line was hidden or found to be harmless.
    done_at bigint,
    primary key (event_id, number, member_id)
);
create index reports_waiting on reports (at) where done_at is null;
