//! What is sold on a demonstration: deals of the week, tickets for what begins soon, and some of both that are over.

use super::{
    buyers,
    seed::{SHOPS, picture, reaction, regulars, request},
};
use crate::{Engine, Error, accounts::Actor, events::Pictures, reviews::NewReview, sales::pay_out};
use model::{
    Category, Checkout, Coordinates, DAY, DealsQuery, EventDraft, EventId, HOUR, MINUTE, MemberId, Offer, RefundFees,
    ReviewId, SaleCard, Span, TicketsQuery, Time,
    sellers::{Carrier, Month, Next, OrdersQuery, ReturnId, SellerOrder, ShipmentDraft},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// A deal opens this often beside those of the day: the one that visitors see open.
const NEXT_EVERY: Span = MINUTE.times(5);
/// How long that one is open.
const NEXT_LASTS: Span = MINUTE.times(4);
/// How many units that one has: fewer than people come.
const NEXT_STOCK: u64 = 16;
/// Its checkout: short, and for a few at once, so that the line moves while one looks.
const NEXT_CHECKOUT: Checkout = Checkout { minutes: Some(3), at_once: Some(6) };
/// How long before the opening people are sent to it; longer than it takes until the next look.
const CROWD_COMES: Span = MINUTE.times(2);
/// The checkout of the others.
const CHECKOUT: Checkout = Checkout { minutes: Some(10), at_once: None };
/// When deals of a day open, and how long for.
const OF_A_DAY: [(i64, Span); 4] = [(10, HOUR.times(2)), (13, HOUR.times(3)), (18, HOUR.times(2)), (21, HOUR.times(3))];
/// For how many days there are always deals, with today.
const DAYS: i64 = 7;
/// How many people have bought something already.
const BUYERS: usize = 24;
/// The shop whose seller a visitor can be.
pub(super) const SELLER: usize = 3;
/// Which of that seller's goods is sold in hours that they booked.
const IN_HOURS: usize = 9;
/// Which of the goods was gone within seconds: of a shop that no visitor can be, so that its orders wait for nobody.
const GONE: usize = 3;
/// How many weeks of tickets there always are.
const WEEKS: i64 = 3;

struct Good {
    shop: usize,
    title: &'static str,
    summary: &'static str,
    category: Category,
    drawing: &'static str,
    list_price: i64,
    discount: i64,
    stock: u64,
    limit: u64,
    delivery: &'static str,
}

const GOODS: [Good; 12] = [
    Good {
        shop: 0,
        title: "핸드메이드 머그 2인 세트",
        summary: "손으로 빚어 하나하나 조금씩 달라요",
        category: Category::Living,
        drawing: "mug",
        list_price: 27_000,
        discount: 45,
        stock: 300,
        limit: 2,
        delivery: "결제 다음 날 보내요. 제주와 섬은 이틀 더 걸려요. 배송비는 없어요.",
    },
    Good {
        shop: 3,
        title: "침실 무드등 웜 화이트",
        summary: "책 한 쪽 읽다 잠들기 좋은 밝기",
        category: Category::Appliances,
        drawing: "lamp",
        list_price: 29_000,
        discount: 60,
        stock: 120,
        limit: 1,
        delivery: "결제한 날부터 2일 안에 보내요. 배송비는 없어요.",
    },
    Good {
        shop: 2,
        title: "산책 가방",
        summary: "물통과 배변 봉투가 한 번에 들어가요",
        category: Category::Pets,
        drawing: "bag",
        list_price: 24_000,
        discount: 20,
        stock: 80,
        limit: 2,
        delivery: "주문받아 만들어요. 5일 안에 보내요.",
    },
    Good {
        shop: 1,
        title: "소금빵 열두 개 한 상자",
        summary: "아침에 구워 그날 보내요",
        category: Category::Food,
        drawing: "roll",
        list_price: 36_000,
        discount: 30,
        stock: 60,
        limit: 3,
        delivery: "다음 날 아침 일곱 시까지 도착해요. 수도권만 보내요.",
    },
    Good {
        shop: 3,
        title: "참나무 스툴",
        summary: "앉아도, 올려 두어도 좋아요",
        category: Category::Living,
        drawing: "stool",
        list_price: 89_000,
        discount: 35,
        stock: 40,
        limit: 1,
        delivery: "일주일 안에 조립해서 보내요. 배송비는 없어요.",
    },
    Good {
        shop: 0,
        title: "찻잔 두 개 세트",
        summary: "둘이서 마주 앉는 저녁에",
        category: Category::Living,
        drawing: "cup",
        list_price: 30_000,
        discount: 30,
        stock: 50,
        limit: 1,
        delivery: "결제 다음 날 보내요. 배송비는 없어요.",
    },
    Good {
        shop: 3,
        title: "밀랍 초 세 자루",
        summary: "국내산 밀랍, 그을음이 적어요",
        category: Category::Living,
        drawing: "candle",
        list_price: 21_000,
        discount: 25,
        stock: 150,
        limit: 5,
        delivery: "2일 안에 보내요.",
    },
    Good {
        shop: 2,
        title: "강아지 우비",
        summary: "가볍고 잘 말라요. 세 가지 크기",
        category: Category::Pets,
        drawing: "coat",
        list_price: 32_000,
        discount: 40,
        stock: 90,
        limit: 2,
        delivery: "크기는 주문할 때 적어 주세요. 3일 안에 보내요.",
    },
    Good {
        shop: 0,
        title: "쌀겨 비누 네 장",
        summary: "향 없이 순하게",
        category: Category::Beauty,
        drawing: "soap",
        list_price: 18_000,
        discount: 50,
        stock: 200,
        limit: 4,
        delivery: "결제 다음 날 보내요.",
    },
    Good {
        shop: 3,
        title: "양모 목도리",
        summary: "두 바퀴 감아도 가벼워요",
        category: Category::Fashion,
        drawing: "scarf",
        list_price: 58_000,
        discount: 38,
        stock: 70,
        limit: 1,
        delivery: "2일 안에 보내요. 배송비는 없어요.",
    },
    Good {
        shop: 2,
        title: "2인용 작은 텐트",
        summary: "손잡이 하나로 펴지고, 배낭에 들어가요",
        category: Category::Travel,
        drawing: "tent",
        list_price: 149_000,
        discount: 42,
        stock: 30,
        limit: 1,
        delivery: "3일 안에 보내요. 배송비는 없어요.",
    },
    Good {
        shop: 1,
        title: "통밀 식빵 두 덩이",
        summary: "설탕 없이 하룻밤 숙성",
        category: Category::Food,
        drawing: "bread",
        list_price: 16_000,
        discount: 25,
        stock: 100,
        limit: 4,
        delivery: "다음 날 아침 일곱 시까지 도착해요. 수도권만 보내요.",
    },
];

struct Show {
    shop: usize,
    title: &'static str,
    summary: &'static str,
    category: Category,
    drawing: &'static str,
    place: &'static str,
    address: &'static str,
    coordinates: Coordinates,
    /// Days after Monday, and the time of day it begins.
    begins: (i64, Span),
    seats: u64,
    price: i64,
    limit: u64,
    refunds: [u8; 5],
}

const SHOWS: [Show; 4] = [
    Show {
        shop: 3,
        title: "만권책방 겨울 북토크",
        summary: "작가와 함께 천천히 읽는 저녁. 차 한 잔을 드려요",
        category: Category::Culture,
        drawing: "book",
        place: "만권책방",
        address: "서울 성동구 서울숲2길 32",
        coordinates: Coordinates { latitude: 37.5472, longitude: 127.0412 },
        begins: (3, HOUR.times(19)),
        seats: 40,
        price: 0,
        limit: 2,
        refunds: [0, 0, 0, 0, 0],
    },
    Show {
        shop: 1,
        title: "작은 서점 재즈의 밤",
        summary: "트리오와 함께 한 시간 반, 서른 석만",
        category: Category::Culture,
        drawing: "jazz",
        place: "연무장 지하 스테이지",
        address: "서울 성동구 연무장길 47",
        coordinates: Coordinates { latitude: 37.5419, longitude: 127.0564 },
        begins: (4, HOUR.times(20)),
        seats: 90,
        price: 35_000,
        limit: 4,
        // Kinder than the usual table.
        refunds: [0, 0, 10, 20, 50],
    },
    Show {
        shop: 0,
        title: "흙과 불, 겨울 도자기전",
        summary: "가마 앞에서 듣는 해설, 오후 두 시 한 번",
        category: Category::Culture,
        drawing: "vase",
        place: "강가 작업실",
        address: "경기 여주시 강변북로 120",
        coordinates: Coordinates { latitude: 37.2985, longitude: 127.6356 },
        begins: (5, HOUR.times(14)),
        seats: 120,
        price: 8_000,
        limit: 6,
        refunds: [0, 10, 20, 30, 100],
    },
    Show {
        shop: 2,
        title: "한강 산책 모임, 개와 함께",
        summary: "처음 온 개도 괜찮아요. 간식을 나눠 드려요",
        category: Category::Pets,
        drawing: "bag",
        place: "뚝섬한강공원 수변무대",
        address: "서울 광진구 강변북로 139",
        coordinates: Coordinates { latitude: 37.5293, longitude: 127.0699 },
        begins: (6, HOUR.times(10)),
        seats: 25,
        price: 0,
        limit: 3,
        refunds: [0, 0, 0, 0, 0],
    },
];

/// Which of the goods is sold in a slot: each in its turn.
fn good(slot: i64) -> &'static Good {
    &GOODS[slot.rem_euclid(GOODS.len() as i64) as usize]
}

