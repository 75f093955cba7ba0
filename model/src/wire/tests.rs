use super::*;
use crate::{
    live::*,
    notices::{HoursNews, OrderNews, SaleNews},
    parties::{Badge, PartyLine, PartyNews, PenaltyKind},
    sellers::Carrier,
    *,
};
use std::fmt::Debug;
use uuid::Uuid;

#[test]
fn the_media_type_names_the_version() {
    assert_eq!(KIND.rsplit('-').next(), Some(VERSION.to_string().as_str()));
}

#[test]
fn all_of_the_bytes_are_the_value() {
    let mut bytes = encode(&(7u32, "59초"));
    assert_eq!(decode(&bytes), Some((7u32, "59초".to_owned())));
    assert_eq!(decode::<(u32, String)>(&bytes[..bytes.len() - 1]), None);
    bytes.push(0);
    assert_eq!(decode::<(u32, String)>(&bytes), None);
}

/// Whether a value comes back as it was, both ways.
fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    assert_eq!(decode::<T>(&encode(value)).as_ref(), Some(value));
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
}

/// An id each of whose bytes is another.
const ID: Uuid = Uuid::from_u128(0x0001_0203_0405_0607_0809_0A0B_0C0D_0EFF);
const EVENT: EventId = EventId(ID);

fn entry(quantity: u32) -> Entry {
    let entry = Entry::of_one(3, Time(1_700_000), Span::from_micros(-70), EntryState::Standby);
    let of_sale = |units| Entry { quantity, fewer: true, again: true, units, due: Due::at(Time(300)), ..entry };
    if quantity > 1 { of_sale(quantity - 1) } else { entry }
}

fn row(reason: Option<&str>) -> BoardRow {
    let reason = reason.map(str::to_owned);
    BoardRow {
        rank: 300,
        nickname: "수달".into(),
        since_open: Span::from_micros(84_000),
        state: EntryState::Won,
        reason,
    }
}

fn lines() -> Vec<ChatLine> {
    let said = [
        Said::Member { nickname: "수달".into(), picture: Some(PictureId(ID)), creator: true, text: "안녕".into() },
        Said::Hidden,
        Said::Room { state: EventState::Open },
    ];
    (1..).zip(said).map(|(number, said)| ChatLine { number, at: Time(5), said }).collect()
}

fn offers() -> [Offer; 3] {
    let ticket = Offer::Ticket {
        place: "극장".into(),
        address: "서울".into(),
        coordinates: Some(Coordinates { latitude: 37.5, longitude: -127.25 }),
        starts_at: Time(9),
        seats: 100,
        price: 0,
        limit: 2,
        checkout: Checkout::default(),
        refunds: RefundFees::default(),
    };
    [
        Offer::Giveaway { prizes: vec![Prize { name: "머그".into(), kind: PrizeKind::Coupon, winners: 5 }] },
        ticket,
        Offer::Deal {
            list_price: 29_000,
            discount: 45,
            stock: 300,
            limit: 2,
            delivery: "2일 안에".into(),
            checkout: Checkout { minutes: Some(10), at_once: Some(50) },
            details: vec!["/pictures/2".into()],
        },
    ]
}

fn card() -> EventCard {
    EventCard {
        id: EVENT,
        title: "머그 300개".into(),
        creator: "공방".into(),
        kind: Kind::Deal,
        category: Category::Living,
        card: Some("/pictures/1".into()),
        moments: Moments {
            published_at: Some(Time(1)),
            opens_at: Time(2),
            closes_at: Time(3),
            cancelled_at: None,
            settled_at: None,
            suspended_at: None,
        },
        state: EventState::Scheduled,
        capacity: 300,
        total: 2,
        present: 5,
    }
}

