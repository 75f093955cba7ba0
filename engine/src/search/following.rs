//! The task that keeps a node's index as the database is: it reads which things changed, reads those again, and writes them.
//!
//! An index that is missing, of another version, or made from another history of the database is made anew from its tables, while the old
//! one answers. Nothing that goes wrong here reaches whoever asks for a page.

use super::{
    Search,
    documents::{self, Source},
    index::{Home, Position, Writing, in_memory, seconds},
};
use crate::{
    Error, background,
    db::{Dialect, Lane},
};
use model::{EventId, SECOND, Time};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tantivy::TantivyError;
use uuid::Uuid;

/// How often is looked for changes: what is written is found within a second.
const EVERY: Duration = Duration::from_millis(250);
/// Changes that are read at once.
const CHANGES: i64 = 1_000;
/// A number that is missing for so long is of a transaction that was undone: none lasts longer.
const UNDONE_AFTER: Duration = Duration::from_secs(60);
/// So many changes before the newest are read again after an index was made: those of transactions that were at work meanwhile.
const AT_WORK: i64 = 20_000;
/// Things that are read at once while an index is made, and the pause behind them: nobody is in a hurry.
const MADE_AT_ONCE: i64 = 1_000;
const MAKE_PAUSE: Duration = Duration::from_millis(1);
/// Changes that are kept. An index that lies further behind is made anew.
const KEPT: i64 = 200_000;
/// Of older changes so many are removed at once, so often.
const REMOVED_AT_ONCE: i64 = 5_000;
const REMOVE_EVERY: Duration = Duration::from_secs(600);
/// How often is looked how popular is what is not over, and of how many events at once: those that follow have their turn after a rest.
/// With a thousand at once whoever searched beside it waited for 30 ms.
const POPULAR_EVERY: Duration = Duration::from_secs(30);
const POPULAR: i64 = if cfg!(test) { 2 } else { 25 };
/// A pause after something failed; for so long, too, another process's hold on the folder is waited for.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
const HELD: u32 = 3;
/// The longest pause while there is no room on the disk.
const WITHOUT_ROOM: Duration = Duration::from_secs(30);
/// So often in a row an index is opened again that could not be written to; one that was written to for so long begins to count anew.
const UNWRITTEN: u32 = 3;
const WRITTEN_FOR: Duration = Duration::from_secs(60);

/// Why an index is left.
enum Left {
    /// It is not of this database, or cannot be written to: another one is to be made.
    Useless(String),
    /// What changed could not be written to it, such as on a full disk: what it has is still found.
    Unwritten(String),
    /// The database failed: the same may work a moment later.
    Failed(Error),
}

impl From<Error> for Left {
    fn from(error: Error) -> Left {
        Left::Failed(error)
    }
}

impl From<sqlx::Error> for Left {
    fn from(error: sqlx::Error) -> Left {
        Left::Failed(error.into())
    }
}

impl From<TantivyError> for Left {
    fn from(error: TantivyError) -> Left {
        Left::Useless(error.to_string())
    }
}

/// Waits until the disk takes something again.
async fn wait_for_room(home: &Home) {
    let mut pause = AFTER_FAILURE;
    while home.lacks_room() {
        metrics::counter!("search_without_room_total").increment(1);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(WITHOUT_ROOM);
    }
}

/// An index that is followed up.
struct Followed {
    writing: Arc<Mutex<Writing>>,
    /// The last change that was read.
    read: Position,
    /// The last one before which nothing is missing: from here it is read on after a restart.
    sure: Position,
    /// Numbers that were passed over, and since when they are missing.
    missing: BTreeMap<i64, Instant>,
    /// The last event of which was looked how popular it is, by when it closes; `None` once that was done of all of them.
    looked_at: Option<(Time, EventId)>,
}

#[derive(sqlx::FromRow)]
struct Change {
    number: i64,
    mark: String,
    kind: String,
    id: Uuid,
}

/// Does something with an index that may take a while.
async fn with<T: Send + 'static>(
    writing: &Arc<Mutex<Writing>>,
    work: impl FnOnce(&mut Writing) -> tantivy::Result<T> + Send + 'static,
) -> Result<T, Left> {
    let writing = writing.clone();
    let done = background::block(move || work(&mut writing.lock().unwrap_or_else(PoisonError::into_inner)));
    match done.await {
        Ok(done) => Ok(done?),
        Err(error) => Err(Left::Useless(error.to_string())),
    }
}

