//! The few things of an index that may not be over.
//!
//! Of all that was ever announced most is over, and whatever is not stands before it. So the best are looked for among the few, and among
//! all only where those do not fill a page: the most frequent pair of syllables leads to hundreds of thousands.

use super::index::COLUMNS;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tantivy::{
    DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED, TantivyError,
    index::SegmentId,
    query::{ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight},
};

/// Seconds that a page may be older than the list it is read by: whoever goes on to the next page asks for what stood so when the first
/// was read.
const DAY: u32 = 24 * 3600;
/// Where more than one in so many may not be over, they are not few.
const FEW: usize = 8;
/// Documents whose times are looked at in one go.
const AT_ONCE: usize = 1024;

/// What is known of an index, by segment: these never change, but that things are taken out.
#[derive(Default)]
pub(super) struct Current(Mutex<HashMap<SegmentId, Listed>>);

/// Of a segment.
#[derive(Debug, Clone)]
struct Listed {
    /// All that was not over then is in here, in whole seconds.
    since: u32,
    docs: Arc<[DocId]>,
}

impl Current {
    /// What may not be over at `at`, in whole seconds; `None` where that is not known or not few.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn of(&self, searcher: &Searcher, at: u32) -> tantivy::Result<Option<Among>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut lists = HashMap::with_capacity(searcher.segment_readers().len());
        for segment in searcher.segment_readers() {
            let listed = match known.get(&segment.segment_id()) {
                Some(listed) => listed.clone(),
                None => list(segment, at.saturating_sub(DAY))?,
            };
            if listed.since > at {
                return Ok(None);
            }
            lists.insert(segment.segment_id(), listed);
        }
        if lists.keys().any(|segment| !known.contains_key(segment)) {
            // Those that were merged into others are forgotten.
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = lists.clone();
        }
        let few = lists.values().map(|listed| listed.docs.len()).sum::<usize>() * FEW <= searcher.num_docs() as usize;
        Ok(few.then(|| Among(Arc::new(lists))))
    }
}

/// Looks at all that is in a segment.
fn list(segment: &SegmentReader, since: u32) -> tantivy::Result<Listed> {
    let times = segment.fast_fields().column_first_or_default::<u64>(COLUMNS[2])?;
    let (mut docs, mut read) = (Vec::new(), [0; AT_ONCE]);
    for first in (0..segment.max_doc()).step_by(AT_ONCE) {
        let read = &mut read[..AT_ONCE.min((segment.max_doc() - first) as usize)];
        times.get_range(u64::from(first), read);
        // The lower half is when it is over.
        docs.extend((first..).zip(read).filter(|(_, times)| **times as u32 > since).map(|(doc, _)| doc));
    }
    Ok(Listed { since, docs: docs.into() })
}

/// One of what may not be over.
#[derive(Debug, Clone)]
pub(super) struct Among(Arc<HashMap<SegmentId, Listed>>);

impl Query for Among {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Among {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let other = || TantivyError::InternalError("a segment of another searcher".to_owned());
        let Listed { docs, .. } = self.0.get(&segment.segment_id()).ok_or_else(other)?;
        Ok(Box::new(ConstScorer::new(Docs { docs: docs.clone(), at: 0 }, boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("may not be over", 1.0))
    }
}

/// A list that is read from its first to its last.
struct Docs {
    docs: Arc<[DocId]>,
    at: usize,
}

impl DocSet for Docs {
    fn advance(&mut self) -> DocId {
        self.at = self.docs.len().min(self.at + 1);
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        // In steps that grow: what is next is mostly near.
        let (mut step, left) = (1, &self.docs[self.at..]);
        while left.get(step).is_some_and(|doc| *doc < target) {
            step *= 2;
        }
        let near = &left[step / 2..left.len().min(step + 1)];
        self.at += step / 2 + near.partition_point(|doc| *doc < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        self.docs.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_set, prelude::*};

    proptest! {
        #[test]
        fn a_list_is_read_like_any_other(docs in btree_set(0..2_000u32, 0..200), steps in prop::collection::vec(prop::option::of(0..300u32), 0..60)) {
            let sorted: Vec<DocId> = docs.iter().copied().collect();
            let mut listed = Docs { docs: sorted.into(), at: 0 };
            for step in steps {
                let doc = listed.doc();
                let (target, found) = match step {
                    None => (doc.saturating_add(1), listed.advance()),
                    Some(further) => (doc.saturating_add(further), listed.seek(doc.saturating_add(further).min(TERMINATED))),
                };
                let expected = docs.range(target.min(TERMINATED)..).next().copied().unwrap_or(TERMINATED);
                prop_assert_eq!(found, expected);
                prop_assert_eq!(listed.doc(), expected);
            }
        }
    }
}
