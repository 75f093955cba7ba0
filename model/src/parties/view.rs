//! Parties as pages show them.

use super::{Badge, Meeting, MemberState, PartyId, PartyState, Penalty, QuestionId, Standing};
use crate::{
    Coordinates, Cursor, Error, Item, ItemCategory, ItemId, Market, MarketId, MemberId, Page, PictureId, Time,
};
use serde::{Deserialize, Serialize};

/// How far one may look, in kilometres.
pub const RADII: [u32; 4] = [1, 3, 5, 10];

/// Which parties are asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NearbyQuery {
    /// Around where.
    pub around: Coordinates,
    /// Within so many kilometres: one of [`RADII`].
    pub km: u32,
    /// Of one item.
    pub item: Option<ItemId>,
    /// Of one category.
    pub category: Option<ItemCategory>,
    /// At one market.
    pub market: Option<MarketId>,
    /// Only those with shares left.
    pub open: bool,
    /// From where the list goes on.
    pub after: Option<Cursor>,
}

impl NearbyQuery {
    /// Everything around a place.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another radius.
    pub fn around(around: Coordinates, km: u32) -> Result<NearbyQuery, Error> {
        if !RADII.contains(&km) {
            return Err(Error::NotFound);
        }
        Ok(NearbyQuery { around, km, item: None, category: None, market: None, open: false, after: None })
    }
}

/// A party in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartyCard {
    /// Which.
    pub id: PartyId,
    /// What is bought.
    pub item: Item,
    /// Where.
    pub market: Market,
    /// When they meet.
    pub meets: Meeting,
    /// Where it stands.
    pub state: PartyState,
    /// Into how many shares it is cut, and how many are taken.
    pub wanted: u32,
    /// How many of them are taken.
    pub taken: u32,
    /// Whole won for a share.
    pub each: i64,
    /// How many metres away the market is from where one looks; `None` where one looks from nowhere.
    pub metres: Option<u32>,
}

/// A party in the drawn view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dot {
    /// Which.
    pub party: PartyId,
    /// Metres to the east.
    pub east: i32,
    /// Metres to the north.
    pub north: i32,
    /// How many shares are left.
    pub left: u32,
}

/// Parties around a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NearbyParties {
    /// What was asked for.
    pub query: NearbyQuery,
    /// How many there are.
    pub total: u64,
    /// Nearest first.
    pub cards: Page<PartyCard>,
    /// The nearest of all, for drawing.
    pub dots: Vec<Dot>,
    /// When they were read.
    pub now: Time,
}

/// Somebody who has to do with a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLine {
    /// Who, for what their leader does about them.
    pub member: MemberId,
    /// What they are called.
    pub nickname: String,
    /// Their picture.
    pub picture: Option<PictureId>,
    /// What stands beside that.
    pub badge: Option<Badge>,
    /// Whether they lead it.
    pub leader: bool,
    /// Whether it is the reader.
    pub mine: bool,
    /// How they stand to it.
    pub state: MemberState,
    /// How many shares they take, or ask for.
    pub shares: u32,
    /// What they pay, in whole won; nothing while they only ask. By what was thought for whoever is no member.
    pub amount: i64,
    /// Whether they came, once that was said; for members.
    pub came: Option<bool>,
    /// Whether the time that is proposed suits them.
    pub agreed: bool,
}

/// A question to the leader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionLine {
    /// Which.
    pub id: QuestionId,
    /// Who asks.
    pub nickname: String,
    /// Their picture.
    pub picture: Option<PictureId>,
    /// What stands beside that.
    pub badge: Option<Badge>,
    /// When.
    pub at: Time,
    /// What.
    pub text: String,
    /// What the leader says; nothing as long as they did not.
    pub answer: String,
}

/// A party's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartyView {
    /// What lists show of it.
    pub card: PartyCard,
    /// How much is bought.
    pub quantity: u32,
    /// Of what.
    pub unit: String,
    /// What it is thought to cost, in whole won.
    pub total: i64,
    /// What it did cost; for its members.
    pub cost: Option<i64>,
    /// What a share did cost; for them as well.
    pub cost_each: Option<i64>,
    /// Whether there is a picture of the receipt; for them as well.
    pub receipt: bool,
    /// With fewer shares taken it does not take place.
    pub least: u32,
    /// Whether whoever asks is taken.
    pub automatic: bool,
    /// What the leader says.
    pub note: String,
    /// Whether the leader confirmed the meeting.
    pub confirmed: bool,
    /// Until when the reader leaves freely, however near the meeting is.
    pub free_until: Option<Time>,
    /// Another time that is proposed.
    pub proposed: Option<Meeting>,
    /// When it was done or called off.
    pub ended_at: Option<Time>,
    /// Why it was called off.
    pub reason: String,
    /// Everybody who joined, the leader first; for the leader also who asks to join, and who left late.
    pub members: Vec<MemberLine>,
    /// How the reader stands to it.
    pub mine: Option<MemberState>,
    /// Whether the reader said that the leader did not come.
    pub said_absent: bool,
    /// Whether the reader would leave late now.
    pub late: bool,
    /// Whether the leader may still change its terms.
    pub editable: bool,
    /// Questions to the leader, oldest first.
    pub questions: Vec<QuestionLine>,
    /// Lines of its chat that the reader has not read.
    pub unread: u64,
    /// How often it was changed since it was made: whoever follows it is told when that is more.
    pub changes: u64,
    /// When it was read.
    pub now: Time,
}

/// A line of a party's chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyLine {
    /// Number within the party, from 1 without gaps.
    pub number: u64,
    /// When it was said.
    pub at: Time,
    /// Who said it.
    pub nickname: String,
    /// Their picture.
    pub picture: Option<PictureId>,
    /// What stands beside that.
    pub badge: Option<Badge>,
    /// Whether it was the reader.
    pub mine: bool,
    /// Plain text.
    pub text: String,
}

/// One of the reader's parties.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MyParty {
    /// What lists show of it.
    pub card: PartyCard,
    /// Whether the reader leads it.
    pub leader: bool,
    /// How they stand to it.
    pub mine: MemberState,
    /// Lines of its chat that they have not read.
    pub unread: u64,
}

/// The reader's parties, and how they stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MyParties {
    /// Those that meet last first.
    pub parties: Page<MyParty>,
    /// What others see beside their nickname.
    pub standing: Standing,
    /// Why, newest first.
    pub penalties: Vec<Penalty>,
    /// When they were read.
    pub now: Time,
}
