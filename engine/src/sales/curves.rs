//! A sale over time, for its seller: what its log says, folded, and what its orders say was paid back, of which some may be kept.
//! Nothing is counted while it sells.
//!
//! What a log came to is remembered with how far it went: looked at again it is folded only when something was added, and that of a
//! sale that is over never. Logs are folded one after the other, so that what they take is bounded.

use super::{Sales, steps::StepRow};
use crate::{
    Error,
    accounts::Actor,
    turnstile::{self, Record},
};
use model::{
    EntryState, EventCard, EventId, Offer, Points, SECOND, SaleRules, Span, Time,
    sales::OrderEvent,
    sellers::{Holds, SaleCurves},
};
use quick_cache::sync::Cache;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Points of a curve, at most.
const POINTS: i64 = 60;

/// Orders of which it is read at once what was paid back.
const ORDERS: i64 = 1_000;

/// Sales whose curves are remembered, those looked at last: each is at most [`POINTS`] points of three curves.
const REMEMBERED: usize = 1_000;

/// What logs came to, as far as it is remembered. Cheap to clone.
#[derive(Clone)]
pub(super) struct Curves {
    /// By sale: from where its log goes on, and what it said until there.
    known: Arc<Cache<EventId, (i64, Arc<SaleCurves>)>>,
    /// Whose turn it is to fold a log.
    turn: Arc<Mutex<()>>,
}

impl Default for Curves {
    fn default() -> Curves {
        Curves { known: Arc::new(Cache::new(REMEMBERED)), turn: Arc::default() }
    }
}

/// How much one record moved.
struct Move {
    at: Time,
    /// Who stands in the line.
    line: i64,
    /// Units that were sold.
    units: u32,
    /// Whole won that went back.
    back: i64,
}

/// Follows the log of a sale. By rank, from 1: where each entry is, and with how many units.
#[derive(Default)]
struct Fold {
    entries: Vec<(EntryState, u32)>,
    moves: Vec<Move>,
    holds: Holds,
}

/// Whether somebody waits in the line.
fn waits(state: EntryState) -> bool {
    matches!(state, EntryState::Standby | EntryState::Given)
}

impl Fold {
    fn follow(&mut self, record: &Record) {
        match record {
            Record::Entered { at, state, taken, .. } => {
                self.entries.push((EntryState::Standby, 0));
                self.set(self.entries.len() as u64, *at, *state, taken.map_or(0, |taken| taken.units), 1);
            }
            Record::Granted { rank, units, at } => self.set(*rank, *at, EntryState::Given, *units, 0),
            Record::Admitted { rank, at, .. } => self.to(*rank, *at, EntryState::Checkout),
            Record::Paid { rank, at } => self.to(*rank, *at, EntryState::Paid),
            Record::Left { rank, at } => self.to(*rank, *at, EntryState::Left),
            Record::Expired { rank, at } => self.to(*rank, *at, EntryState::Expired),
            Record::Disqualified { rank, at } => self.to(*rank, *at, EntryState::Disqualified),
            Record::Ended { at } | Record::Cancelled { at } => {
                let cancelled = matches!(record, Record::Cancelled { .. });
                for rank in 1..=self.entries.len() as u64 {
                    let state = self.entries[rank as usize - 1].0;
                    if waits(state) || cancelled && state == EntryState::Checkout {
                        self.to(rank, *at, EntryState::Lost);
                    }
                }
            }
            // Of giveaways, or of capacity alone. What units that come back cost, and what of it is kept, their orders say.
            Record::Reassigned { .. }
            | Record::Unclaimed { .. }
            | Record::Lapsed { .. }
            | Record::Raised { .. }
            | Record::Returned { .. } => {}
        }
    }

    /// So much went back for units of an order.
    fn give_back(&mut self, at: Time, refund: i64) {
        self.moves.push(Move { at, line: 0, units: 0, back: refund });
    }

    /// An entry comes into a state, with the units that it has.
    fn to(&mut self, rank: u64, at: Time, state: EntryState) {
        let Some((_, units)) = self.entries.get(rank as usize - 1).copied() else { return };
        self.set(rank, at, state, units, 0);
    }

    /// The same, with so many units; `came` when it was not there before.
    fn set(&mut self, rank: u64, at: Time, state: EntryState, units: u32, came: i64) {
        let Some(entry) = self.entries.get_mut(rank as usize - 1) else { return };
        let before = std::mem::replace(entry, (state, units)).0;
        let was_waiting = came == 0 && waits(before);
        let sold = if state == EntryState::Paid { units } else { 0 };
        let line = i64::from(waits(state)) - i64::from(was_waiting);
        if line != 0 || sold != 0 {
            self.moves.push(Move { at, line, units: sold, back: 0 });
        }
        if state == EntryState::Checkout {
            self.holds.begun += 1;
        } else if came == 0 && before == EntryState::Checkout {
            match state {
                EntryState::Paid => self.holds.paid += 1,
                EntryState::Expired => self.holds.expired += 1,
                _ => self.holds.left += 1,
            }
        }
    }

