//! That whatever is done to others leaves a row of the log: who did it, to whom and to what. What admins and creators may call says here
//! which it leaves.

use crate::{
    administration::admin,
    parties::{act, open_party},
    reviews::{received, write},
    sales::{Scene, deal},
    support::{Person, events::png, giveaway, make_event, request},
};
use app::forms::Declaration;
use engine::{Engine, accounts::Actor};
use model::{
    Crop, DAY, EventId, HOUR, ItemId, Job, MarketId, MemberId, Moderation, OrderId, PartyId, ReviewId, Right, SECOND,
    administration::AuditAction,
    parties::Action,
    sales::OrderView,
    sellers::{Month, ReturnId},
};
use testing::{On, both};

const WHY: &str = "약속과 달라요";

/// What members say that admins and creators decide about: in their own tables, from which it is taken when its time is over.
const SAID: [&str; 5] = ["광고예요", "다른 데서 사세요", "차마 못 할 말", "깨져 있었어요", "지하철이 멈췄어요"];

/// Who did something, and to whom and to what.
#[derive(Debug, Default, PartialEq)]
struct Row {
    by: Option<MemberId>,
    member: Option<MemberId>,
    event: Option<EventId>,
    party: Option<PartyId>,
    market: Option<MarketId>,
    item: Option<ItemId>,
    order: Option<OrderId>,
    named: String,
}

/// The same as it is read.
type Columns = (
    Option<MemberId>,
    Option<MemberId>,
    Option<EventId>,
    Option<PartyId>,
    Option<MarketId>,
    Option<ItemId>,
    Option<OrderId>,
    String,
);

/// A site where things are sold, and somebody who looks after it.
struct Stage {
    scene: Scene,
    admin: Actor,
}

impl Stage {
    async fn new(on: On) -> Stage {
        let scene = Scene::new(on).await;
        let admin = admin(&scene.site).await;
        let session = scene.site.engine.accounts.sessions.of(&admin.token).await.unwrap();
        Stage { scene, admin: Actor::of(session) }
    }

    fn engine(&self) -> &Engine {
        &self.scene.site.engine
    }

    /// What an admin did.
    fn by_admin(&self) -> Row {
        Row { by: self.admin.member(), ..Row::default() }
    }

    /// What a seller did.
    fn by_seller(&self) -> Row {
        Row { by: Some(self.scene.seller.member), ..Row::default() }
    }

    async fn somebody(&self) -> Person {
        self.scene.site.people(1).await.remove(0)
    }

    /// Everything in the log of an action.
    async fn rows(&self, action: AuditAction) -> Vec<Row> {
        let rows = self.engine().db.sql(
            "select admin_id, member_id, event_id, party_id, market_id, item_id, order_id, named
             from audit where action = $1",
        );
        let rows: Vec<Columns> = rows.bind(action.name().to_owned()).all().await.unwrap();
        let row = |(by, member, event, party, market, item, order, named)| Row {
            by,
            member,
            event,
            party,
            market,
            item,
            order,
            named,
        };
        rows.into_iter().map(row).collect()
    }