/// Makes what is missing of the week: four deals a day, the one that opens next, and tickets.
pub(super) async fn keep(engine: &Engine) -> Result<(), Error> {
    let now = engine.clock.now();
    next(engine, now).await?;
    let today = now.midnight();
    let number = today.since(Time(0)) / DAY;
    for ahead in 0..DAYS {
        let day = today + ahead * DAY;
        let query = DealsQuery { day: Some(day), ..DealsQuery::default() };
        let known = engine.events.deals(&Actor::Visitor, query).await?.cards.rows;
        for (slot, (hour, lasts)) in (0..).zip(OF_A_DAY) {
            let opens_at = day + hour * HOUR;
            // Others open at that moment too, and close sooner.
            let is_it = |sale: &SaleCard| {
                let moments = &sale.event.moments;
                moments.opens_at == opens_at && moments.closes_at == opens_at + lasts
            };
            if opens_at > now && !known.iter().any(is_it) {
                deal(engine, good((number + ahead) * OF_A_DAY.len() as i64 + slot), CHECKOUT, opens_at, lasts).await?;
            }
        }
    }
    tickets(engine, now).await
}

/// Announces the deal that opens next, and sends those who buy to it: with fewer units than people, so that there is a line.
async fn next(engine: &Engine, now: Time) -> Result<(), Error> {
    let last = Time(0) + now.since(Time(0)) / NEXT_EVERY * NEXT_EVERY;
    for opens_at in [last + NEXT_EVERY, last + 2 * NEXT_EVERY] {
        let good = Good { stock: NEXT_STOCK, limit: 2, ..*good(opens_at.since(Time(0)) / NEXT_EVERY + 5) };
        let event = deal(engine, &good, NEXT_CHECKOUT, opens_at, NEXT_LASTS).await?;
        if opens_at.since(now) < CROWD_COMES {
            buyers::send(engine, event, opens_at).await?;
        }
    }
    Ok(())
}

