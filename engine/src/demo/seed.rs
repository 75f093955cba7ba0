//! Demonstration people and events.

use super::{NO_PASSWORD, Persona};
use crate::{
    Engine, Error,
    accounts::{Accounts, Actor},
    events::Pictures,
    ids,
};
use model::{
    Category, EventDraft, EventId, HOUR, MINUTE, MemberId, Offer, Prize, PrizeKind, RequestId, Span, Time, nickname,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// A shop tries so many names.
const MOST_NAMES: u64 = 59;
/// People who were there before: they stand on the past boards.
pub(super) const REGULARS: u64 = 240;

pub(super) struct Shop {
    pub(super) email: &'static str,
    name: &'static str,
    pub(super) introduction: &'static str,
}

pub(super) const SHOPS: [Shop; 4] = [
    Shop {
        email: "creator@demo.invalid",
        name: "수달상점",
        introduction: "강가 작업실에서 하나씩 빚는 그릇과 컵이에요.",
    },
    Shop {
        email: "bread@demo.invalid",
        name: "구름빵집",
        introduction: "아침 여섯 시, 갓 구운 빵 냄새로 하루를 열어요.",
    },
    Shop {
        email: "walk@demo.invalid", name: "산책가게", introduction: "강아지와 걷기 좋은 물건만 골라 담았어요."
    },
    Shop {
        email: "light@demo.invalid", name: "느린공방", introduction: "나무와 빛으로 방 하나를 따뜻하게 만들어요."
    },
];

/// What the shops give away: shop, title, summary, category, drawing, prizes.
type Idea = (usize, &'static str, &'static str, Category, &'static str, &'static [(&'static str, PrizeKind, u64)]);

const IDEAS: [Idea; 8] = [
    (
        0,
        "따끈한 겨울 머그 100분께 드려요",
        "손으로 빚은 머그, 이번 겨울 첫 가마",
        Category::Living,
        "mug",
        &[("원두 세트", PrizeKind::Goods, 5), ("겨울 머그", PrizeKind::Goods, 95)],
    ),
    (
        1,
        "오늘 구운 식빵, 동네 30분께",
        "매장에서 바로 찾아가는 식빵 교환권",
        Category::Food,
        "bread",
        &[("식빵 한 달 교환권", PrizeKind::Coupon, 2), ("식빵 교환권", PrizeKind::Coupon, 28)],
    ),
    (
        3,
        "침실 무드등 체험단 20명",
        "한 달 써 보고 솔직한 이야기를 들려주세요",
        Category::Appliances,
        "lamp",
        &[("무드등 웜 화이트", PrizeKind::Goods, 20)],
    ),
    (
        2,
        "강아지 산책 가방 15분께",
        "물통과 배변 봉투가 한 번에 들어가요",
        Category::Pets,
        "bag",
        &[("산책 가방", PrizeKind::Goods, 15)],
    ),
    (
        0,
        "찻잔 두 개, 마주 앉을 두 사람께",
        "둘이서 한 세트, 50팀",
        Category::Living,
        "cup",
        &[("찻잔 세트", PrizeKind::Goods, 50)],
    ),
    (
        1,
        "소금빵 천 개, 열 분께 백 개씩",
        "나눠 먹을 사람이 많은 분을 기다려요",
        Category::Food,
        "roll",
        &[("소금빵 100개", PrizeKind::Goods, 10)],
    ),
    (
        3,
        "작은 나무 스툴 40분께",
        "앉아도, 올려 두어도 좋아요",
        Category::Living,
        "stool",
        &[("참나무 스툴", PrizeKind::Goods, 3), ("자작나무 스툴", PrizeKind::Goods, 37)],
    ),
    (2, "비 오는 날 강아지 우비 25분께", "가볍고 잘 말라요", Category::Pets, "coat", &[("우비", PrizeKind::Goods, 25)]),
];

/// What people look for, and how many did.
const TERMS: [(&str, i64); 5] = [("머그", 41), ("올리브유", 33), ("무드등", 21), ("강아지", 17), ("재즈", 9)];

/// Notes what people look for, unless some did lately.
pub(super) async fn terms(engine: &Engine) -> Result<(), Error> {
    match engine.search.terms().await?.is_empty() {
        true => engine.search.demonstrate_terms(&TERMS).await,
        false => Ok(()),
    }
}

/// Makes the demonstration members that are missing.
pub(super) async fn people(engine: &Engine) -> Result<(), Error> {
    let members = &engine.accounts;
    if members.by_email(Persona::Shopper.email()).await?.is_some() {
        // One that was seeded before there were neighbours.
        if members.by_email(Persona::Neighbour.email()).await?.is_none() {
            let neighbour = (Persona::Neighbour.email().to_owned(), Persona::NEIGHBOUR.to_owned());
            members.insert_apart(vec![neighbour], NO_PASSWORD).await?;
        }
        return Ok(());
    }
    let mut people = vec![(Persona::Shopper.email().to_owned(), "용감한 수달".to_owned())];
    people.push((Persona::Neighbour.email().to_owned(), Persona::NEIGHBOUR.to_owned()));
    people.extend(SHOPS.iter().map(|shop| (shop.email.to_owned(), shop.name.to_owned())));
    // 0 is the demonstration shopper's own nickname.
    people.extend((1..=REGULARS).map(|n| (regular(n), nickname::suggest(n * 37 % 1024))));
    members.insert_apart(people, NO_PASSWORD).await?;
    for shop in &SHOPS {
        if let Some(member) = members.by_email(shop.email).await? {
            profile(members, member, shop).await?;
        }
    }
    Ok(())
}

/// Gives a shop its profile, under its name with a number behind where somebody else has it.
async fn profile(members: &Accounts, member: MemberId, shop: &Shop) -> Result<(), Error> {
    let (actor, mut name, mut number) = (Actor::host(member), shop.name.to_owned(), 1);
    loop {
        match members.set_profile(&actor, &name, shop.introduction, "", None).await {
            Err(Error::Refused(model::Error::Invalid { .. })) if number < MOST_NAMES => {
                number += 1;
                name = format!("{} {number}", shop.name);
            }
            done => return done.map(drop),
        }
    }
}

/// Gives every shop a business that is made up, unless it has one: also one that was seeded before there were any.
pub(super) async fn businesses(engine: &Engine) -> Result<(), Error> {
    for shop in &SHOPS {
        if let Some(member) = engine.accounts.by_email(shop.email).await? {
            engine.sellers.vouch(member, shop.name).await?;
        }
    }
    Ok(())
}

/// The email of a simulated person.
pub(super) fn regular(n: u64) -> String {
    format!("person{n}@demo.invalid")
}

/// Simulated people `1..=count`, made when missing, with their nicknames.
pub(super) async fn regulars(members: &Accounts, count: u64) -> Result<Vec<(MemberId, String)>, Error> {
    let mut people = Vec::with_capacity(count as usize);
    let mut missing = Vec::new();
    for n in 1..=count {
        let name = if n <= REGULARS { nickname::suggest(n * 37 % 1024) } else { nickname::suggest(1024 + n) };
        match members.by_email(&regular(n)).await? {
            Some(id) => people.push((id, name)),
            None => missing.push((regular(n), name)),
        }
    }
    let names: Vec<String> = missing.iter().map(|(_, name)| name.clone()).collect();
    let made = members.insert_apart(missing, NO_PASSWORD).await?;
    people.extend(made.into_iter().zip(names));
    Ok(people)
}

/// Announces the next idea, to open at `opens_at`.
pub(super) async fn event(engine: &Engine, opens_at: Time) -> Result<EventId, Error> {
    let idea = &IDEAS[(opens_at.since(Time(0)) / super::OPENING_EVERY).rem_euclid(IDEAS.len() as i64) as usize];
    make(engine, idea, opens_at, 10 * MINUTE).await
}

async fn make(engine: &Engine, idea: &Idea, opens_at: Time, lasts: Span) -> Result<EventId, Error> {
    let (shop, title, summary, category, drawing, prizes) = idea;
    let creator = engine.accounts.by_email(SHOPS[*shop].email).await?.ok_or(model::Error::NotFound)?;
    let prizes: Vec<_> = prizes
        .iter()
        .map(|(name, kind, winners)| Prize { name: (*name).to_owned(), kind: *kind, winners: *winners })
        .collect();
    let draft = EventDraft {
        title: (*title).to_owned(),
        summary: (*summary).to_owned(),
        description: format!(
            "{}\n\n**어떻게 참여하나요?**\n\n- 열리는 순간 버튼을 한 번 누르면 돼요.\n- 첫 클릭만 순위가 되고, 순위와 시간은 모두에게 보여요.\n- 결과는 바로 알려드려요.",
            SHOPS[*shop].introduction
        ),
        category: *category,
        opens_at,
        closes_at: opens_at + lasts,
        entry_code: None,
        rules: "한 사람이 한 번 참여할 수 있어요.\n당첨되지 않아도 순위는 순위판에 남아요.".to_owned(),
        offer: Offer::Giveaway { prizes },
    };
    let pictures = Pictures { banner: Some(picture(drawing)), card: Some(picture(drawing)) };
    let creator = Actor::simulated(creator, SHOPS[*shop].email, true);
    engine.events.create(&creator, request(title, opens_at), draft, pictures).await
}

/// The address of a drawing.
pub(super) fn picture(drawing: &str) -> String {
    format!("/demo/{drawing}.svg")
}

/// Of an idea and its time alone: two nodes that start at once make each event once.
pub(super) fn request(title: &str, at: Time) -> RequestId {
    RequestId(ids::id_of(&[b"59 demonstration", title.as_bytes(), &at.0.to_be_bytes()]))
}

/// Events that are over, with full boards.
pub(super) async fn past(engine: &Engine) -> Result<(), Error> {
    let people = regulars(&engine.accounts, REGULARS).await?;
    let now = engine.clock.now();
    let mut random = StdRng::seed_from_u64(59);
    for (i, idea) in IDEAS.iter().enumerate() {
        let opens_at = Time(0) + (now - (i as i64 * 20 + 3) * HOUR).since(Time(0)) / HOUR * HOUR;
        let event = make(engine, idea, opens_at, 10 * MINUTE).await?;
        let mut clicks = Vec::new();
        for (member, name) in &people {
            if random.random_bool(0.8) {
                clicks.push((opens_at + reaction(&mut random), *member, name.clone()));
            }
        }
        clicks.sort_by_key(|(at, ..)| *at);
        press(engine, event, clicks).await?;
    }
    Ok(())
}

/// Presses the button of an event, in this order and with these stamps.
pub(super) async fn press(engine: &Engine, event: EventId, clicks: Vec<(Time, MemberId, String)>) -> Result<(), Error> {
    // Together, so that they share a few commits.
    let mut entering = tokio::task::JoinSet::new();
    for (at, member, name) in clicks {
        let turnstile = engine.turnstile.clone();
        entering.spawn(async move { turnstile.enter(event, member, name.into(), at, None, None).await });
    }
    while let Some(entered) = entering.join_next().await {
        match entered.map_err(|_| model::Error::Internal)? {
            // Whoever finds everything given away goes home.
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// How long after the opening someone presses: a few had their thumb ready, most react within half a second, some come
/// late.
pub(super) fn reaction(random: &mut StdRng) -> Span {
    let spread: f64 = (0..4).map(|_| random.random_range(-1.0_f64..1.0)).sum();
    let late = if random.random_bool(0.12) { random.random_range(0..20_000_000) } else { 0 };
    Span::from_micros(21_000 + (spread.exp() * 320_000.0) as i64 + late)
}
