//! Writing reviews, and answering them.

use super::{Reviews, reading::addresses, refused, sums};
use crate::{
    Error,
    accounts::Actor,
    db::{Lane, Tx, retried},
    notices,
    pictures::PictureStore,
};
use model::{
    EventId, FieldError, FormErrors, MemberId, Notice, ReviewError, ReviewId, Time,
    reviews::{self, MAX_PICTURES, ReviewDraft, reviewable_from},
};

/// What is sent to write or to change a review.
#[derive(Debug, Clone, Default)]
pub struct NewReview {
    /// As it was typed.
    pub stars: String,
    /// As it was typed.
    pub text: String,
    /// Addresses of the pictures that it has and keeps.
    pub kept: Vec<String>,
    /// More pictures, as they were uploaded.
    pub pictures: Vec<Vec<u8>>,
}

/// A review as it is changed by.
#[derive(sqlx::FromRow)]
pub(super) struct HeldReview {
    pub event_id: EventId,
    pub seller_id: MemberId,
    pub member_id: MemberId,
    pub stars: i64,
    pub text: String,
    pub pictures: String,
    pub answered_at: Option<Time>,
    pub hidden_at: Option<Time>,
}

/// A review, taken: of two who change it at once one is second.
pub(super) async fn hold(tx: &mut Tx, id: ReviewId) -> Result<Option<HeldReview>, sqlx::Error> {
    // Changes nothing but takes the row.
    tx.sql("update reviews set stars = stars where id = $1").bind(id).run().await?;
    tx.sql(
        "select event_id, seller_id, member_id, stars, text, pictures, answered_at, hidden_at from reviews where id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// What is wrong with a draft and the number of its pictures, all of it at once.
fn checked(new: &NewReview, kept: usize) -> Result<ReviewDraft, Error> {
    let mut errors = FormErrors::default();
    let draft = ReviewDraft::check(&new.stars, &new.text).map_err(|wrong| errors.0.extend(wrong.0));
    if kept + new.pictures.len() > MAX_PICTURES {
        errors.add("pictures", FieldError::TooLong { max: MAX_PICTURES as u64 });
    }
    errors.into_result()?;
    Ok(draft.map_err(|()| model::Error::Malformed)?)
}

fn json(addresses: &[String]) -> Result<String, Error> {
    Ok(serde_json::to_string(addresses).map_err(|_| model::Error::Internal)?)
}

impl Reviews {
    /// Whether a member received a deal, though they sent it back, or had a ticket that was not given back for a day that is over.
    pub(super) async fn received(&self, event: EventId, member: MemberId) -> Result<bool, Error> {
        let delivered = self
            .db
            .sql(
                "select 1 from orders o join shipments s on s.order_id = o.id
                 where o.event_id = $1 and o.member_id = $2 and o.state in ('delivered', 'refunded')
                    and s.delivered_at is not null limit 1",
            )
            .bind(event)
            .bind(member)
            .exists()
            .await?;
        if delivered {
            return Ok(true);
        }
        let begins: Option<(Time,)> = self
            .db
            .sql(
                "select t.starts_at from tickets t join orders o on o.id = t.order_id
                 where t.member_id = $2 and t.event_id = $1 and t.state = 'valid' and o.state = 'paid' limit 1",
            )
            .bind(event)
            .bind(member)
            .optional()
            .await?;
        Ok(begins.is_some_and(|(at,)| self.clock.now() >= reviewable_from(at)))
    }

    /// Writes a review; the same `id` twice is one.
    ///
    /// # Errors
    /// Signed out or suspended; too often; an event that is not there; [`ReviewError::OwnSale`], [`ReviewError::NotReceived`] and
    /// [`ReviewError::Reviewed`], which comes with [`ReviewError::Hidden`] where that one was hidden; what is wrong with `stars`,
    /// `text` and `pictures`; the store's and the database's. Nothing is kept then, and no picture.
    pub async fn write(
        &self,
        actor: &Actor,
        store: &PictureStore,
        event: EventId,
        id: ReviewId,
        new: NewReview,
    ) -> Result<(), Error> {
        let member = actor.active()?.member;
        let seller = self.seller_of(event).await?;
        if seller == member {
            return Err(refused(ReviewError::OwnSale));
        }
        if let Some(before) = self.before(event, member).await? {
            return before.answer(id);
        }
        if !self.received(event, member).await? {
            return Err(refused(ReviewError::NotReceived));
        }
        let draft = checked(&new, 0)?;
        self.limits.creation(member).await?;
        let saved = self.save(store, new.pictures).await?;
        let written = retried!(self.write_once(event, seller, member, id, &draft, &saved));
        // Of two at once one was first, and has other pictures. What failed otherwise may have been written nevertheless.
        if matches!(written, Ok(Some(_)) | Err(Error::Refused(_))) {
            store.remove_details(&saved).await;
        }
        written?.map_or(Ok(()), |before| before.answer(id))
    }

    /// Writes a review, or says which was there before.
    async fn write_once(
        &self,
        event: EventId,
        seller: MemberId,
        member: MemberId,
        id: ReviewId,
        draft: &ReviewDraft,
        pictures: &[String],
    ) -> Result<Option<Before>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let written = tx
            .sql(
                "insert into reviews (id, event_id, seller_id, member_id, stars, text, pictures, at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
            )
            .bind(id)
            .bind(event)
            .bind(seller)
            .bind(member)
            .bind(i64::from(draft.stars))
            .bind(draft.text.clone())
            .bind(json(pictures)?)
            .bind(now)
            .run()
            .await?;
        if written == 0 {
            // Here, where one is seen that is kept together with this: and answered when it is kept.
            let before = tx.sql(BEFORE).bind(event).bind(member).optional().await?;
            tx.commit().await?;
            return before.map(Some).ok_or_else(|| refused(ReviewError::Reviewed));
        }
        show(&mut tx, id, pictures).await?;
        sums::add(&mut tx, event, seller, 1, i64::from(draft.stars)).await?;
        let notice = Notice::Reviewed { stars: draft.stars.into() };
        notices::write(&mut tx, seller, &notice, event, now).await?;
        tx.commit().await?;
        Ok(None)
    }

    /// Changes one's own review; the pictures that it is to keep are named.
    ///
    /// # Errors
    /// Signed out or suspended; too often; [`model::Error::NotFound`] for another's, or none; [`ReviewError::Hidden`]; what is wrong
    /// with `stars`, `text` and `pictures`; the store's and the database's. Nothing is changed then.
    pub async fn change(
        &self,
        actor: &Actor,
        store: &PictureStore,
        id: ReviewId,
        mut new: NewReview,
    ) -> Result<(), Error> {
        let member = actor.active()?.member;
        let row: Option<(MemberId, String, Option<Time>)> =
            self.db.sql("select member_id, pictures, hidden_at from reviews where id = $1").bind(id).optional().await?;
        let (writer, pictures, hidden_at) = row.ok_or(model::Error::NotFound)?;
        if writer != member {
            return Err(model::Error::NotFound.into());
        }
        if hidden_at.is_some() {
            return Err(refused(ReviewError::Hidden));
        }
        let known = addresses(&pictures);
        new.kept.retain(|address| known.contains(address));
        new.kept.dedup();
        let draft = checked(&new, new.kept.len())?;
        self.limits.creation(member).await?;
        let saved = self.save(store, new.pictures).await?;
        match retried!(self.change_once(member, id, &draft, &new.kept, &saved)) {
            Ok(dropped) => {
                store.remove_details(&dropped).await;
                Ok(())
            }
            Err(error) => {
                if matches!(error, Error::Refused(_)) {
                    store.remove_details(&saved).await;
                }
                Err(error)
            }
        }
    }

    /// Which pictures nobody sees any more.
    async fn change_once(
        &self,
        member: MemberId,
        id: ReviewId,
        draft: &ReviewDraft,
        kept: &[String],
        saved: &[String],
    ) -> Result<Vec<String>, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = hold(&mut tx, id).await?.filter(|held| held.member_id == member).ok_or(model::Error::NotFound)?;
        if held.hidden_at.is_some() {
            return Err(refused(ReviewError::Hidden));
        }
        let before = addresses(&held.pictures);
        // What another form of the same review took away meanwhile is gone.
        let mut shown: Vec<String> = kept.iter().filter(|address| before.contains(address)).cloned().collect();
        shown.extend(saved.iter().cloned());
        tx.sql("update reviews set stars = $2, text = $3, pictures = $4, changed_at = $5 where id = $1")
            .bind(id)
            .bind(i64::from(draft.stars))
            .bind(draft.text.clone())
            .bind(json(&shown)?)
            .bind(self.clock.now())
            .run()
            .await?;
        tx.sql("delete from review_pictures where review_id = $1").bind(id).run().await?;
        show(&mut tx, id, &shown).await?;
        sums::add(&mut tx, held.event_id, held.seller_id, 0, i64::from(draft.stars) - held.stars).await?;
        tx.commit().await?;
        Ok(before.into_iter().filter(|address| !shown.contains(address)).collect())
    }

    /// Deletes one's own review, with its pictures and its answer. Of one that an admin hid a row without words stays, so that it is
    /// not written anew.
    ///
    /// # Errors
    /// Signed out or suspended; [`model::Error::NotFound`] for another's, or none; the database's.
    pub async fn delete(&self, actor: &Actor, store: &PictureStore, id: ReviewId) -> Result<(), Error> {
        let member = actor.active()?.member;
        let dropped = retried!(self.delete_once(member, id))?;
        store.remove_details(&dropped).await;
        Ok(())
    }

    async fn delete_once(&self, member: MemberId, id: ReviewId) -> Result<Vec<String>, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = hold(&mut tx, id).await?.filter(|held| held.member_id == member).ok_or(model::Error::NotFound)?;
        if held.hidden_at.is_some() {
            tx.sql("update reviews set text = '', pictures = '[]', answer = '', answered_at = null where id = $1")
                .bind(id)
                .run()
                .await?;
        } else {
            tx.sql("delete from reviews where id = $1").bind(id).run().await?;
            sums::add(&mut tx, held.event_id, held.seller_id, -1, -held.stars).await?;
        }
        tx.sql("delete from review_pictures where review_id = $1").bind(id).run().await?;
        tx.sql("delete from review_reports where review_id = $1").bind(id).run().await?;
        tx.commit().await?;
        Ok(addresses(&held.pictures))
    }

    /// Answers a review of one's own sale, once; or changes the answer that it has.
    ///
    /// # Errors
    /// For whoever is no creator; [`model::Error::NotFound`] for a review of another's sale, or none; what is wrong with `answer`;
    /// [`ReviewError::Answered`] for a second answer, and for changing what is not there; [`ReviewError::Hidden`]; the database's.
    pub async fn answer(&self, actor: &Actor, id: ReviewId, typed: &str, again: bool) -> Result<(), Error> {
        let seller = actor.creator()?.member;
        let answer = reviews::answer(typed).map_err(|fields| model::Error::Invalid { fields })?;
        retried!(self.answer_once(seller, id, &answer, again))
    }

    async fn answer_once(&self, seller: MemberId, id: ReviewId, answer: &str, again: bool) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = hold(&mut tx, id).await?.filter(|held| held.seller_id == seller).ok_or(model::Error::NotFound)?;
        if held.hidden_at.is_some() {
            return Err(refused(ReviewError::Hidden));
        }
        if held.answered_at.is_some() != again {
            return Err(refused(ReviewError::Answered));
        }
        let text = if again {
            "update reviews set answer = $2, answer_changed_at = $3 where id = $1"
        } else {
            "update reviews set answer = $2, answered_at = $3 where id = $1"
        };
        tx.sql(text).bind(id).bind(answer.to_owned()).bind(now).run().await?;
        if !again {
            notices::write(&mut tx, held.member_id, &Notice::ReviewAnswered, held.event_id, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Whose sale an event is, which everybody may see.
    async fn seller_of(&self, event: EventId) -> Result<MemberId, Error> {
        let row: Option<(MemberId,)> = self
            .db
            .sql("select creator_id from events where id = $1 and published_at is not null and kind <> 'giveaway'")
            .bind(event)
            .optional()
            .await?;
        Ok(row.ok_or(model::Error::NotFound)?.0)
    }

    /// The review that a member wrote of an event before.
    async fn before(&self, event: EventId, member: MemberId) -> Result<Option<Before>, Error> {
        Ok(self.db.sql(BEFORE).bind(event).bind(member).optional().await?)
    }

    async fn save(&self, store: &PictureStore, uploaded: Vec<Vec<u8>>) -> Result<Vec<String>, Error> {
        let mut saved = Vec::new();
        for bytes in uploaded {
            match store.save_detail(bytes, "pictures", self.clock.now()).await {
                Ok(address) => saved.push(address),
                Err(error) => {
                    store.remove_details(&saved).await;
                    return Err(error);
                }
            }
        }
        Ok(saved)
    }
}

/// The review of an event by a member.
const BEFORE: &str = "select id, hidden_at from reviews where event_id = $1 and member_id = $2";

/// What was there when a review was to be written.
#[derive(sqlx::FromRow)]
struct Before {
    id: ReviewId,
    hidden_at: Option<Time>,
}

impl Before {
    /// To whoever sends a review with this id.
    fn answer(&self, id: ReviewId) -> Result<(), Error> {
        match self.hidden_at {
            Some(_) => Err(refused(ReviewError::Hidden)),
            None if self.id == id => Ok(()),
            None => Err(refused(ReviewError::Reviewed)),
        }
    }
}

/// Notes which pictures a review shows: the others are removed some day.
async fn show(tx: &mut Tx, id: ReviewId, pictures: &[String]) -> Result<(), sqlx::Error> {
    for address in pictures {
        tx.sql("insert into review_pictures (review_id, address) values ($1, $2) on conflict (review_id, address) do nothing")
            .bind(id)
            .bind(address.clone())
            .run()
            .await?;
    }
    Ok(())
}
