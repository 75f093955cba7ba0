//! Asking the index: which things have what was typed, the best first.
//!
//! Results are ordered by how they match (the whole title, in the title, in what else is said), then by where they stand (open, soon, always
//! there, over), then by how popular they are until they are over, then by time and id. Nothing of it depends on how an index came to be:
//! every half minute popularity is compared with what the index has, of all that is not over. So every node finds the same in the same
//! order; where something has become popular enough for another place, within half a minute and as long as that round takes.

use super::index::{COLUMNS, Fields, Serving, kind_number, of_bits};
use model::{
    Key,
    search::{FoundKind, FoundState, Reading},
};
use std::{collections::BinaryHeap, sync::Arc};
use tantivy::{
    COLLECT_BLOCK_BUFFER_LEN, DocId, Score, SegmentOrdinal, SegmentReader, Term,
    collector::{Collector, SegmentCollector},
    columnar::ColumnValues,
    query::{BooleanQuery, Occur, Query, TermQuery, Weight},
    schema::{Field, IndexRecordOption},
};
use uuid::Uuid;

/// How well something matches, from the best.
const WHOLE_TITLE: u8 = 0;
const IN_TITLE: u8 = 1;
const IN_TEXT: u8 = 2;

/// Where a result stands among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HitPlace {
    /// Which reading of what was typed found it.
    pub reading: u8,
    /// How well it matches.
    pub class: u8,
    /// The order within that.
    pub order: u128,
    /// When the first page was read, in whole seconds: whatever opens meanwhile, the pages go on as they began.
    pub at: u32,
}

impl Key for HitPlace {
    const MAX: HitPlace = HitPlace { reading: u8::MAX, class: u8::MAX, order: u128::MAX, at: u32::MAX };

    fn write(&self) -> String {
        format!("{}.{}.{}.{:x}", self.reading, self.class, self.at, self.order)
    }

    fn read(text: &str) -> Option<HitPlace> {
        let mut parts = text.split('.');
        let mut next = || parts.next();
        let (reading, class, at, order) = (next()?, next()?, next()?, next()?);
        let place = HitPlace {
            reading: reading.parse().ok()?,
            class: class.parse().ok()?,
            order: u128::from_str_radix(order, 16).ok()?,
            at: at.parse().ok()?,
        };
        (parts.next().is_none() && place.class <= IN_TEXT).then_some(place)
    }
}

/// What is wanted of all that matches.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Of one kind.
    pub kind: Option<FoundKind>,
    /// What stands so.
    pub state: Option<FoundState>,
    /// By when it stands so, in whole seconds.
    pub at: u32,
    /// Behind this place.
    pub after: Option<HitPlace>,
    /// At most so many.
    pub limit: usize,
    /// Those alone whose title has what was typed.
    pub titles: bool,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub place: HitPlace,
    pub kind: FoundKind,
    pub id: Uuid,
}

type Clauses = Vec<(Occur, Box<dyn Query>)>;

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn all_of(mut clauses: Clauses) -> Box<dyn Query> {
    match clauses.len() {
        // Alone it is read as it lies.
        1 => clauses.remove(0).1,
        _ => Box::new(BooleanQuery::new(clauses)),
    }
}

fn must(fields: impl IntoIterator<Item = Box<dyn Query>>) -> Clauses {
    fields.into_iter().map(|query| (Occur::Must, query)).collect()
}

/// That every word stands in the title.
fn in_title(fields: &Fields, reading: &Reading) -> Vec<Box<dyn Query>> {
    let mut terms = Vec::new();
    for word in &reading.words {
        let (letters, initials) = word.in_title();
        terms.extend(letters.iter().map(|gram| term(fields.title, gram)));
        terms.extend(initials.iter().map(|gram| term(fields.initials, gram)));
    }
    terms
}

/// That every word stands anywhere; `None` where that is no other than in the title.
fn in_text(fields: &Fields, reading: &Reading) -> Option<Vec<Box<dyn Query>>> {
    let mut terms = Vec::new();
    let mut anywhere = false;
    for word in &reading.words {
        match word.in_text() {
            Some(grams) => {
                anywhere = true;
                terms.extend(grams.iter().map(|gram| term(fields.text, gram)));
            }
            None => terms.extend(word.in_title().1.iter().map(|gram| term(fields.initials, gram))),
        }
    }
    anywhere.then_some(terms)
}

