//! What a commit hands to those who follow whom it tells: the notice itself, which nobody reads for them then. What all have in common
//! who are told it is encoded once, and on each node where some of them follow it is read once, and put into words once in each language.
//!
//! Such a message says no more than the database has, and is believed: over Redis whoever can write there can show any member any notice,
//! and whoever can subscribe reads them. Where one is lost, cannot be read, or is not what comes next, it is read in the database.

use super::live::{News, Told};
use crate::versions;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use model::{EventId, Notice, NoticeLine, RequestId, Time};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// The version of such messages. One that is empty, as nodes of before publish all of theirs, only says that there is something to read.
const VERSION: u8 = 1;
/// Bytes before what all have in common: the version, the number, how many are unread, and the id.
const HEAD: usize = 1 + 8 + 8 + 16;
/// So many of what was handed over are remembered: what is told at the same time.
const LATELY: usize = 16;

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

/// What a notice says to all who are told it, shared by those of them who follow theirs on this node.
#[derive(Debug)]
pub struct Saying {
    /// When it was written.
    pub at: Time,
    /// What it tells.
    pub notice: Notice,
    /// About which event, with its title.
    pub event: Option<(EventId, String)>,
    /// In words, by language.
    words: Mutex<Vec<(&'static str, Arc<str>)>>,
}

impl Saying {
    pub(super) fn new(at: Time, notice: Notice, event: Option<(EventId, String)>) -> Saying {
        Saying { at, notice, event, words: Mutex::default() }
    }

    /// As a line of the list of one who was told it.
    pub fn line(&self, id: RequestId, number: u64) -> NoticeLine {
        NoticeLine { id, number, at: self.at, notice: self.notice.clone(), event: self.event.clone(), read: false }
    }

    /// In the words of a language, by its code: those that the first made who asks.
    pub fn words(&self, lang: &'static str, make: impl FnOnce() -> String) -> Arc<str> {
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, made)) = words.iter().find(|(of, _)| *of == lang) {
            return made.clone();
        }
        let made: Arc<str> = make().into();
        words.push((lang, made.clone()));
        made
    }
}

// Its words follow from it.
impl PartialEq for Saying {
    fn eq(&self, other: &Saying) -> bool {
        (self.at, &self.notice, &self.event) == (other.at, &other.notice, &other.event)
    }
}

impl Eq for Saying {}

/// What was handed over lately, so that thousands who are told the same share what was read for the first of them.
#[derive(Default)]
pub(super) struct Lately(Mutex<VecDeque<Handed>>);

/// What came, as it came and as it was read.
type Handed = (Box<[u8]>, Arc<Saying>);

impl Lately {
    /// What a message hands over; `None` where there is something to read instead.
    pub fn open(&self, mut message: &[u8]) -> Option<Told> {
        let version = message.try_get_u8().ok()?;
        if version != VERSION {
            versions::count_unknown("notice");
            return None;
        }
        let (number, unread) = (message.try_get_u64().ok()?, message.try_get_u64().ok()?);
        let id = RequestId(Uuid::from_u128(message.try_get_u128().ok()?));
        let said = self.said(message)?;
        Some(Told { number, unread, news: News::Notice { id, number, said } })
    }

    /// What all have in common.
    fn said(&self, common: &[u8]) -> Option<Arc<Saying>> {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, said)) = lately.iter().find(|(of, _)| **of == *common) {
            return Some(said.clone());
        }
        // A notice that only a newer node can read is none of ours.
        let (at, notice, event) = serde_json::from_slice(common).ok()?;
        let said = Arc::new(Saying::new(at, notice, event));
        if lately.len() == LATELY {
            lately.pop_front();
        }
        lately.push_back((common.into(), said.clone()));
        Some(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_survives_its_way_and_whatever_else_comes_is_to_be_read() {
        let (event, id) = (EventId(Uuid::from_u128(7)), Uuid::from_u128(8));
        let notice = Notice::Cancelled { reason: "\"비\"가 와서 🦦".into() };
        let lately = Lately::default();
        for event in [None, Some((event, "겨울 머그"))] {
            let message = Common::new(Time(5), &notice, event).unwrap().to(3, 2, id);
            let event = event.map(|(event, title)| (event, title.to_owned()));
            let said = Arc::new(Saying::new(Time(5), notice.clone(), event));
            let news = News::Notice { id: RequestId(id), number: 3, said };
            assert_eq!(lately.open(&message), Some(Told { number: 3, unread: 2, news }));
            for short in 0..message.len() {
                assert_eq!(lately.open(&message[..short]), None, "{short}");
            }
            let newer = [&[VERSION + 1][..], &message[1..]].concat();
            assert_eq!(lately.open(&newer), None);
            let unknown = String::from_utf8_lossy(&message[HEAD..]).replace("cancelled", "weather");
            assert_eq!(lately.open(&[&message[..HEAD], unknown.as_bytes()].concat()), None);
        }
    }

    #[test]
    fn what_thousands_are_told_is_read_once_and_put_into_words_once_in_each_language() {
        let lately = Lately::default();
        let causes = [Notice::Changed, Notice::Expired];
        let common = causes.clone().map(|notice| Common::new(Time(5), &notice, None).unwrap());
        let (mut all, mut made) = (Vec::new(), 0);
        for nth in 0..1000u32 {
            // Two causes in turn, each in two languages.
            let (cause, lang) = (nth as usize % 2, ["ko", "en"][nth as usize / 2 % 2]);
            let message = common[cause].to(i64::from(nth), 1, Uuid::from_u128(nth.into()));
            let Some(Told { number, news: News::Notice { id, said, .. }, .. }) = lately.open(&message) else {
                panic!("it is not read");
            };
            assert_eq!((number, id), (u64::from(nth), RequestId(Uuid::from_u128(nth.into()))), "their own");
            let words = said.words(lang, || {
                made += 1;
                format!("{lang} {:?}", said.notice)
            });
            assert_eq!(*words, format!("{lang} {:?}", causes[cause]));
            all.push(said);
        }
        assert_eq!(made, 4);
        assert!(all.iter().enumerate().all(|(nth, said)| Arc::ptr_eq(said, &all[nth % 2])));
        // Only of what is told at the same time it is remembered.
        for at in 0..2 * LATELY as i64 {
            let other = Common::new(Time(at), &Notice::Sent, None).unwrap().to(1, 1, Uuid::nil());
            assert!(lately.open(&other).is_some());
        }
        assert_eq!(lately.0.lock().unwrap().len(), LATELY);
    }
}
