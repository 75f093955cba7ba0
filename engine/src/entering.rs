//! One press of the button, by whichever way it came: who may press, what is limited, and then the turnstile.

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    limits::{Limits, Searcher},
    turnstile::{ClickAnswer, EARLY_PAUSE, EventRules, Turnstile},
};
use model::{Entry, EntryError, EventId, MILLISECOND, MemberId, Time, Wish};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Presses of one member that may wait at the same time because they followed too soon on one that came too early. Nobody's thumb
/// makes so many in that time.
const WAITING: u32 = 8;

/// What a press came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// The first click: accepted.
    Entered(Entry),
    /// A further click: the same entry as before.
    Again(Entry),
}

/// Takes presses. Cheap to clone.
#[derive(Clone)]
pub struct Entering {
    turnstile: Turnstile,
    limits: Limits,
    clock: Clock,
    /// How many presses of each member wait.
    waiting: Arc<Mutex<HashMap<MemberId, u32>>>,
}

impl Entering {
    pub(crate) fn new(turnstile: Turnstile, limits: Limits, clock: Clock) -> Entering {
        Entering { turnstile, limits, clock, waiting: Arc::default() }
    }

    /// One press of the button, whose last byte was read at `read_at`, for what they wish or else chose beforehand. The answer is
    /// durable.
    ///
    /// # Errors
    /// Whatever the turnstile refuses; too many presses before the opening or with wrong codes; the site may be busy, the database
    /// may fail.
    pub async fn press(
        &self,
        actor: &Actor,
        event: EventId,
        code: Option<&str>,
        wish: Option<Wish>,
        read_at: Time,
    ) -> Result<Pressed, Error> {
        let session = actor.active()?;
        if !self.turnstile.knows(event) {
            Box::pin(self.find(event, Searcher::Member(session.member), read_at)).await?;
        }
        let code = code.filter(|code| !model::text::key(code).is_empty());
        // Boxed: the way of every other click does not carry the room that counting needs.
        if let Some(code) = code {
            Box::pin(self.may_bring(code, session.member, event, read_at)).await?;
        }
        let name = session.board_name.clone();
        let mut answer = self.turnstile.enter(event, session.member, name, read_at, code, wish).await?;
        if let ClickAnswer::PutOff(next) = answer {
            answer = Box::pin(self.press_later(actor, event, code, wish, next)).await?;
        }
        // Only what leads nowhere is ever limited: no click after the opening is held back.
        match answer {
            ClickAnswer::Entered(entry) => Ok(Pressed::Entered(entry)),
            ClickAnswer::Again(entry) => Ok(Pressed::Again(entry)),
            ClickAnswer::Refused(error) => {
                if let model::Error::Entry(EntryError::TooEarly { .. }) = error {
                    self.limits.early_click(session.member)?;
                }
                Err(error.into())
            }
            ClickAnswer::PutOff(_) => Err(model::Error::Busy.into()),
        }
    }

    /// A press that followed too soon on one that came too early is read again at `next`, and counts from then. Others do not wait.
    async fn press_later(
        &self,
        actor: &Actor,
        event: EventId,
        code: Option<&str>,
        wish: Option<Wish>,
        mut next: Time,
    ) -> Result<ClickAnswer, Error> {
        let session = actor.active()?;
        let _waits = Waits::begin(&self.waiting, session.member)?;
        // Each time at least one of those that wait is decided, so that all of them are in time, unless clocks stand still.
        for _ in 0..2 * WAITING {
            let left = next.since(self.clock.now());
            tokio::time::sleep(left.max(MILLISECOND).min(EARLY_PAUSE).into()).await;
            let (name, read_at) = (session.board_name.clone(), self.clock.now());
            if let Some(code) = code {
                // It may be after the opening by now.
                self.may_bring(code, session.member, event, read_at).await?;
            }
            match self.turnstile.enter(event, session.member, name, read_at, code, wish).await? {
                ClickAnswer::PutOff(later) => next = later,
                answer => return Ok(answer),
            }
        }
        Err(model::Error::TooMany { retry_after: 1 }.into())
    }

    /// Reads an event that is not in memory. Whoever asks for many that are not there is refused for a while.
    ///
    /// # Errors
    /// [`model::Error::NotFound`], [`model::Error::TooMany`]; the database may fail.
    pub async fn find(&self, event: EventId, who: Searcher, now: Time) -> Result<(), Error> {
        let searches = self.limits.searches(who);
        searches.allowed(now)?;
        match self.turnstile.event(event).await {
            Ok(_) => Ok(()),
            Err(error) => {
                if matches!(error, Error::Refused(model::Error::NotFound)) {
                    searches.nothing(now);
                }
                Err(error)
            }
        }
    }

    /// Whether a click may bring this code: where one is asked for, and could lead to an entry, wrong ones are counted. Before the
    /// opening none is judged: what is too early goes to the sequencer, right or wrong. They are counted before anybody hears that they are wrong, and what is right is refused to who had too many: guessing many at the
    /// same time gains nothing.
    async fn may_bring(&self, code: &str, member: MemberId, event: EventId, read_at: Time) -> Result<(), Error> {
        let handle = self.turnstile.event(event).await?;
        let EventRules { entry_code, moments, .. } = &handle.rules;
        if entry_code.is_none() || read_at < moments.opens_at || handle.ledger.certain(member).is_some() {
            return Ok(());
        }
        let limit = self.limits.codes(member, event);
        if handle.rules.lets_in(Some(code)) {
            return Ok(limit.allowed(read_at).await?);
        }
        limit.strike(read_at).await?;
        let wrong = EntryError::WrongCode.into();
        handle.refused.count(&wrong);
        Err(wrong.into())
    }
}

/// A press that waits, until it is dropped.
struct Waits<'a> {
    waiting: &'a Mutex<HashMap<MemberId, u32>>,
    member: MemberId,
}

impl<'a> Waits<'a> {
    /// One more of `member`'s.
    ///
    /// # Errors
    /// [`model::Error::TooMany`] of them wait.
    fn begin(waiting: &'a Mutex<HashMap<MemberId, u32>>, member: MemberId) -> Result<Waits<'a>, model::Error> {
        let mut counts = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(member).or_default();
        if *count >= WAITING {
            return Err(model::Error::TooMany { retry_after: 1 });
        }
        *count += 1;
        Ok(Waits { waiting, member })
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let mut counts = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.member) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.member);
            }
        }
    }
}
