//! Which node owns which shard.
//!
//! An owner holds the shard's advisory lock in PostgreSQL, on a connection of its own that beats. The server ends a session
//! that was silent for 1.5 s, and its locks with it: a node that crashed, was stopped or is cut off owns
//! nothing soon after. The lock elects, the epoch fences: the node that takes a shard raises its epoch, and an owner from before
//! can commit nothing more.

use super::{
    messages::{self, ShardNews},
    requests::Request,
    shards::{OwnedShard, SHARDS},
};
use crate::{
    clock::Clock,
    cluster::{Bus, Position, Shard, Stream, Topic},
    db::{Db, Session},
    tasks::Tasks,
};
use model::{SECOND, Span, Time};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// How often a node shows that it is there.
const BEAT: Duration = Duration::from_millis(400);
/// A beat that takes longer has failed.
const ANSWER: Duration = Duration::from_millis(1200);
/// A node that was not seen for this long is not counted when shards are shared.
const GONE_AFTER: Span = SECOND.times(2);
/// A node whose clock is further from the database's sequences nothing.
const SKEW: Span = SECOND;
/// What is being decided when a shard is left has this long to be committed: less than a session may be silent.
const LAST_BATCH: Duration = Duration::from_secs(1);
/// A pause before connecting anew.
const PAUSE: Duration = Duration::from_millis(200);

/// What a newer node wrote.
#[derive(Default)]
struct Unread {
    /// The newest version of it.
    version: u8,
    /// Queues in which nothing more can be decided.
    streams: BTreeSet<Stream>,
}

/// Asks the election for something.
#[derive(Clone)]
pub(super) struct Election {
    /// Shards may be free: look now.
    pub look: Arc<Notify>,
    /// Somebody else owns what this node believed to own.
    pub fenced: Arc<Notify>,
    /// What this node could not read since the last look.
    unread: Arc<Mutex<Unread>>,
    leaving: watch::Sender<bool>,
    left: watch::Receiver<bool>,
}

impl Election {
    /// Runs for shards from now on, on behalf of node `node` whose runner takes `requests`.
    ///
    /// It reads what was written in any version up to `reads`.
    pub fn start(
        db: Db,
        clock: Clock,
        bus: Bus,
        node: u64,
        reads: u8,
        requests: mpsc::WeakSender<Request>,
        tasks: &Tasks,
    ) -> Election {
        let (leaving, left) = (watch::Sender::new(false), watch::Sender::new(false));
        let election = Election {
            look: Arc::default(),
            fenced: Arc::default(),
            unread: Arc::default(),
            leaving,
            left: left.subscribe(),
        };
        let candidate = Candidate {
            db,
            clock,
            bus,
            node: node as i64,
            reads,
            requests,
            held: Vec::new(),
            fit: true,
            gives_way_to: None,
            election: election.clone(),
        };
        tasks.essential("turnstile election", candidate.run(left));
        election
    }

    /// Something of a newer node's cannot be read here. While such a node is there it is to sequence instead of this one. When
    /// none is, the queue `stream` begins anew: clicks that are still without an answer are sent again, and the node that wrote
    /// what cannot be read is gone.
    pub fn unreadable(&self, version: u8, stream: Option<Stream>) {
        let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread.version = unread.version.max(version);
        unread.streams.extend(stream);
        drop(unread);
        self.look.notify_one();
    }

    /// Hands every shard over and runs for none any more. Clicks go on: others sequence them.
    pub async fn leave(&self) {
        self.leaving.send_replace(true);
        let mut left = self.left.clone();
        let _ = left.wait_for(|left| *left).await;
    }
}

#[derive(sqlx::FromRow)]
struct ShardRow {
    id: i64,
    epoch: i64,
    generation: i64,
    position_ms: i64,
    position_seq: i64,
}