    /// Does something, in each way there is, to somebody to whom nothing was done before; the rows that this is to leave. What is new
    /// is to be done here as well.
    async fn does(&self, action: AuditAction) -> Vec<Row> {
        match action {
            AuditAction::Suspend => vec![self.suspends().await.0],
            AuditAction::Restore => vec![self.restores().await],
            AuditAction::Warn => vec![self.warns().await],
            AuditAction::RemovePicture => vec![self.removes_a_picture().await],
            AuditAction::MakeAdmin => vec![self.makes_an_admin().await.0],
            AuditAction::RemoveAdmin => vec![self.removes_an_admin().await],
            AuditAction::MakeAdminLink => vec![self.makes_an_admins_link().await],
            AuditAction::MakePasswordLink => self.makes_password_links().await,
            AuditAction::LookAtMember => vec![self.looks_at_a_member().await],
            AuditAction::LookAtOrder => vec![self.looks_at_an_order().await],
            AuditAction::LookAtParty => vec![self.looks_at_a_party().await],
            AuditAction::ExportPeople => self.takes_tables_along().await,
            AuditAction::CallOff => self.calls_events_off().await,
            AuditAction::SuspendEvent => vec![self.stops_an_event().await.0],
            AuditAction::ReadmitEvent => vec![self.lets_an_event_go_on().await],
            AuditAction::Disqualify => vec![self.disqualifies().await],
            AuditAction::SendPrize => vec![self.sends_a_prize().await],
            AuditAction::Refund => vec![self.refunds().await],
            AuditAction::CancelParty => vec![self.cancels_a_party().await],
            AuditAction::GrantAppeal => vec![self.decides_an_appeal(true).await],
            AuditAction::RefuseAppeal => vec![self.decides_an_appeal(false).await],
            AuditAction::HideLine => {
                let mut rows = self.moderates(Moderation::Hide).await;
                rows.push(self.hides_a_question().await);
                rows
            }
            AuditAction::Mute => self.moderates(Moderation::Mute).await,
            AuditAction::Unmute => vec![self.unmutes().await],
            AuditAction::Dismiss => {
                let mut rows = self.moderates(Moderation::Dismiss).await;
                rows.push(self.dismisses_a_review().await);
                rows
            }
            AuditAction::HideReview => vec![self.hides_a_review().await.0],
            AuditAction::RestoreReview => vec![self.restores_a_review().await],
            AuditAction::CorrectMarket => vec![self.corrects_a_market().await],
            AuditAction::MergeMarket => vec![self.merges_markets().await],
            AuditAction::HideMarket => vec![self.hides_a_market().await.0],
            AuditAction::ShowMarket => vec![self.shows_a_market().await],
            AuditAction::CorrectItem => vec![self.corrects_an_item().await],
            AuditAction::ImportList => self.imports_lists().await,
            AuditAction::RunJob => vec![self.runs_a_job().await],
            AuditAction::CallOffOrders => self.calls_orders_off().await,
            AuditAction::RefuseReturn => vec![self.refuses_a_return().await],
            AuditAction::PayOut => vec![self.pays_out().await],
        }
    }
}

/// What is done to members.
impl Stage {
    async fn suspends(&self) -> (Row, MemberId) {
        let member = self.somebody().await.member;
        self.engine().administration.suspend(&self.admin, &member.to_string(), WHY, "").await.unwrap();
        (Row { member: Some(member), ..self.by_admin() }, member)
    }

    async fn restores(&self) -> Row {
        let (row, member) = self.suspends().await;
        self.engine().administration.restore(&self.admin, &member.to_string(), WHY).await.unwrap();
        row
    }

    async fn warns(&self) -> Row {
        let (event, member) = (self.scene.site.event(HOUR, 3).await, self.somebody().await.member);
        self.engine().administration.warn(&self.admin, member, Some(event), WHY).await.unwrap();
        Row { member: Some(member), event: Some(event), ..self.by_admin() }
    }

    async fn removes_a_picture(&self) -> Row {
        let member = self.somebody().await.member;
        let Engine { accounts, pictures, .. } = self.engine();
        accounts.set_picture(&Actor::host(member), pictures, Some(png()), Crop::default()).await.unwrap();
        let picture = accounts.own_profile(&Actor::host(member)).await.unwrap().picture.unwrap();
        accounts.take_picture_away(&self.admin, pictures, member, picture, WHY).await.unwrap();
        Row { member: Some(member), ..self.by_admin() }
    }

    async fn makes_an_admin(&self) -> (Row, MemberId) {
        let member = self.somebody().await.member;
        self.engine().administration.set_admin(&self.admin, member, true, WHY).await.unwrap();
        (Row { member: Some(member), ..self.by_admin() }, member)
    }

    async fn removes_an_admin(&self) -> Row {
        let (row, member) = self.makes_an_admin().await;
        self.engine().administration.set_admin(&self.admin, member, false, WHY).await.unwrap();
        row
    }

    /// By the program alone, for whoever opens it.
    async fn makes_an_admins_link(&self) -> Row {
        engine::administration::make_link(&self.engine().db, self.scene.clock.now()).await.unwrap();
        Row::default()
    }

