//! A demonstration instance: plausible people and events, a new event every few minutes, one-click sign-in and a crowd.
//!
//! Everything goes the ways that real people go: past boards were pressed through the turnstile with past stamps.

mod buyers;
mod cases;
mod crowd;
mod faces;
mod neighbours;
mod programs;
mod seed;
mod shelves;
mod slots;
mod subscriptions;

pub use crowd::{CROWD_LIMIT, CrowdProgress};

use crate::{
    Engine, Error,
    accounts::{Actor, SessionToken},
    db::{Alone, is_passing},
};
use crowd::Crowd;
use futures::{
    FutureExt,
    future::{self, BoxFuture},
};
use model::{EventCard, MINUTE, SECOND, Span};
use serde::Deserialize;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// The first event opens this long after the start.
const FIRST_OPENING: Span = MINUTE;
/// Events open this far apart.
const OPENING_EVERY: Span = MINUTE.times(3);
/// How often it is looked whether one is to be announced.
const ANNOUNCE_EVERY: Duration = Duration::from_secs(5);
/// A step of what was before that fails is tried so often.
const TRIES: u32 = 3;
/// How often it is looked whether a deal or a ticket is to be announced.
const SHELVES_EVERY: Span = MINUTE;
/// Payments of the demonstration that are made beside each other.
const AT_ONCE: usize = 8;
/// How many events are always announced.
const ANNOUNCED: usize = 3;
/// In the place of a password's hash: nobody signs in there by one.
const NO_PASSWORD: &str = "no password opens this account";

/// Whom a visitor of the demonstration can be with one click.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Persona {
    /// Enters events.
    Shopper,
    /// Runs them.
    Creator,
    /// Shares with those who live around.
    Neighbour,
    /// Has sold something, with orders to send, reviews and a month that was paid out.
    Seller,
    /// Looks after the site; only where that was asked for, see [`Demo::start`].
    Admin,
}

impl Persona {
    /// What the neighbour is called.
    const NEIGHBOUR: &str = "성수동 이웃";
    /// What the admin is called.
    const ADMIN: &str = "체험 관리자";

    fn email(self) -> &'static str {
        match self {
            Persona::Shopper => "shopper@demo.invalid",
            Persona::Creator => "creator@demo.invalid",
            Persona::Neighbour => "neighbour@demo.invalid",
            Persona::Seller => seed::SHOPS[shelves::SELLER].email,
            Persona::Admin => "admin@demo.invalid",
        }
    }
}

/// The demonstration of one engine. Cheap to clone.
#[derive(Clone)]
pub struct Demo {
    engine: Engine,
    /// Whether visitors can be its admin.
    admin: bool,
    crowd: Arc<Mutex<Option<Arc<Crowd>>>>,
    complete: Arc<watch::Sender<bool>>,
}

/// What a demonstration begins with, in the order in which it is written: what visitors look for first comes first.
#[derive(Debug, Clone, Copy)]
enum Step {
    Shelves,
    Lists,
    Past,
    Terms,
    Parties,
    PastSales,
    Businesses,
    Slots,
    Sold,
    Wishes,
    Programs,
    Cases,
}

impl Step {
    const ALL: [Step; 12] = [
        Step::Shelves,
        Step::Lists,
        Step::Past,
        Step::Terms,
        Step::Parties,
        Step::PastSales,
        Step::Businesses,
        Step::Slots,
        Step::Sold,
        Step::Wishes,
        Step::Programs,
        Step::Cases,
    ];
}