fn sale() -> SaleCard {
    SaleCard {
        event: card(),
        price: 14_850,
        list_price: 27_000,
        discount: 45,
        held: Some(("극장".into(), Time(9))),
        left: 298,
        paying: 1,
        gone_in: Some(Span::from_micros(4_200_000)),
        wishes: 214,
        wished: true,
        waiting: 412,
    }
}

fn view(offer: Offer) -> EventView {
    EventView {
        card: card(),
        summary: "한 줄".into(),
        description: "<p>설명</p>".into(),
        offered: "<p>14,850원</p>".into(),
        terms: String::new(),
        rules: String::new(),
        banner: None,
        offer,
        has_code: true,
        cancel_reason: None,
        suspension: None,
        host: MemberId(ID),
        revisions: 1,
        own: false,
        prepared: true,
        mine: Some(entry(1)),
        place: Some(3),
        waitlist: Waitlist { after: 300, left: vec![302] },
        top: vec![row(None), row(Some("두 번"))],
        pulse: vec![1, 0, 200],
        chat: lines(),
        request: RequestId(ID),
        now: Time(4),
    }
}

fn to_server() -> Vec<ToServer> {
    let event = EVENT;
    let one = |code: Option<&str>, wish| ToServer::Enter { event, code: code.map(str::to_owned), wish };
    vec![
        ToServer::Join { event, chat_seen: 300 },
        ToServer::Leave { event },
        one(None, None),
        one(Some("59"), Some(Wish { quantity: 300, fewer: true })),
        ToServer::Say { event, request: RequestId(ID), text: "안녕".into() },
        ToServer::Moderate { event, number: 2, what: Moderation::Report },
        ToServer::Ping { sent: -2 },
        ToServer::FollowParty { party: PartyId(ID), seen: 300, changes: 2 },
        ToServer::ReadParty { party: PartyId(ID), number: 301 },
        ToServer::FollowUnread,
        ToServer::FollowLine { event, given: true },
    ]
}

fn to_browser() -> Vec<ToBrowser> {
    let event = EVENT;
    let snapshot = Snapshot {
        event,
        version: 300,
        state: EventState::Full,
        total: 2,
        present: 3,
        capacity: 1,
        opens_at: Time(1),
        closes_at: Time(2),
        top: vec![row(None)],
        recent: vec![],
        pulse: vec![2],
        hidden: vec![1],
        revised: 1,
        waitlist: Waitlist { after: 1, left: vec![] },
    };
    let change = Change {
        event,
        version: 301,
        state: EventState::Closed,
        total: 2,
        present: 3,
        top: vec![],
        recent: vec![row(Some("두 번"))],
        pulse: vec![(59, 2)],
        hidden: vec![],
        marks: vec![(1, EntryState::Disqualified)],
    };
    let mut fields = FormErrors::default();
    fields.add("text", FieldError::TooLong { max: 300 });
    vec![
        ToBrowser::Pong { sent: -2, at: Time(300) },
        ToBrowser::Snapshot(snapshot),
        ToBrowser::Change(change),
        ToBrowser::Entered { event, entry: entry(2) },
        ToBrowser::Refused {
            event,
            request: None,
            error: EntryError::TooEarly { early: Span::from_micros(70) }.into(),
        },
        ToBrowser::Refused { event, request: Some(RequestId(ID)), error: Error::Invalid { fields } },
        ToBrowser::Chat { event, lines: lines() },
        ToBrowser::PartyLines {
            party: PartyId(ID),
            lines: vec![PartyLine {
                number: 300,
                at: Time(5),
                nickname: "수달".into(),
                picture: Some(PictureId(ID)),
                badge: Some(Badge::Ghost),
                mine: true,
                text: "안녕".into(),
            }],
        },
        ToBrowser::PartiesUnread { unread: vec![(PartyId(ID), 300)] },
        ToBrowser::PartyChanged { party: PartyId(ID) },
        ToBrowser::Line {
            event,
            place: Some(LinePlace { number: 301, ahead: 300, ahead_units: 2 }),
            minutes: Some(Minutes { from: 1, to: 300 }),
        },
        ToBrowser::Line { event, place: None, minutes: None },
    ]
}