    /// By the program, and by an admin.
    async fn makes_password_links(&self) -> Vec<Row> {
        let (one, other) = (self.somebody().await.member, self.somebody().await.member);
        let Engine { administration, db, .. } = self.engine();
        engine::accounts::one_time_link(db, self.scene.clock.now(), one).await.unwrap();
        administration.make_password_link(&self.admin, other, WHY, false).await.unwrap();
        vec![Row { member: Some(one), ..Row::default() }, Row { member: Some(other), ..self.by_admin() }]
    }

    async fn looks_at_a_member(&self) -> Row {
        let member = self.somebody().await.member;
        self.engine().administration.member(&self.admin, member).await.unwrap();
        Row { member: Some(member), ..self.by_admin() }
    }
}

/// What is done to events, and to what follows from them.
impl Stage {
    /// By an admin, and by its creator.
    async fn calls_events_off(&self) -> Vec<Row> {
        let (site, engine) = (&self.scene.site, self.engine());
        let (anybodys, creator) = (site.event(HOUR, 3).await, site.creator().await.member);
        engine.administration.call_off(&self.admin, anybodys, WHY).await.unwrap();
        let own = make_event(engine, creator, HOUR, 3).await;
        engine.events.cancel(&Actor::host(creator), own, WHY).await.unwrap();
        vec![
            Row { event: Some(anybodys), ..self.by_admin() },
            Row { by: Some(creator), event: Some(own), ..Row::default() },
        ]
    }

    async fn stops_an_event(&self) -> (Row, EventId) {
        let event = self.scene.site.event(HOUR, 3).await;
        self.engine().administration.suspend_event(&self.admin, event, WHY).await.unwrap();
        (Row { event: Some(event), ..self.by_admin() }, event)
    }

    async fn lets_an_event_go_on(&self) -> Row {
        let (row, event) = self.stops_an_event().await;
        self.engine().administration.readmit_event(&self.admin, event, WHY).await.unwrap();
        row
    }

    async fn disqualifies(&self) -> Row {
        let (creator, person) = (self.scene.site.creator().await.member, self.somebody().await);
        let event = make_event(self.engine(), creator, -SECOND, 3).await;
        assert_eq!(person.enter(event).await.1.rank, 1);
        self.engine().giveaways.disqualify(&Actor::host(creator), event, 1, WHY).await.unwrap();
        Row { by: Some(creator), member: Some(person.member), event: Some(event), ..Row::default() }
    }

    async fn sends_a_prize(&self) -> Row {
        let (creator, winner) = (self.scene.site.creator().await.member, self.somebody().await);
        let event = make_event(self.engine(), creator, -SECOND, 3).await;
        assert_eq!(winner.enter(event).await.1.rank, 1);
        // Not until every command is done: a prize that was taken from somebody waits for who may yet enter.
        self.scene.work().await;
        let id = event.to_string();
        let form: Vec<_> = giveaway::FORM.iter().copied().chain([("event", id.as_str())]).collect();
        assert_eq!(winner.change(&format!("/events/{event}/result"), "fill-claim", &form).await.status(), 303);
        self.engine().giveaways.send(&Actor::host(creator), event, 1).await.unwrap();
        Row { by: Some(creator), member: Some(winner.member), event: Some(event), ..Row::default() }
    }

    /// A deal that somebody bought.
    async fn bought(&self) -> (MemberId, EventId, OrderView) {
        let buyer = self.somebody().await;
        let event = self.scene.sale(deal(1, 1, None)).await;
        self.scene.press(&buyer, event, 1, false).await.unwrap();
        self.scene.buy(&buyer, event).await;
        (buyer.member, event, self.scene.standing(&buyer, event).await.order.unwrap())
    }

    async fn looks_at_an_order(&self) -> Row {
        let (buyer, event, order) = self.bought().await;
        let number = order.line.number.unwrap();
        self.engine().sales.order_for_admin(&self.admin, &number).await.unwrap();
        let named = number.to_string();
        Row { member: Some(buyer), event: Some(event), order: Some(order.id), named, ..self.by_admin() }
    }

