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
    let may_be_over = matches!(wanted.state, None | Some(FoundState::Over));
    let current = match wanted.state {
        Some(FoundState::Over) => None,
        _ => serving.current.of(&searcher, wanted.at)?,
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
            is_current: false,
            after: wanted.after.filter(|after| after.class == class).map(|after| after.order),
            limit: wanted.limit - hits.len(),
        };
        let mut found = None;
        if let Some(current) = &current {
            let mut clauses: Clauses = clauses.iter().map(|(occur, query)| (*occur, query.box_clone())).collect();
            clauses.push((Occur::Must, Box::new(current.clone())));
            let first = searcher.search(&*all_of(clauses), &Best { is_current: true, ..best })?;
            // Whatever is over would come behind them.
            found = (first.len() >= best.limit || !may_be_over).then_some(first);
        }
        let found = match found {
            Some(found) => found,
            None => searcher.search(&*all_of(clauses), &best)?,
        };
        for (order, kind, id) in found {
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
    /// Of those alone that are not over.
    is_current: bool,
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
            None => !(self.is_current && stands == OVER),
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
    use super::{
        super::{
            documents::Document,
            index::{Position, in_memory},
        },
        *,
    };
    use model::{Cursor, SECOND, Time, search::readings};
    use proptest::prelude::*;

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
        let best = Best { at: 100, state: None, is_current: false, after: None, limit: 1 };
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

    /// A thing of a few words, and when it opens and closes, unless it is always there.
    fn thing(number: u64, words: &[u8], times: Option<(u32, u32)>, popularity: u8) -> Document {
        const WORDS: [&str; 4] = ["수달", "수박", "머그", "단추"];
        let text = |words: &[u8]| words.iter().map(|word| WORDS[usize::from(*word) % 4]).collect::<Vec<_>>().join(" ");
        let seconds = |seconds: u32| Time(i64::from(seconds) * SECOND.micros());
        Document {
            kind: FoundKind::Giveaway,
            id: Uuid::from_u64_pair(number, number.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            title: text(&words[..2]),
            texts: vec![text(&words[2..])],
            times: times.map(|(opens, closes)| (seconds(opens), seconds(closes))),
            popularity,
            places: None,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Where most is over, it is looked for among the few that are not: what is found is the same.
        #[test]
        fn the_few_lead_to_what_all_lead_to(
            few in prop::collection::vec((prop::array::uniform4(0..4u8), prop::option::of((0..300u32, 1..200u32)), 0..20u8), 0..60),
            over in prop::collection::vec((prop::array::uniform4(0..4u8), 0..90u32, 0..20u8), 600..700),
            (at, limit, word) in (100..300u32, 1..30usize, 0..6usize),
            out in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            const LATER: u32 = 1_000_000;
            let mut writing = in_memory().unwrap();
            let mut ids = Vec::new();
            let few = few.iter().map(|(words, times, popularity)| {
                (words, times.map(|(opens, lasts)| (LATER + opens, LATER + opens + lasts)), *popularity)
            });
            let over = over.iter().map(|(words, closes, popularity)| (words, Some((*closes, *closes + 1)), *popularity));
            for (number, (words, times, popularity)) in (1..).zip(few.chain(over)) {
                let thing = thing(number, words, times, popularity);
                ids.push(thing.id);
                writing.add(&thing).unwrap();
                if number % 200 == 0 {
                    writing.commit(&Position::new(0, String::new())).unwrap();
                }
            }
            writing.commit(&Position::new(0, String::new())).unwrap();
            writing.remove(out.iter().map(|out| ids[out.index(ids.len())]));
            writing.commit(&Position::new(1, String::new())).unwrap();
            let (fast, at) = (writing.serving(), LATER + at);
            let searcher = fast.reader.searcher();
            prop_assert!(fast.current.of(&searcher, at).unwrap().is_some());
            // Known too late to be of use.
            let slow = Serving { current: Arc::default(), ..fast.clone() };
            prop_assert!(slow.current.of(&searcher, u32::MAX).unwrap().is_some());
            prop_assert!(slow.current.of(&searcher, at).unwrap().is_none());
            let text = ["수달", "수박 머그", "ㅅㄷ", "수", "달수", "머그단추"][word];
            let reading = readings(text).remove(0);
            for state in [None, Some(FoundState::Open), Some(FoundState::Soon), Some(FoundState::Over)] {
                for titles in [false, true] {
                    let mut wanted = Wanted { kind: None, state, at, after: None, limit, titles };
                    loop {
                        let hits = find(&fast, 0, &reading, &wanted).unwrap();
                        prop_assert_eq!(&hits, &find(&slow, 0, &reading, &wanted).unwrap());
                        match hits.last() {
                            Some(last) if hits.len() == limit => wanted.after = Some(last.place),
                            _ => break,
                        }
                    }
                }
            }
        }
    }
}