/// Announces tickets for the weeks to come.
async fn tickets(engine: &Engine, now: Time) -> Result<(), Error> {
    let known = engine.events.tickets(&Actor::Visitor, TicketsQuery::default()).await?.cards.rows;
    for (show, opens_at, starts_at) in shows(now) {
        if !known.iter().any(|sale| sale.held.as_ref().is_some_and(|(_, at)| *at == starts_at)) {
            ticket(engine, show, opens_at, starts_at).await?;
        }
    }
    Ok(())
}

/// What there are tickets for in the weeks to come: from when on, and when it begins. They are sold from noon, five days before, until an
/// hour before. Where that noon has passed, as on the day on which a site starts, they are sold from a moment that is near: the first
/// ones from in two minutes, for who looks at the site now, the others a few hours later.
fn shows(now: Time) -> Vec<(&'static Show, Time, Time)> {
    let monday = now.midnight() - (now.civil().weekday + 6) % 7 * DAY;
    let since = now.since(Time(0));
    let mut near = Time(0) + (since / MINUTE + 2) * MINUTE;
    let mut found = Vec::new();
    for week in 0..WEEKS {
        for show in &SHOWS {
            let starts_at = monday + week * 7 * DAY + show.begins.0 * DAY + show.begins.1;
            let opens_at = (starts_at - 5 * DAY - show.begins.1 + 12 * HOUR).max(near);
            if opens_at + HOUR < starts_at {
                found.push((show, opens_at, starts_at));
                near = Time(0) + (since / HOUR + 3) * HOUR;
            }
        }
    }
    found
}