    async fn refunds(&self) -> Row {
        let (buyer, event, order) = self.bought().await;
        let number = order.line.number.unwrap();
        self.engine().sales.refund_by_admin(&self.admin, &number, WHY, request()).await.unwrap();
        let named = number.to_string();
        Row { member: Some(buyer), event: Some(event), order: Some(order.id), named, ..self.by_admin() }
    }

    /// One by one, and all of a sale.
    async fn calls_orders_off(&self) -> Vec<Row> {
        let seller = Actor::host(self.scene.seller.member);
        let sales = &self.engine().sales;
        let (buyer, event, order) = self.bought().await;
        sales.call_order_off(&seller, order.id, WHY).await.unwrap();
        let one = Row { member: Some(buyer), event: Some(event), order: Some(order.id), ..self.by_seller() };
        let (_, event, _) = self.bought().await;
        sales.call_orders_off(&seller, event, WHY, request()).await.unwrap();
        vec![one, Row { event: Some(event), ..self.by_seller() }]
    }

    async fn refuses_a_return(&self) -> Row {
        let buyer = self.somebody().await;
        let event = received(&self.scene, std::slice::from_ref(&buyer)).await;
        let (sales, wish) = (&self.engine().sales, request());
        let order = self.scene.standing(&buyer, event).await.order.unwrap().id;
        sales.ask_return(&Actor::host(buyer.member), order, 1, "깨져 있었어요", wish).await.unwrap();
        let seller = Actor::host(self.scene.seller.member);
        sales.answer_return(&seller, ReturnId(wish.0), false, WHY).await.unwrap();
        Row { member: Some(buyer.member), event: Some(event), order: Some(order), ..self.by_seller() }
    }

    /// Of who entered, and of who bought.
    async fn takes_tables_along(&self) -> Vec<Row> {
        let (_, sale, _) = self.bought().await;
        let creator = self.scene.site.creator().await;
        let event = make_event(self.engine(), creator.member, HOUR, 3).await;
        let tables = [
            (&self.scene.seller, sale, format!("/events/{sale}/orders/orders.csv")),
            (&creator, event, format!("/events/{event}/table/entrants.csv")),
        ];
        let mut rows = Vec::new();
        for (who, event, table) in tables {
            assert_eq!(who.get(&table).await.status(), 200);
            rows.push(Row { by: Some(who.member), event: Some(event), ..Row::default() });
        }
        rows
    }

    async fn pays_out(&self) -> Row {
        self.bought().await;
        self.scene.work().await;
        let (now, seller) = (self.scene.clock.now(), self.scene.seller.member);
        // Of this month, when it has been over for long.
        let month = Month::of(now);
        let left = engine::sales::pay_out(&self.engine().db, now + 60 * DAY, &self.admin, seller, month).await.unwrap();
        assert!(left > 0);
        Row { member: Some(seller), named: month.to_string(), ..self.by_admin() }
    }
}

/// What is done among neighbours.
impl Stage {
    async fn cancels_a_party(&self) -> Row {
        let leader = self.scene.site.neighbours(1).await.remove(0);
        let party = open_party(&self.scene.site, &leader).await;
        self.engine().parties.cancel_by_admin(&self.admin, party, WHY).await.unwrap();
        Row { member: Some(leader.member), party: Some(party), ..self.by_admin() }
    }

    async fn looks_at_a_party(&self) -> Row {
        let leader = self.scene.site.neighbours(1).await.remove(0);
        let party = open_party(&self.scene.site, &leader).await;
        let parties = &self.engine().parties;
        parties.lines(&Actor::host(leader.member), party, None).await.unwrap();
        for _ in 0..2 {
            parties.lines(&self.admin, party, None).await.unwrap();
        }
        Row { party: Some(party), ..self.by_admin() }
    }