impl Demo {
    /// Gives an empty database people and what opens next, so that it can be looked at, and from now on keeps events coming: nodes take
    /// turns, and each makes what is missing. What was before is written meanwhile; see [`Demo::is_complete`]. With `admin` visitors can
    /// look after the site as well: who does so reads what is kept of every member and can call off everybody's events, so that it is
    /// for those who have the site for themselves.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(engine: &Engine, admin: bool) -> Result<Demo, Error> {
        let mut demo = Demo { engine: engine.clone(), admin: false, crowd: Arc::default(), complete: Arc::default() };
        let turn = loop {
            // While another node seeds, this one waits: no request is served before the demonstration members exist.
            match demo.turn().await? {
                Some(turn) => break turn,
                None => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        };
        seed::people(engine).await?;
        if admin {
            demo.admin = cases::admin(engine).await?;
        } else {
            cases::no_admin(engine).await?;
        }
        subscriptions::subscribe(engine).await?;
        subscriptions::settle_in(engine).await?;
        // One that was ended before anything stood there that is over begins anew.
        let is_new = !engine.events.any().await? || engine.events.home().await?.recent.is_empty();
        demo.announce(engine.clock.now() + FIRST_OPENING).await?;
        let (going_on, begun) = (demo.clone(), Arc::new(Mutex::new(Some((turn, is_new)))));
        // Boxed: within the tasks it would be on the stack several times.
        engine.tasks.restarting("demo", move || going_on.clone().go_on(begun.clone()).boxed());
        Ok(demo)
    }

