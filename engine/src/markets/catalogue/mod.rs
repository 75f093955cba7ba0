//! Items taken from the public catalogue: its pages are fetched several at a time, written in chunks, and noted when they are written.
//! What was cut short goes on with the pages that are missing. Whatever is there already stays; the same item twice is one.

mod source;

pub use source::Catalogue;

use super::{Markets, import, write_item};
use crate::{
    Error,
    clock::Clock,
    db::{Db, Dialect, Lane, Tx},
    ids,
};
use futures::{StreamExt, stream};
use model::{DAY, HOUR, ItemDraft, Span, Time, text};
use source::{PAGE, Rows};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Pages that are fetched at once.
pub const AT_ONCE: usize = 6;
/// The name of this import in the database.
const ITEMS: &str = "items";
/// An import that was cut short is gone on with for so long; later pages are others.
const GONE_ON_WITHIN: Span = DAY;
/// The most rows that are taken.
const MOST_ROWS: u64 = 5_000_000;
/// Items that are written in one transaction: clicks wait for it.
const CHUNK: usize = 500;
/// After so many pages that could not be fetched the others are not asked for.
const MOST_FAILURES: usize = 5;
/// When the week's import begins: Monday at four in Korea.
const WEEKDAY: i64 = 1;
const OF_DAY: Span = HOUR.times(4);

/// How far an import is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows of the catalogue.
    pub total: u64,
    /// Rows that were read, now or before it was cut short.
    pub read: u64,
    /// Items that were not there before.
    pub added: u64,
    /// Rows that cannot be used.
    pub left_out: u64,
}

/// Takes every item of a catalogue, so many pages at once, and tells how far it is after each.
///
/// # Errors
/// [`Error::Service`] when pages are missing although they were asked for several times: what was written stays, and the next
/// import goes on with them; the database's.
pub async fn import_items(
    db: &Db,
    clock: &Clock,
    catalogue: &Catalogue,
    at_once: usize,
    mut tell: impl FnMut(Imported),
) -> Result<Imported, Error> {
    let total = catalogue.rows(1, 1).await?.total.min(MOST_ROWS);
    let written = begin(db, clock, catalogue.address(), total).await?;
    let missing: Vec<u64> = (1..=total).step_by(PAGE as usize).filter(|first| !written.contains(first)).collect();
    let page = |first: u64| (first + PAGE - 1).min(total) + 1 - first;
    let mut done = Imported { total, ..Imported::default() };
    done.read = total - missing.iter().map(|first| page(*first)).sum::<u64>();
    tell(done);
    let mut pages = stream::iter(missing)
        .map(|first| async move { (first, catalogue.rows(first, first + page(first) - 1).await) })
        .buffer_unordered(at_once);
    let mut failures = Vec::new();
    while let Some((first, rows)) = pages.next().await {
        match rows {
            Ok(Rows { items, left_out, .. }) => {
                done.added += write(db, first, &items, clock.now()).await?;
                done.left_out += left_out;
                done.read += page(first);
                tell(done);
            }
            Err(failure) => failures.push(failure),
        }
        if failures.len() == MOST_FAILURES {
            break;
        }
    }
    if let Some(failure) = failures.into_iter().next() {
        return Err(failure);
    }
    end(db, clock).await?;
    Ok(done)
}

/// Begins an import, or goes on with one that was cut short: which pages it has.
async fn begin(db: &Db, clock: &Clock, source: &str, total: u64) -> Result<HashSet<u64>, Error> {
    let now = clock.now();
    let mut tx = db.begin(Lane::Other).await?;
    let before = tx
        .sql("select rows_there from imports where name = $1 and source = $2 and ended_at is null and started_at > $3");
    let before = before.bind(ITEMS.to_owned()).bind(source.to_owned()).bind(now - GONE_ON_WITHIN);
    let before: Option<(i64,)> = before.optional().await?;
    let mut written = Vec::<(i64,)>::new();
    if let Some((before,)) = before {
        if before != total as i64 {
            // What was its last page may have been a part of one, and has more rows by now.
            let last = tx.sql("delete from import_pages where name = $1 and first_row > $2");
            last.bind(ITEMS.to_owned()).bind(before - PAGE as i64 + 1).run().await?;
        }
        let there = tx.sql("update imports set rows_there = $2 where name = $1");
        there.bind(ITEMS.to_owned()).bind(total as i64).run().await?;
        written = tx.sql("select first_row from import_pages where name = $1").bind(ITEMS.to_owned()).all().await?;
    } else {
        tx.sql("delete from import_pages where name = $1").bind(ITEMS.to_owned()).run().await?;
        tx.sql(
            "insert into imports (name, source, started_at, rows_there) values ($1, $2, $3, $4)
             on conflict (name) do update set source = excluded.source, started_at = excluded.started_at,
                rows_there = excluded.rows_there, ended_at = null",
        )
        .bind(ITEMS.to_owned())
        .bind(source.to_owned())
        .bind(now)
        .bind(total as i64)
        .run()
        .await?;
    }
    tx.commit().await?;
    Ok(written.into_iter().map(|(first,)| first as u64).collect())
}

async fn end(db: &Db, clock: &Clock) -> Result<(), Error> {
    let mut tx = db.begin(Lane::Other).await?;
    tx.sql("update imports set ended_at = $2 where name = $1").bind(ITEMS.to_owned()).bind(clock.now()).run().await?;
    tx.sql("delete from import_pages where name = $1").bind(ITEMS.to_owned()).run().await?;
    Ok(tx.commit().await?)
}