/// The best that match, in order.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn find(serving: &Serving, number: u8, reading: &Reading, wanted: &Wanted) -> tantivy::Result<Vec<Hit>> {
    let (searcher, fields) = (serving.reader.searcher(), &serving.fields);
    let mut hits: Vec<Hit> = Vec::new();
    let from = wanted.after.map_or(WHOLE_TITLE, |after| after.class);
    let to = if wanted.titles { IN_TITLE } else { IN_TEXT };
    let whole = Term::from_field_text(fields.title, &format!("={}", reading.key()));
    // Where no title is the whole of it, none has to be told apart.
    let is_title = searcher.doc_freq(&whole)? > 0;
    let whole = || -> Box<dyn Query> { Box::new(TermQuery::new(whole.clone(), IndexRecordOption::Basic)) };
    let but = |clauses: &mut Clauses| {
        if is_title {
            clauses.push((Occur::MustNot, whole()));
        }
    };
    for class in from..=to {
        let mut clauses = match class {
            WHOLE_TITLE if !is_title => continue,
            WHOLE_TITLE => must([whole()]),
            IN_TITLE => {
                let mut clauses = must(in_title(fields, reading));
                but(&mut clauses);
                clauses
            }
            _ => {
                let Some(terms) = in_text(fields, reading) else { break };
                let mut clauses = must(terms);
                clauses.push((Occur::MustNot, all_of(must(in_title(fields, reading)))));
                but(&mut clauses);
                clauses
            }
        };
        if let Some(kind) = wanted.kind {
            clauses.push((Occur::Must, term(fields.kind, kind.name())));
        }
        let best = Best {
            at: wanted.at,
            state: wanted.state,
            after: wanted.after.filter(|after| after.class == class).map(|after| after.order),
            limit: wanted.limit - hits.len(),
        };
        for (order, kind, id) in searcher.search(&*all_of(clauses), &best)? {
            let Some(kind) = FoundKind::ALL.get(kind).copied() else { continue };
            hits.push(Hit { place: HitPlace { reading: number, class, order, at: wanted.at }, kind, id });
        }
        if hits.len() >= wanted.limit {
            break;
        }
    }
    Ok(hits)
}

/// Collects the first of all that match, by their order.
#[derive(Debug, Clone, Copy)]
struct Best {
    at: u32,
    state: Option<FoundState>,
    after: Option<u128>,
    limit: usize,
}

/// Where something stands by its times, from the first.
const OPEN: u64 = 0;
const SOON: u64 = 1;
const ALWAYS: u64 = 2;
const OVER: u64 = 3;
/// Where that stands in the order: before 5 bits of popularity and 32 of a time.
const STANDS: u32 = 37;

impl Best {
    /// Where a thing stands by its times, and its order among those that stand alike; `None` where that is not wanted.
    fn stands(&self, times: u64) -> Option<(u64, u64)> {
        let (opens, closes) = ((times >> 32) as u32, times as u32);
        let (stands, by) = if opens == 0 && closes == u32::MAX {
            (ALWAYS, 0)
        } else if closes <= self.at {
            // What was over last, first.
            (OVER, u32::MAX - closes)
        } else if opens > self.at {
            (SOON, opens)
        } else {
            (OPEN, closes)
        };
        let wanted = match self.state {
            None => true,
            Some(FoundState::Open) => stands == OPEN,
            Some(FoundState::Soon) => stands == SOON,
            Some(FoundState::Over) => stands == OVER,
        };
        wanted.then(|| (stands, u64::from(by)))
    }

    /// The order of a thing that stands so, but for its id; `None` for what is never found.
    fn order(&self, (stands, by): (u64, u64), bits: u64) -> Option<u64> {
        let (kind, popularity) = of_bits(bits);
        // Nobody joins a party that has met.
        let gone = stands == OVER && kind == kind_number(FoundKind::Party);
        // How popular something became is followed until it is over.
        let popularity = if stands == OVER { 0 } else { popularity.min(31) };
        (!gone).then(|| stands << STANDS | (31 - popularity) << 32 | by)
    }
}

/// What is collected: its order, the number of its kind, and its id.
type Collected = Vec<(u128, usize, Uuid)>;

impl Collector for Best {
    type Fruit = Collected;
    type Child = BestOfSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<BestOfSegment> {
        let column = |name| segment.fast_fields().column_first_or_default::<u64>(name);
        let [id, high, times, bits] = COLUMNS;
        let (ids, highs, times, bits) = (column(id)?, column(high)?, column(times)?, column(bits)?);
        Ok(BestOfSegment { best: *self, ids, highs, times, bits, heap: BinaryHeap::with_capacity(self.limit + 1) })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Collected>) -> tantivy::Result<Collected> {
        let mut all = segments.concat();
        all.sort_unstable();
        all.truncate(self.limit);
        Ok(all)
    }

