//! Whether what is counted of reviews is what there is.

use crate::{Error, db::Db};
use uuid::Uuid;

/// Every event and every seller whose sums are not those of the reviews that everybody sees.
///
/// # Errors
/// The database's.
pub(crate) async fn check(db: &Db) -> Result<Vec<String>, Error> {
    let wrong: Vec<(Uuid, i64, i64, i64, i64)> = db
        .sql(
            "select subject_id, cast(sum(counted) as bigint), cast(sum(counted_stars) as bigint), cast(sum(seen) as bigint),
                cast(sum(seen_stars) as bigint)
             from (
                select subject_id, reviews as counted, stars as counted_stars, 0 as seen, 0 as seen_stars from review_sums
                union all select event_id, 0, 0, 1, stars from reviews where hidden_at is null
                union all select seller_id, 0, 0, 1, stars from reviews where hidden_at is null
             ) both_ways
             group by subject_id having sum(counted) <> sum(seen) or sum(counted_stars) <> sum(seen_stars)",
        )
        .all()
        .await?;
    let words = |(subject, counted, counted_stars, seen, seen_stars)| {
        format!(
            "reviews of {subject}: {counted} with {counted_stars} stars are counted, {seen} with {seen_stars} are seen"
        )
    };
    Ok(wrong.into_iter().map(words).collect())
}