    /// The curves of what was followed, of units at this price in a sale that opened then.
    fn curves(mut self, event: EventCard, price: i64, now: Time) -> SaleCurves {
        let opens_at = event.moments.opens_at;
        // What commands did is in the order of the log, whose times may be a little apart.
        self.moves.sort_by_key(|moved| moved.at);
        let lasted =
            self.moves.last().map_or(Span::ZERO, |moved| moved.at.since(opens_at)).max(Span::ZERO) / SECOND + 1;
        let width = lasted.div_euclid(POINTS) + 1;
        let (mut units, mut revenue, mut line): (Points, Points, Points) = Default::default();
        let (mut net, mut waiting) = (0_i64, 0);
        let stretch = |moved: &Move| (moved.at.since(opens_at).max(Span::ZERO) / SECOND).div_euclid(width);
        for moves in self.moves.chunk_by(|a, b| stretch(a) == stretch(b)) {
            let second = stretch(&moves[0]) * width;
            let sold: i64 = moves.iter().map(|moved| i64::from(moved.units)).sum();
            let back: i64 = moves.iter().map(|moved| moved.back).sum();
            net = net.saturating_add(sold.saturating_mul(price)) - back;
            waiting += moves.iter().map(|moved| moved.line).sum::<i64>();
            if sold > 0 {
                units.push((second, sold as u64));
            }
            let won = net.max(0) as u64;
            if revenue.last().map_or(0, |(_, before)| *before) != won {
                revenue.push((second, won));
            }
            if line.last().map_or(0, |(_, before)| *before) != waiting.max(0) as u64 {
                line.push((second, waiting.max(0) as u64));
            }
        }
        SaleCurves { event, width, units, revenue, line, holds: self.holds, now }
    }
}

impl Sales {
    /// A creator's own sale over time.
    ///
    /// # Errors
    /// Signed out; [`model::Error::NotFound`] where nothing is sold, [`model::Error::Forbidden`] for one of somebody else's; the
    /// database's.
    pub async fn curves(&self, actor: &Actor, event: EventCard, offer: &Offer) -> Result<SaleCurves, Error> {
        self.own_sale(actor.signed_in()?.member, event.id).await?;
        let rules = SaleRules::of(offer, event.moments.closes_at).ok_or(model::Error::NotFound)?;
        if let Some(curves) = self.remembered(&event).await? {
            return Ok(curves);
        }
        let _turn = self.curves.turn.lock().await;
        // Whoever was before may have folded the same.
        if let Some(curves) = self.remembered(&event).await? {
            return Ok(curves);
        }
        let (mut fold, mut next) = (Fold::default(), 0);
        while let Some((records, after)) = turnstile::log_from(&self.db, event.id, next).await? {
            records.iter().for_each(|record| fold.follow(record));
            next = after;
            // A long log is much to fold: others go on meanwhile.
            tokio::task::yield_now().await;
        }
        // Whatever it says already, the log will: it is read again then.
        for first in (1..=fold.entries.len() as i64).step_by(ORDERS as usize) {
            let rows: Vec<StepRow> = self
                .db
                .sql(
                    "select s.at, s.by_whom, s.what from orders o join order_steps s on s.order_id = o.id
                     where o.event_id = $1 and o.rank >= $2 and o.rank < $3 and o.units_back > 0",
                )
                .bind(event.id)
                .bind(first)
                .bind(first + ORDERS)
                .all()
                .await?;
            for step in rows.into_iter().filter_map(StepRow::step) {
                if let OrderEvent::GivenBack { refund, .. } = step.what {
                    fold.give_back(step.at, refund);
                }
            }
        }
        let id = event.id;
        let curves = fold.curves(event, rules.price, self.clock.now());
        self.curves.known.insert(id, (next, Arc::new(curves.clone())));
        Ok(curves)
    }

