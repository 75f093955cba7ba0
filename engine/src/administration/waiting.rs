//! What waits for an admin, and how the site is: each by an index, and counted no further than is worth knowing.

use super::Administration;
use crate::{Error, accounts::Actor};
use model::{HOUR, MINUTE, Span, administration::Waiting};
use std::time::Duration;

/// Money that did not arrive for so long needs somebody to look.
pub(super) const REFUNDS_TAKE: Span = HOUR;
/// So long may be told what is to be told.
const TELLING_TAKES: Span = MINUTE.times(5);
/// So long may the database take to begin a write.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much of something waits.
type Counts = (i64, i64, i64, i64, i64, i64, i64, i64);

impl Administration {
    /// What waits, on the whole site, and how this node is.
    ///
    /// # Errors
    /// For others than admins; the database's.
    pub async fn waiting(&self, actor: &Actor) -> Result<Waiting, Error> {
        actor.admin()?;
        let now = self.clock.now();
        let counts: Counts = self
            .db
            .sql(
                "select
                    (select count(*) from (select distinct event_id, number from reports where done_at is null limit $1) a),
                    (select count(*) from (select distinct review_id from review_reports where done_at is null limit $1) b),
                    (select count(*) from (select 1 from penalties where appeal_state = 'open' limit $1) c),
                    (select count(*) from (select 1 from refunds where look_at is not null and owed_at < $2 limit $1) d),
                    (select count(*) from jobs where failures > 0),
                    (select count(*) from (select 1 from outbox where done_at is null and created_at < $3 limit $1) f),
                    (select count(*) from (select 1 from members where suspended_at is not null limit $1) g),
                    (select count(*) from (select 1 from members where role = 'admin' and suspended_at is null limit $1) h)",
            )
            .bind(Waiting::MOST as i64)
            .bind(now - REFUNDS_TAKE)
            .bind(now - TELLING_TAKES)
            .one()
            .await?;
        let (lines, reviews, appeals, refunds, jobs, triggers, suspended, admins) = counts;
        let written = tokio::time::timeout(PATIENCE, self.db.check_writer()).await;
        Ok(Waiting {
            lines: lines as u64,
            reviews: reviews as u64,
            appeals: appeals as u64,
            refunds: refunds as u64,
            jobs: jobs as u64,
            triggers: triggers as u64,
            suspended: suspended as u64,
            admins: admins as u64,
            writable: matches!(written, Ok(Ok(()))),
            dead_task: self.tasks.dead().map(str::to_owned),
            tasks: self.tasks.names().len() as u64,
        })
    }
}