/// What these make takes no hours that sellers book: it is what the demonstration itself opens, and would leave visitors none.
async fn deal(engine: &Engine, good: &Good, checkout: Checkout, opens_at: Time, lasts: Span) -> Result<EventId, Error> {
    // By its end: at ten the same goods may be sold for minutes and for hours.
    let draft = deal_draft(good, checkout, opens_at, lasts);
    make(engine, good.shop, draft, picture(good.drawing), opens_at + lasts).await
}

/// A deal of the seller that a visitor can be, within hours that they booked.
pub(super) async fn in_hours(engine: &Engine, opens_at: Time, lasts: Span) -> Result<EventId, Error> {
    let good = &GOODS[IN_HOURS];
    let creator = engine.accounts.by_email(SHOPS[good.shop].email).await?.ok_or(model::Error::NotFound)?;
    let draft = deal_draft(good, CHECKOUT, opens_at, lasts);
    let (request, picture) = (request(&format!("{} 예약", draft.title), opens_at), Some(picture(good.drawing)));
    let pictures = Pictures { banner: picture.clone(), card: picture };
    let seller = Actor::simulated(creator, SHOPS[good.shop].email, true);
    engine.events.create_in_hours(&seller, request, draft, pictures).await
}

fn deal_draft(good: &Good, checkout: Checkout, opens_at: Time, lasts: Span) -> EventDraft {
    let details = vec![picture(good.drawing), super::seed::picture("box")];
    let offer = Offer::Deal {
        list_price: good.list_price,
        discount: good.discount,
        stock: good.stock,
        limit: good.limit,
        delivery: good.delivery.to_owned(),
        checkout,
        details,
    };
    let about = format!(
        "{}\n\n{}\n\n- 열리는 순간 버튼을 누른 순서대로 드려요.\n- 차례가 오면 {}분 안에 결제하면 돼요.",
        good.summary,
        SHOPS[good.shop].introduction,
        checkout.minutes.unwrap_or_default()
    );
    draft((good.title, good.summary, about, good.category), opens_at, opens_at + lasts, offer)
}

async fn ticket(engine: &Engine, show: &Show, opens_at: Time, starts_at: Time) -> Result<EventId, Error> {
    let offer = Offer::Ticket {
        place: show.place.to_owned(),
        address: show.address.to_owned(),
        coordinates: Some(show.coordinates),
        starts_at,
        seats: show.seats,
        price: show.price,
        limit: show.limit,
        checkout: Checkout::default(),
        refunds: RefundFees(show.refunds),
    };
    let about = format!(
        "{}\n\n{}\n\n- 시작 20분 전부터 들어올 수 있어요.\n- 못 오게 되면 돌려주세요. 기다리는 분께 가요.",
        show.summary, SHOPS[show.shop].introduction
    );
    let draft = draft((show.title, show.summary, about, show.category), opens_at, starts_at - HOUR, offer);
    make(engine, show.shop, draft, picture(show.drawing), starts_at).await
}