/// Writes the items of a page, each once, and with the last of them that the page is written; how many were new.
async fn write(db: &Db, page: u64, items: &[ItemDraft], now: Time) -> Result<u64, Error> {
    let mut each = HashMap::new();
    for item in items {
        each.entry((text::key(&item.name), item.category.name())).or_insert(item);
    }
    let each: Vec<_> = each.into_iter().map(|((key, _), item)| (key, item)).collect();
    let mut added = 0;
    let mut left = each.as_slice();
    loop {
        let (chunk, others) = left.split_at(left.len().min(CHUNK));
        left = others;
        let mut tx = db.begin(Lane::Other).await?;
        added += write_chunk(&mut tx, chunk, now).await?;
        if left.is_empty() {
            let noted = tx.sql("insert into import_pages (name, first_row) values ($1, $2) on conflict do nothing");
            noted.bind(ITEMS.to_owned()).bind(page as i64).run().await?;
        }
        tx.commit().await?;
        if left.is_empty() {
            return Ok(added);
        }
    }
}

async fn write_chunk(tx: &mut Tx, items: &[(String, &ItemDraft)], now: Time) -> Result<u64, sqlx::Error> {
    if tx.dialect() == Dialect::Sqlite {
        let mut added = 0;
        for (_, item) in items {
            added += write_item(tx, item, now).await?;
        }
        return Ok(added);
    }
    let column = |of: fn(&(String, &ItemDraft)) -> String| items.iter().map(of).collect::<Vec<String>>();
    tx.sql(
        "insert into items (id, category, name, key, initials, created_at)
         select id, category, name, key, initials, $6
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) as item (id, category, name, key, initials)
         on conflict (key, category) do nothing",
    )
    .bind_column(items.iter().map(|_| ids::new_id(now)).collect::<Vec<Uuid>>())
    .bind_column(column(|(_, item)| item.category.name().to_owned()))
    .bind_column(column(|(_, item)| item.name.clone()))
    .bind_column(column(|(key, _)| key.clone()))
    .bind_column(column(|(_, item)| text::initials(&item.name)))
    .bind(now)
    .run()
    .await
}

/// Takes the items that come with the program; how many there are.
///
/// # Errors
/// The database's.
pub async fn import_included(db: &Db, clock: &Clock) -> Result<Imported, Error> {
    let items = import::included_items()?;
    let now = clock.now();
    let mut tx = db.begin(Lane::Other).await?;
    let mut done = Imported { total: items.len() as u64, read: items.len() as u64, ..Imported::default() };
    for item in &items {
        done.added += write_item(&mut tx, item, now).await?;
    }
    tx.commit().await?;
    Ok(done)
}

/// When the import of this week began or is to begin.
fn due_at(now: Time) -> Time {
    let since_monday = (now.civil().weekday - WEEKDAY).rem_euclid(7);
    let this_week = now.midnight() - since_monday * DAY + OF_DAY;
    if this_week <= now { this_week } else { this_week - 7 * DAY }
}

impl Markets {
    /// Takes the catalogue's items once a week, Monday at four in Korea; nothing where none is configured.
    ///
    /// # Errors
    /// As [`import_items`].
    pub(crate) async fn import_weekly(&self) -> Result<(), Error> {
        let Some(catalogue) = &self.catalogue else { return Ok(()) };
        let last = self.db.sql("select 1 from imports where name = $1 and started_at >= $2 and ended_at is not null");
        if last.bind(ITEMS.to_owned()).bind(due_at(self.clock.now())).exists().await? {
            return Ok(());
        }
        let done = import_items(&self.db, &self.clock, catalogue, AT_ONCE, |_| self.suggestions.invalidate()).await?;
        tracing::info!(rows = done.total, added = done.added, left_out = done.left_out, "the catalogue was imported");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::testing::{On, Place, both};

    both!(a_catalogue_that_grew_meanwhile_is_asked_for_its_last_page_again);
    async fn a_catalogue_that_grew_meanwhile_is_asked_for_its_last_page_again(on: On) {
        let place = Place::new(on);
        let (db, clock) = (Db::at(&place).await, Clock::manual(Time(1_795_604_400_000_000)));
        let begin = async |total: u64| {
            let mut written: Vec<_> = begin(&db, &clock, "here", total).await.unwrap().into_iter().collect();
            written.sort_unstable();
            written
        };
        let items = [ItemDraft { category: model::ItemCategory::Snacks, name: "국민과자".to_owned() }];
        assert_eq!(begin(2_000).await, [0; 0]);
        for first in [1, 1_001] {
            write(&db, first, &items, clock.now()).await.unwrap();
        }
        assert_eq!(begin(2_500).await, [1, 1_001], "both were whole");
        write(&db, 2_001, &items, clock.now()).await.unwrap();
        assert_eq!(begin(2_500).await, [1, 1_001, 2_001], "it goes on where it was");
        assert_eq!(begin(2_900).await, [1, 1_001], "the last was half a page");
        write(&db, 2_001, &items, clock.now()).await.unwrap();
        assert_eq!(begin(2_900).await, [1, 1_001, 2_001]);
    }

    #[test]
    fn a_week_begins_on_monday_at_four_in_korea() {
        let at = |day, hour, minute| Time::from_civil(2026, 11, day, hour, minute, 0).unwrap();
        // The 23rd is a Monday.
        assert_eq!(due_at(at(23, 4, 0)), at(23, 4, 0));
        assert_eq!(due_at(at(23, 3, 59)), at(16, 4, 0));
        assert_eq!(due_at(at(22, 23, 59)), at(16, 4, 0));
        assert_eq!(due_at(at(26, 13, 0)), at(23, 4, 0));
    }
}
