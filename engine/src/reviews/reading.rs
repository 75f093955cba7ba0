//! Reviews as everybody reads them: by keys that indices hold, a page at a time.

use super::{Reviews, sums};
use crate::{
    Error,
    accounts::{Actor, shown_picture},
    ids,
};
use model::{
    Cursor, EventId, MemberId, Page, PictureId, RequestId, ReviewId, Time, nickname,
    reviews::{
        Ordering, OwnReview, Review, ReviewAnswer, Reviewed, ReviewedSeller, Reviews as List, ReviewsBrief,
        ReviewsQuery,
    },
};
use uuid::Uuid;

/// Reviews in a page.
const PAGE: usize = 20;
/// How many of them the page of an event or of a seller shows.
const BRIEF: i64 = 3;

#[derive(sqlx::FromRow)]
pub(super) struct StoredReview {
    pub id: ReviewId,
    pub event_id: EventId,
    pub member_id: MemberId,
    pub title: String,
    pub nickname: Option<String>,
    pub masked: Option<bool>,
    pub picture: Option<PictureId>,
    pub stars: i64,
    pub text: String,
    pub pictures: String,
    pub at: Time,
    pub changed_at: Option<Time>,
    pub answer: String,
    pub answered_at: Option<Time>,
    pub answer_changed_at: Option<Time>,
    pub hidden_at: Option<Time>,
}

/// The columns of [`StoredReview`], of reviews `r`.
macro_rules! review_rows {
    ($($rest:literal),+ $(,)?) => {
        concat!(
            "select r.id, r.event_id, r.member_id, e.title, m.nickname, m.masked, ",
            shown_picture!(),
            ", r.stars, r.text, r.pictures, r.at, r.changed_at, r.answer, r.answered_at, r.answer_changed_at, r.hidden_at
             from reviews r join events e on e.id = r.event_id left join members m on m.id = r.member_id ",
            $($rest),+
        )
    };
}

/// What everybody sees of the reviews of an event or of a seller, `$1`: the newest first, and the best first.
macro_rules! lists {
    ($of:literal) => {
        [
            review_rows!(
                "where ",
                $of,
                " = $1 and r.hidden_at is null and (r.at, r.id) < ($2, $3) order by r.at desc, r.id desc limit $4"
            ),
            review_rows!(
                "where ",
                $of,
                " = $1 and r.hidden_at is null and (r.stars, r.id) < ($2, $3) order by r.stars desc, r.id desc limit $4"
            ),
        ]
    };
}

impl StoredReview {
    /// As `reader` sees it.
    pub fn review(self, reader: Option<MemberId>) -> Review {
        let picture = self.picture.filter(|_| self.masked != Some(true));
        let shown = match self.nickname {
            Some(name) if self.masked == Some(true) => nickname::mask(&name),
            Some(name) => name,
            // Their member is erased.
            None => "***".into(),
        };
        let changed = self.answer_changed_at.is_some();
        let answer = self.answered_at.map(|at| ReviewAnswer { text: self.answer, at, changed });
        Review {
            id: self.id,
            event: self.event_id,
            title: self.title,
            nickname: shown,
            picture,
            stars: self.stars as u8,
            text: self.text,
            pictures: addresses(&self.pictures),
            at: self.at,
            changed: self.changed_at.is_some(),
            answer,
            mine: reader == Some(self.member_id),
        }
    }
}

