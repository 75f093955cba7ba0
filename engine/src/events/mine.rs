//! A member's own entries.

use super::{CardRow, Events};
use crate::{Error, accounts::Actor};
use model::{
    Came, ClaimState, Cursor, Due, Entry, EntryState, EventId, EventState, Kind, MyEntries, MyEntry, Page, Time, claim,
};
use std::collections::HashMap;

/// Entries in a page of the list.
const PAGE: usize = 30;

#[derive(sqlx::FromRow)]
struct EntryRow {
    event_id: EventId,
    entered_at: Time,
    rank: i64,
    state: EntryState,
    quantity: i64,
    units: Option<i64>,
    held_until: Option<Time>,
    fewer: Option<bool>,
    opens_at: Time,
    called_off: bool,
    claim_state: Option<ClaimState>,
    due_at: Option<Time>,
    /// Of who stands by for a prize: nobody up to these ranks stands by, and so many behind them were taken out before this one.
    capacity: Option<i64>,
    served: Option<i64>,
    taken_out: Option<i64>,
}

impl EntryRow {
    /// Which of those who stand by this is, from 1, as [`model::Waitlist::number`] has it.
    fn standby(&self) -> Option<u64> {
        let ahead = self.capacity?.max(self.served?) + self.taken_out?;
        Some((self.rank - ahead).max(1) as u64)
    }
}

/// What is read of entries `e` with their event and claim.
macro_rules! entry_rows {
    ($from:literal, $rest:literal) => {
        concat!(
            "select e.event_id, e.entered_at, e.rank, e.state, e.quantity, e.units, e.due_at as held_until, e.fewer, ev.opens_at,
                ev.cancelled_at is not null as called_off, c.state as claim_state, c.due_at,
                case when e.state = 'standby' and ev.kind = 'giveaway' then coalesce(t.capacity, ev.capacity) end as capacity,
                case when e.state = 'standby' and ev.kind = 'giveaway' then
                    coalesce((select max(s.rank) from claims s where s.event_id = e.event_id), 0) end as served,
                case when e.state = 'standby' and ev.kind = 'giveaway' then
                    (select count(*) from disqualifications q where q.event_id = e.event_id and q.rank < e.rank
                        and q.rank > coalesce(t.capacity, ev.capacity)
                        and q.rank > coalesce((select max(s.rank) from claims s where s.event_id = e.event_id), 0)) end as taken_out
             from ",
            $from,
            " join events ev on ev.id = e.event_id left join tallies t on t.event_id = e.event_id and t.total > 0
              left join claims c on c.event_id = e.event_id and c.rank = e.rank ",
            $rest
        )
    };
}

impl Events {
    /// A member's entries, newest first, with their counts. `unwritten` are entries of theirs, by event and rank, that are
    /// committed and not yet listed for their members.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors, [`model::Error::NotFound`] for a cursor of another list.
    pub async fn entries_of(
        &self,
        actor: &Actor,
        came: Came,
        cursor: Option<&Cursor>,
        unwritten: &[(EventId, u64)],
    ) -> Result<MyEntries, Error> {
        let member = actor.signed_in()?.member;
        let (at, id): (Time, EventId) = Cursor::before(cursor)?;
        let (mut all, mut won): (i64, i64) = self
            .db
            .sql(
                "select count(*), coalesce(sum(case when e.state = 'won' and ev.cancelled_at is null then 1 else 0 end), 0)
                 from member_entries me join entries e on e.event_id = me.event_id and e.rank = me.rank
                 join events ev on ev.id = e.event_id
                 where me.member_id = $1",
            )
            .bind(member)
            .one()
            .await?;
        let mut rows: Vec<EntryRow> = self
            .db
            .sql(entry_rows!(
                "member_entries me join entries e on e.event_id = me.event_id and e.rank = me.rank",
                "where me.member_id = $1 and (me.entered_at, me.event_id) < ($2, $3)
                    and ($4 = 'all' or ($4 = 'won') = (e.state = 'won' and ev.cancelled_at is null))
                 order by me.entered_at desc, me.event_id desc limit $5"
            ))
            .bind(member)
            .bind(at)
            .bind(id)
            .bind(came.name())
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let stored = rows.len();
        for (event, rank) in unwritten {
            let row: Option<EntryRow> = self
                .db
                .sql(entry_rows!("entries e", "where e.event_id = $1 and e.rank = $2"))
                .bind(*event)
                .bind(*rank as i64)
                .optional()
                .await?;
            // It may have been listed since.
            let Some(row) = row.filter(|row| rows.iter().all(|listed| listed.event_id != row.event_id)) else {
                continue;
            };
            let is_won = row.state == EntryState::Won && !row.called_off;
            (all, won) = (all + 1, won + i64::from(is_won));
            let wanted = came == Came::All || (came == Came::Won) == is_won;
            if wanted && (row.entered_at, row.event_id) < (at, id) {
                rows.push(row);
            }
        }
        if rows.len() > stored {
            rows.sort_by_key(|row| std::cmp::Reverse((row.entered_at, row.event_id)));
        }
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
        let mut cards: HashMap<EventId, _> = cards.into_iter().map(|row| (row.id, row.card(now))).collect();
        for (event, _) in unwritten {
            let card: Option<CardRow> = self.db.sql(cards!("where e.id = $1")).bind(*event).optional().await?;
            cards.extend(card.map(|row| (row.id, row.card(now))));
        }
        let entries = page.filter_map(|row| {
            let since_open = row.entered_at.since(row.opens_at);
            let entry = Entry {
                quantity: row.quantity as u32,
                fewer: row.fewer.unwrap_or_default(),
                units: row.units.unwrap_or_default() as u32,
                due: Due::from(row.held_until),
                ..Entry::of_one(row.rank as u64, row.entered_at, since_open, row.state)
            };
            let event = cards.get(&row.event_id)?.clone();
            // Not written down yet, or called off before; the deadline is the same.
            let unwritten = ((row.state, event.kind) == (EntryState::Won, Kind::Giveaway)).then(|| {
                let called_off = event.state == EventState::Cancelled;
                let state = if called_off { ClaimState::Withdrawn } else { ClaimState::Offered };
                (state, claim::due_first(row.entered_at))
            });
            let standby = row.standby();
            Some(MyEntry { event, entry, claim: row.claim_state.zip(row.due_at).or(unwritten), standby })
        });
        Ok(MyEntries { entries, all: all as u64, won: won as u64 })
    }
}