    async fn hides_a_question(&self) -> Row {
        let leader = self.scene.site.neighbours(1).await.remove(0);
        let party = open_party(&self.scene.site, &leader).await;
        let (parties, asker) = (&self.engine().parties, self.somebody().await.member);
        parties.ask(&Actor::host(asker), party, "다른 데서 사세요").await.unwrap();
        let question = parties.view(&self.admin, party).await.unwrap().questions.remove(0).id;
        parties.hide_question(&self.admin, question).await.unwrap();
        Row { member: Some(asker), party: Some(party), ..self.by_admin() }
    }

    async fn decides_an_appeal(&self, granted: bool) -> Row {
        let Scene { site, clock, .. } = &self.scene;
        let people = site.neighbours(2).await;
        let [leader, absent] = &people[..] else { unreachable!() };
        let party = open_party(site, leader).await;
        act(site, absent, party, Action::Request { shares: 1 }).await;
        clock.set(clock.now() + 5 * HOUR);
        act(site, leader, party, Action::Finish).await;
        act(site, leader, party, Action::Attended { member: absent.member, came: false }).await;
        let parties = &site.engine.parties;
        parties.appeal(&Actor::host(absent.member), party, "지하철이 멈췄어요").await.unwrap();
        parties.decide(&self.admin, party, absent.member, granted, WHY).await.unwrap();
        Row { member: Some(absent.member), party: Some(party), ..self.by_admin() }
    }

    /// A market far from where parties meet here.
    async fn market(&self, name: &str) -> MarketId {
        let list = format!("name,kind,address,latitude,longitude\n{name},hypermarket,부산 중구 1,35.1,129.03\n");
        let Engine { markets, db, .. } = self.engine();
        markets.import_markets(&Actor::System, list.as_bytes()).await.unwrap();
        let found: (MarketId,) =
            db.sql("select id from markets where name = $1").bind(name.to_owned()).one().await.unwrap();
        found.0
    }

    async fn corrects_a_market(&self) -> Row {
        let market = self.market("갈매기마트").await;
        let typed = ["갈매기 마트", "hypermarket", "부산 중구 2", "35.1", "129.03"];
        self.engine().markets.correct(&self.admin, market, typed, WHY).await.unwrap();
        Row { market: Some(market), ..self.by_admin() }
    }

    async fn merges_markets(&self) -> Row {
        let (market, into) = (self.market("파도마트").await, self.market("파도 마트 본점").await);
        self.engine().markets.merge(&self.admin, market, into, WHY).await.unwrap();
        Row { market: Some(market), ..self.by_admin() }
    }

    async fn hides_a_market(&self) -> (Row, MarketId) {
        // Each time another.
        let market = self.market(&format!("등대마트 {}", request().0.simple())).await;
        self.engine().markets.set_hidden(&self.admin, market, true, WHY).await.unwrap();
        (Row { market: Some(market), ..self.by_admin() }, market)
    }

    async fn shows_a_market(&self) -> Row {
        let (row, market) = self.hides_a_market().await;
        self.engine().markets.set_hidden(&self.admin, market, false, WHY).await.unwrap();
        row
    }

    async fn corrects_an_item(&self) -> Row {
        let Engine { markets, db, .. } = self.engine();
        markets.import_items(&Actor::System, "category,name\nsauces,진간장 2L\n".as_bytes()).await.unwrap();
        let (item,): (ItemId,) = db.sql("select id from items where name = '진간장 2L'").one().await.unwrap();
        markets.correct_item(&self.admin, item, ["sauces", "진간장 1.8L"], WHY).await.unwrap();
        Row { item: Some(item), ..self.by_admin() }
    }

    async fn imports_lists(&self) -> Vec<Row> {
        let markets = &self.engine().markets;
        let list = "name,kind,address,latitude,longitude\n새마트,hypermarket,부산 중구 3,35.1,129.03\n";
        markets.import_markets(&self.admin, list.as_bytes()).await.unwrap();
        markets.import_items(&self.admin, "category,name\nsauces,참기름 1L\n".as_bytes()).await.unwrap();
        ["markets ×1", "items ×1"].map(|list| Row { named: list.to_owned(), ..self.by_admin() }).into()
    }
}