/// Addresses of pictures as they are kept.
pub(super) fn addresses(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

#[derive(sqlx::FromRow)]
struct EventRow {
    title: String,
    creator_id: MemberId,
    name: String,
}

impl Reviews {
    /// The reviews of an event, with what the reader may do about them.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for an event that is not there or another's draft, and for a cursor of another list; the database's.
    pub async fn of_event(&self, reader: &Actor, event: EventId, query: ReviewsQuery) -> Result<Reviewed, Error> {
        let row: Option<EventRow> = self
            .db
            .sql(
                "select e.title, e.creator_id, coalesce(c.name, m.nickname) as name from events e
                 join members m on m.id = e.creator_id left join creators c on c.member_id = e.creator_id
                 where e.id = $1 and e.published_at is not null and e.kind <> 'giveaway'",
            )
            .bind(event)
            .optional()
            .await?;
        let EventRow { title, creator_id: seller, name } = row.ok_or(model::Error::NotFound)?;
        let member = reader.member();
        let own = match member {
            Some(member) => self.own(event, member).await?,
            None => None,
        };
        let active = reader.active().is_ok();
        let may_write = match member {
            Some(member) if active && own.is_none() && member != seller => self.received(event, member).await?,
            _ => false,
        };
        let reviews = self.list(lists!("r.event_id"), event.0, query, member).await?;
        Ok(Reviewed {
            event,
            title,
            seller,
            seller_name: name,
            reviews,
            own,
            may_write,
            may_answer: active && member == Some(seller),
            may_report: active,
            request: RequestId(ids::new_id(self.clock.now())),
        })
    }

    /// The reviews of everything that a creator sells.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] when the member is no creator, and for a cursor of another list; the database's.
    pub async fn of_seller(
        &self,
        reader: &Actor,
        seller: MemberId,
        query: ReviewsQuery,
    ) -> Result<ReviewedSeller, Error> {
        let name: Option<(String,)> =
            self.db.sql("select name from creators where member_id = $1").bind(seller).optional().await?;
        let (name,) = name.ok_or(model::Error::NotFound)?;
        let reviews = self.list(lists!("r.seller_id"), seller.0, query, reader.member()).await?;
        Ok(ReviewedSeller { seller, name, reviews })
    }

    /// What an event's page says of its reviews.
    ///
    /// # Errors
    /// The database's.
    pub async fn brief_of_event(&self, reader: &Actor, event: EventId) -> Result<ReviewsBrief, Error> {
        let newest =
            review_rows!("where r.event_id = $1 and r.hidden_at is null order by r.at desc, r.id desc limit $2");
        self.brief(newest, event.0, reader).await
    }

    /// What a seller's page says of theirs.
    ///
    /// # Errors
    /// The database's.
    pub async fn brief_of_seller(&self, reader: &Actor, seller: MemberId) -> Result<ReviewsBrief, Error> {
        let newest =
            review_rows!("where r.seller_id = $1 and r.hidden_at is null order by r.at desc, r.id desc limit $2");
        self.brief(newest, seller.0, reader).await
    }

    /// A page of the reviews of a subject, an event or a seller, in one of two orders, and its stars.
    async fn list(
        &self,
        [newest, best]: [&'static str; 2],
        subject: Uuid,
        query: ReviewsQuery,
        reader: Option<MemberId>,
    ) -> Result<List, Error> {
        let order = query.order;
        let (text, by, id): (_, i64, ReviewId) = match order {
            Ordering::Newest => {
                let (at, id): (Time, ReviewId) = Cursor::before(query.after.as_ref())?;
                (newest, at.0, id)
            }
            Ordering::Best => {
                let (stars, id): (u64, ReviewId) = Cursor::before(query.after.as_ref())?;
                (best, stars as i64, id)
            }
        };
        let rows = self.db.sql(text).bind(subject).bind(by).bind(id).bind(PAGE as i64 + 1);
        let rows: Vec<StoredReview> = rows.all().await?;
        let page = match order {
            Ordering::Newest => Page::of(rows, PAGE, |row| (row.at, row.id)),
            Ordering::Best => Page::of(rows, PAGE, |row| (row.stars as u64, row.id)),
        };
        let rows = page.filter_map(|row| Some(row.review(reader)));
        Ok(List { query, stars: sums::of(&self.db, subject).await?, rows })
    }

    /// The stars of a subject, and its newest reviews when there are any.
    async fn brief(&self, newest: &'static str, subject: Uuid, reader: &Actor) -> Result<ReviewsBrief, Error> {
        let stars = sums::of(&self.db, subject).await?;
        let rows: Vec<StoredReview> = match stars.count {
            0 => Vec::new(),
            _ => self.db.sql(newest).bind(subject).bind(BRIEF).all().await?,
        };
        Ok(ReviewsBrief { stars, newest: rows.into_iter().map(|row| row.review(reader.member())).collect() })
    }

    /// A member's own review of an event.
    async fn own(&self, event: EventId, member: MemberId) -> Result<Option<OwnReview>, Error> {
        let row: Option<StoredReview> = self
            .db
            .sql(review_rows!("where r.event_id = $1 and r.member_id = $2"))
            .bind(event)
            .bind(member)
            .optional()
            .await?;
        Ok(row.map(|row| OwnReview { hidden: row.hidden_at.is_some(), review: row.review(Some(member)) }))
    }
}