impl Search {
    /// Follows the database until the program ends.
    pub(crate) async fn follow(self) {
        let home = self.home().await;
        let mut opened = home.as_ref().and_then(Home::open);
        // Where one could not be written there, the next is made in memory.
        let mut in_folder = true;
        let mut unwritten = 0;
        loop {
            let began = Instant::now();
            let left = match opened.take() {
                Some((writing, position)) => {
                    // Before what changed meanwhile is in it: it is as it was a moment ago.
                    self.serve(writing.serving()).await;
                    self.keep_up(writing, position).await
                }
                None => match self.make(home.as_ref().filter(|_| in_folder)).await {
                    Ok(made) => {
                        opened = Some(made);
                        continue;
                    }
                    Err(left) => {
                        in_folder &= matches!(left, Left::Failed(_));
                        left
                    }
                },
            };
            match left {
                Left::Useless(why) => tracing::info!(why, "the index of the search is made anew"),
                Left::Unwritten(why) => {
                    tracing::error!(why, "the index of the search cannot be written to: it answers as it is");
                    if let Some(home) = &home {
                        wait_for_room(home).await;
                    }
                    // From the last that was written. Where there is room and it fails again and again, it is made anew.
                    unwritten = if began.elapsed() > WRITTEN_FOR { 1 } else { unwritten + 1 };
                    if unwritten <= UNWRITTEN {
                        opened = home.as_ref().filter(|_| in_folder).and_then(Home::open);
                    }
                }
                Left::Failed(error) => {
                    tracing::warn!(%error, "the search does not follow the database for now");
                    opened = home.as_ref().filter(|_| in_folder).and_then(Home::open);
                }
            }
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }

    /// Takes the node's folder, unless it cannot be written to or another process has it.
    async fn home(&self) -> Option<Home> {
        let folder = self.shared.folder.clone()?;
        for attempt in 0.. {
            match Home::take(&folder) {
                Ok(home) => return Some(home),
                // What was at work here a moment ago may still be ending.
                Err(_) if attempt < HELD => tokio::time::sleep(AFTER_FAILURE).await,
                Err(error) => {
                    tracing::warn!(error, folder = %folder.display(), "the index of the search is kept in memory");
                    return None;
                }
            }
        }
        None
    }

    /// Makes an index of everything that is there, in the folder or else in memory.
    async fn make(&self, home: Option<&Home>) -> Result<(Writing, Position), Left> {
        let began = Instant::now();
        let writing = match home.map(Home::create) {
            Some(Ok(writing)) => writing,
            Some(Err(error)) => {
                tracing::warn!(%error, "the index of the search is kept in memory");
                in_memory()?
            }
            None => in_memory()?,
        };
        let position = self.beginning().await?;
        let writing = Arc::new(Mutex::new(writing));
        let mut count = 0;
        for source in Source::ALL {
            let mut after = Uuid::nil();
            loop {
                let found = documents::after(&self.db, source, after, MADE_AT_ONCE).await?;
                let Some(last) = found.last() else { break };
                after = last.id;
                count += found.len();
                with(&writing, move |writing| found.iter().try_for_each(|document| writing.add(document))).await?;
                tokio::time::sleep(MAKE_PAUSE).await;
            }
        }
        let reached = position.clone();
        with(&writing, move |writing| writing.commit(&reached)).await?;
        let Some(writing) = Arc::into_inner(writing) else {
            return Err(Left::Useless("it is still written to".into()));
        };
        let writing = writing.into_inner().unwrap_or_else(PoisonError::into_inner);
        let made = background::block(move || writing.made()).await;
        let writing = made.map_err(|error| Left::Useless(error.to_string()))??;
        self.serve(writing.serving()).await;
        if let Some(home) = home {
            home.keep(&writing);
        }
        let took = began.elapsed();
        tracing::info!(count, took_ms = took.as_millis() as u64, "the index of the search was made");
        metrics::histogram!("search_made_seconds").record(took.as_secs_f64());
        Ok((writing, position))
    }

    /// From which change on an index has to be followed up that is made from now on.
    async fn beginning(&self) -> Result<Position, Left> {
        let (newest,): (i64,) = self.db.sql("select max(number) from search_changes").one().await?;
        // In SQLite one writes at a time, and nothing is at work.
        let from = if self.db.dialect() == Dialect::Sqlite { newest } else { newest - AT_WORK };
        let (number, mark): (i64, String) = self
            .db
            .sql("select number, mark from search_changes where number >= $1 order by number limit 1")
            .bind(from)
            .one()
            .await?;
        Ok(Position::new(number, mark))
    }

    /// Follows up an index for as long as it can be.
    async fn keep_up(&self, writing: Writing, position: Position) -> Left {
        let mut followed = Followed {
            writing: Arc::new(Mutex::new(writing)),
            read: position.clone(),
            sure: position,
            missing: BTreeMap::new(),
            looked_at: None,
        };
        let (mut removed, mut popular) = (None::<Instant>, None::<Instant>);
        let mut caught_up = Instant::now();
        let due = |last: &mut Option<Instant>, every| {
            let due = last.is_none_or(|last| last.elapsed() >= every);
            if due {
                *last = Some(Instant::now());
            }
            due
        };
        loop {
            let step = async {
                let more = self.catch_up(&mut followed).await?;
                // What was begun goes on between changes, which do not wait for its end.
                if followed.looked_at.is_some() || due(&mut popular, POPULAR_EVERY) {
                    let began = Instant::now();
                    self.note_popularity(&mut followed).await?;
                    background::rest_long(began).await;
                }
                if due(&mut removed, REMOVE_EVERY) {
                    self.remove_old().await?;
                }
                Ok::<bool, Left>(more)
            };
            let step = step.await;
            if matches!(step, Ok(false)) {
                caught_up = Instant::now();
            }
            // Since when there is something that is not written: however it comes, of a failure or of a rush.
            metrics::gauge!("search_behind_seconds").set(caught_up.elapsed().as_secs_f64());
            match step {
                Ok(more) if more || followed.looked_at.is_some() => {}
                Ok(_) => {
                    // Asking by one key costs less than having every writer tell; who could not read the index wakes it.
                    let _ = tokio::time::timeout(EVERY, self.shared.wake.notified()).await;
                }
                Err(Left::Failed(error)) => {
                    tracing::warn!(%error, "the search does not follow the database for now");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
                Err(left) => return left,
            }
        }
    }

    /// Writes what changed since; whether there may be more.
    async fn catch_up(&self, followed: &mut Followed) -> Result<bool, Left> {
        if self.shared.unreadable.swap(false, std::sync::atomic::Ordering::Relaxed) {
            return Err(Left::Useless("it cannot be read".into()));
        }
        if !with(&followed.writing, |writing| Ok(writing.is_there())).await? {
            return Err(Left::Useless("its folder is gone".into()));
        }
        let late = self.late(followed).await?;
        let mut changes: Vec<Change> = self
            .db
            .sql("select number, mark, kind, id from search_changes where number >= $1 order by number limit $2")
            .bind(followed.read.number)
            .bind(CHANGES)
            .all()
            .await?;
        // The last one that was read is read again: where it is another, or none, this is another history of the database.
        if changes
            .first()
            .is_none_or(|first| (first.number, &first.mark) != (followed.read.number, &followed.read.mark))
        {
            return Err(Left::Useless("the database is not the one that it was made from".into()));
        }
        let more = changes.len() as i64 == CHANGES;
        changes.remove(0);
        // What is not written yet: as many as were read, or at least so many.
        metrics::gauge!("search_behind_changes").set((changes.len() + late.len()) as f64);
        if changes.is_empty() && late.is_empty() {
            return Ok(false);
        }
        let sequential = self.db.dialect() == Dialect::Sqlite;
        for change in &changes {
            if !sequential {
                let now = Instant::now();
                followed.missing.extend((followed.read.number + 1..change.number).map(|number| (number, now)));
            }
            followed.read = Position::new(change.number, change.mark.clone());
        }
        changes.extend(late);
        if followed.missing.is_empty() {
            followed.sure = followed.read.clone();
        }
        let ids = self.changed(&changes).await?;
        self.write(followed, ids).await?;
        metrics::counter!("search_changes_total").increment(changes.len() as u64);
        Ok(more)
    }

    /// Changes whose numbers were passed over: their transactions were at work beside later ones.
    async fn late(&self, followed: &mut Followed) -> Result<Vec<Change>, Left> {
        // Those that follow each other are looked for together: however far apart the others are, nothing between them is read again.
        let mut runs: Vec<(i64, i64)> = Vec::new();
        for number in followed.missing.keys() {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == *number => *last = *number,
                _ => runs.push((*number, *number)),
            }
        }
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let (firsts, lasts): (Vec<i64>, Vec<i64>) = runs.into_iter().unzip();
        // In SQLite none is ever missing.
        let rows: Vec<Change> = self
            .db
            .sql(
                "select c.number, c.mark, c.kind, c.id from unnest($1::bigint[], $2::bigint[]) runs (low, high)
                 join search_changes c on c.number >= runs.low and c.number <= runs.high",
            )
            .bind_column(firsts)
            .bind_column(lasts)
            .all()
            .await?;
        let late: Vec<_> = rows.into_iter().filter(|row| followed.missing.remove(&row.number).is_some()).collect();
        followed.missing.retain(|_, since| since.elapsed() < UNDONE_AFTER);
        Ok(late)
    }

    /// Which things the changes are about.
    async fn changed(&self, changes: &[Change]) -> Result<BTreeMap<Source, BTreeSet<Uuid>>, Left> {
        let mut ids: BTreeMap<Source, BTreeSet<Uuid>> = BTreeMap::new();
        for change in changes {
            let source = match change.kind.as_str() {
                "event" => Source::Event,
                "party" => Source::Party,
                "market" => Source::Market,
                "item" => Source::Item,
                "member" => {
                    // What they made is seen under their name, and not at all while they are suspended.
                    for (source, made) in [
                        (Source::Event, "select id from events where creator_id = $1 and published_at is not null"),
                        (
                            Source::Party,
                            "select id from parties where leader_id = $1 and state in ('recruiting', 'full')",
                        ),
                    ] {
                        let made: Vec<(Uuid,)> = self.db.sql(made).bind(change.id).all().await?;
                        ids.entry(source).or_default().extend(made.into_iter().map(|(id,)| id));
                    }
                    Source::Creator
                }
                _ => continue,
            };
            ids.entry(source).or_default().insert(change.id);
        }
        // A party is called after its item, and found by its market as well.
        for source in [Source::Market, Source::Item] {
            let of: Vec<Uuid> = ids.get(&source).into_iter().flatten().copied().collect();
            let parties = documents::parties_of(&self.db, source, &of).await?;
            ids.entry(Source::Party).or_default().extend(parties);
        }
        Ok(ids)
    }

    /// Reads things again and writes them, with how far the changes are read.
    async fn write(&self, followed: &mut Followed, ids: BTreeMap<Source, BTreeSet<Uuid>>) -> Result<(), Left> {
        let mut found = Vec::new();
        let mut all = Vec::new();
        for (source, ids) in ids {
            let ids: Vec<Uuid> = ids.into_iter().collect();
            found.extend(documents::by_id(&self.db, source, &ids).await?);
            all.extend(ids);
        }
        let (position, at) = (followed.sure.clone(), seconds(self.clock.now()));
        with(&followed.writing, move |writing| {
            writing.remove(all);
            found.iter().try_for_each(|document| writing.add(document))?;
            writing.commit(&position)?;
            writing.serving().look(at)
        })
        .await
        .map_err(|left| match left {
            Left::Useless(why) => Left::Unwritten(why),
            other => other,
        })
    }

    /// Looks at the next of what is not over, and writes what is not as popular as the index has it: whatever became of it while that
    /// was not followed. What is over is ordered by its time alone.
    async fn note_popularity(&self, followed: &mut Followed) -> Result<(), Left> {
        let first = (self.clock.now(), EventId(Uuid::nil()));
        let (closes_at, id) = followed.looked_at.map_or(first, |last| last.max(first));
        let rows: Vec<(EventId, Time, i64, i64)> = self
            .db
            .sql(
                "select e.id, e.closes_at, coalesce(t.total, 0),
                        (select count(*) from (select 1 from wishes w where w.event_id = e.id limit 1000) counted)
                 from events e left join tallies t on t.event_id = e.id
                 where e.published_at is not null and e.cancelled_at is null
                    and (e.closes_at, e.id) > ($1, $2)
                 order by e.closes_at, e.id limit $3",
            )
            .bind(closes_at)
            .bind(id)
            .bind(POPULAR)
            .all()
            .await?;
        let last = rows.last().filter(|_| rows.len() as i64 == POPULAR);
        followed.looked_at = last.map(|(id, closes_at, ..)| (*closes_at, *id));
        let ids: Vec<Uuid> = rows.iter().map(|(id, ..)| id.0).collect();
        let known = with(&followed.writing, move |writing| writing.popularity(&ids)).await?;
        let is_other = |total: i64, wishes: i64, known: u64| {
            u64::from(documents::popularity((total + wishes).max(0) as u64)) != known
        };
        let changed: BTreeSet<Uuid> = rows
            .into_iter()
            .filter(|(id, _, total, wishes)| known.get(&id.0).is_some_and(|known| is_other(*total, *wishes, *known)))
            .map(|(id, ..)| id.0)
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        self.write(followed, BTreeMap::from([(Source::Event, changed)])).await
    }

    /// Removes changes that every index has had the time to read; never the newest, by which an index knows its database.
    async fn remove_old(&self) -> Result<(), Left> {
        loop {
            let mut tx = self.db.begin(Lane::Other).await?;
            let removed = tx
                .sql(
                    "delete from search_changes where number in (
                        select number from search_changes where number < (select max(number) from search_changes) - $1
                        order by number limit $2)",
                )
                .bind(KEPT)
                .bind(REMOVED_AT_ONCE)
                .run()
                .await?;
            tx.commit().await?;
            if (removed as i64) < REMOVED_AT_ONCE {
                return Ok(());
            }
        }
    }
}

/// Whole hours since the epoch.
pub(super) fn hour(now: Time) -> i64 {
    now.0.div_euclid(3_600 * SECOND.micros())
}
