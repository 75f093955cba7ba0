//! What members of a party are told while they look: lines of its chat as they are said, that it is another than they see, and how
//! many lines they have not read in theirs.
//!
//! Whatever is said only wakes those who follow, on every node; each then reads what it has not seen, as a member. So nobody is
//! told what they may not read at that moment, and what was missed on the way is read with the next.

use super::Parties;
use crate::{
    Error,
    accounts::Actor,
    cluster::{BusSubscriber, Topic},
};
use bytes::Bytes;
use model::{MemberId, PartyId, live::ToBrowser};

/// As many of a member's parties are followed as their page lists.
const FOLLOWED: i64 = super::nearby::PAGE as i64;

/// What somebody follows, until this is dropped.
pub struct Following {
    parties: Parties,
    subscriber: BusSubscriber,
    what: What,
}

enum What {
    /// A party: its chat, read up to a line, and how often it had been changed when it was shown.
    Party { party: PartyId, seen: u64, changes: u64 },
    /// How many lines are unread in the reader's parties, as it was told last.
    Unread(Option<Vec<(PartyId, u64)>>),
}

impl Parties {
    /// Follows a party: its chat after line `seen`, and what becomes of it after so many `changes`. Whether the reader is one of its
    /// members is asked with every reading.
    pub fn follow_party(&self, party: PartyId, seen: u64, changes: u64) -> Following {
        let subscriber = self.bus.subscriber();
        subscriber.subscribe(Topic::Party(party));
        Following { parties: self.clone(), subscriber, what: What::Party { party, seen, changes } }
    }

    /// Follows how many lines are unread in the reader's parties, the newest of them.
    ///
    /// # Errors
    /// For visitors; the database may fail.
    pub async fn follow_unread(&self, actor: &Actor) -> Result<Following, Error> {
        let subscriber = self.bus.subscriber();
        for (party, _) in self.unread_lines(actor.signed_in()?.member).await? {
            subscriber.subscribe(Topic::Party(party));
        }
        Ok(Following { parties: self.clone(), subscriber, what: What::Unread(None) })
    }

    /// Wakes whoever follows a party, on every node. Who misses it reads with the next, and looks by itself now and then.
    pub(super) async fn wake(&self, party: PartyId) {
        if let Err(error) = self.bus.publish(Topic::Party(party), Bytes::new()).await {
            tracing::debug!(%error, "other nodes cannot be told of a party");
        }
    }

    /// A member's newest parties, with how many lines of each they have not read.
    async fn unread_lines(&self, member: MemberId) -> Result<Vec<(PartyId, u64)>, Error> {
        let rows = self.db.sql(
            "select mine.party_id, coalesce((select max(number) from party_lines l where l.party_id = mine.party_id), 0)
                - mine.read_number
             from party_members mine where mine.member_id = $1 and mine.state = 'joined'
             order by mine.since desc, mine.party_id desc limit $2",
        );
        let rows: Vec<(PartyId, i64)> = rows.bind(member).bind(FOLLOWED).all().await?;
        Ok(rows.into_iter().map(|(party, unread)| (party, unread.max(0) as u64)).collect())
    }
}

impl Following {
    /// Resolves when there may be something to read, also at the beginning. May be dropped at any time without losing anything.
    pub async fn woken(&mut self) {
        self.subscriber.next().await;
    }

    /// What the reader has not been told, one thing or at most 50 lines at once; `None` when there is nothing.
    ///
    /// # Errors
    /// For visitors; [`model::PartyError::NotJoined`] for whoever is no member, or not any more; [`model::Error::NotFound`]; the
    /// database may fail.
    pub async fn read(&mut self, actor: &Actor) -> Result<Option<ToBrowser>, Error> {
        let reader = actor.signed_in()?.member;
        match &mut self.what {
            What::Party { party, seen, changes } => {
                let lines = self.parties.lines_after(reader, *party, *seen).await?;
                if let Some(last) = lines.last() {
                    *seen = last.number;
                    return Ok(Some(ToBrowser::PartyLines { party: *party, lines }));
                }
                let now = self.parties.changes(*party).await?;
                if now == *changes {
                    return Ok(None);
                }
                *changes = now;
                Ok(Some(ToBrowser::PartyChanged { party: *party }))
            }
            What::Unread(told) => {
                let unread = self.parties.unread_lines(reader).await?;
                if told.as_ref() == Some(&unread) {
                    return Ok(None);
                }
                *told = Some(unread.clone());
                Ok(Some(ToBrowser::PartiesUnread { unread }))
            }
        }
    }
}
