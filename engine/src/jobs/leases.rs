//! The table `jobs`: who runs what until when, and how it went. Taking, renewing and giving back are conditional updates.

use crate::{
    accounts::Actor,
    audit,
    clock::Clock,
    db::{Db, Lane, Tx},
};
use model::{Job, JobLine, Span, Time, administration::AuditAction};
use std::time::Duration;
use tokio::time::Instant;

/// The first pause after a failure; each further failure doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long a job rests that failed so many times in a row.
pub(super) fn pause(failures: i64) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failures.clamp(0, 30)).min(LONGEST_PAUSE)
}

/// The leases as one node sees them. Cheap to clone.
#[derive(Clone)]
pub(super) struct Leases {
    pub db: Db,
    pub clock: Clock,
    /// Which node this is.
    pub node: i64,
    /// How long a lease lasts.
    pub lasts: Duration,
}

/// A job's row.
#[derive(sqlx::FromRow)]
pub(super) struct StoredJob {
    pub name: String,
    pub due_at: Time,
    pub leased_until: Option<Time>,
    last_started_at: Option<Time>,
    last_ended_at: Option<Time>,
    pub failures: i64,
    last_failed_at: Option<Time>,
    last_error: Option<String>,
}

impl StoredJob {
    fn is_held(&self, now: Time) -> bool {
        self.leased_until.is_some_and(|until| now < until)
    }

    /// Whether a node may take it.
    pub fn is_free(&self, now: Time) -> bool {
        self.due_at <= now && !self.is_held(now)
    }

    /// For the admin.
    pub fn line(&self, job: Job, now: Time) -> JobLine {
        let took = self.last_started_at.zip(self.last_ended_at).map(|(started, ended)| ended.since(started));
        JobLine {
            job,
            held: self.is_held(now),
            due_at: self.due_at,
            started_at: self.last_started_at,
            took: took.filter(|took| *took >= Span::ZERO),
            failures: self.failures as u64,
            failed: self.last_failed_at.zip(self.last_error.clone()),
        }
    }
}

/// A run that ended.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    /// When it began.
    pub started: Instant,
    /// When it ended.
    pub ended: Instant,
    /// Those before it in a row, and this one.
    pub failures: i64,
    /// What it failed with.
    pub error: Option<String>,
}

