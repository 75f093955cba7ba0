//! The bars of a board: how long after the one before it a row came.

use crate::{BoardRow, MILLISECOND, Span, live::Snapshot};

/// How long after the one before it a row came; the first one after the opening.
pub fn behind(room: &Snapshot, row: &BoardRow) -> Option<Span> {
    let before = match row.rank {
        1 => Span::ZERO,
        rank => room.top.iter().chain(&room.recent).find(|row| row.rank + 1 == rank)?.since_open,
    };
    Some(row.since_open - before)
}

/// How long a gap's bar is, in percent: half at a tenth of a second, never full.
pub fn bar(gap: Span) -> i64 {
    let gap = gap.max(Span::ZERO);
    gap * 100 / (gap + 100 * MILLISECOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntryState, EventId, EventState, SECOND, Time, Waitlist};

    #[test]
    fn a_bar_is_the_gap_to_the_one_before() {
        let row = |rank: u64, ms: i64| BoardRow {
            rank,
            nickname: "수달".into(),
            since_open: ms * MILLISECOND,
            state: EntryState::Won,
            reason: None,
        };
        let room = Snapshot {
            event: EventId(uuid::Uuid::nil()),
            version: 1,
            state: EventState::Open,
            total: 58,
            present: 0,
            capacity: 2,
            opens_at: Time(0),
            closes_at: Time(1),
            top: vec![row(1, 84), row(2, 184), row(3, 90_184)],
            recent: vec![row(57, 95_000), row(58, 95_000)],
            pulse: vec![],
            hidden: vec![],
            revised: 0,
            waitlist: Waitlist::default(),
        };
        let widths = [row(1, 84), row(2, 184), row(3, 90_184), row(57, 95_000), row(58, 95_000)]
            .map(|row| behind(&room, &row).map(bar));
        // After the opening, after a tenth of a second, after a minute and a half; nobody knows; in the same millisecond.
        assert_eq!(widths, [Some(45), Some(50), Some(99), None, Some(0)]);
        assert_eq!(bar(Span::ZERO - SECOND), 0, "no row is before the one before it");
    }
}
