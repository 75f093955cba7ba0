//! Lines that somebody has not read: one notice of each chat, which counts on until it is read.

use super::writing::{replace, write_of_party};
use crate::{Error, db::Tx};
use model::{MemberId, Notice, PartyId, RequestId, Time};

/// Among so many notices that are not read, the newest, it is looked for one of the same chat; where it is older, there is another.
const LOOKED_AT: i64 = 200;

/// Tells a member how many lines of a party's chat they have not read; what says so already, and was not read, says that instead.
///
/// # Errors
/// The database's.
pub(crate) async fn tell_of_chat(
    tx: &mut Tx,
    member: MemberId,
    party: PartyId,
    item: &str,
    lines: u64,
    now: Time,
) -> Result<(), Error> {
    let unread: Vec<(Time, RequestId, i64, String)> = tx
        .sql(
            "select at, id, number, notice from notices where member_id = $1 and read_at is null and event_id is null
             order by at desc, id desc limit $2",
        )
        .bind(member)
        .bind(LOOKED_AT)
        .all()
        .await?;
    let before = unread.into_iter().find_map(|(at, id, number, text)| match serde_json::from_str(&text) {
        Ok(Notice::PartyChat { party: of, .. }) if of == party => Some((at, id, number)),
        _ => None,
    });
    let notice = Notice::PartyChat { party, item: item.to_owned(), lines };
    // Read meanwhile, it says what it said.
    if let Some(before) = before
        && replace(tx, member, before, &notice, now).await?
    {
        return Ok(());
    }
    write_of_party(tx, member, &notice, now).await
}
