//! Lines that somebody has not read: one notice of each chat, which counts on until it is read.

use super::writing::{replace, unread, write_of_party};
use crate::{Error, db::Tx};
use model::{MemberId, Notice, PartyId, Time};

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
    let unread = unread(tx, member, None).await?;
    let before = unread.into_iter().find_map(|(number, text)| match serde_json::from_str(&text) {
        Ok(Notice::PartyChat { party: of, .. }) if of == party => Some(number),
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
