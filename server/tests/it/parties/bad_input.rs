//! What neighbours may get wrong: each is refused by a sentence that says what to do, and changes nothing.

use super::*;
use app::texts::Lang;
use model::{Error, FieldError};

/// Whatever a form about parties could have changed.
async fn everything(site: &Site) -> (Vec<(String, i64, i64)>, Vec<(String, i64)>, Vec<(i64, i64)>) {
    let db = &site.engine.db;
    let parties = db.sql("select state, taken, changes from parties order by id").all().await.unwrap();
    let members = db.sql("select state, shares from party_members order by party_id, member_id").all().await.unwrap();
    let others = db.sql("select (select count(*) from penalties), (select count(*) from homes)").all().await.unwrap();
    (parties, members, others)
}

/// Calls a function that must refuse; why.
async fn refused(who: &Person, name: &str, form: &[(&str, &str)]) -> Error {
    let sent = client().post(format!("http://{}/api/{name}", who.address)).form(form);
    let answer = sent.header(header::COOKIE, who.cookie()).send().await.unwrap();
    assert_ne!(answer.status(), 200, "{name} {form:?}");
    answer.json().await.unwrap()
}

both!(terms_that_may_not_be_are_refused_in_words, "multi_thread");
async fn terms_that_may_not_be_are_refused_in_words(on: On) {
    let site = Site::with_clock(on, Clock::manual(NOW)).await;
    let leader = site.neighbours(1).await.remove(0);
    change(&leader, "/parties", "set-home", &[("latitude", "37.55"), ("longitude", "127.05")]).await;
    let there = open_party(&site, &leader).await;
    let view = site.engine.parties.view(&Actor::host(leader.member), there).await.unwrap();
    let (market, item) = (view.card.market.id.to_string(), view.card.item.id.to_string());
    let before = everything(&site).await;
    let at = |ahead: model::Span| (NOW + ahead).to_local();
    let (from, to) = (at(5 * HOUR), at(6 * HOUR));
    let range = |min, max| FieldError::OutOfRange { min, max };
    for (field, typed, error) in [
        ("wanted", "1".to_owned(), range(2, 20)),
        ("wanted", "21".to_owned(), range(2, 20)),
        ("from", at(-HOUR), FieldError::InPast),
        ("from", at(30 * DAY + HOUR), range(0, 30)),
        ("to", at(4 * HOUR), FieldError::NotAfter),
    ] {
        // With an end that would fit its beginning.
        let to = if field == "from" { (Time::parse_local(&typed).unwrap() + HOUR).to_local() } else { to.clone() };
        let once = request().to_string();
        let mut terms: Vec<(&str, &str)> = vec![
            ("market", market.as_str()),
            ("item", &item),
            ("quantity", "4"),
            ("unit", "통"),
            ("total", "10,000"),
            ("wanted", "3"),
            ("from", &from),
            ("to", &to),
            ("request", &once),
        ];
        for (name, value) in &mut terms {
            if *name == field {
                *value = &typed;
            }
        }
        let answer = leader.post(&format!("/parties/new?item={item}&do=make-party"), &terms).await;
        assert_eq!(answer.status(), 422, "{field} {typed}");
        let said = Lang::Ko.field_error(&error);
        assert!(answer.text().await.unwrap().contains(&said), "{field} {typed}: {said}");
        let Error::Invalid { fields } = refused(&leader, "make-party", &terms).await else { panic!("{field} {typed}") };
        assert_eq!(fields.of(field), Some(&error), "{typed}");
    }
    for (latitude, longitude, field, most) in [("91", "127", "latitude", 90), ("37.5", "-180.5", "longitude", 180)] {
        let home = [("latitude", latitude), ("longitude", longitude)];
        let Error::Invalid { fields } = refused(&leader, "set-home", &home).await else { panic!("{home:?}") };
        assert_eq!(fields.0, [(field.to_owned(), range(-most, most))]);
    }
    assert_eq!(everything(&site).await, before);
}

fn join(party: &str) -> [(&str, &str); 2] {
    [("party", party), ("shares", "1")]
}

both!(who_may_not_join_or_mark_is_told_why, "multi_thread");
async fn who_may_not_join_or_mark_is_told_why(on: On) {
    let clock = Clock::manual(NOW);
    let site = Site::with_clock(on, clock.clone()).await;
    let people = site.neighbours(4).await;
    let [leader, first, second, stranger] = &people[..] else { unreachable!() };
    let (party, other) = (open_party(&site, leader).await, open_party(&site, leader).await);
    act(&site, first, party, Action::Request { shares: 1 }).await;
    act(&site, second, party, Action::Request { shares: 2 }).await;
    act(&site, leader, other, Action::Cancel { reason: "비가 와요".into() }).await;
    let (party, other, absent) = (party.to_string(), other.to_string(), first.member.to_string());
    let mark = [("party", party.as_str()), ("member", &absent), ("came", "no")];
    let says = async |who: &Person, name: &str, form: &[(&str, &str)], error: PartyError, words: &str| {
        let before = everything(&site).await;
        let why = refused(who, name, form).await;
        assert_eq!(why, error.into(), "{name}");
        assert_eq!(Lang::Ko.error(&why), words);
        assert_ne!(Lang::En.error(&why), words, "in either language");
        assert_eq!(everything(&site).await, before, "{name} changed something");
    };
    says(leader, "join-party", &join(&party), PartyError::OwnParty, "내가 연 파티예요.").await;
    says(stranger, "join-party", &join(&party), PartyError::PartyFull, "남은 몫이 모자라요.").await;
    let over = "모임이 시작됐거나 끝난 파티예요.";
    says(stranger, "join-party", &join(&other), PartyError::PartyOver, over).await;
    says(leader, "mark-attendance", &mark, PartyError::NotDone, "끝난 파티에서만 할 수 있어요.").await;

    clock.set(NOW + 5 * HOUR);
    says(stranger, "join-party", &join(&party), PartyError::PartyOver, over).await;
    change(leader, &format!("/parties/{party}"), "run-party", &[("party", &party), ("what", "finish")]).await;
    change(leader, &format!("/parties/{party}"), "mark-attendance", &mark).await;
    says(leader, "mark-attendance", &mark, PartyError::AlreadyMarked, "이미 표시했어요.").await;
    clock.set(NOW + 5 * HOUR + 7 * DAY + SECOND);
    let absent = second.member.to_string();
    let late = [("party", party.as_str()), ("member", &absent), ("came", "no")];
    says(leader, "mark-attendance", &late, PartyError::MarkingOver, "표시할 수 있는 7일이 지났어요.").await;
}