    /// Where the site starts without a demonstration: nobody is admin any more because of one that was there before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ended(engine: &Engine) -> Result<(), Error> {
        cases::ended(engine).await
    }

    /// Whether visitors can look after the site as well.
    pub fn has_admin(&self) -> bool {
        self.admin
    }

    /// Whether everything is there that a demonstration begins with.
    pub fn is_complete(&self) -> bool {
        *self.complete.borrow()
    }

    /// Waits for that.
    pub async fn completed(&self) {
        // What is sent to belongs to this: it is never closed.
        let mut complete = self.complete.subscribe();
        let _ = complete.wait_for(|complete| *complete).await;
    }

    /// Writes what was before, then announces what is missing, until the program ends.
    async fn go_on(self, begun: Arc<Mutex<Option<(Alone, bool)>>>) {
        let taken = begun.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((turn, is_new)) = taken {
            for step in Step::ALL {
                let mut tries = 0;
                while let Err(error) = self.step(step, is_new).await {
                    tracing::warn!(%error, ?step, "the demonstration is not complete yet");
                    // A database that is away comes back; what is in the way of a step may stay there.
                    tries += u32::from(!matches!(&error, Error::Database(error) if is_passing(error)));
                    if tries == TRIES {
                        tracing::warn!(?step, "the demonstration goes on without a part of it");
                        break;
                    }
                    tokio::time::sleep(ANNOUNCE_EVERY).await;
                }
            }
            drop(turn);
            tracing::info!("the demonstration is there");
        }
        self.complete.send_replace(true);
        self.keep_announcing().boxed().await;
    }

    /// One step of what a demonstration begins with.
    fn step(&self, step: Step, is_new: bool) -> BoxFuture<'_, Result<(), Error>> {
        let engine = &self.engine;
        match step {
            Step::Past if is_new => boxed(|| seed::past(engine)),
            Step::PastSales if is_new => boxed(|| shelves::past(engine)),
            Step::Sold if is_new => boxed(|| shelves::sold(engine)),
            Step::Past | Step::PastSales | Step::Sold => future::ready(Ok(())).boxed(),
            Step::Shelves => boxed(|| shelves::keep(engine)),
            Step::Terms => boxed(|| seed::terms(engine)),
            Step::Lists => boxed(|| neighbours::lists(engine)),
            Step::Parties => boxed(|| neighbours::parties(engine)),
            Step::Businesses => boxed(|| seed::businesses(engine)),
            Step::Slots => boxed(|| slots::keep(engine)),
            Step::Wishes => boxed(|| subscriptions::wish(engine)),
            Step::Programs => boxed(|| programs::keep(engine)),
            Step::Cases if self.admin => boxed(|| cases::wait(engine)),
            Step::Cases => future::ready(Ok(())).boxed(),
        }
    }

    /// Announces what is missing, until the program ends.
    async fn keep_announcing(self) {
        let mut shelves_at = self.engine.clock.now() + SHELVES_EVERY;
        let (mut day, mut meets) = (self.engine.clock.now().day(), neighbours::meets_next(self.engine.clock.now()));
        loop {
            tokio::time::sleep(ANNOUNCE_EVERY).await;
            let now = self.engine.clock.now();
            let shelves = now >= shelves_at;
            if shelves {
                shelves_at = now + SHELVES_EVERY;
            }
            let is_new_day = now.day() != day;
            let meets_later = neighbours::meets_next(now) != meets;
            if let Err(error) = self.announce_missing(shelves, is_new_day, meets_later).await {
                tracing::warn!(%error, "no demonstration event could be announced");
            }
            (day, meets) = (now.day(), neighbours::meets_next(now));
        }
    }

    /// Alone among the nodes, as long as what is returned is kept.
    async fn turn(&self) -> Result<Option<Alone>, Error> {
        Ok(self.engine.db.demonstrating().await?)
    }

    async fn announce_missing(&self, shelves: bool, is_new_day: bool, meets_later: bool) -> Result<(), Error> {
        // Not now is soon enough: another node is announcing.
        if let Some(_turn) = self.turn().await? {
            self.announce(self.engine.clock.now() + OPENING_EVERY).await?;
            if shelves {
                shelves::keep(&self.engine).await?;
            }
            if is_new_day {
                slots::keep(&self.engine).await?;
                neighbours::parties(&self.engine).await?;
            }
            if meets_later {
                neighbours::owns(&self.engine).await?;
            }
        }
        Ok(())
    }

    /// Announces events until [`ANNOUNCED`] lie ahead, the first of them at `first` or before.
    async fn announce(&self, first: model::Time) -> Result<(), Error> {
        let next = self.engine.events.home().await?.next;
        let soon: Vec<&EventCard> =
            next.iter().filter(|event| event.moments.opens_at < first + ANNOUNCED as i64 * OPENING_EVERY).collect();
        let mut opens_at = soon.iter().map(|event| event.moments.opens_at + OPENING_EVERY).max().unwrap_or(first);
        if soon.first().is_none_or(|event| event.moments.opens_at > first + 30 * SECOND) {
            opens_at = first;
        }
        for _ in soon.len()..ANNOUNCED {
            seed::event(&self.engine, opens_at).await?;
            opens_at = opens_at + OPENING_EVERY;
        }
        Ok(())
    }

    /// Signs a visitor in as a demonstration member.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] when there is no such person; the database may fail.
    pub async fn sign_in(&self, persona: Persona) -> Result<SessionToken, Error> {
        if persona == Persona::Admin && !self.admin {
            return Err(model::Error::NotFound.into());
        }
        let member = self.engine.accounts.by_email(persona.email()).await?.ok_or(model::Error::NotFound)?;
        self.engine.accounts.sessions.start(member, "demonstration").await
    }

    /// Sends `people` (at most [`CROWD_LIMIT`]) into the event that opens next. One crowd at a time.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] when no event is open or to come; for whoever is no creator; the database may fail.
    pub async fn send_crowd(&self, actor: &Actor, people: usize) -> Result<CrowdProgress, Error> {
        actor.creator()?;
        if let Some(running) = self.crowd_progress()
            && !running.done
        {
            return Ok(running);
        }
        let crowd = crowd::send(&self.engine, people.min(CROWD_LIMIT)).await?;
        let progress = crowd.progress();
        *self.crowd.lock().unwrap_or_else(PoisonError::into_inner) = Some(crowd);
        Ok(progress)
    }

    /// How far the latest crowd is.
    pub fn crowd_progress(&self) -> Option<CrowdProgress> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|crowd| crowd.progress())
    }
}

/// Makes a future where it is boxed, and not in its caller: those of all steps together are too much for the stack of a thread.
#[inline(never)]
fn boxed<'a, F>(make: impl FnOnce() -> F) -> BoxFuture<'a, Result<(), Error>>
where
    F: Future<Output = Result<(), Error>> + Send + 'a,
{
    make().boxed()
}

/// An engine that takes practice payments, on a clock of its own, to try parts of a demonstration on.
#[cfg(test)]
async fn engine_at(place: &testing::Place, clock: crate::clock::Clock) -> Engine {
    Engine::start_with(
        crate::db::Db::at(place).await,
        crate::pictures::PictureStore::folder(&place.folder().join("pictures")).await.unwrap(),
        clock,
        crate::accounts::Passwords::weak().unwrap(),
        None,
        crate::Services { payments: vec![crate::payments::ProviderKind::Sandbox], ..crate::Services::default() },
        crate::tasks::Tasks::surviving(),
    )
    .await
}