    /// What a sale's log came to before, if nothing was added to it since.
    async fn remembered(&self, event: &EventCard) -> Result<Option<SaleCurves>, Error> {
        let Some((next, curves)) = self.curves.known.get(&event.id) else { return Ok(None) };
        let grew = turnstile::log_goes_on(&self.db, event.id, next).await?;
        Ok((!grew).then(|| SaleCurves { event: event.clone(), now: self.clock.now(), ..(*curves).clone() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turnstile::Taken;
    use model::{Category, Due, EventState, Kind, Moments};
    use proptest::prelude::*;

    fn card() -> EventCard {
        EventCard {
            id: EventId(uuid::Uuid::nil()),
            title: String::new(),
            creator: String::new(),
            kind: Kind::Deal,
            category: Category::Other,
            card: None,
            moments: Moments {
                published_at: Some(Time(0)),
                opens_at: Time(0),
                closes_at: Time(0) + SECOND,
                cancelled_at: None,
                settled_at: None,
                suspended_at: None,
            },
            state: EventState::Open,
            capacity: 10,
            total: 0,
            present: 0,
        }
    }

    fn at(second: i64) -> Time {
        Time(0) + second * SECOND
    }

    fn entered(rank: u64, second: i64, state: EntryState, units: u32) -> Record {
        let taken = Some(Taken { fewer: false, units, due: Due::NONE });
        Record::Entered { rank, at: at(second), state, quantity: 2, taken, commitment: [0; 32] }
    }

    #[test]
    fn a_sale_is_told_by_its_log() {
        let mut fold = Fold::default();
        let log = [
            entered(1, 0, EntryState::Checkout, 2),
            entered(2, 0, EntryState::Checkout, 1),
            entered(3, 1, EntryState::Standby, 0),
            entered(4, 1, EntryState::Standby, 0),
            Record::Paid { rank: 1, at: at(4) },
            Record::Left { rank: 4, at: at(5) },
            Record::Expired { rank: 2, at: at(6) },
            Record::Granted { rank: 3, units: 1, at: at(6) },
            Record::Admitted { rank: 3, at: at(7), due_at: at(60) },
            Record::Paid { rank: 3, at: at(8) },
            Record::Returned { rank: 1, units: 1, at: at(9) },
        ];
        log.iter().for_each(|record| fold.follow(record));
        // A tenth of it is kept.
        fold.give_back(at(9), 900);
        let curves = fold.curves(card(), 1_000, at(10));
        assert_eq!(curves.width, 1);
        assert_eq!(curves.units, [(4, 2), (8, 1)]);
        assert_eq!(curves.revenue, [(4, 2_000), (8, 3_000), (9, 2_100)]);
        assert_eq!(curves.line, [(1, 2), (5, 1), (7, 0)]);
        assert_eq!(curves.holds, Holds { begun: 3, paid: 2, left: 0, expired: 1 });
    }

    proptest! {
        /// Whatever happens in whatever order, every hold ends once, the line ends with who waits, and points are few and in order.
        #[test]
        fn everything_is_counted_once(steps in proptest::collection::vec((0u8..8, 0usize..40, 0i64..9), 0..400)) {
            let mut fold = Fold::default();
            let (mut states, mut second, mut paid): (Vec<EntryState>, _, _) = (Vec::new(), 0, 0i64);
            for (step, who, later) in steps {
                second += later;
                let rank = (who % states.len().max(1)) as u64 + 1;
                let state = states.get(rank as usize - 1).copied();
                let record = match (step, state) {
                    (0, _) => entered(states.len() as u64 + 1, second, EntryState::Checkout, 1),
                    (1, _) => entered(states.len() as u64 + 1, second, EntryState::Standby, 0),
                    (2, Some(EntryState::Standby)) => Record::Granted { rank, units: 1, at: at(second) },
                    (3, Some(EntryState::Given)) => Record::Admitted { rank, at: at(second), due_at: at(second) },
                    (4, Some(EntryState::Checkout)) => Record::Paid { rank, at: at(second) },
                    (5, Some(state)) if waits(state) || state == EntryState::Checkout => Record::Left { rank, at: at(second) },
                    (6, Some(EntryState::Checkout)) => Record::Expired { rank, at: at(second) },
                    _ => continue,
                };
                match &record {
                    Record::Entered { state, .. } => states.push(*state),
                    Record::Granted { .. } => states[rank as usize - 1] = EntryState::Given,
                    Record::Admitted { .. } => states[rank as usize - 1] = EntryState::Checkout,
                    Record::Paid { .. } => { states[rank as usize - 1] = EntryState::Paid; paid += 1; }
                    Record::Left { .. } => states[rank as usize - 1] = EntryState::Left,
                    _ => states[rank as usize - 1] = EntryState::Expired,
                }
                fold.follow(&record);
            }
            let curves = fold.curves(card(), 7, at(second));
            let count = |wanted: fn(EntryState) -> bool| states.iter().filter(|state| wanted(**state)).count() as u64;
            prop_assert_eq!(curves.holds.open(), count(|state| state == EntryState::Checkout));
            prop_assert_eq!(curves.line.last().map_or(0, |(_, count)| *count), count(waits));
            prop_assert_eq!(curves.units.iter().map(|(_, units)| *units).sum::<u64>(), paid as u64);
            prop_assert_eq!(curves.revenue.last().map_or(0, |(_, won)| *won), 7 * paid as u64);
            for points in [&curves.units, &curves.revenue, &curves.line] {
                prop_assert!(points.len() as i64 <= POINTS && points.is_sorted_by(|a, b| a.0 < b.0));
            }
        }
    }
}
