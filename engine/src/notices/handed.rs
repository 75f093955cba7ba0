//! What a commit hands to those who follow whom it tells: the notice itself, which nobody reads for them then. What all have in common
//! who are told it is encoded once.
//!
//! Such a message says no more than the database has, and is believed: over Redis whoever can write there can show any member any notice,
//! and whoever can subscribe reads them. Where one is lost, cannot be read, or is not what comes next, it is read in the database.

use super::live::{News, Told};
use crate::versions;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use model::{EventId, Notice, NoticeLine, RequestId, Time};
use uuid::Uuid;

/// The version of such messages. One that is empty, as nodes of before publish all of theirs, only says that there is something to read.
const VERSION: u8 = 1;
/// Bytes before what all have in common: the version, the number, how many are unread, and the id.
const HEAD: usize = 1 + 8 + 8 + 16;

/// What all have in common who are told a notice, as those who follow them need it.
pub(super) struct Common(Vec<u8>);

impl Common {
    /// Of a notice that is written at a time, about an event with its title.
    ///
    /// # Errors
    /// [`model::Error::Internal`] for what JSON cannot express.
    pub fn new(at: Time, notice: &Notice, event: Option<(EventId, &str)>) -> Result<Common, model::Error> {
        serde_json::to_vec(&(at, notice, event)).map(Common).map_err(|_| model::Error::Internal)
    }

    /// The message to those who follow one of them.
    pub fn to(&self, number: i64, unread: i64, id: Uuid) -> Bytes {
        let mut message = BytesMut::with_capacity(HEAD + self.0.len());
        message.put_u8(VERSION);
        message.put_u64(number as u64);
        message.put_u64(unread.max(0) as u64);
        message.put_u128(id.as_u128());
        message.put_slice(&self.0);
        message.freeze()
    }
}

/// What a message hands over; `None` where there is something to read instead.
pub(super) fn open(mut message: &[u8]) -> Option<Told> {
    let version = message.try_get_u8().ok()?;
    if version != VERSION {
        versions::count_unknown("notice");
        return None;
    }
    let (number, unread) = (message.try_get_u64().ok()?, message.try_get_u64().ok()?);
    let id = RequestId(Uuid::from_u128(message.try_get_u128().ok()?));
    // A notice that only a newer node can read is none of ours.
    let (at, notice, event) = serde_json::from_slice(message).ok()?;
    let line = NoticeLine { id, number, at, notice, event, read: false };
    Some(Told { number, unread, news: News::Notice(Box::new(line)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_survives_its_way_and_whatever_else_comes_is_to_be_read() {
        let (event, id) = (EventId(Uuid::from_u128(7)), Uuid::from_u128(8));
        let notice = Notice::Cancelled { reason: "\"비\"가 와서 🦦".into() };
        for event in [None, Some((event, "겨울 머그"))] {
            let message = Common::new(Time(5), &notice, event).unwrap().to(3, 2, id);
            let line = NoticeLine {
                id: RequestId(id),
                number: 3,
                at: Time(5),
                notice: notice.clone(),
                event: event.map(|(event, title)| (event, title.to_owned())),
                read: false,
            };
            assert_eq!(open(&message), Some(Told { number: 3, unread: 2, news: News::Notice(Box::new(line)) }));
            for short in 0..message.len() {
                assert_eq!(open(&message[..short]), None, "{short}");
            }
            let newer = [&[VERSION + 1][..], &message[1..]].concat();
            assert_eq!(open(&newer), None);
            let unknown = String::from_utf8_lossy(&message[HEAD..]).replace("cancelled", "weather");
            assert_eq!(open(&[&message[..HEAD], unknown.as_bytes()].concat()), None);
        }
    }
}