/// What is done about what members say.
impl Stage {
    /// A line that somebody reported, the first of its room; of whom.
    async fn reported(&self) -> (EventId, MemberId) {
        let event = self.scene.site.event(HOUR, 3).await;
        let (author, reader) = (self.somebody().await.member, self.somebody().await.member);
        let chat = &self.engine().chat;
        chat.say(&Actor::host(author), event, request(), "광고예요").await.unwrap();
        chat.moderate(&Actor::host(reader), event, 1, Moderation::Report).await.unwrap();
        (event, author)
    }

    /// About one line, and about all of somebody's that were reported.
    async fn moderates(&self, what: Moderation) -> Vec<Row> {
        let chat = &self.engine().chat;
        let row = |event, author, named: &str| {
            let named = named.to_owned();
            Row { member: Some(author), event: Some(event), named, ..self.by_admin() }
        };
        let (event, author) = self.reported().await;
        chat.moderate(&self.admin, event, 1, what).await.unwrap();
        let one = row(event, author, "1");
        let (event, author) = self.reported().await;
        chat.moderate_all(&self.admin, event, 1, what).await.unwrap();
        vec![one, row(event, author, "×1")]
    }

    async fn unmutes(&self) -> Row {
        let (event, author) = self.reported().await;
        let chat = &self.engine().chat;
        chat.moderate(&self.admin, event, 1, Moderation::Mute).await.unwrap();
        chat.unmute(&self.admin, event, author).await.unwrap();
        Row { member: Some(author), event: Some(event), ..self.by_admin() }
    }

    /// A review, with the row that is about it.
    async fn review(&self) -> (Row, ReviewId) {
        let buyer = self.somebody().await;
        let event = received(&self.scene, std::slice::from_ref(&buyer)).await;
        write(&buyer, event, "1", "차마 못 할 말").await.unwrap();
        let written = self.engine().db.sql("select id from reviews where event_id = $1").bind(event);
        let (review,): (ReviewId,) = written.one().await.unwrap();
        (Row { member: Some(buyer.member), event: Some(event), ..self.by_admin() }, review)
    }

    async fn hides_a_review(&self) -> (Row, ReviewId) {
        let (row, review) = self.review().await;
        self.engine().reviews.hide(&self.admin, review, WHY).await.unwrap();
        (row, review)
    }

    async fn restores_a_review(&self) -> Row {
        let (row, review) = self.hides_a_review().await;
        self.engine().reviews.restore(&self.admin, review, WHY).await.unwrap();
        row
    }

    async fn dismisses_a_review(&self) -> Row {
        let (row, review) = self.review().await;
        let reader = Actor::host(self.somebody().await.member);
        self.engine().reviews.report(&reader, review).await.unwrap();
        self.engine().reviews.dismiss(&self.admin, review).await.unwrap();
        row
    }

    async fn runs_a_job(&self) -> Row {
        let job = Job::Sessions;
        self.engine().jobs.run_now(&self.admin, job).await.unwrap();
        Row { named: job.name().to_owned(), ..self.by_admin() }
    }
}

both!(whatever_is_done_to_others_leaves_a_row, "multi_thread");
async fn whatever_is_done_to_others_leaves_a_row(on: On) {
    let stage = Stage::new(on).await;
    for action in AuditAction::ALL.iter().copied() {
        for row in stage.does(action).await {
            let rows = stage.rows(action).await;
            let there = rows.iter().filter(|there| **there == row).count();
            assert_eq!(there, 1, "{action:?}: {row:?} is not once among {rows:?}");
        }
    }
    // The log is kept for two years, and what members say is not.
    let noted: Vec<(String, String)> = stage.engine().db.sql("select reason, named from audit").all().await.unwrap();
    for said in SAID {
        let with = noted.iter().find(|(reason, named)| reason.contains(said) || named.contains(said));
        assert!(with.is_none(), "{with:?} holds what somebody said");
    }
}