struct Candidate {
    db: Db,
    clock: Clock,
    bus: Bus,
    node: i64,
    /// The newest version it reads.
    reads: u8,
    requests: mpsc::WeakSender<Request>,
    held: Vec<Shard>,
    /// Whether its clock was the database's at the last look: only then is it counted when shards are shared.
    fit: bool,
    /// While a node is there that reads this version, it sequences what this one cannot read.
    gives_way_to: Option<u8>,
    election: Election,
}

/// Why a term ended.
enum End {
    /// To begin the next.
    Again,
    /// For good.
    Left,
}

impl Candidate {
    async fn run(mut self, left: watch::Sender<bool>) {
        loop {
            match self.term().await {
                Ok(End::Left) => break,
                Ok(End::Again) => {}
                Err(error) => tracing::warn!(%error, "this node owns no shard for now"),
            }
            // The session is gone, and with it the locks.
            self.held.clear();
            metrics::gauge!("shards_owned").set(0.0);
            if !self.request(Request::LeaveAll).await || *self.election.leaving.borrow() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        left.send_replace(true);
    }

    /// As long as one session lasts.
    async fn term(&mut self) -> Result<End, sqlx::Error> {
        let mut session = in_time(self.db.session()).await?;
        in_time(
            session
                .sql("insert into shards (id, epoch, generation, position_ms, position_seq) select n, 0, 0, 0, 0 from generate_series(0, $1) n on conflict (id) do nothing")
                .bind(i64::from(SHARDS) - 1)
                .run(),
        )
        .await?;
        let mut leaving = self.election.leaving.subscribe();
        let (look, fenced) = (self.election.look.clone(), self.election.fenced.clone());
        loop {
            if *leaving.borrow_and_update() {
                // First, so that the others take at once what is let go of.
                in_time(session.sql("delete from nodes where id = $1").bind(self.node).run()).await?;
                self.share(&mut session, 0).await?;
                return Ok(End::Left);
            }
            self.give_way(&mut session).await?;
            let fair = self.beat(&mut session).await?;
            self.share(&mut session, fair).await?;
            if self.requests.strong_count() == 0 {
                return Ok(End::Left);
            }
            tokio::select! {
                () = tokio::time::sleep(BEAT) => {}
                () = look.notified() => {}
                _ = leaving.changed() => {}
                () = fenced.notified() => return Ok(End::Again),
            }
        }
    }

    /// Lets newer nodes sequence what this one cannot read, as long as there are any.
    async fn give_way(&mut self, session: &mut Session) -> Result<(), sqlx::Error> {
        let unread = std::mem::take(&mut *self.election.unread.lock().unwrap_or_else(PoisonError::into_inner));
        let version = self.gives_way_to.into_iter().chain((unread.version > 0).then_some(unread.version)).max();
        let Some(version) = version else { return Ok(()) };
        let newer_is_there: bool = in_time(
            session
                .sql("select 1 from nodes where reads >= $1 and seen_at > (extract(epoch from clock_timestamp()) * 1000000)::bigint - $2")
                .bind(i64::from(version))
                .bind(GONE_AFTER.micros())
                .exists(),
        )
        .await?;
        if newer_is_there {
            if self.gives_way_to.replace(version).is_none() {
                tracing::warn!(
                    version,
                    reads = self.reads,
                    "newer nodes write what this one cannot read: they sequence from now on"
                );
                // First, so that the others take at once what is let go of.
                in_time(session.sql("delete from nodes where id = $1").bind(self.node).run()).await?;
            }
            return Ok(());
        }
        self.gives_way_to = None;
        for stream in unread.streams {
            self.request(Request::Lost(stream)).await;
        }
        Ok(())
    }

    /// Says that this node is there; how many shards are its share.
    async fn beat(&mut self, session: &mut Session) -> Result<usize, sqlx::Error> {
        let asked_at = self.clock.now();
        let (now, nodes): (Time, i64) = in_time(
            session
                .sql(
                    "with time as (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now),
                          seen as (insert into nodes (id, seen_at, reads) select $1, now, $4 from time where $3
                                   on conflict (id) do update set seen_at = excluded.seen_at),
                          gone as (delete from nodes where seen_at < (select now from time) - 60 * $2 and id <> $1)
                     select now, (select count(*) from nodes where id <> $1 and seen_at > now - $2) + 1 from time",
                )
                .bind(self.node)
                .bind(GONE_AFTER.micros())
                .bind(self.fit && self.gives_way_to.is_none())
                .bind(i64::from(self.reads))
                .one(),
        )
        .await?;
        // It looked at its clock some time between question and answer: a slow answer says little.
        let (least, most) = (now.since(self.clock.now()), now.since(asked_at));
        let skew = (least + most) / 2;
        metrics::gauge!("clock_database_difference_us").set(skew.micros() as f64);
        self.clock.compare(skew);
        self.fit = least <= SKEW && most >= -SKEW;
        if !self.fit {
            tracing::warn!(skew_us = skew.micros(), "this node's clock is not the database's: it sequences nothing");
            return Ok(0);
        }
        if self.gives_way_to.is_some() {
            return Ok(0);
        }
        Ok(usize::from(SHARDS).div_ceil(nodes as usize))
    }

    /// Takes free shards up to a share, and leaves what is beyond it.
    async fn share(&mut self, session: &mut Session, fair: usize) -> Result<(), sqlx::Error> {
        while self.held.len() > fair {
            let Some(shard) = self.held.pop() else { break };
            let (done, left) = oneshot::channel();
            if self.request(Request::Leave(shard, done)).await {
                let _ = tokio::time::timeout(LAST_BATCH, left).await;
            }
            in_time(session.sql("select pg_advisory_unlock(59, $1::int)").bind(i64::from(shard.0)).run()).await?;
            let free = messages::encode(&ShardNews::Free);
            let _ = self.bus.publish(Topic::Shard(shard), free).await;
        }
        if self.held.len() < fair {
            let held: Vec<i64> = self.held.iter().map(|shard| i64::from(shard.0)).collect();
            // Locks are counted: one's own are not asked for again (hence materialized), and the limit stops asking.
            let locked: Vec<(i64,)> = in_time(
                session
                    .sql(
                        "with others as materialized (select id from shards where id <> all($1::bigint[]))
                         select id from others where pg_try_advisory_lock(59, id::int) limit $2",
                    )
                    .bind_column(held)
                    .bind((fair - self.held.len()) as i64)
                    .all(),
            )
            .await?;
            if !locked.is_empty() {
                let taken: Vec<ShardRow> = in_time(
                    session
                        .sql(
                            "update shards set epoch = epoch + 1, node = $2 where id = any($1::bigint[])
                             returning id, epoch, generation, position_ms, position_seq",
                        )
                        .bind_column(locked.into_iter().map(|(id,)| id).collect::<Vec<i64>>())
                        .bind(self.node)
                        .all(),
                )
                .await?;
                tracing::info!(shards = taken.len(), "shards taken");
                for row in taken {
                    let shard = Shard(row.id as u16);
                    let stream = Stream { shard, generation: row.generation as u64 };
                    let reached = Position { milliseconds: row.position_ms as u64, sequence: row.position_seq as u64 };
                    self.held.push(shard);
                    if !self
                        .request(Request::Take(OwnedShard { stream, epoch: row.epoch, reached, stopped: false }))
                        .await
                    {
                        return Err(sqlx::Error::WorkerCrashed);
                    }
                }
            }
        }
        metrics::gauge!("shards_owned").set(self.held.len() as f64);
        Ok(())
    }

    /// Whether there is still a runner to take it.
    async fn request(&self, request: Request) -> bool {
        match self.requests.upgrade() {
            Some(requests) => requests.send(request).await.is_ok(),
            None => false,
        }
    }
}

async fn in_time<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    match tokio::time::timeout(ANSWER, asked).await {
        Ok(done) => done,
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}
