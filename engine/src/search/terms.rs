//! What many look for: counted by the hour, without who; shown once several did.

use super::{Search, following::hour};
use crate::{
    Error, background,
    db::{Dialect, Lane},
    limits::Searcher,
};
use model::search::Reading;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Hours that count.
const WINDOW: i64 = 24;
/// As many have to look for a term before others are shown it: it says something of nobody.
const LEAST: i64 = 3;
/// How many are shown.
const SHOWN: i64 = 10;
/// Different terms that are kept until they are written; more are not counted.
const WAITING: usize = 1_000;
/// As many are written in one transaction: presses wait for it.
const AT_ONCE: usize = 50;
/// How often they are written, and how long what was read is shown.
const WRITE_EVERY: Duration = Duration::from_secs(3);
const READ_EVERY: Duration = Duration::from_secs(5);
/// Letters of a term; what is longer nobody else types.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=20;
/// More digits are somebody's number.
const DIGITS: usize = 4;

/// Terms on this node.
#[derive(Default)]
pub(super) struct Terms {
    /// Counted and not written yet.
    waiting: Mutex<HashMap<String, i64>>,
    /// What was read last, and when.
    shown: tokio::sync::Mutex<Option<(Instant, Vec<String>)>>,
}

/// What of a reading is counted: nothing that may be a person's number or address.
fn counted(typed: &str, reading: &Reading) -> Option<String> {
    let text = reading.instead.as_deref().unwrap_or(typed);
    let term = model::search::fold(text).join(" ");
    let letters = term.chars().count();
    let digits = term.chars().filter(|c| c.is_numeric()).count();
    (LENGTH.contains(&letters) && digits <= DIGITS && !typed.contains('@')).then_some(term)
}

impl Search {
    /// Counts what somebody looked for and found, once in an hour for each of them.
    pub(super) async fn count(&self, typed: &str, reading: &Reading, who: Searcher) {
        let Some(term) = counted(typed, reading) else { return };
        if self.limits.term(who, &term).await.is_err() {
            return;
        }
        let mut waiting = self.shared.terms.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING || waiting.contains_key(&term) {
            *waiting.entry(term).or_default() += 1;
        }
    }

    /// Writes counted terms until the program ends.
    pub(crate) async fn keep_terms(self) {
        let mut removed = None;
        loop {
            tokio::time::sleep(WRITE_EVERY).await;
            if let Err(error) = self.write_terms(&mut removed).await {
                tracing::warn!(%error, "terms of the search were not counted");
            }
        }
    }

    /// Writes what was counted, some at a time; in a new hour it removes what counts no longer.
    ///
    /// # Errors
    /// When the database fails: what of it was not written yet is lost.
    async fn write_terms(&self, removed: &mut Option<i64>) -> Result<(), Error> {
        let now = hour(self.clock.now());
        let waiting = std::mem::take(&mut *self.shared.terms.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let is_new = *removed != Some(now);
        if waiting.is_empty() && !is_new {
            return Ok(());
        }
        let mut terms: Vec<_> = waiting.into_iter().collect();
        // Other nodes count too: all in the same order, so that no two wait for each other.
        terms.sort_unstable();
        for some in terms.chunks(AT_ONCE) {
            let began = Instant::now();
            self.write_some(now, some).await?;
            background::rest(began).await;
        }
        if is_new {
            let mut tx = self.db.begin(Lane::Other).await?;
            tx.sql("delete from search_terms where hour < $1").bind(now - 2 * WINDOW).run().await?;
            tx.commit().await?;
        }
        *removed = Some(now);
        Ok(())
    }

    async fn write_some(&self, hour: i64, terms: &[(String, i64)]) -> Result<(), sqlx::Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let insert = match tx.dialect() {
            Dialect::Sqlite => tx
                .sql(
                    "insert into search_terms (hour, term, count)
                     select $1, value ->> 0, value ->> 1 from json_each($2) where true
                     on conflict (hour, term) do update set count = count + excluded.count",
                )
                .bind(hour)
                .bind_json(terms),
            Dialect::Postgres => tx
                .sql(
                    "insert into search_terms (hour, term, count)
                     select $1, term, count from unnest($2::text[], $3::bigint[]) as counted (term, count)
                     on conflict (hour, term) do update set count = search_terms.count + excluded.count",
                )
                .bind(hour)
                .bind_column(terms.iter().map(|(term, _)| term.clone()).collect::<Vec<_>>())
                .bind_column(terms.iter().map(|(_, count)| *count).collect::<Vec<_>>()),
        };
        insert.run().await?;
        tx.commit().await
    }

    /// What many looked for in the last 24 hours, the most first.
    ///
    /// # Errors
    /// The database's.
    pub async fn terms(&self) -> Result<Vec<String>, Error> {
        // One reads, and whoever comes meanwhile waits for that.
        let mut shown = self.shared.terms.shown.lock().await;
        if let Some((_, terms)) = shown.as_ref().filter(|(read, _)| read.elapsed() < READ_EVERY) {
            return Ok(terms.clone());
        }
        let rows: Vec<(String, i64)> = self
            .db
            .sql(
                "select term, cast(sum(count) as bigint) as total from search_terms where hour > $1
                 group by term having sum(count) >= $2 order by total desc, term limit $3",
            )
            .bind(hour(self.clock.now()) - WINDOW)
            .bind(LEAST)
            .bind(SHOWN)
            .all()
            .await?;
        let terms: Vec<String> = rows.into_iter().map(|(term, _)| term).collect();
        *shown = Some((Instant::now(), terms.clone()));
        Ok(terms)
    }

    /// Notes terms as if they had been looked for: for a demonstration.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn demonstrate_terms(&self, terms: &[(&str, i64)]) -> Result<(), Error> {
        let terms = terms.iter().map(|(term, count)| ((*term).to_owned(), *count));
        self.shared.terms.waiting.lock().unwrap_or_else(PoisonError::into_inner).extend(terms);
        self.write_terms(&mut None).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::search::readings;

    #[test]
    fn nothing_of_a_person_is_counted() {
        let of = |text: &str| counted(text, &readings(text)[0]);
        assert_eq!(of(" 수달  머그!"), Some("수달 머그".into()));
        assert_eq!(counted("tnekf", &readings("tnekf")[1]), Some("수달".into()));
        for text in ["010-1234-5678", "otter@example.com", "수", "20261126-000123", &"가".repeat(21)] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
