//! Lists that are read a page at a time: by the key of the last row, never by counting rows, so that what is written or
//! deleted meanwhile moves nothing.

use crate::{Error, Time};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How many rows a page holds at most.
pub const MAX_PAGE: usize = 100;

/// What orders a list. No two of its rows have the same.
pub trait Key: Sized {
    /// Behind the key of every row.
    const MAX: Self;

    /// As it stands in a [`Cursor`]: letters and digits, `-` and `.`.
    fn write(&self) -> String;

    /// Reads what [`Key::write`] wrote; `None` for anything else.
    fn read(text: &str) -> Option<Self>;
}

/// Lists by rank or number; those are never above what the database keeps.
impl Key for u64 {
    const MAX: u64 = i64::MAX as u64;

    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<u64> {
        text.parse().ok().filter(|number| *number <= <u64 as Key>::MAX)
    }
}

/// An id, which tells rows of the same time apart.
pub trait Id: fmt::Display + FromStr {
    /// The greatest there can be.
    const MAX: Self;
}

/// Lists by time, of rows that may have the same.
impl<I: Id> Key for (Time, I) {
    const MAX: (Time, I) = (Time(i64::MAX), I::MAX);

    fn write(&self) -> String {
        format!("{}.{}", self.0.0, self.1)
    }

    fn read(text: &str) -> Option<(Time, I)> {
        let (time, id) = text.split_once('.')?;
        Some((Time(time.parse().ok()?), id.parse().ok()?))
    }
}

/// Lists by how far something is, or by how much, of rows that may have the same.
impl<I: Id> Key for (u64, I) {
    const MAX: (u64, I) = (<u64 as Key>::MAX, I::MAX);

    fn write(&self) -> String {
        format!("{}.{}", self.0, self.1)
    }

    fn read(text: &str) -> Option<(u64, I)> {
        let (number, id) = text.split_once('.')?;
        Some((u64::read(number)?, id.parse().ok()?))
    }
}

/// Where a list goes on: behind the row with this key. Pages pass it on as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// Behind the row with this key.
    pub fn of(key: &impl Key) -> Cursor {
        Cursor(key.write())
    }

    /// The key of the row before.
    ///
    /// # Errors
    /// [`Error::NotFound`] when this is no cursor of such a list.
    pub fn key<K: Key>(&self) -> Result<K, Error> {
        K::read(&self.0).ok_or(Error::NotFound)
    }

    /// The key that a list read backwards goes on before: from its end without a cursor.
    ///
    /// # Errors
    /// As [`Cursor::key`].
    pub fn before<K: Key>(cursor: Option<&Cursor>) -> Result<K, Error> {
        cursor.map_or(Ok(K::MAX), Cursor::key)
    }
}

/// From an address. Whether it is a cursor of the list shows when that is read.
impl From<String> for Cursor {
    fn from(text: String) -> Cursor {
        Cursor(text)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// At most [`MAX_PAGE`], in the order of the list.
    pub rows: Vec<T>,
    /// Where the next page begins, when there is one.
    pub next: Option<Cursor>,
}

impl<T> Default for Page<T> {
    fn default() -> Page<T> {
        Page { rows: Vec::new(), next: None }
    }
}

impl<T> Page<T> {
    /// Of one row more than the page holds, when there are as many: that one only tells that the list goes on.
    pub fn of<K: Key>(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Page<T> {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| Cursor::of(&key(last)));
        Page { rows, next }
    }

    /// The same page with its rows made into something else; those that cannot be are left out.
    pub fn filter_map<U>(self, made: impl FnMut(T) -> Option<U>) -> Page<U> {
        Page { rows: self.rows.into_iter().filter_map(made).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventId;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn event(id: u128) -> EventId {
        EventId(Uuid::from_u128(id))
    }

    /// As a table would be read: newest first, behind the cursor.
    fn read(rows: &[(Time, EventId)], after: Option<&Cursor>, limit: usize) -> Page<(Time, EventId)> {
        let before = Cursor::before::<(Time, EventId)>(after).unwrap();
        let mut found: Vec<_> = rows.iter().copied().filter(|row| *row < before).collect();
        found.sort_by(|a, b| b.cmp(a));
        found.truncate(limit + 1);
        Page::of(found, limit, |row| *row)
    }

    proptest! {
        #[test]
        fn pages_hold_each_row_once(times in proptest::collection::vec(-2i64..3, 0..60), limit in 1usize..12) {
            let rows: Vec<_> = times.iter().enumerate().map(|(id, time)| (Time(*time), event(id as u128))).collect();
            let (mut seen, mut cursor) = (Vec::new(), None);
            loop {
                let page = read(&rows, cursor.as_ref(), limit);
                prop_assert!(page.rows.len() == limit || page.next.is_none());
                seen.extend(page.rows);
                let Some(next) = page.next else { break };
                cursor = Some(next);
            }
            let mut all = rows;
            all.sort_by(|a, b| b.cmp(a));
            prop_assert_eq!(seen, all);
        }

        #[test]
        fn keys_survive_addresses(time: i64, id: u128, rank in 0..=i64::MAX as u64) {
            let key = (Time(time), event(id));
            let cursor = Cursor::from(Cursor::of(&key).to_string());
            prop_assert_eq!(cursor.key::<(Time, EventId)>(), Ok(key));
            prop_assert!(cursor.to_string().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)));
            prop_assert_eq!(Cursor::of(&rank).key::<u64>(), Ok(rank));
        }

        #[test]
        fn nonsense_leads_nowhere(text in "[0-9A-Z.-]{0,40}|\\PC{0,20}") {
            let cursor = Cursor::from(text);
            let _ = (cursor.key::<u64>(), cursor.key::<(Time, EventId)>());
        }
    }

    #[test]
    fn cursors_of_another_list_lead_nowhere() {
        for text in ["", "1795258800000000", "1.", ".1", "1.x", "9223372036854775808.00000000000000000000000000"] {
            assert_eq!(Cursor::from(text.to_owned()).key::<(Time, EventId)>(), Err(Error::NotFound), "{text}");
        }
        for text in ["", "-1", "9223372036854775808", "1.00000000000000000000000000"] {
            assert_eq!(Cursor::from(text.to_owned()).key::<u64>(), Err(Error::NotFound), "{text}");
        }
    }
}