fn draft(
    (title, summary, description, category): (&str, &str, String, Category),
    opens_at: Time,
    closes_at: Time,
    offer: Offer,
) -> EventDraft {
    EventDraft {
        title: title.to_owned(),
        summary: summary.to_owned(),
        description,
        category,
        opens_at,
        closes_at,
        entry_code: None,
        rules: "누른 순서는 순위판에 모두에게 보여요.".to_owned(),
        offer,
    }
}

/// Makes it once, whichever nodes do so: `of` tells it from others of its title.
async fn make(engine: &Engine, shop: usize, draft: EventDraft, picture: String, of: Time) -> Result<EventId, Error> {
    let creator = engine.accounts.by_email(SHOPS[shop].email).await?.ok_or(model::Error::NotFound)?;
    let request = request(&draft.title, of);
    let pictures = Pictures { banner: Some(picture.clone()), card: Some(picture) };
    engine.events.create(&Actor::simulated(creator, SHOPS[shop].email, true), request, draft, pictures).await
}

/// Deals and a ticket that are over: most were given away within seconds.
pub(super) async fn past(engine: &Engine) -> Result<(), Error> {
    let people = regulars(&engine.accounts, super::seed::REGULARS).await?;
    let now = engine.clock.now();
    let hour = Time(0) + now.since(Time(0)) / HOUR * HOUR;
    let mut random = StdRng::seed_from_u64(60);
    // Of which goods how many hours ago, and how many of ten people came.
    for (index, ago, came) in [(5, 3, 0.9), (11, 5, 0.8), (4, 26, 0.7), (1, 30, 0.9), (8, 51, 0.3)] {
        let opens_at = hour - ago * HOUR;
        let event = deal(engine, &GOODS[index], CHECKOUT, opens_at, HOUR).await?;
        let mut clicks = Vec::new();
        for (member, name) in &people {
            if random.random_bool(came) {
                clicks.push((opens_at + reaction(&mut random), *member, name.clone()));
            }
        }
        clicks.sort_by_key(|(at, ..)| *at);
        super::seed::press(engine, event, clicks).await?;
    }
    let show = &SHOWS[1];
    let starts_at = now.midnight() - 2 * DAY + show.begins.1;
    ticket(engine, show, starts_at - 5 * DAY, starts_at).await?;
    Ok(())
}

