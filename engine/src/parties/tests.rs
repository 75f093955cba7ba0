//! What tests of parties share: a market, an item and people.

use super::{testing::member, *};
use crate::cluster::Bus;
use ::testing::{On, Place, both};
use futures::future::join_all;
use model::{
    Coordinates, DAY, Error as Refusal, HOUR, ItemId, MINUTE, MarketId, Notice, PartyError, PartyState, Span, Time,
    parties::{AppealState, Badge, Meeting, MemberState, PenaltyKind},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use uuid::Uuid;

mod cost;
mod course;
mod favoured;
mod joining;
mod marks;
mod nearby;
mod shown;
mod talk;

pub(super) const NOW: Time = Time(1_795_604_400_000_000);
const HOME: Coordinates = Coordinates { latitude: 37.5446, longitude: 127.0559 };

/// A market, an item and people.
pub(super) struct Scene {
    _place: Place,
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) parties: Parties,
    markets: crate::markets::Markets,
    market: MarketId,
    item: ItemId,
    pub(super) leader: Actor,
}

pub(super) fn request() -> RequestId {
    RequestId(ids::new_id(NOW))
}

pub(super) fn refusal<T: std::fmt::Debug>(done: Result<T, Error>) -> Refusal {
    done.unwrap_err().public()
}

impl Scene {
    pub(super) async fn new(on: On) -> Scene {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let clock = Clock::manual(NOW);
        let (limits, bus) = (Limits::default(), Bus::local());
        let invalidation = Invalidation::new(bus.clone());
        let markets = crate::markets::Markets::new(
            db.clone(),
            clock.clone(),
            limits.clone(),
            None,
            crate::markets::Geocoder::Included,
        );
        let parties = Parties::new(db.clone(), clock.clone(), limits, invalidation, bus, Some(Sms::Sandbox));
        let leader = Actor::host(member(&db, 1).await);
        let market = ["한마음마트", "hypermarket", "서울 성동구 성수이로 1", "37.5446", "127.0559"];
        let market = markets.add(&leader, market).await.unwrap();
        markets
            .import_items(&Actor::System, "category,name\nsauces,올리브유 5L\nmeat,삼겹살\n".as_bytes())
            .await
            .unwrap();
        let item = markets.suggest("올리브").await.unwrap()[0].id;
        Scene { _place: place, db, clock, parties, markets, market, item, leader }
    }

    pub(super) fn draft(&self, wanted: u32, automatic: bool) -> PartyDraft {
        PartyDraft {
            market: self.market,
            item: self.item,
            quantity: 4,
            unit: "통".into(),
            total: 10_000,
            wanted,
            own: 1,
            least: 2,
            automatic,
            meets: Meeting { from: NOW + 5 * HOUR, to: NOW + 6 * HOUR },
            note: String::new(),
        }
    }

    pub(super) async fn party(&self, wanted: u32, automatic: bool) -> PartyId {
        self.parties.create(&self.leader, request(), &self.draft(wanted, automatic)).await.unwrap()
    }

    pub(super) async fn people(&self, count: u128) -> Vec<Actor> {
        self.people_from(100, count).await
    }

    async fn people_from(&self, first: u128, count: u128) -> Vec<Actor> {
        let mut people = Vec::new();
        for number in first..first + count {
            people.push(Actor::host(member(&self.db, number).await));
        }
        people
    }

    pub(super) async fn act(&self, who: &Actor, party: PartyId, action: Action) -> Result<(), Error> {
        self.parties.act(who, party, &action).await
    }

    /// A party that met, with these people.
    pub(super) async fn met(&self, people: &[Actor]) -> PartyId {
        self.clock.set(NOW);
        let party = self.party(people.len() as u32 + 1, true).await;
        for person in people {
            self.act(person, party, ASK).await.unwrap();
        }
        self.clock.set(NOW + 5 * HOUR);
        self.act(&self.leader, party, Action::Finish).await.unwrap();
        party
    }

    async fn told(&self, who: &Actor) -> Vec<PartyNews> {
        let rows: Vec<(String,)> = self
            .db
            .sql("select notice from notices where member_id = $1 order by at, id")
            .bind(id(who))
            .all()
            .await
            .unwrap();
        let news = |(text,): (String,)| match serde_json::from_str(&text).unwrap() {
            Notice::Party { news, .. } => news,
            other => panic!("{other:?}"),
        };
        rows.into_iter().map(news).collect()
    }
}

pub(super) const ASK: Action = Action::Request { shares: 1 };

pub(super) fn id(who: &Actor) -> MemberId {
    who.member().unwrap()
}
