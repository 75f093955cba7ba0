//! What happens by itself, and when: each job at one node at a time.
//!
//! [`model::Job`] lists the jobs, [`Work`] says what each of them does. Whichever node finds one due takes it by a lease
//! ([`leases`]: a row of the table `jobs`), and a task ([`keeper`]) runs it. A job that runs often stays with its node: it is
//! run from memory, and its row is written when the lease is renewed or a run fails. So an idle site writes next to nothing,
//! and a process of its own goes the same ways. A node that is killed is followed when its leases are over.
//!
//! All of them may run late, twice at once or be cut short: leases spare work, they protect nothing.

mod keeper;
mod leases;
#[cfg(test)]
mod tests;

use crate::{
    Error,
    accounts::{Accounts, Actor},
    addresses::Addresses,
    administration::Administration,
    channels::Channels,
    clock::Clock,
    db::Db,
    giveaways::Giveaways,
    markets::Markets,
    notices::Notices,
    parties::Parties,
    payments::Payments,
    personal::Personal,
    pictures::Sweeper,
    programs::Programs,
    sales::Sales,
    slots::Slots,
    tasks::Tasks,
    webhooks::Webhooks,
};
use futures::{FutureExt, future::BoxFuture};
use keeper::Keeper;
use leases::Leases;
use model::{Job, JobLine, Time};
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, watch};

/// How long a lease lasts unless it is renewed: so long the jobs of a killed node wait.
const LEASE: Duration = Duration::from_secs(30);

/// What the jobs do.
pub(crate) struct Work {
    pub giveaways: Giveaways,
    pub sales: Sales,
    pub slots: Slots,
    pub notices: Notices,
    pub channels: Channels,
    pub accounts: Accounts,
    pub addresses: Addresses,
    pub payments: Payments,
    pub parties: Parties,
    pub markets: Markets,
    pub administration: Administration,
    pub programs: Programs,
    pub webhooks: Webhooks,
    pub personal: Personal,
    pub sweeper: Sweeper,
}

impl Work {
    async fn run(&self, job: Job) -> Result<(), Error> {
        match job {
            Job::Project => self.giveaways.project_lagging().await,
            Job::Expire => self.giveaways.expire().await,
            Job::Remind => self.giveaways.remind().await,
            Job::Deliver => self.notices.deliver().await,
            Job::Send => self.channels.send_due().await,
            Job::Letters => {
                // One does not wait until the other goes well.
                let links = self.channels.send_password_links().await;
                links.and(self.channels.tell_old_emails().await)
            }
            Job::Settle => self.giveaways.settle().await,
            Job::Erase => {
                // What cannot be done now is done again, and holds nothing else up.
                let done = [
                    self.giveaways.erase().await,
                    self.addresses.erase().await,
                    self.sales.erase().await,
                    self.parties.erase().await,
                    self.notices.forget_reminders().await,
                    self.notices.forget_alerts().await,
                    self.notices.forget_told().await,
                    self.administration.erase().await,
                    self.webhooks.forget().await,
                    self.personal.erase().await,
                    self.sweeper.sweep_daily().await,
                ];
                done.into_iter().collect()
            }
            Job::Sessions => {
                self.accounts.sessions.delete_expired().await?;
                self.accounts.forget_departed().await?;
                self.accounts.delete_old_links().await?;
                self.accounts.forget_trips().await?;
                self.programs.forget().await
            }
            Job::Devices => self.accounts.delete_old_devices().await,
            Job::Payments => self.payments.reconcile().await,
            Job::Sales => self.sales.work().await,
            Job::Slots => self.slots.tidy().await,
            Job::Parties => {
                self.parties.expire().await?;
                self.parties.tell_unread().await
            }
            Job::Soon => {
                self.notices.remind_of_openings().await?;
                self.sales.warn().await
            }
            Job::Items => self.markets.import_weekly().await,
            Job::Webhooks => self.webhooks.work().await,
        }
    }
}

/// Runs a job once.
type Run = Arc<dyn Fn(Job) -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

/// This node's part in the jobs. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    leases: Leases,
    /// An admin asked for a run now.
    asked: Arc<Notify>,
    /// Something waits in the outbox that did not a moment ago.
    hurried: Arc<Notify>,
    leaving: watch::Sender<bool>,
    left: watch::Sender<bool>,
}

impl Jobs {
    /// Runs what is due from now on, until the program ends or [`Jobs::leave`]. A process of its own is node 0, and finds
    /// that what the run before held is its own.
    pub(crate) fn start(db: Db, clock: Clock, node: Option<u64>, work: Work, tasks: &Tasks) -> Jobs {
        let work = Arc::new(work);
        let run = move |job| {
            let work = work.clone();
            async move { work.run(job).await }.boxed()
        };
        let leases = Leases { db, clock, node: node.unwrap_or(0) as i64, lasts: LEASE };
        Jobs::run(leases, Job::ALL.to_vec(), Arc::new(run), tasks)
    }

    fn run(leases: Leases, jobs: Vec<Job>, run: Run, tasks: &Tasks) -> Jobs {
        let (leaving, left) = (watch::Sender::new(false), watch::Sender::new(false));
        let node = Jobs { leases, asked: Arc::default(), hurried: Arc::default(), leaving, left };
        let kept = node.clone();
        // One that is begun anew takes back what it held: the rows say that it is this node's.
        tasks.restarting("jobs", move || Keeper::new(kept.clone(), jobs.clone(), run.clone()).keep());
        node
    }

    /// By what the outbox is looked through before its time is there, where this node does so; another node does it at its own time.
    pub(crate) fn hurried(&self) -> Arc<Notify> {
        self.hurried.clone()
    }

    /// Gives back what this node holds and runs nothing any more: others go on at once.
    pub async fn leave(&self) {
        self.leaving.send_replace(true);
        let mut left = self.left.subscribe();
        let _ = left.wait_for(|left| *left).await;
    }

    /// Every job and how it went, and the time they were read, for admins.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others; the database may fail.
    pub async fn lines(&self, actor: &Actor) -> Result<(Time, Vec<JobLine>), Error> {
        actor.admin()?;
        let (now, rows) = self.leases.read().await?;
        let line = |job| rows.iter().find(|row| row.name == Job::name(job)).map(|row| row.line(job, now));
        Ok((now, Job::ALL.into_iter().filter_map(line).collect()))
    }

    /// Makes a job due at once, also after it failed; by an admin.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others; the database may fail.
    pub async fn run_now(&self, actor: &Actor, job: Job) -> Result<(), Error> {
        actor.admin()?;
        self.leases.ask(actor, job).await?;
        self.asked.notify_one();
        Ok(())
    }
}
