//! What a socket follows besides rooms, parties or a place in a line: one thing at a time, since a page shows one.

use super::{End, Live, acting};
use engine::{accounts::Actor, parties, rooms::encode, sales::Sales};
use model::{Error, EventId, LinePlace, Minutes, PartyId, live::ToBrowser};
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often whoever waits in a line is told what became of their place, when something did.
const EACH_STEP: Duration = Duration::from_secs(1);

/// What is followed.
pub(super) enum Following {
    /// A party, or what is unread in all of them.
    Parties(Box<parties::Following>),
    /// Where one stands in the line of a sale.
    Line(Box<Line>),
}

/// The place that somebody was told, and about how long it takes.
type Told = (Option<LinePlace>, Option<Minutes>);

/// A place in the line of a sale, as its page shows it and as it was told last.
pub(super) struct Line {
    event: EventId,
    given: bool,
    told: Option<Told>,
    steps: Interval,
}

impl Line {
    fn new(event: EventId, given: bool) -> Line {
        let mut steps = interval(EACH_STEP);
        steps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Line { event, given, told: None, steps }
    }

    /// What the reader has not been told, from memory; `None` when there is nothing.
    async fn read(&mut self, sales: &Sales, actor: &Actor) -> Result<Option<ToBrowser>, engine::Error> {
        let standing = sales.place(actor, self.event).await?.filter(|standing| standing.given == self.given);
        let place = standing.map(|standing| standing.place);
        let minutes = standing.and_then(|standing| standing.minutes);
        if self.told == Some((place, minutes)) {
            return Ok(None);
        }
        self.told = Some((place, minutes));
        Ok(Some(ToBrowser::Line { event: self.event, place, minutes }))
    }
}

/// Resolves when what is followed may have something new; never where nothing is.
pub(super) async fn woken(following: &mut Option<Following>) {
    match following {
        Some(Following::Parties(parties)) => parties.woken().await,
        Some(Following::Line(line)) => {
            line.steps.tick().await;
        }
        None => std::future::pending().await,
    }
}

impl Live {
    /// Follows a party.
    pub(super) async fn follow_party(&mut self, party: PartyId, seen: u64, changes: u64) -> Result<(), End> {
        self.following = None;
        if self.who.token.is_none() {
            return self.refuse_following(Error::SignedOut).await;
        }
        let following = self.state.engine.parties.follow_party(party, seen, changes);
        self.following = Some(Following::Parties(Box::new(following)));
        // Whoever may not is told at once.
        self.tell_of_followed().await
    }

    /// Follows what is unread in the reader's parties.
    pub(super) async fn follow_unread(&mut self) -> Result<(), End> {
        self.following = None;
        let following = match acting(&self.state, self.who.token).await {
            Ok(actor) => self.state.engine.parties.follow_unread(&actor).await.map_err(engine::Error::public),
            Err(error) => Err(error),
        };
        match following {
            Ok(following) => {
                self.following = Some(Following::Parties(Box::new(following)));
                self.tell_of_followed().await
            }
            Err(error) => self.refuse_following(error).await,
        }
    }

    /// Follows where the reader stands in the line of a sale.
    pub(super) async fn follow_line(&mut self, event: EventId, given: bool) -> Result<(), End> {
        self.following = None;
        if self.who.token.is_none() {
            return self.refuse_following(Error::SignedOut).await;
        }
        // What the database did not answer is asked again with the next step.
        if let Err(error) = self.find(event).await.map_err(engine::Error::public)
            && error.status() < 500
        {
            return self.refuse_following(error).await;
        }
        self.following = Some(Following::Line(Box::new(Line::new(event, given))));
        self.tell_of_followed().await
    }

    /// Sends what is new of what is followed. Whoever may not read it any more follows nothing.
    pub(super) async fn tell_of_followed(&mut self) -> Result<(), End> {
        loop {
            let Some(following) = &mut self.following else { return Ok(()) };
            // Whoever they are now.
            let read = match (acting(&self.state, self.who.token).await, following) {
                (Ok(actor), Following::Parties(parties)) => parties.read(&actor).await.map_err(engine::Error::public),
                (Ok(actor), Following::Line(line)) => {
                    line.read(&self.state.engine.sales, &actor).await.map_err(engine::Error::public)
                }
                (Err(error), _) => Err(error),
            };
            match read {
                Ok(None) => return Ok(()),
                Ok(Some(news)) => {
                    self.send(encode(&news)).await?;
                    // There may be more than is read at once; what does not leave yet is read on at the next probe.
                    if self.behind.is_some() {
                        return Ok(());
                    }
                }
                // The next probe asks again.
                Err(error) if error.status() >= 500 => return Ok(()),
                Err(error) => {
                    self.following = None;
                    return self.refuse_following(error).await;
                }
            }
        }
    }

    async fn refuse_following(&mut self, error: Error) -> Result<(), End> {
        let event = EventId(uuid::Uuid::nil());
        self.send(encode(&ToBrowser::Refused { event, request: None, error })).await
    }
}
