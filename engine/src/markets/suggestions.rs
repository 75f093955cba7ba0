//! Items while their name is being typed: everybody types the same beginnings, so what they come to is remembered for a moment.

use super::{ItemRow, Markets};
use crate::Error;
use model::{Item, MINUTE, Span, Time, text};
use quick_cache::sync::Cache;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Items that are suggested at once.
pub(super) const SUGGESTED: i64 = 20;
/// Beginnings that are remembered, those asked for last.
const REMEMBERED: usize = 2_000;
/// For how long: so late are items suggested that another node, or a process of its own, imported.
const FRESH: Span = MINUTE;

/// What a beginning comes to, and when that was read.
type Known = (Arc<[Item]>, Time);

/// What beginnings of names come to, as far as it is remembered. Cheap to clone.
#[derive(Clone)]
pub(super) struct Suggestions {
    known: Arc<Cache<String, Known>>,
    /// How often items were written here.
    changes: Arc<AtomicU64>,
}

impl Default for Suggestions {
    fn default() -> Suggestions {
        Suggestions { known: Arc::new(Cache::new(REMEMBERED)), changes: Arc::default() }
    }
}

impl Suggestions {
    /// Nothing of before holds any more. What changed must have been committed.
    pub(super) fn invalidate(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.known.clear();
    }
}

impl Markets {
    /// Items whose name begins as was typed, or with these initial consonants; those with the shortest way to go first by their
    /// letters. Nothing for nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn suggest(&self, typed: &str) -> Result<Vec<Item>, Error> {
        let initials = text::are_initials(typed);
        let from = if initials { text::initials(typed) } else { text::key(typed) };
        if from.is_empty() {
            return Ok(Vec::new());
        }
        let Suggestions { known, changes } = &self.suggestions;
        let now = self.clock.now();
        // No name is written in initials and otherwise at once: the two do not meet.
        if let Some((items, until)) = known.get(from.as_str())
            && now < until
        {
            return Ok(items.to_vec());
        }
        let before = changes.load(Ordering::SeqCst);
        let items = self.begin_so(&from, initials).await?;
        known.insert(from.clone(), (items.as_slice().into(), now + FRESH));
        // What was written since this look lets go of it by itself.
        if changes.load(Ordering::SeqCst) != before {
            known.remove(from.as_str());
        }
        Ok(items)
    }

    async fn begin_so(&self, from: &str, initials: bool) -> Result<Vec<Item>, Error> {
        // Behind everything that begins so: no character is greater.
        let to = format!("{from}\u{10FFFF}");
        let sql = if initials {
            "select id as item_id, category, name as item_name from items where initials >= $1 and initials < $2
             order by initials, key limit $3"
        } else {
            "select id as item_id, category, name as item_name from items where key >= $1 and key < $2
             order by key, category limit $3"
        };
        let rows: Vec<ItemRow> = self.db.sql(sql).bind(from.to_owned()).bind(to).bind(SUGGESTED).all().await?;
        Ok(rows.into_iter().map(ItemRow::item).collect())
    }
}
