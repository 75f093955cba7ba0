//! Reporting reviews, and what admins do about that: each time a row in `audit`.

use super::{Reviews, reading::StoredReview, refused, sums, writing::hold};
use crate::{
    Error,
    accounts::Actor,
    audit::{note, reason_of},
    db::{Lane, Tx, retried},
};
use model::{
    Cursor, Page, ReviewError, ReviewId, Time,
    administration::AuditAction,
    reviews::{HiddenReviews, ReportedReview},
};

/// Rows in a page of the list.
const PAGE: usize = 50;

#[derive(sqlx::FromRow)]
struct ReportedRow {
    #[sqlx(flatten)]
    review: StoredReview,
    reports: i64,
    listed_at: Time,
}

impl Reviews {
    /// Reports a review to the admins, once each.
    ///
    /// # Errors
    /// Signed out or suspended; too often; [`model::Error::NotFound`] for none, or one that is hidden; [`model::Error::Forbidden`] for
    /// one's own; the database's.
    pub async fn report(&self, actor: &Actor, id: ReviewId) -> Result<(), Error> {
        let member = actor.active()?.member;
        self.limits.creation(member).await?;
        retried!(self.report_once(member, id))
    }

    async fn report_once(&self, member: model::MemberId, id: ReviewId) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = hold(&mut tx, id).await?.filter(|held| held.hidden_at.is_none()).ok_or(model::Error::NotFound)?;
        if held.member_id == member {
            return Err(model::Error::Forbidden.into());
        }
        tx.sql(
            "insert into review_reports (review_id, member_id, at) values ($1, $2, $3)
             on conflict (review_id, member_id) do nothing",
        )
        .bind(id)
        .bind(member)
        .bind(self.clock.now())
        .run()
        .await?;
        Ok(tx.commit().await?)
    }

    /// Hides a review from everybody but its writer, for a reason that is noted; its reports are done then. By an admin.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others; [`model::Error::Invalid`] without a reason; [`model::Error::NotFound`] for none;
    /// [`ReviewError::Hidden`] for one that is hidden; the database's.
    pub async fn hide(&self, actor: &Actor, id: ReviewId, reason: &str) -> Result<(), Error> {
        actor.admin()?;
        let reason = reason_of(reason)?;
        retried!(self.set_hidden(actor, id, &reason, true))
    }

    /// Shows a hidden review to everybody again. By an admin.
    ///
    /// # Errors
    /// As [`Reviews::hide`]; [`model::Error::NotFound`] for one that is not hidden, or that its writer deleted.
    pub async fn restore(&self, actor: &Actor, id: ReviewId, reason: &str) -> Result<(), Error> {
        actor.admin()?;
        let reason = reason_of(reason)?;
        retried!(self.set_hidden(actor, id, &reason, false))
    }

    async fn set_hidden(&self, actor: &Actor, id: ReviewId, reason: &str, hidden: bool) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = hold(&mut tx, id).await?.ok_or(model::Error::NotFound)?;
        match (held.hidden_at, hidden) {
            (Some(_), true) => return Err(refused(ReviewError::Hidden)),
            (None, false) => return Err(model::Error::NotFound.into()),
            (Some(_), false) if held.text.is_empty() => return Err(model::Error::NotFound.into()),
            _ => {}
        }
        let at = hidden.then_some(now);
        tx.sql("update reviews set hidden_at = $2 where id = $1").bind(id).bind(at).run().await?;
        let sign = if hidden { -1 } else { 1 };
        sums::add(&mut tx, held.event_id, held.seller_id, sign, sign * held.stars).await?;
        looked_at(&mut tx, id, now).await?;
        let action = if hidden { AuditAction::HideReview } else { AuditAction::RestoreReview };
        note(&mut tx, now, actor, action, (held.member_id, held.event_id), reason).await?;
        Ok(tx.commit().await?)
    }

    /// Finds what was reported of a review harmless. By an admin.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others; [`model::Error::NotFound`] for none; the database's.
    pub async fn dismiss(&self, actor: &Actor, id: ReviewId) -> Result<(), Error> {
        actor.admin()?;
        retried!(self.dismiss_once(actor, id))
    }

    async fn dismiss_once(&self, actor: &Actor, id: ReviewId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = hold(&mut tx, id).await?.ok_or(model::Error::NotFound)?;
        looked_at(&mut tx, id, now).await?;
        note(&mut tx, now, actor, AuditAction::Dismiss, (held.member_id, held.event_id), "").await?;
        Ok(tx.commit().await?)
    }

    /// Reviews that were reported and still wait for an admin, those that wait longest first; or those that are hidden, hidden last
    /// first.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others; [`model::Error::NotFound`] for a cursor of another list; the database's.
    pub async fn reported(&self, actor: &Actor, hidden: bool, cursor: Option<&Cursor>) -> Result<HiddenReviews, Error> {
        actor.admin()?;
        let rows: Vec<ReportedRow> = if hidden {
            let (at, id): (Time, ReviewId) = Cursor::before(cursor)?;
            let sql = self.db.sql(
                "select r.id, r.event_id, r.member_id, e.title, m.nickname, m.masked, m.picture, r.stars, r.text, r.pictures, r.at,
                    r.changed_at, r.answer, r.answered_at, r.answer_changed_at, r.hidden_at,
                    (select count(*) from review_reports w where w.review_id = r.id) as reports, r.hidden_at as listed_at
                 from reviews r join events e on e.id = r.event_id left join members m on m.id = r.member_id
                 where r.hidden_at is not null and r.text <> '' and (r.hidden_at, r.id) < ($1, $2)
                 order by r.hidden_at desc, r.id desc limit $3",
            );
            sql.bind(at).bind(id).bind(PAGE as i64 + 1).all().await?
        } else {
            let start = (Time(i64::MIN), ReviewId(uuid::Uuid::nil()));
            let (at, id) = cursor.map_or(Ok(start), Cursor::key)?;
            let sql = self.db.sql(
                "with waiting as (
                     select review_id, count(*) as reports, min(at) as first_at from review_reports
                     where done_at is null group by review_id
                 )
                 select r.id, r.event_id, r.member_id, e.title, m.nickname, m.masked, m.picture, r.stars, r.text, r.pictures, r.at,
                    r.changed_at, r.answer, r.answered_at, r.answer_changed_at, r.hidden_at,
                    w.reports, w.first_at as listed_at
                 from waiting w join reviews r on r.id = w.review_id join events e on e.id = r.event_id
                 left join members m on m.id = r.member_id
                 where (w.first_at, r.id) > ($1, $2) order by w.first_at, r.id limit $3",
            );
            sql.bind(at).bind(id).bind(PAGE as i64 + 1).all().await?
        };
        let reader = actor.member();
        let rows = Page::of(rows, PAGE, |row| (row.listed_at, row.review.id)).filter_map(|row| {
            let (writer, reports) = (row.review.member_id, row.reports as u64);
            Some(ReportedReview { review: row.review.review(reader), writer, reports, at: row.listed_at })
        });
        Ok(HiddenReviews { hidden, rows })
    }
}

/// Nobody needs to look at the reports of a review any more.
async fn looked_at(tx: &mut Tx, id: ReviewId, now: Time) -> Result<(), sqlx::Error> {
    tx.sql("update review_reports set done_at = $2 where review_id = $1 and done_at is null")
        .bind(id)
        .bind(now)
        .run()
        .await?;
    Ok(())
}
