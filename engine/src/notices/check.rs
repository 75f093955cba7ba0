//! Whether what is counted of notices is what there is.

use crate::{Error, db::Db};
use model::MemberId;

/// Every member whose unread notices are not as many as are counted, who has one with a number that was never given, or one that is unread
/// where everything is said to be read.
///
/// # Errors
/// The database's.
pub(crate) async fn check(db: &Db) -> Result<Vec<String>, Error> {
    let wrong: Vec<(MemberId, i64, i64, i64, i64, i64, i64)> = db
        .sql(
            "select member_id, cast(sum(last) as bigint), cast(sum(counted) as bigint), cast(sum(up_to) as bigint),
                cast(sum(most) as bigint), cast(sum(unread) as bigint), cast(sum(first_unread) as bigint)
             from (
                select member_id, last, unread as counted, read_up_to as up_to, 0 as most, 0 as unread, 0 as first_unread
                    from notice_counts
                union all select member_id, 0, 0, 0, max(number), count(*) filter (where read_at is null),
                    coalesce(min(number) filter (where read_at is null), 0) from notices group by member_id
             ) both_ways
             group by member_id
             having sum(counted) <> sum(unread) or sum(last) < sum(most)
                or (sum(first_unread) > 0 and sum(first_unread) <= sum(up_to))",
        )
        .all()
        .await?;
    let words = |(member, last, counted, up_to, most, unread, first_unread)| {
        format!(
            "notices of {member}: {counted} unread are counted, {unread} are there; {last} numbers were given, the greatest is {most}; \
             up to {up_to} all are read, the first that is not is {first_unread}"
        )
    };
    Ok(wrong.into_iter().map(words).collect())
}
