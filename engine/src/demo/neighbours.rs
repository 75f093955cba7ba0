//! Demonstration markets across Korean cities, a catalogue of usual items, and every day a party at each market. The demonstration
//! neighbour always leads one that is full and to be confirmed, with people who talk, and one that somebody asks to join; and there
//! is what became of theirs before.

use super::{
    Persona, faces,
    seed::{REGULARS, regulars, request},
};
use crate::{Engine, Error, accounts::Actor};
use model::{
    DAY, HOUR, Market, MemberId, PartyDraft, PartyId, Span, Time,
    parties::{Action, LATE_WITHIN, Meeting},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// Where the demonstration neighbour lives.
const HOME: (&str, &str) = ("37.5446", "127.0559");

/// What is bought: how its name begins, how much of it, and for how many won in all.
const IDEAS: [(&str, u32, &str, i64); 12] = [
    ("올리브유", 4, "통", 35_600),
    ("휴지", 3, "묶음", 18_900),
    ("냉동 새우", 2, "봉", 36_000),
    ("생수 2L", 4, "묶음", 43_200),
    ("사과", 2, "상자", 59_800),
    ("달걀", 3, "판", 29_700),
    ("원두", 2, "봉", 52_000),
    ("양파", 1, "망", 16_900),
    ("삼겹살", 1, "팩", 89_000),
    ("세탁세제", 2, "통", 33_800),
    ("고양이 모래", 3, "포", 41_700),
    ("믹스너트", 2, "상자", 45_900),
];

/// What people say before they meet.
const SAID: [&str; 4] = [
    "정문 말고 주차장 쪽에서 봬요",
    "네, 빈 통 두 개 가져갈게요!",
    "저는 10분쯤 일찍 가 있을게요",
    "영수증은 제가 챙길게요",
];

/// How long ago parties of the neighbour's were to meet: one that took place, and one of which nobody said what became.
const MET: [Span; 2] = [HOUR.times(3), DAY.times(3)];
/// What somebody says who will be late, what their party's leader says, and what the former says against being marked.
const LATE: [&str; 2] = ["버스가 막혀서 15분쯤 늦어요. 죄송해요!", "네, 정문에서 기다릴게요"];
const APPEAL: &str =
    "버스가 막혀 15분 늦는다고 미리 말씀드렸고, 도착하니 모두 가신 뒤였어요. 제 몫은 다음 날 받아 왔어요.";
/// How long ago they were to meet.
const MISSED: Span = HOUR.times(5);
/// What the first of them did cost in the end.
const COST: i64 = 34_210;

/// Makes markets and items where there are none.
pub(super) async fn lists(engine: &Engine) -> Result<(), Error> {
    if !engine.markets.any().await? {
        engine.markets.demonstrate(include_bytes!("lists/markets.csv"), include_bytes!("lists/items.csv")).await?;
    }
    Ok(())
}

/// Makes the parties of the next day, each once.
pub(super) async fn parties(engine: &Engine) -> Result<(), Error> {
    let markets = engine.markets.demonstrated().await?;
    let people = regulars(&engine.accounts, REGULARS).await?;
    engine.parties.give_phones(&people.iter().map(|(member, _)| *member).collect::<Vec<_>>()).await?;
    let day = engine.clock.now().midnight() + DAY;
    let mut random = StdRng::seed_from_u64(day.0 as u64);
    for (number, market) in markets.iter().enumerate() {
        let meets =
            Meeting { from: day + (10 + number as i64 % 10) * HOUR, to: day + (11 + number as i64 % 10) * HOUR };
        let idea = random.random_range(0..IDEAS.len());
        let crowd: Vec<Actor> = (0..6)
            .map(|_| &people[random.random_range(0..people.len())])
            .map(|(member, name)| Actor::simulated(*member, name, false))
            .collect();
        let joins = random.random_range(0..4);
        let Some(draft) = draft(engine, market, idea, meets).await? else { continue };
        make(engine, "party", &draft, &crowd[0], &crowd[1..=joins]).await?;
    }
    if let (Some(neighbour), Some(market)) = (of_persona(engine).await?, near_home(&markets)) {
        past(engine, &neighbour, market, &people).await?;
        own(engine, neighbour, market, &people).await?;
    }
    faces::give(engine, &people).await
}

/// Makes the neighbour's own next parties, each once.
pub(super) async fn owns(engine: &Engine) -> Result<(), Error> {
    let markets = engine.markets.demonstrated().await?;
    let people = regulars(&engine.accounts, REGULARS).await?;
    match (of_persona(engine).await?, near_home(&markets)) {
        (Some(neighbour), Some(market)) => own(engine, neighbour, market, &people).await,
        _ => Ok(()),
    }
}

fn near_home(markets: &[Market]) -> Option<&Market> {
    markets.iter().find(|market| market.address.contains("성수"))
}

/// When the neighbour's own party meets: at ten or at twenty o'clock, within a day, so that it can be confirmed, and not so near that
/// whoever leaves it is late.
pub(super) fn meets_next(now: Time) -> Time {
    let of_today = [10, 20, 34].map(|hour: i64| now.midnight() + hour * HOUR);
    let [.., tomorrow] = of_today;
    of_today.into_iter().find(|from| *from > now + LATE_WITHIN).unwrap_or(tomorrow)
}

/// What became of the neighbour's parties of before: done, with what it did cost; over without a word; called off. Once.
async fn past(engine: &Engine, neighbour: &Actor, market: &Market, people: &[(MemberId, String)]) -> Result<(), Error> {
    if !engine.parties.mine(neighbour, None).await?.parties.rows.is_empty() {
        return Ok(());
    }
    engine.parties.give_phones(neighbour.member().as_slice()).await?;
    let now = engine.clock.now();
    let hour = Time(now.0 - now.0.rem_euclid(HOUR.micros()));
    let others: Vec<MemberId> = people.iter().skip(2).take(3).map(|(member, _)| *member).collect();
    for (idea, ago) in MET.into_iter().enumerate() {
        let Some(draft) = draft(engine, market, 1 + idea, Meeting { from: hour - ago, to: hour - ago + HOUR }).await?
        else {
            return Ok(());
        };
        let party = engine.parties.demonstrate(neighbour, &draft, &others).await?;
        if ago <= model::parties::EXPIRES_AFTER {
            for action in [Action::Finish, Action::Attended { member: others[0], came: true }, Action::Cost(COST)] {
                taken(engine.parties.act(neighbour, party, &action).await)?;
            }
        }
    }
    let off = Meeting { from: hour + 2 * DAY, to: hour + 2 * DAY + HOUR };
    let Some(draft) = draft(engine, market, 3, off).await? else { return Ok(()) };
    if let Some(party) = make(engine, "called off", &draft, neighbour, &[]).await? {
        taken(engine.parties.cancel(neighbour, party, "그날 마켓이 쉬어요. 다음 주에 다시 열게요.").await)?;
    }
    Ok(())
}

/// Has somebody who was marked, for they did not come, say something against it; once.
pub(super) async fn appealed(engine: &Engine, people: &[(MemberId, String)]) -> Result<(), Error> {
    let crowd: Vec<Actor> =
        people.iter().skip(40).take(4).map(|(member, name)| Actor::simulated(*member, name, false)).collect();
    let [leader, late, ..] = crowd.as_slice() else { return Ok(()) };
    let Some(market) = engine.markets.demonstrated().await?.into_iter().next() else { return Ok(()) };
    if !engine.parties.penalties(late).await?.is_empty() {
        return Ok(());
    }
    let now = engine.clock.now();
    let hour = Time(now.0 - now.0.rem_euclid(HOUR.micros()));
    let meets = Meeting { from: hour - MISSED, to: hour - MISSED + HOUR };
    let Some(draft) = draft(engine, &market, 4, meets).await? else { return Ok(()) };
    let others: Vec<MemberId> = crowd.iter().skip(1).filter_map(Actor::member).collect();
    let party = engine.parties.demonstrate(leader, &draft, &others).await?;
    for (who, line) in [late, leader].into_iter().zip(LATE) {
        taken(engine.parties.say(who, party, request(line, meets.from), line).await.map(drop))?;
    }
    taken(engine.parties.act(leader, party, &Action::Finish).await)?;
    for member in others {
        let action = Action::Attended { member, came: late.member() != Some(member) };
        taken(engine.parties.act(leader, party, &action).await)?;
    }
    taken(engine.parties.appeal(late, party, APPEAL).await)
}

async fn of_persona(engine: &Engine) -> Result<Option<Actor>, Error> {
    let member = engine.accounts.by_email(Persona::Neighbour.email()).await?;
    Ok(member.map(|member| Actor::simulated(member, Persona::NEIGHBOUR, false)))
}

/// The neighbour's own next parties: one that is full, to be confirmed and talked about, and one that somebody asks to join.
async fn own(engine: &Engine, neighbour: Actor, market: &Market, people: &[(MemberId, String)]) -> Result<(), Error> {
    engine.parties.give_phones(neighbour.member().as_slice()).await?;
    if engine.parties.home(&neighbour).await?.is_none() {
        engine.parties.set_home(&neighbour, HOME.0, HOME.1).await?;
        engine.markets.set_favourite_market(&neighbour, market.id, true).await?;
        for item in engine.markets.suggest(IDEAS[0].0).await? {
            engine.markets.set_favourite_item(&neighbour, item.id, true).await?;
        }
    }
    let from = meets_next(engine.clock.now());
    let crowd: Vec<Actor> =
        people.iter().take(3).map(|(member, name)| Actor::simulated(*member, name, false)).collect();
    let meets = Meeting { from: from + 2 * HOUR, to: from + 3 * HOUR };
    let Some(asked) = draft(engine, market, 6, meets).await? else { return Ok(()) };
    let asked = PartyDraft { automatic: false, ..asked };
    make(engine, "asked to join", &asked, &neighbour, &crowd[2..]).await?;
    let meets = Meeting { from, to: from + HOUR };
    let Some(draft) = draft(engine, market, 0, meets).await? else { return Ok(()) };
    let Some(party) = make(engine, "own party", &draft, &neighbour, &crowd[..2]).await? else { return Ok(()) };
    taken(engine.parties.act(&neighbour, party, &Action::GoAhead).await)?;
    for (line, who) in SAID.iter().zip([&crowd[0], &neighbour, &crowd[1], &neighbour]) {
        taken(engine.parties.say(who, party, request(line, from), line).await.map(drop))?;
    }
    Ok(())
}

/// What is bought at a market, by how its name begins; `None` where there is no such item.
async fn draft(engine: &Engine, market: &Market, idea: usize, meets: Meeting) -> Result<Option<PartyDraft>, Error> {
    let (find, quantity, unit, total) = IDEAS[idea];
    let item = engine.markets.suggest(find).await?.into_iter().next();
    Ok(item.map(|item| PartyDraft {
        market: market.id,
        item: item.id,
        quantity,
        unit: unit.to_owned(),
        total,
        wanted: 4,
        own: 1,
        least: 2,
        automatic: true,
        meets,
        note: "같이 사서 나눠 가요. 담아 갈 것을 가져오시면 좋아요.".to_owned(),
    }))
}

/// A party with its leader and those who join, or ask to; `None` when it cannot be made.
async fn make(
    engine: &Engine,
    title: &str,
    draft: &PartyDraft,
    leader: &Actor,
    others: &[Actor],
) -> Result<Option<PartyId>, Error> {
    // Of the day and the market alone, so that two nodes make it once.
    let request = request(&format!("{title} at {}", draft.market), draft.meets.from);
    let party = match engine.parties.create(leader, request, draft).await {
        Ok(party) => party,
        Err(Error::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    for other in others {
        taken(engine.parties.act(other, party, &Action::Request { shares: 1 }).await)?;
    }
    Ok(Some(party))
}

/// Whoever is refused was there already, or is blocked.
fn taken(done: Result<(), Error>) -> Result<(), Error> {
    match done {
        Err(Error::Refused(_)) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{MINUTE, parties::CONFIRMED_WITHIN};

    #[test]
    fn there_is_a_party_to_confirm_at_any_time_of_the_day() {
        let midnight = Time::from_civil(2026, 11, 27, 0, 0, 0).unwrap();
        for minutes in (0..24 * 60_i64).step_by(10) {
            let now = midnight + minutes * MINUTE;
            let from = meets_next(now);
            assert!(from > now + LATE_WITHIN && from <= now + CONFIRMED_WITHIN, "{minutes}");
        }
    }
}