/// What a function leaves in the log when somebody calls it.
enum Leaves {
    /// A row, of one of these actions: [`Stage::does`] shows it.
    Row(&'static [AuditAction]),
    /// None, and why not.
    Nothing(&'static str),
}

/// What a function of admins or of creators leaves; nothing for one that nobody thought of.
fn leaves(function: &str) -> Option<Leaves> {
    const OWN: Leaves = Leaves::Nothing("it is about what is the creator's own");
    const STEPS: Leaves = Leaves::Nothing("a log of its own has it, which the buyer reads as well: order_steps");
    Some(match function {
        "suspend-member" => Leaves::Row(&[AuditAction::Suspend]),
        "restore-member" => Leaves::Row(&[AuditAction::Restore]),
        "warn-member" => Leaves::Row(&[AuditAction::Warn]),
        "take-picture-away" => Leaves::Row(&[AuditAction::RemovePicture]),
        "make-password-link" => Leaves::Row(&[AuditAction::MakePasswordLink]),
        "set-admin" => Leaves::Row(&[AuditAction::MakeAdmin, AuditAction::RemoveAdmin]),
        "call-off-event" | "cancel-event" => Leaves::Row(&[AuditAction::CallOff]),
        "suspend-event" => Leaves::Row(&[AuditAction::SuspendEvent]),
        "readmit-event" => Leaves::Row(&[AuditAction::ReadmitEvent]),
        "cancel-any-party" => Leaves::Row(&[AuditAction::CancelParty]),
        "refund-order" => Leaves::Row(&[AuditAction::Refund]),
        "decide-reports" => Leaves::Row(&[AuditAction::Warn, AuditAction::Suspend, AuditAction::HideLine]),
        "decide-appeal" => Leaves::Row(&[AuditAction::GrantAppeal, AuditAction::RefuseAppeal]),
        "import-markets" | "import-items" => Leaves::Row(&[AuditAction::ImportList]),
        "correct-market" => Leaves::Row(&[AuditAction::CorrectMarket]),
        "merge-market" => Leaves::Row(&[AuditAction::MergeMarket]),
        "hide-market" => Leaves::Row(&[AuditAction::HideMarket, AuditAction::ShowMarket]),
        "correct-item" => Leaves::Row(&[AuditAction::CorrectItem]),
        "hide-review" => Leaves::Row(&[AuditAction::HideReview]),
        "restore-review" => Leaves::Row(&[AuditAction::RestoreReview]),
        "dismiss-review" => Leaves::Row(&[AuditAction::Dismiss]),
        "run-job" => Leaves::Row(&[AuditAction::RunJob]),
        "send-prize" => Leaves::Row(&[AuditAction::SendPrize]),
        "disqualify-entry" => Leaves::Row(&[AuditAction::Disqualify]),
        "call-order-off" | "call-orders-off" => Leaves::Row(&[AuditAction::CallOffOrders]),
        "answer-return" => Leaves::Row(&[AuditAction::RefuseReturn]),
        "prepare-order" | "ship-order" | "deliver-order" | "import-shipments" | "receive-return" => STEPS,
        "book-hours" | "pay-booking" | "give-up-hours" | "give-back-hour" | "save-business" => OWN,
        "create-event" | "add-webhook" | "remove-webhook" | "resume-webhook" | "resend-webhook" => OWN,
        "answer-review" | "change-answer" => Leaves::Nothing("everybody reads it beside the review"),
        "edit-event" => Leaves::Nothing("everybody reads what changed since somebody could enter"),
        "send-crowd" => Leaves::Nothing("it is to people that a demonstration made up"),
        _ => return None,
    })
}

#[test]
fn whatever_admins_and_creators_call_says_what_it_leaves_in_the_log() {
    let mut known = 0;
    for change in Declaration::all().filter(|change| matches!(change.right, Right::Admin | Right::Creator)) {
        let name = change.name();
        match leaves(name) {
            Some(Leaves::Row(actions)) => assert!(!actions.is_empty(), "{name}"),
            Some(Leaves::Nothing(why)) => assert!(change.right == Right::Creator, "{name} leaves none: {why}"),
            None => panic!("{name}: say which row of the log it leaves, and show it in `Stage::does`, or why none"),
        }
        known += 1;
    }
    assert!(known > 40, "{known}");
}
