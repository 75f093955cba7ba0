//! One press of the button, by whichever way it came: who may press, what is limited, and then the turnstile.

use crate::{
    Error,
    accounts::Actor,
    limits::{Limits, Searcher},
    turnstile::{Answer, Turnstile},
};
use model::{EntryError, EventId, MemberId, Time, Wish};

/// Takes presses. Cheap to clone.
#[derive(Clone)]
pub struct Entering {
    pub(crate) turnstile: Turnstile,
    pub(crate) limits: Limits,
}

impl Entering {
    /// One press of the button, read at `stamped_at`, for what they wish or else chose beforehand. The answer is durable.
    ///
    /// # Errors
    /// Too many presses before the opening or with wrong codes are refused; the site may be busy, the database may fail.
    pub async fn press(
        &self,
        actor: &Actor,
        event: EventId,
        code: Option<&str>,
        wish: Option<Wish>,
        stamped_at: Time,
    ) -> Result<Answer, Error> {
        let session = match actor.active() {
            Ok(session) => session,
            Err(error) => return Ok(Answer::Refused(error)),
        };
        if !self.turnstile.knows(event) {
            Box::pin(self.find(event, Searcher::Member(session.member), stamped_at)).await?;
        }
        let code = code.filter(|code| !code.trim().is_empty());
        // Boxed: the way of every other click does not carry the room that counting needs.
        if code.is_some() {
            Box::pin(self.may_guess(session.member, event, stamped_at)).await?;
        }
        let name = session.board_name.clone();
        let answer = self.turnstile.enter(event, session.member, name, stamped_at, code, wish).await?;
        // Only what leads nowhere is ever limited: no click after the opening is held back.
        match answer {
            Answer::Refused(model::Error::Entry(EntryError::TooEarly { .. })) => {
                self.limits.early_click(session.member)?;
            }
            Answer::Refused(model::Error::Entry(EntryError::WrongCode)) if code.is_some() => {
                Box::pin(self.limits.codes(session.member, event).strike(stamped_at)).await?;
            }
            _ => {}
        }
        Ok(answer)
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

    /// Whether a click may bring a code: where one is asked for, and could still lead to an entry, wrong ones are counted.
    async fn may_guess(&self, member: MemberId, event: EventId, stamped_at: Time) -> Result<(), Error> {
        let handle = self.turnstile.event(event).await?;
        if handle.rules.entry_code.is_some() && handle.ledger.certain(member).is_none() {
            self.limits.codes(member, event).allowed(stamped_at).await?;
        }
        Ok(())
    }
}