#[test]
fn everything_on_pages_survives() {
    let cards = || Page { rows: vec![card()], next: Some(Cursor::of(&(Time(1), EVENT))) };
    for offer in offers() {
        let draft = EventDraft {
            title: "머그".into(),
            summary: String::new(),
            description: "설명".into(),
            category: Category::Food,
            opens_at: Time(1),
            closes_at: Time(2),
            entry_code: Some("59".into()),
            rules: String::new(),
            offer: offer.clone(),
        };
        survives(&EventStart {
            request: RequestId(ID),
            phase: Phase::Opened,
            kind: Kind::Deal,
            may_sell: true,
            hours: vec![(Time(1), Time(2))],
            hours_are_free: true,
            draft: Some(draft),
            picture: None,
            opens_at: Time(1),
            now: Time(2),
        });
        survives(&Edit::Offer { from: Box::new(offer.clone()), to: Box::new(offer.clone()) });
        survives(&view(offer));
    }
    let (from, to) = (String::new(), "머그".to_owned());
    survives(&Revision { at: Time(1), edit: Edit::Title { from: from.clone(), to: to.clone() } });
    survives(&vec![
        Edit::Summary { from: from.clone(), to: to.clone() },
        Edit::Description { from: from.clone(), to: to.clone() },
        Edit::Category { from: Category::Food, to: Category::Pets },
        Edit::Rules { from, to },
        Edit::Opening { from: Time(1), to: Time(2) },
        Edit::Closing { from: Time(1), to: Time(2) },
        Edit::EntryCode,
        Edit::Picture,
        Edit::Suspended { reason: "신고".into() },
        Edit::Readmitted,
    ]);
    let turn = Turn { event: EventId(ID), title: "두 번".into(), due_at: Time(9) };
    survives(&Home {
        next: vec![card()],
        deals: vec![sale()],
        popular: vec![sale()],
        closing: vec![sale()],
        near: Near::Around { km: 10, parties: Vec::new() },
        mine: ForMe { turns: vec![turn], meeting: None, wishes: vec![sale()], new: vec![sale()] },
        now: Time(1),
        ..Home::default()
    });
    let sales = || Page { rows: vec![sale()], next: Some(Cursor::of(&(Time(1), EVENT))) };
    let query = DealsQuery { day: Some(Time(1)), ended: true, category: Some(Category::Food), after: sales().next };
    survives(&Deals { query, cards: sales(), over: vec![sale()], now: Time(1) });
    survives(&Tickets { query: TicketsQuery::default(), cards: sales(), now: Time(1) });
    survives(&Wishes { cards: sales(), now: Time(1) });
    survives(&MyEvents { events: cards(), counts: vec![1, 0], now: Time(1) });
    survives(&CreatorView {
        name: "공방".into(),
        introduction: String::new(),
        links: vec!["https://59.example".into()],
        events: cards(),
        now: Time(1),
    });
    survives(&BoardPage { total: 2, entries: vec![row(None), row(Some("두 번"))] });
    survives(&Report {
        event: EVENT,
        title: "머그".into(),
        number: 2,
        nickname: "수달".into(),
        text: "안녕".into(),
        reports: 3,
        first_at: Time(1),
        of_author: 2,
    });
    survives(&JobLine {
        job: Job::Deliver,
        held: true,
        due_at: Time(1),
        started_at: None,
        took: Some(Span::from_micros(5)),
        failures: 1,
        failed: Some((Time(1), "x".into())),
    });
    survives(&(Stage::Over, Came::Won, Role::Admin, Mode::Creator, LineId(ID), PictureId(ID), Crop::default()));
}

