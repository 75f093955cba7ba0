//! A member's own entries.

use super::{CardRow, Events};
use crate::{Error, accounts::Actor};
use model::{
    Came, ClaimState, Cursor, Entry, EntryState, EventId, EventState, Kind, MyEntries, MyEntry, Page, Time, claim,
};

/// Entries in a page of the list.
const PAGE: usize = 30;

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
    /// A member's entries, newest first, with their counts.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors, [`model::Error::NotFound`] for a cursor of another list.
    pub async fn entries_of(&self, actor: &Actor, came: Came, cursor: Option<&Cursor>) -> Result<MyEntries, Error> {
        let member = actor.signed_in()?.member;
        let (at, id): (Time, EventId) = Cursor::before(cursor)?;
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
                 where me.member_id = $1 and (me.entered_at, me.event_id) < ($2, $3)
                    and ($4 = 'all' or ($4 = 'won') = (e.state = 'won'))
                 order by me.entered_at desc, me.event_id desc limit $5",
            )
            .bind(member)
            .bind(at)
            .bind(id)
            .bind(came.name())
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let page = Page::of(rows, PAGE, |row| (row.entered_at, row.event_id));
        let Some(last) = page.rows.last() else {
            return Ok(MyEntries { all: all as u64, won: won as u64, ..MyEntries::default() });
        };
        let cards: Vec<CardRow> = self
            .db
            .sql(cards!(
                "where e.id in (select event_id from member_entries
                    where member_id = $1 and (entered_at, event_id) < ($2, $3) and (entered_at, event_id) >= ($4, $5))"
            ))
            .bind(member)
            .bind(at)
            .bind(id)
            .bind(last.entered_at)
            .bind(last.event_id)
            .all()
            .await?;
        let now = self.clock.now();
        let cards: std::collections::HashMap<EventId, _> =
            cards.into_iter().map(|row| (row.id, row.card(now))).collect();
        let entries = page.filter_map(|row| {
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
        Ok(MyEntries { entries, all: all as u64, won: won as u64 })
    }
}