impl Leases {
    /// Makes the rows that are missing, and frees what this node held when it last ran.
    ///
    /// # Errors
    /// The database's.
    pub async fn prepare(&self, jobs: &[Job]) -> Result<(), sqlx::Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        for job in jobs {
            tx.sql("insert into jobs (name, due_at, failures) values ($1, 0, 0) on conflict (name) do nothing")
                .bind(job.name())
                .run()
                .await?;
        }
        self.free(&mut tx).await?;
        tx.commit().await
    }

    /// Every row, and the time they are to be compared with.
    ///
    /// # Errors
    /// The database's.
    pub async fn read(&self) -> Result<(Time, Vec<StoredJob>), sqlx::Error> {
        // Before the rows: what is free by it is free.
        let now = self.db.time(&self.clock).await?;
        let rows = self.db.sql(
            "select name, due_at, leased_until, last_started_at, last_ended_at, failures, last_failed_at, last_error
             from jobs",
        );
        Ok((now, rows.all().await?))
    }

    /// Takes a job if it is due and free; whether it was.
    ///
    /// # Errors
    /// The database's.
    pub async fn take(&self, job: Job) -> Result<bool, sqlx::Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let now = tx.time(&self.clock).await?;
        let taken = tx
            .sql(
                "update jobs set leased_by = $2, leased_until = $3, due_at = $3, last_started_at = $4
                 where name = $1 and due_at <= $4 and (leased_until is null or leased_until <= $4)",
            )
            .bind(job.name())
            .bind(self.node)
            .bind(now + self.lasts)
            .bind(now)
            .run()
            .await?;
        tx.commit().await?;
        Ok(taken == 1)
    }

    /// Goes on holding jobs, noting their last run, and whether it is known by now that somebody asked for them: who asks meanwhile is
    /// seen at the next look. Those that are somebody else's by now.
    ///
    /// # Errors
    /// The database's.
    pub async fn renew(&self, held: &[(Job, Option<Ended>, bool)]) -> Result<Vec<Job>, sqlx::Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let now = tx.time(&self.clock).await?;
        let (until, mut lost) = (now + self.lasts, Vec::new());
        for (job, ended, is_known) in held {
            if *is_known {
                let known = tx.sql("update jobs set due_at = leased_until where name = $1 and leased_by = $2");
                known.bind(job.name()).bind(self.node).run().await?;
            }
            if !self.note(&mut tx, *job, now, Some(until), until, ended.as_ref()).await? {
                lost.push(*job);
            }
        }
        tx.commit().await?;
        Ok(lost)
    }

    /// Gives a job back after a run: due again one period after that began, or after a pause when it failed.
    ///
    /// # Errors
    /// The database's.
    pub async fn give_back(&self, job: Job, every: Duration, ended: &Ended) -> Result<(), sqlx::Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let now = tx.time(&self.clock).await?;
        let due_at = match &ended.error {
            Some(_) => now + pause(ended.failures),
            None => now - ended.started.elapsed() + every,
        };
        self.note(&mut tx, job, now, None, due_at, Some(ended)).await?;
        tx.commit().await
    }

    /// Writes a row of this node's; whether it still was.
    async fn note(
        &self,
        tx: &mut Tx,
        job: Job,
        now: Time,
        until: Option<Time>,
        due_at: Time,
        ended: Option<&Ended>,
    ) -> Result<bool, sqlx::Error> {
        let ended_at = ended.map(|ended| now - ended.ended.elapsed());
        let error = ended.and_then(|ended| ended.error.clone());
        let noted = tx
            .sql(
                // It stays due where somebody asked for it meanwhile.
                "update jobs set leased_until = $3,
                    due_at = case when due_at < leased_until then due_at else $4 end, last_started_at = coalesce($5, last_started_at),
                    last_ended_at = coalesce($6, last_ended_at), failures = coalesce($7, failures),
                    last_failed_at = coalesce($8, last_failed_at), last_error = coalesce($9, last_error)
                 where name = $1 and leased_by = $2 and leased_until is not null",
            )
            .bind(job.name())
            .bind(self.node)
            .bind(until)
            .bind(due_at)
            .bind(ended.map(|ended| now - ended.started.elapsed()))
            .bind(ended_at)
            .bind(ended.map(|ended| ended.failures))
            .bind(ended_at.filter(|_| error.is_some()))
            .bind(error)
            .run()
            .await?;
        Ok(noted == 1)
    }

    /// Gives back everything that this node holds, due at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn leave(&self) -> Result<(), sqlx::Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        self.free(&mut tx).await?;
        tx.commit().await
    }

    async fn free(&self, tx: &mut Tx) -> Result<(), sqlx::Error> {
        let now = tx.time(&self.clock).await?;
        tx.sql("update jobs set leased_until = null, due_at = $2 where leased_by = $1 and leased_until is not null")
            .bind(self.node)
            .bind(now)
            .run()
            .await?;
        Ok(())
    }

    /// Makes a job due at once. A node that holds it goes on holding it, and sees that it is due.
    ///
    /// # Errors
    /// The database's.
    pub async fn ask(&self, actor: &Actor, job: Job) -> Result<(), sqlx::Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        audit::note(&mut tx, self.clock.now(), actor, AuditAction::RunJob, job.name(), "").await?;
        let now = tx.time(&self.clock).await?;
        tx.sql("update jobs set due_at = $2 where name = $1 and due_at > $2").bind(job.name()).bind(now).run().await?;
        tx.commit().await
    }
}
