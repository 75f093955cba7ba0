//! What a socket follows of parties: one thing at a time, since a page shows one.

use super::{End, Live, acting};
use engine::{parties::Following, rooms::encode};
use model::{Error, EventId, PartyId, live::ToBrowser};

/// Resolves when what is followed may have something new; never where nothing is.
pub(super) async fn woken(following: &mut Option<Box<Following>>) {
    match following {
        Some(following) => following.woken().await,
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
        self.following = Some(Box::new(self.state.engine.parties.follow_party(party, seen, changes)));
        // Whoever may not is told at once.
        self.tell_of_parties().await
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
                self.following = Some(Box::new(following));
                self.tell_of_parties().await
            }
            Err(error) => self.refuse_following(error).await,
        }
    }

    /// Sends what is new of what is followed. Whoever may not read it any more follows nothing.
    pub(super) async fn tell_of_parties(&mut self) -> Result<(), End> {
        loop {
            let Some(following) = &mut self.following else { return Ok(()) };
            // Whoever they are now.
            let read = match acting(&self.state, self.who.token).await {
                Ok(actor) => following.read(&actor).await.map_err(engine::Error::public),
                Err(error) => Err(error),
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