    /// By blocks, also where something was taken out of a segment.
    fn collect_segment(&self, weight: &dyn Weight, number: u32, segment: &SegmentReader) -> tantivy::Result<Collected> {
        let mut collecting = self.for_segment(number, segment)?;
        let mut kept = [0; COLLECT_BLOCK_BUFFER_LEN];
        weight.for_each_no_score(segment, &mut |docs| match segment.alive_bitset() {
            None => collecting.collect_block(docs),
            Some(alive) => {
                for docs in docs.chunks(COLLECT_BLOCK_BUFFER_LEN) {
                    let mut count = 0;
                    for doc in docs.iter().filter(|doc| alive.is_alive(**doc)) {
                        kept[count] = *doc;
                        count += 1;
                    }
                    collecting.collect_block(&kept[..count]);
                }
            }
        })?;
        Ok(collecting.harvest())
    }
}

struct BestOfSegment {
    best: Best,
    ids: Arc<dyn ColumnValues<u64>>,
    highs: Arc<dyn ColumnValues<u64>>,
    times: Arc<dyn ColumnValues<u64>>,
    bits: Arc<dyn ColumnValues<u64>>,
    /// The best so far, the last of them on top.
    heap: BinaryHeap<(u128, DocId)>,
}

impl BestOfSegment {
    /// Whether what has at least this order, whatever its id, comes behind all that are kept.
    fn is_beyond(&self, order: u64) -> bool {
        self.heap.len() >= self.best.limit && self.heap.peek().is_none_or(|(last, _)| *last < u128::from(order) << 64)
    }
}

impl SegmentCollector for BestOfSegment {
    type Fruit = Collected;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        let mut times = [0; COLLECT_BLOCK_BUFFER_LEN];
        for docs in docs.chunks(COLLECT_BLOCK_BUFFER_LEN) {
            let times = &mut times[..docs.len()];
            self.times.get_vals(docs, times);
            for (doc, times) in docs.iter().zip(times) {
                let Some(stands) = self.best.stands(*times) else { continue };
                // Most are worse than what is there already, whatever else is known of them.
                if self.is_beyond(stands.0 << STANDS) {
                    continue;
                }
                let Some(order) = self.best.order(stands, self.bits.get_val(*doc)) else { continue };
                if self.is_beyond(order) {
                    continue;
                }
                let order = u128::from(order) << 64 | u128::from(self.ids.get_val(*doc));
                if self.best.after.is_some_and(|after| order <= after) {
                    continue;
                }
                self.heap.push((order, *doc));
                if self.heap.len() > self.best.limit {
                    self.heap.pop();
                }
            }
        }
    }

    fn harvest(self) -> Collected {
        let found = |(order, doc): (u128, DocId)| {
            let id = Uuid::from_u64_pair(self.highs.get_val(doc), order as u64);
            (order, of_bits(self.bits.get_val(doc)).0, id)
        };
        self.heap.into_vec().into_iter().map(found).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Cursor;

    #[test]
    fn places_survive_addresses_and_others_lead_nowhere() {
        let place = HitPlace { reading: 2, class: IN_TEXT, order: u128::MAX / 3, at: 1_795_604_400 };
        assert_eq!(Cursor::of(&place).key::<HitPlace>(), Ok(place));
        for text in ["", "1", "0.0.1", "0.3.1.ff", "0.0.1.zz", "0.0.-1.f", "0.0.1.f.0", "300.0.1.f", &"f".repeat(60)] {
            assert!(Cursor::from(text.to_owned()).key::<HitPlace>().is_err(), "{text}");
        }
    }

    #[test]
    fn open_comes_before_soon_before_always_before_over_and_popular_before_not() {
        let best = Best { at: 100, state: None, after: None, limit: 1 };
        let times = |opens: u64, closes: u64| opens << 32 | closes;
        let bits = |popularity: u64| popularity << 4;
        let order = |best: Best, times, bits| best.stands(times).and_then(|stands| best.order(stands, bits));
        let always = times(0, u64::from(u32::MAX));
        let in_order = [
            order(best, times(50, 200), bits(9)),
            order(best, times(50, 150), bits(3)),
            order(best, times(50, 200), bits(3)),
            order(best, times(110, 200), bits(31)),
            order(best, times(110, 200), bits(0)),
            order(best, times(120, 200), bits(0)),
            order(best, always, bits(0)),
            order(best, times(50, 100), bits(4)),
            order(best, times(50, 99), bits(9)),
        ];
        assert!(in_order.iter().all(Option::is_some) && in_order.is_sorted(), "{in_order:?}");
        let party = kind_number(FoundKind::Party) as u64;
        assert_eq!(order(best, times(0, 100), party), None, "nobody joins what has met");
        let soon = Best { state: Some(FoundState::Soon), ..best };
        assert!(order(soon, times(110, 200), 0).is_some() && order(soon, times(50, 200), 0).is_none());
        assert_eq!(order(soon, always, 0), None);
    }
}