#[test]
fn notices_survive() {
    let reason = "두 번".to_owned();
    let all = [
        Notice::Won { due_at: Time(1) },
        Notice::FormDue { due_at: Time(1) },
        Notice::Expired,
        Notice::Sent,
        Notice::Disqualified { reason: reason.clone() },
        Notice::Changed,
        Notice::Cancelled { reason: reason.clone() },
        Notice::Suspended { reason: reason.clone() },
        Notice::Readmitted,
        Notice::Reviewed { stars: 5 },
        Notice::ReviewAnswered,
        Notice::Sale { news: SaleNews::Orders { count: 3 } },
        Notice::Sale { news: SaleNews::SoldOut },
        Notice::Hours { news: HoursNews::Lapsed { first: Time(1), count: 2 } },
        Notice::Hours { news: HoursNews::Unused { first: Time(3), count: 1, until: Time(2) } },
        Notice::Order {
            order: Some("D700101000007".parse().unwrap()),
            news: OrderNews::CalledOff { reason: reason.clone(), amount: 15_000 },
        },
        Notice::Order { order: None, news: OrderNews::Unpaid },
        Notice::Order { order: None, news: OrderNews::GivenBack { amount: 15_000 } },
        Notice::Order {
            order: None,
            news: OrderNews::Shipped { carrier: Carrier::Post, tracking: "EM123456789KR".into() },
        },
        Notice::Party { party: PartyId(ID), item: "올리브유".into(), news: PartyNews::Cancelled { reason } },
        Notice::Party { party: PartyId(ID), item: "올리브유".into(), news: PartyNews::Marked(PenaltyKind::NoShow) },
        Notice::Party { party: PartyId(ID), item: "올리브유".into(), news: PartyNews::Decided { granted: true } },
        Notice::Party {
            party: PartyId(ID),
            item: "올리브유".into(),
            news: PartyNews::Made { market: "한마음마트".into() },
        },
        Notice::PartyChat { party: PartyId(ID), item: "올리브유".into(), lines: 3 },
    ];
    assert_eq!(serde_json::to_string(&all[0]).unwrap(), r#"{"kind":"won","due_at":1}"#);
    assert_eq!(serde_json::to_string(&all[2]).unwrap(), r#"{"kind":"expired"}"#);
    let event = Some((EVENT, "머그".to_owned()));
    let line =
        |notice| NoticeLine { id: RequestId(ID), number: 7, at: Time(1), notice, event: event.clone(), read: false };
    survives(&Notices { lines: Page { rows: all.map(line).into(), next: None }, unread: 3 });
    survives(&notices::Settings { kinds: notices::Kind::ALL.map(|kind| (kind, kind.on_at_first())).into() });
}

#[test]
fn prizes_survive() {
    let delivery = || Delivery { name: "김수달".into(), phone: "010-1234-5678".into(), ..Delivery::default() };
    survives(&Claim {
        place: 1,
        prize: "머그".into(),
        kind: PrizeKind::Goods,
        state: ClaimState::Filled,
        due_at: Time(1),
        delivery: delivery(),
    });
    let mine =
        MyEntry { event: card(), entry: entry(1), claim: Some((ClaimState::Offered, Time(1))), standby: Some(7) };
    survives(&MyEntries { entries: Page { rows: vec![mine], next: None }, all: 1, won: 1 });
    let prize = EntrantPrize {
        name: "머그".into(),
        state: ClaimState::Sent,
        due_at: Time(1),
        delivery: Some(delivery()),
        alike: true,
        alike_elsewhere: false,
    };
    let entrant = Entrant {
        rank: 1,
        nickname: None,
        entered_at: Time(1),
        since_open: Span::from_micros(2),
        state: EntryState::Won,
        reason: None,
        same_device: true,
        same_device_elsewhere: false,
        prize: Some(prize),
    };
    let curves =
        Curves { width: 1, entries: vec![(-1, 2)], present: vec![], refused: vec![(Reason::TooEarly, vec![(0, 1)])] };
    survives(&Entrants {
        event: card(),
        entrants: Page { rows: vec![entrant], next: None },
        counts: (1, 2, 3),
        curves: Some(curves),
    });
    survives(&EntrantsQuery { find: "수달".into(), after: Some(Cursor::of(&7)), ..EntrantsQuery::default() });
}

#[test]
fn payments_survive() {
    survives(&PaymentView {
        id: PaymentId(ID),
        state: PaymentState::Declined,
        amount: Won(29_000),
        refunded: Won::ZERO,
        decline: Some(Decline::Amount),
        link: Some("/sandbox/pay/x".into()),
        expires_at: Time(1),
        sandbox: true,
    });
    survives(&SandboxView {
        id: SandboxId(ID),
        title: "머그".into(),
        amount: Won(29_000),
        state: SandboxState::Waiting,
        expires_at: Time(1),
        until: Some(Time(2)),
        back: "/".into(),
        now: Time(1),
    });
    survives(&(RefundId(ID), RefundState::Owed, SandboxChoice::AnotherAmount));
}

#[test]
fn rows_leave_out_in_json_what_is_not_there() {
    let json = r#"{"rank":300,"nickname":"수달","since_open_us":84000,"state":"won"}"#;
    assert_eq!(serde_json::to_string(&row(None)).unwrap(), json);
}

#[test]
fn the_encoding_is_the_one_of_its_version() {
    let (from, to) = (to_server(), to_browser());
    let all = from.iter().map(encode).chain(to.iter().map(encode));
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let found: Vec<_> = all.map(hex).collect();
    let changed = "the encoding changed: raise VERSION and the number in KIND, then take these over";
    assert!(found == ENCODED, "{changed}: {found:#?}");
    from.iter().for_each(|message| assert_eq!(decode(&encode(message)).as_ref(), Some(message)));
    to.iter().for_each(|message| assert_eq!(decode(&encode(message)).as_ref(), Some(message)));
}

/// As they are in this version: each message to the server and to the browser.
const ENCODED: [&str; 23] = [
    "00000102030405060708090a0b0c0d0effac02",
    "01000102030405060708090a0b0c0d0eff",
    "02000102030405060708090a0b0c0d0eff0000",
    "02000102030405060708090a0b0c0d0eff0102353901ac0201",
    "03000102030405060708090a0b0c0d0eff000102030405060708090a0b0c0d0eff06ec9588eb8595",
    "04000102030405060708090a0b0c0d0eff0202",
    "0503",
    "06000102030405060708090a0b0c0d0effac0202",
    "07000102030405060708090a0b0c0d0effad02",
    "08",
    "09000102030405060708090a0b0c0d0eff01",
    "0003d804",
    "01000102030405060708090a0b0c0d0effac0203020301020401ac0206ec8898eb8bacc0a00a00000001020101010100",
    "02000102030405060708090a0b0c0d0effad020402030001ac0206ec8898eb8bacc0a00a000107eb919020ebb288013b0200010103",
    "03000102030405060708090a0b0c0d0eff03c0c2cf018b01010201010101d804",
    "04000102030405060708090a0b0c0d0eff0009746f6f5f6561726c79018c010000",
    "04000102030405060708090a0b0c0d0eff01000102030405060708090a0b0c0d0eff07696e76616c696400000101047465787408746f6f5f6c6f6e670001d804",
    "05000102030405060708090a0b0c0d0eff03010a0006ec8898eb8bac01000102030405060708090a0b0c0d0eff0106ec9588eb8595020a01030a0202",
    "06000102030405060708090a0b0c0d0eff01ac020a06ec8898eb8bac01000102030405060708090a0b0c0d0eff01010106ec9588eb8595",
    "0701000102030405060708090a0b0c0d0effac02",
    "08000102030405060708090a0b0c0d0eff",
    "09000102030405060708090a0b0c0d0eff01ad02ac02020101ac02",
    "09000102030405060708090a0b0c0d0eff0000",
];