/// What a shop has sold already: which of the goods a month ago, and which today; what somebody sent back of the one and wishes to of
/// the other; and what was said of the one, with what the shop answered.
struct Sold {
    shop: usize,
    month_ago: usize,
    today: usize,
    sent_back: [&'static str; 2],
    reviews: &'static [(u8, &'static str, &'static str)],
}

const SOLD: [Sold; 2] = [
    Sold {
        shop: 0,
        month_ago: 8,
        today: 0,
        sent_back: ["향이 생각과 달라요", "손잡이에 금이 갔어요"],
        reviews: &[
            (5, "거품이 곱고 당기지 않아요. 아이와 같이 써요.", "고맙습니다. 말려 가며 쓰시면 더 오래가요."),
            (4, "순하고 좋은데 조금 빨리 닳아요.", ""),
        ],
    },
    Sold {
        shop: SELLER,
        month_ago: 6,
        today: 1,
        sent_back: ["심지가 부러져 왔어요", "전구가 켜지지 않아요"],
        reviews: &[
            (5, "불을 끄고 나면 꿀 냄새가 은은하게 남아요. 그을음도 없어요.", "밀랍 향을 알아봐 주셔서 기뻐요!"),
            (5, "포장이 꼼꼼해서 선물하기 좋았어요.", "예쁘게 받아 주셔서 고맙습니다."),
            (4, "생각보다 조금 작지만 오래 타요.", "크기를 설명에 더 크게 적어 둘게요."),
            (3, "하루 늦게 왔어요. 물건은 좋아요.", ""),
            (5, "세 자루 다 태우고 또 사러 왔어요.", ""),
        ],
    },
];

/// What the demonstration's sellers have sold already: a deal of a month ago, of which something came back, and which was paid out; and
/// one of today with orders to be sent; and one of which nothing is left. All of it goes the ways that real people go.
pub(super) async fn sold(engine: &Engine) -> Result<(), Error> {
    if !engine.sales.is_open() {
        return Ok(());
    }
    let people = regulars(&engine.accounts, BUYERS as u64).await?;
    for sold in &SOLD {
        sold_by(engine, sold, &people).await?;
    }
    gone(engine, &people).await?;
    Ok(())
}

/// A deal to which more people came than it had units, as to the one that opens next: lists say how quickly they went.
async fn gone(engine: &Engine, people: &[(MemberId, String)]) -> Result<EventId, Error> {
    sell(engine, &Good { stock: NEXT_STOCK, limit: 1, ..GOODS[GONE] }, NEXT_LASTS, people).await
}

async fn sold_by(engine: &Engine, sold: &Sold, people: &[(MemberId, String)]) -> Result<(), Error> {
    let (before, today) = people.split_at(BUYERS / 3);
    let month_ago = sell(engine, &GOODS[sold.month_ago], HOUR, before).await?;
    engine.sales.demonstrate_earlier(month_ago, DAY.times(31)).await?;
    let today = sell(engine, &GOODS[sold.today], HOUR, today).await?;
    engine.sales.work().await?;
    let shop = &SHOPS[sold.shop];
    let creator = engine.accounts.by_email(shop.email).await?.ok_or(model::Error::NotFound)?;
    let seller = Actor::simulated(creator, shop.email, true);
    let all = OrdersQuery { show: model::sellers::Show::All, after: None };
    let buyer = |order: &SellerOrder| {
        let buyer = people.iter().find(|(_, name)| order.nickname.as_ref() == Some(name));
        buyer.map(|(member, name)| Actor::simulated(*member, name, false)).ok_or(model::Error::NotFound)
    };
    let say = async |order: &SellerOrder, next: Next| {
        let sent = ShipmentDraft { carrier: Carrier::Cj, tracking: format!("65010000{:04}", order.rank) };
        engine.sales.say_of_order(&seller, order.id, next, Some(&sent)).await
    };
    let wishes_back = async |order: &SellerOrder, reason: &str| -> Result<ReturnId, Error> {
        let wish = request(reason, order.at);
        engine.sales.ask_return(&buyer(order)?, order.id, 1, reason, wish).await?;
        Ok(ReturnId(wish.0))
    };
    let orders = engine.sales.orders_of(&seller, month_ago, &all, BUYERS as u64).await?;
    for order in &orders {
        say(order, Next::Ship).await?;
        say(order, Next::Deliver).await?;
    }
    for (order, (stars, text, answer)) in orders.iter().skip(1).zip(sold.reviews) {
        let id = ReviewId(request(text, order.at).0);
        let new = NewReview { stars: stars.to_string(), text: (*text).to_owned(), ..NewReview::default() };
        engine.reviews.write(&buyer(order)?, &engine.pictures, month_ago, id, new).await?;
        if !answer.is_empty() {
            engine.reviews.answer(&seller, id, answer, false).await?;
        }
    }
    if let Some(order) = orders.first() {
        let wish = wishes_back(order, sold.sent_back[0]).await?;
        engine.sales.answer_return(&seller, wish, true, "작업실로 착불로 보내 주세요").await?;
        engine.sales.receive_return(&seller, wish).await?;
    }
    for (number, order) in engine.sales.orders_of(&seller, today, &all, BUYERS as u64).await?.iter().enumerate() {
        match number {
            0 | 1 => say(order, Next::Prepare).await?,
            2..=4 => say(order, Next::Ship).await?,
            _ => {}
        }
        if number == 4 {
            say(order, Next::Deliver).await?;
            wishes_back(order, sold.sent_back[1]).await?;
        }
    }
    let now = engine.clock.now();
    match pay_out(&engine.db, now, &Actor::System, creator, Month::of(now - DAY.times(31))).await {
        // Where that month was not over for a day, it is paid out some other time.
        Ok(_) | Err(Error::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// A deal that opened a moment ago, of which these people bought one each, as far as it had so many.
async fn sell(engine: &Engine, good: &Good, lasts: Span, people: &[(MemberId, String)]) -> Result<EventId, Error> {
    let opens_at = engine.clock.now() - MINUTE;
    let event = deal(engine, good, CHECKOUT, opens_at, lasts).await?;
    let mut random = StdRng::seed_from_u64(61);
    let press = |(member, name): &(MemberId, String)| (opens_at + reaction(&mut random), *member, name.clone());
    let mut clicks: Vec<_> = people.iter().map(press).collect();
    clicks.sort_by_key(|(at, ..)| *at);
    super::seed::press(engine, event, clicks).await?;
    for some in people.chunks(super::AT_ONCE) {
        let mut paying = tokio::task::JoinSet::new();
        for (member, name) in some {
            let (engine, buyer) = (engine.clone(), Actor::simulated(*member, name, false));
            paying.spawn(async move { buyers::pay(&engine, event, &buyer).await });
        }
        while let Some(paid) = paying.join_next().await {
            match paid.map_err(|_| model::Error::Internal)? {
                Ok(()) | Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use model::{EntryState, MILLISECOND};
    use testing::{On, Place, eventually};

    /// Also at ten, when one of the day opens beside it.
    #[tokio::test(flavor = "multi_thread")]
    async fn to_the_deal_that_opens_next_more_people_come_than_it_has_units() {
        let place = Place::new(On::Sqlite);
        let ten = Time::from_civil(2026, 11, 26, 10, 0, 0).unwrap();
        let clock = Clock::manual(ten - 100 * MILLISECOND);
        let engine = super::super::engine_at(&place, clock.clone()).await;
        super::super::seed::people(&engine).await.unwrap();
        keep(&engine).await.unwrap();
        let query = DealsQuery { day: Some(ten.midnight()), ..DealsQuery::default() };
        let deals = engine.events.deals(&Actor::Visitor, query).await.unwrap().cards.rows;
        let at_ten: Vec<&SaleCard> = deals.iter().filter(|sale| sale.event.moments.opens_at == ten).collect();
        let (next, of_the_day): (Vec<&SaleCard>, Vec<&SaleCard>) =
            at_ten.into_iter().partition(|sale| sale.event.moments.closes_at == ten + NEXT_LASTS);
        assert_eq!((next.len(), of_the_day.len()), (1, 1));
        let event = next[0].event.id;
        clock.set(ten + MINUTE);
        eventually("there is a line", async || {
            let entries = engine.events.board(event, 1).await.unwrap().entries;
            let are = |state: EntryState| entries.iter().filter(|row| row.state == state).count();
            are(EntryState::Checkout) > 0 && are(EntryState::Given) > 0 && are(EntryState::Standby) > 0
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_gone_went_within_seconds_and_its_card_knows() {
        let place = Place::new(On::Sqlite);
        let clock = Clock::manual(Time::from_civil(2026, 11, 26, 10, 0, 0).unwrap());
        let engine = super::super::engine_at(&place, clock).await;
        super::super::seed::people(&engine).await.unwrap();
        let people = regulars(&engine.accounts, BUYERS as u64).await.unwrap();
        let event = gone(&engine, &people).await.unwrap();
        eventually("all of it is paid for", async || {
            let deals = engine.events.deals(&Actor::Visitor, DealsQuery::default()).await.unwrap().cards.rows;
            let sale = deals.iter().find(|sale| sale.event.id == event).unwrap();
            sale.is_sold_out() && sale.gone_in.is_some_and(|span| span < MINUTE)
        })
        .await;
    }

    #[test]
    fn some_tickets_are_on_sale_soon_whenever_a_site_starts() {
        assert_eq!(GOODS[IN_HOURS].shop, SELLER);
        assert!(![0, SELLER].contains(&GOODS[GONE].shop));
        for hour in 0..14 * 24 {
            let now = Time(1_795_258_800_000_000) + hour * HOUR + 7 * MINUTE;
            let soon = |(_, opens_at, _): &&(&Show, Time, Time)| *opens_at > now && *opens_at <= now + 2 * MINUTE;
            let shows = shows(now);
            assert_eq!(shows.iter().filter(soon).count(), 1, "{hour} hours later");
        }
    }
}
