//! A member's own entries.

use super::{CardRow, Events};
use crate::{Error, accounts::Actor};
use model::{Came, ClaimState, Entry, EntryState, EventId, EventState, Kind, MyEntries, MyEntry, Time, claim};

/// Entries in a page of the list.
const ENTRIES: i64 = 30;

#[derive(sqlx::FromRow)]
struct EntryRow {
    event_id: EventId,
    entered_at: Time,
    rank: i64,
    state: EntryState,
    quantity: i64,
    opens_at: Time,
    claim_state: Option<ClaimState>,
    due_at: Option<Time>,
}

impl Events {
    /// A member's entries before a time, newest first, with their counts.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor; the database may fail.
    pub async fn entries_of(&self, actor: &Actor, came: Came, before: Option<Time>) -> Result<MyEntries, Error> {
        let member = actor.signed_in()?.member;
        let before = before.unwrap_or(Time(i64::MAX));
        let (all, won): (i64, i64) = self
            .db
            .sql(
                "select count(*), coalesce(sum(case when e.state = 'won' then 1 else 0 end), 0)
                 from member_entries me join entries e on e.event_id = me.event_id and e.rank = me.rank
                 where me.member_id = $1",
            )
            .bind(member)
            .one()
            .await?;
        let rows: Vec<EntryRow> = self
            .db
            .sql(
                "select me.event_id, me.entered_at, me.rank, e.state, e.quantity, ev.opens_at, c.state as claim_state, c.due_at
                 from member_entries me join entries e on e.event_id = me.event_id and e.rank = me.rank
                 join events ev on ev.id = me.event_id
                 left join claims c on c.event_id = me.event_id and c.rank = me.rank
                 where me.member_id = $1 and me.entered_at < $2
                    and ($3 = 'all' or ($3 = 'won') = (e.state = 'won'))
                 order by me.entered_at desc limit $4",
            )
            .bind(member)
            .bind(before)
            .bind(match came {
                Came::All => "all",
                Came::Won => "won",
                Came::Lost => "lost",
            })
            .bind(ENTRIES)
            .all()
            .await?;
        let Some(last) = rows.last().map(|row| row.entered_at) else {
            return Ok(MyEntries { all: all as u64, won: won as u64, ..MyEntries::default() });
        };
        let cards: Vec<CardRow> = self
            .db
            .sql(cards!(
                "where e.id in (select event_id from member_entries
                    where member_id = $1 and entered_at < $2 and entered_at >= $3)"
            ))
            .bind(member)
            .bind(before)
            .bind(last)
            .all()
            .await?;
        let now = self.clock.now();
        let cards: std::collections::HashMap<EventId, _> =
            cards.into_iter().map(|row| (row.id, row.card(now))).collect();
        let next = (rows.len() as i64 == ENTRIES).then_some(last);
        let entries = rows.into_iter().filter_map(|row| {
            let entry = Entry {
                rank: row.rank as u64,
                entered_at: row.entered_at,
                since_open_us: row.entered_at.since(row.opens_at),
                state: row.state,
                quantity: row.quantity as u32,
            };
            let event = cards.get(&row.event_id)?.clone();
            // Not written down yet, or called off before; the deadline is the same.
            let unwritten = ((row.state, event.kind) == (EntryState::Won, Kind::Giveaway)).then(|| {
                let called_off = event.state == EventState::Cancelled;
                let state = if called_off { ClaimState::Withdrawn } else { ClaimState::Offered };
                (state, claim::due_first(row.entered_at))
            });
            Some(MyEntry { event, entry, claim: row.claim_state.zip(row.due_at).or(unwritten) })
        });
        Ok(MyEntries { entries: entries.collect(), all: all as u64, won: won as u64, next })
    }
}
