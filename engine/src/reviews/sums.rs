//! How many reviews everybody sees of an event and of its seller, and their stars: changed with each review, in its transaction.

use crate::db::{Db, Tx};
use model::{EventId, MemberId, reviews::Stars};
use uuid::Uuid;

/// What a change of one review does to the sums of its event and its seller.
pub(super) async fn add(
    tx: &mut Tx,
    event: EventId,
    seller: MemberId,
    reviews: i64,
    stars: i64,
) -> Result<(), sqlx::Error> {
    // The event before its seller, everywhere: nobody waits for somebody who waits for them.
    for subject in [event.0, seller.0] {
        tx.sql(
            "insert into review_sums (subject_id, reviews, stars) values ($1, $2, $3)
             on conflict (subject_id) do update set reviews = review_sums.reviews + excluded.reviews,
                stars = review_sums.stars + excluded.stars",
        )
        .bind(subject)
        .bind(reviews)
        .bind(stars)
        .run()
        .await?;
    }
    Ok(())
}

/// The sums of an event or of a seller.
pub(super) async fn of(db: &Db, subject: Uuid) -> Result<Stars, sqlx::Error> {
    let row: Option<(i64, i64)> =
        db.sql("select reviews, stars from review_sums where subject_id = $1").bind(subject).optional().await?;
    let (count, sum) = row.unwrap_or_default();
    Ok(Stars { count: count as u64, sum: sum as u64 })
}
