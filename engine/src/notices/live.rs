//! Notices as they are written: what whoever follows a member's is told, from a number on.
//!
//! A commit that tells somebody wakes those who follow them, on every node, and hands them what it tells ([`super::handed`]). Where that
//! is what comes behind the last number that they had, they have it; else what is behind that number is read for them, with others who
//! were woken ([`super::reading`]). So nothing is told twice or left out whatever was lost on the way, and a wake that was lost is made
//! good by the next, or by whoever follows looking by themselves now and then.

use super::{
    Notices, Saying,
    reading::{Reader, Standing},
};
use crate::{
    Error,
    accounts::Actor,
    cluster::{Bus, BusSubscriber, Received, Topic},
    db::Committed,
};
use bytes::Bytes;
use model::{MemberId, NoticeLine, RequestId};
use std::sync::Arc;
use tokio::sync::Notify;

/// So many notices are told after the other to whoever missed them; who missed more reads anew.
pub const REPLAYED: u64 = 100;

/// What is done after commits: wakes whoever follows those who were told something, and has the outbox looked through. It holds
/// nothing of the database, which holds it.
pub(crate) fn teller(bus: Bus, hurried: Arc<Notify>) -> impl Fn(Committed) + Send + Sync + 'static {
    move |news| {
        if news.outbox {
            hurried.notify_one();
        }
        if news.members.is_empty() && news.handed.is_empty() {
            return;
        }
        let to_read = news.members.into_iter().map(|member| (member, Bytes::new()));
        let messages = news.handed.into_iter().chain(to_read);
        let messages: Vec<_> = messages.map(|(member, message)| (Topic::Notices(member), message)).collect();
        let bus = bus.clone();
        tokio::spawn(async move {
            if let Err(error) = bus.publish_all(&messages).await {
                tracing::debug!(%error, "nobody can be told that there are notices");
            }
        });
    }
}

/// From which notice on somebody follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// From those that will come.
    Now,
    /// From the one behind this number.
    Number(u64),
    /// From where nobody can say: what they have is to be read anew.
    Unknown,
}

/// What whoever follows is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// One was written.
    Notice {
        /// Which.
        id: RequestId,
        /// Its own number.
        number: u64,
        /// What it says.
        said: Arc<Saying>,
    },
    /// Only how many are unread is another than before.
    Unread,
    /// More than can be told was missed, or a number is none of this member's: everything is to be read anew.
    Reset,
}

impl From<NoticeLine> for News {
    fn from(line: NoticeLine) -> News {
        let NoticeLine { id, number, at, notice, event, read: _ } = line;
        News::Notice { id, number, said: Arc::new(Saying::new(at, notice, event)) }
    }
}

/// News as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The number from which whoever has this goes on.
    pub number: u64,
    /// How many are unread in all.
    pub unread: u64,
    /// What is new.
    pub news: News,
}

/// Somebody who follows a member's notices, until this is dropped.
pub struct Following {
    reader: Arc<Reader>,
    member: MemberId,
    subscriber: BusSubscriber,
    after: After,
    /// What was told last of how many are unread.
    unread: Option<u64>,
    /// What was handed over with the last wake.
    handed: Option<Box<Told>>,
}

impl Notices {
    /// Follows the notices of whoever asks.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor, [`model::Error::Suspended`].
    pub fn follow(&self, actor: &Actor, after: After) -> Result<Following, Error> {
        let member = actor.active()?.member;
        let subscriber = self.bus.subscriber();
        // However many follow a member, the node receives their topic once.
        subscriber.subscribe(Topic::Notices(member));
        Ok(Following { reader: self.reader.clone(), member, subscriber, after, unread: None, handed: None })
    }
}

impl Following {
    /// Resolves when there may be something to read, also at the beginning. May be dropped at any time without losing anything.
    pub async fn woken(&mut self) {
        self.handed = match self.subscriber.next().await {
            Received::Message(_, message) => self.reader.lately.open(&message).map(Box::new),
            Received::Gap(_) => None,
        };
    }

    /// What is new, oldest first; nothing when there is nothing. At the beginning there always is something, if only the number from
    /// which to go on.
    ///
    /// # Errors
    /// The database's: what was not read is read the next time.
    pub async fn read(&mut self) -> Result<Vec<Told>, Error> {
        if let Some(told) = self.handed.take().filter(|told| self.comes_next(told)) {
            (self.after, self.unread) = (After::Number(told.number), Some(told.unread));
            return Ok(vec![*told]);
        }
        let behind = match self.after {
            After::Number(seen) => Some(seen),
            After::Now | After::Unknown => None,
        };
        let Standing { last, unread, lines } = self.reader.read(self.member, behind).await?;
        let seen = match self.after {
            After::Now => last,
            // Before a backup there were more, or somebody made it up.
            After::Number(seen) if seen > last || last - seen > REPLAYED => return Ok(self.reset(last, unread)),
            After::Number(seen) => seen,
            After::Unknown => return Ok(self.reset(last, unread)),
        };
        let number = lines.last().map_or(last, |line| line.number.max(last));
        let mut told: Vec<Told> =
            lines.into_iter().map(|line| Told { number: line.number, unread, news: line.into() }).collect();
        // What was written and deleted since is not told, but gone on from.
        if let Some(told) = told.last_mut() {
            told.number = number;
        } else if self.unread != Some(unread) || seen != number {
            told.push(Told { number, unread, news: News::Unread });
        }
        (self.after, self.unread) = (After::Number(number), Some(unread));
        Ok(told)
    }

    /// Whether nothing is missing before it.
    fn comes_next(&self, told: &Told) -> bool {
        matches!(self.after, After::Number(seen) if seen.checked_add(1) == Some(told.number))
    }

    fn reset(&mut self, number: u64, unread: u64) -> Vec<Told> {
        (self.after, self.unread) = (After::Number(number), Some(unread));
        vec![Told { number, unread, news: News::Reset }]
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.subscriber.unsubscribe(Topic::Notices(self.member));
    }
}
