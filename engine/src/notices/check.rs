//! Whether what is counted of notices is what there is.

use crate::{Error, db::Db};
use model::MemberId;

/// Every member whose unread notices are not as many as are counted, or who has one with a number that was never given.
///
/// # Errors
/// The database's.
pub(crate) async fn check(db: &Db) -> Result<Vec<String>, Error> {
    let wrong: Vec<(MemberId, i64, i64, i64, i64)> = db
        .sql(
            "select member_id, cast(sum(last) as bigint), cast(sum(counted) as bigint), cast(sum(most) as bigint),
                cast(sum(unread) as bigint)
             from (
                select member_id, last, unread as counted, 0 as most, 0 as unread from notice_counts
                union all select member_id, 0, 0, max(number), count(*) filter (where read_at is null) from notices group by member_id
             ) both_ways
             group by member_id having sum(counted) <> sum(unread) or sum(last) < sum(most)",
        )
        .all()
        .await?;
    let words = |(member, last, counted, most, unread)| {
        format!(
            "notices of {member}: {counted} unread are counted, {unread} are there; {last} numbers were given, the greatest is {most}"
        )
    };
    Ok(wrong.into_iter().map(words).collect())
}
