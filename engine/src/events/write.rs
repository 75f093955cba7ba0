//! A creator's form with its picture: the form is judged before a picture is decoded, and a picture that nobody will see
//! is taken away again.

use super::{EventForm, Events, Pictures};
use crate::{Error, accounts::Actor, pictures::PictureStore};
use model::{Crop, EventId, Phase, RequestId};

/// What goes with the form of a new event.
pub struct NewEvent {
    /// Sending the same request again makes nothing new.
    pub request: RequestId,
    /// The own event that this is to be like.
    pub like: Option<EventId>,
    /// Whether everybody sees it at once.
    pub publish: bool,
    /// What is shown of the picture.
    pub crop: Crop,
    /// A picture as it was uploaded.
    pub picture: Option<Vec<u8>>,
}

/// What goes with the form of an event that is there.
pub struct ChangedEvent {
    /// Which.
    pub event: EventId,
    /// Whether everybody sees it at once.
    pub publish: bool,
    /// What is shown of the picture.
    pub crop: Crop,
    /// A picture as it was uploaded.
    pub picture: Option<Vec<u8>>,
}

impl Events {
    /// Makes an event from its creator's form.
    ///
    /// # Errors
    /// For whoever is no creator, for fields that are not taken, and for too many events at once.
    pub async fn write_new(
        &self,
        actor: &Actor,
        store: &PictureStore,
        form: &EventForm,
        new: NewEvent,
    ) -> Result<EventId, Error> {
        actor.creator()?;
        let now = self.clock.now();
        form.check(now, None)?;
        self.may_create(actor).await?;
        let (pictures, uploaded) = match (new.picture, new.like) {
            (Some(bytes), _) => (store.save(bytes, new.crop, now).await?, true),
            (None, Some(like)) => (self.pictures(actor, like).await?, false),
            (None, None) => (Pictures::default(), false),
        };
        let write = async {
            let draft = form.check(self.clock.now(), None)?;
            if new.publish {
                self.create(actor, new.request, draft, pictures.clone()).await
            } else {
                self.create_draft(actor, new.request, draft, pictures.clone()).await
            }
        };
        let written = write.await;
        if uploaded {
            self.keep_or_remove(actor, store, &pictures, written.as_ref().copied()).await;
        }
        written
    }

    /// Changes an event by its creator's form.
    ///
    /// # Errors
    /// As [`Events::write_new`], and for what can no longer change.
    pub async fn write_changed(
        &self,
        actor: &Actor,
        store: &PictureStore,
        form: &EventForm,
        changed: ChangedEvent,
    ) -> Result<(), Error> {
        let phase = self.check_edit(actor, changed.event, form).await?;
        self.may_create(actor).await?;
        // Once people have come for it, it keeps the picture they came for.
        let pictures = match changed.picture.filter(|_| phase != Phase::Opened) {
            Some(bytes) => Some(store.save(bytes, changed.crop, self.clock.now()).await?),
            None => None,
        };
        let written = self.edit(actor, changed.event, form, pictures.clone(), changed.publish).await;
        if let Some(pictures) = pictures {
            self.keep_or_remove(actor, store, &pictures, written.as_ref().map(|()| changed.event)).await;
        }
        written
    }

    async fn may_create(&self, actor: &Actor) -> Result<(), Error> {
        Ok(self.limits.creation(actor.creator()?.member).await?)
    }

    /// Removes uploaded pictures that nobody will see: the form was refused, or sent before.
    async fn keep_or_remove(
        &self,
        actor: &Actor,
        store: &PictureStore,
        uploaded: &Pictures,
        written: Result<EventId, &Error>,
    ) {
        let seen = match written {
            Ok(event) => self.pictures(actor, event).await.map_or(true, |shown| shown == *uploaded),
            Err(Error::Refused(_)) => false,
            // It may have been written nevertheless.
            Err(_) => true,
        };
        if !seen {
            store.remove(uploaded).await;
        }
    }
}
