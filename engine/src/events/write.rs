//! A creator's form with its picture: the form is judged before a picture is decoded, and a picture that nobody will see
//! is taken away again.

use super::{
    EventForm, Events, Pictures,
    edit::{Seen, checked},
    sale::MAX_DETAILS,
};
use crate::{Error, accounts::Actor, db::retried, pictures::PictureStore};
use model::{
    Crop, EventDraft, EventId, FieldError, FormErrors, Kind, Offer, PaymentError, Phase, RequestId, sales::price_each,
};

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
    /// Pictures that show goods in detail, as they were uploaded.
    pub details: Vec<Vec<u8>>,
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
    /// Pictures that show goods in detail, as they were uploaded.
    pub details: Vec<Vec<u8>>,
}

impl Events {
    /// Makes an event from its creator's form.
    ///
    /// # Errors
    /// For whoever is no creator, for fields that are not taken, and for too many events at once; of what costs something
    /// [`model::SellerError`] for whoever has no business that was checked, and [`PaymentError::NoProvider`].
    pub async fn write_new(
        &self,
        actor: &Actor,
        store: &PictureStore,
        form: &EventForm,
        new: NewEvent,
    ) -> Result<EventId, Error> {
        let creator = actor.creator()?.member;
        let now = self.clock.now();
        let mut form = form.clone();
        let known = match new.like {
            Some(like) => self.details(actor, like).await?,
            None => Vec::new(),
        };
        keep_known(&mut form, &known, new.details.len())?;
        let draft = checked(&form, new.publish, None, now)?;
        if new.publish {
            self.may_be_public(actor, &form, &draft.offer, None).await?;
            // What the same request made before has its own.
            let first: Option<(EventId,)> =
                self.db.sql("select id from events where request_id = $1").bind(new.request).optional().await?;
            self.has_hours(actor, first.map(|(event,)| event), &draft).await?;
        }
        self.may_create(actor).await?;
        let details = self.save_details(store, &mut form, new.details).await?;
        let (pictures, uploaded) = match (new.picture, new.like) {
            (Some(bytes), _) => match store.save(bytes, new.crop, now).await {
                Ok(pictures) => (pictures, true),
                Err(error) => {
                    store.remove_details(&details).await;
                    return Err(error);
                }
            },
            (None, Some(like)) => (self.pictures(actor, like).await?, false),
            (None, None) => (Pictures::default(), false),
        };
        let write = async {
            let draft = checked(&form, new.publish, None, self.clock.now())?;
            let seen = if new.publish { Seen::Public } else { Seen::Draft };
            retried!(self.insert(creator, new.request, draft.clone(), pictures.clone(), seen))
        };
        let written = write.await;
        if uploaded {
            self.keep_or_remove(actor, store, &pictures, written.as_ref().copied()).await;
        }
        self.keep_or_remove_details(actor, store, &details, written.as_ref().copied()).await;
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
        let mut form = form.clone();
        let known = self.details(actor, changed.event).await?;
        keep_known(&mut form, &known, changed.details.len())?;
        let checked = self.check_edit(actor, changed.event, &form, changed.publish).await?;
        if changed.publish || checked.public {
            let before = Some(&checked.before).filter(|_| checked.public);
            self.may_be_public(actor, &form, &checked.after.offer, before).await?;
        }
        if checked.moved && checked.public || changed.publish && !checked.public {
            self.has_hours(actor, Some(changed.event), &checked.after).await?;
        }
        self.may_create(actor).await?;
        // Once people have come for it, it keeps the pictures they came for.
        let holds_still = checked.phase == Phase::Opened;
        let uploaded = if holds_still { Vec::new() } else { changed.details };
        let details = self.save_details(store, &mut form, uploaded).await?;
        let pictures = match changed.picture.filter(|_| !holds_still) {
            Some(bytes) => match store.save(bytes, changed.crop, self.clock.now()).await {
                Ok(pictures) => Some(pictures),
                Err(error) => {
                    store.remove_details(&details).await;
                    return Err(error);
                }
            },
            None => None,
        };
        let written = self.edit(actor, changed.event, &form, pictures.clone(), changed.publish).await;
        if let Some(pictures) = pictures {
            self.keep_or_remove(actor, store, &pictures, written.as_ref().map(|()| changed.event)).await;
        }
        self.keep_or_remove_details(actor, store, &details, written.as_ref().map(|()| changed.event)).await;
        written
    }

    /// Whether everybody may see this: that what costs something is sold by a business, that somebody takes payments for it, and that
    /// its price is meant. `before` is what they see now.
    async fn may_be_public(
        &self,
        actor: &Actor,
        form: &EventForm,
        offer: &Offer,
        before: Option<&Offer>,
    ) -> Result<(), Error> {
        let costs = |offer: &Offer| price_each(offer) > 0;
        if costs(offer) && !before.is_some_and(costs) {
            self.sellers.sells(actor.creator()?.member).await?;
            if !self.payments.is_open() {
                return Err(model::Error::from(PaymentError::NoProvider).into());
            }
        }
        Ok(form.sale.confirm(offer, before)?)
    }

    /// Whether a deal's creator has the hours that it would be open in: looked at before its pictures are, and decided when it is
    /// written.
    async fn has_hours(&self, actor: &Actor, event: Option<EventId>, draft: &EventDraft) -> Result<(), Error> {
        if draft.offer.kind() != Kind::Deal {
            return Ok(());
        }
        self.slots.may_open(actor.creator()?.member, event, draft.opens_at, draft.closes_at).await
    }

    /// Takes the uploads of detail pictures, and adds their addresses to the form; these alone. Errors name the field `details`.
    async fn save_details(
        &self,
        store: &PictureStore,
        form: &mut EventForm,
        uploaded: Vec<Vec<u8>>,
    ) -> Result<Vec<String>, Error> {
        let mut saved = Vec::new();
        for bytes in uploaded {
            match store.save_detail(bytes, "details", self.clock.now()).await {
                Ok(address) => saved.push(address),
                Err(error) => {
                    store.remove_details(&saved).await;
                    return Err(error);
                }
            }
        }
        form.sale.details.extend(saved.iter().cloned());
        Ok(saved)
    }

    async fn keep_or_remove_details(
        &self,
        actor: &Actor,
        store: &PictureStore,
        uploaded: &[String],
        written: Result<EventId, &Error>,
    ) {
        let seen = match written {
            Ok(event) => self
                .details(actor, event)
                .await
                .map_or(true, |shown| uploaded.iter().all(|address| shown.contains(address))),
            Err(Error::Refused(_)) => false,
            // It may have been written nevertheless.
            Err(_) => true,
        };
        if !seen {
            store.remove_details(uploaded).await;
        }
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

/// Of the detail pictures that a form names those remain that the event has; no more than there may be, with those to come.
fn keep_known(form: &mut EventForm, known: &[String], more: usize) -> Result<(), Error> {
    form.sale.details.retain(|address| known.contains(address));
    let mut errors = FormErrors::default();
    if form.sale.details.len() + more > MAX_DETAILS {
        errors.add("details", FieldError::TooLong { max: MAX_DETAILS as u64 });
    }
    Ok(errors.into_result()?)
}
