use super::{
    super::{
        testing::{member, newcomer},
        tests::{ASK, NOW, Scene, id, refusal, request},
    },
    *,
};
use crate::limits::Limits;
use ::testing::{On, both};
use futures::future::join_all;
use model::{Error as Refusal, PartyError, parties::Action};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn away(last: u8) -> IpAddr {
    [192, 0, 2, last].into()
}

impl Scene {
    /// Somebody without a phone.
    async fn newcomer(&self, number: u128) -> Actor {
        Actor::host(newcomer(&self.db, number).await)
    }

    /// The code that was sent last.
    async fn code(&self, who: &Actor) -> String {
        self.parties.phone(who).await.unwrap().asked.unwrap().shown.unwrap()
    }

    async fn confirm(&self, who: &Actor, number: &str, from: IpAddr) -> Result<(), Error> {
        self.parties.ask_phone_code(who, number, "ko", from).await.unwrap();
        let code = self.code(who).await;
        self.parties.confirm_phone(who, &code).await
    }
}

/// A code that is not the one.
fn wrong(code: &str) -> String {
    let digit = if code.starts_with('1') { '2' } else { '1' };
    format!("{digit}{}", &code[1..])
}

fn is_invalid(refused: &Refusal, field: &str) -> bool {
    matches!(refused, Refusal::Invalid { fields } if fields.of(field).is_some())
}

both!(a_phone_comes_before_the_first_party, "multi_thread");
async fn a_phone_comes_before_the_first_party(on: On) {
    let scene = Scene::new(on).await;
    let (who, parties) = (scene.newcomer(10).await, &scene.parties);
    let open = scene.party(3, true).await;
    let needed = Refusal::from(PhoneError::Needed);
    assert_eq!(refusal(parties.create(&who, request(), &scene.draft(3, true)).await), needed);
    assert_eq!(refusal(scene.act(&who, open, ASK).await), needed);
    assert!(!parties.has_phone(id(&who)).await.unwrap());

    for (typed, field) in [("", "phone"), ("02-123-4567", "phone")] {
        assert!(is_invalid(&refusal(parties.ask_phone_code(&who, typed, "ko", HERE).await), field), "{typed}");
    }
    assert_eq!(refusal(parties.confirm_phone(&who, "123456").await), PhoneError::CodeOver.into(), "none was sent");
    parties.ask_phone_code(&who, "010 1234 5678", "ko", HERE).await.unwrap();
    let asked = parties.phone(&who).await.unwrap();
    assert_eq!(asked.confirmed, None);
    let asked = asked.asked.unwrap();
    assert_eq!((asked.ending.as_str(), asked.until, asked.tries_left), ("5678", NOW + CODE_LASTS, CODE_TRIES));
    let code = asked.shown.unwrap();
    for typed in ["", "12345", "1234567", "가나다라마바"] {
        assert!(is_invalid(&refusal(parties.confirm_phone(&who, typed).await), "code"), "{typed}");
    }
    assert!(is_invalid(&refusal(parties.confirm_phone(&who, &wrong(&code)).await), "code"));
    assert_eq!(
        parties.phone(&who).await.unwrap().asked.unwrap().tries_left,
        CODE_TRIES - 1,
        "what is no code is no try"
    );
    assert_eq!(refusal(scene.act(&who, open, ASK).await), needed);
    // Full-width digits with a space, as some keyboards write them.
    let typed: String = code.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect();
    parties.confirm_phone(&who, &format!(" {} {}", &typed[..9], &typed[9..])).await.unwrap();
    let phone = parties.phone(&who).await.unwrap();
    assert_eq!((phone.confirmed.as_deref(), phone.asked), (Some("5678"), None));
    assert_eq!(refusal(parties.confirm_phone(&who, &code).await), PhoneError::CodeOver.into(), "once");
    scene.act(&who, open, ASK).await.unwrap();
    parties.create(&who, request(), &scene.draft(3, true)).await.unwrap();

    // Nothing in the database names the number.
    let (hash,): (Vec<u8>,) =
        scene.db.sql("select hash from phones where member_id = $1").bind(id(&who)).one().await.unwrap();
    assert_eq!(hash.len(), 32);
    assert!(!ids::hash(&[b"010-1234-5678"]).eq(hash.as_slice()));
    for outsider in [&Actor::Visitor, &Actor::System] {
        assert!(parties.ask_phone_code(outsider, "010-1234-5678", "ko", HERE).await.is_err());
        assert!(parties.confirm_phone(outsider, "123456").await.is_err());
    }
}

both!(one_account_has_a_number, "multi_thread");
async fn one_account_has_a_number(on: On) {
    let scene = Scene::new(on).await;
    let (one, other) = (scene.newcomer(10).await, scene.newcomer(11).await);
    scene.confirm(&one, "010-1234-5678", HERE).await.unwrap();
    // However it is written.
    assert_eq!(refusal(scene.confirm(&other, "+82 (0)10 1234 5678", HERE).await), PhoneError::Taken.into());
    assert!(!scene.parties.has_phone(id(&other)).await.unwrap());
    // Another takes its place, and it is free; confirmed once more that one is still theirs.
    scene.confirm(&one, "010-9999-0000", HERE).await.unwrap();
    scene.confirm(&one, "010-9999-0000", HERE).await.unwrap();
    assert_eq!(scene.parties.phone(&one).await.unwrap().confirmed.as_deref(), Some("0000"));
    scene.confirm(&other, "010-1234-5678", HERE).await.unwrap();
    scene.parties.forget_phone(&other).await.unwrap();
    assert!(!scene.parties.has_phone(id(&other)).await.unwrap());

    // Of many who have the same number's codes at once, one gets it. They are given theirs past the limits of one number.
    let mut people = Vec::new();
    for number in 20..28 {
        people.push(scene.newcomer(number).await);
    }
    let key = scene.parties.phone_key().await.unwrap();
    let hash = of_number(key, "010-2222-3333");
    for person in &people {
        let code = hmac::sign(key, &of_code(&hash, "123456")).as_ref().to_vec();
        let sent = Sent { hash: hash.clone(), ending: "3333".into(), code };
        scene.parties.write_code(id(person), &sent, "").await.unwrap();
    }
    let confirmed = join_all(people.iter().map(|person| scene.parties.confirm_phone(person, "123456"))).await;
    let (done, refused): (Vec<_>, Vec<_>) = confirmed.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    for refused in refused {
        assert_eq!(refusal(refused), PhoneError::Taken.into());
    }
}

both!(a_code_is_tried_five_times_within_five_minutes, "multi_thread");
async fn a_code_is_tried_five_times_within_five_minutes(on: On) {
    let scene = Scene::new(on).await;
    let (who, parties) = (scene.newcomer(10).await, &scene.parties);
    parties.ask_phone_code(&who, "010-1234-5678", "ko", HERE).await.unwrap();
    let code = scene.code(&who).await;
    let bad = wrong(&code);
    // However many are tried at once.
    let tried = join_all((0..30).map(|_| parties.confirm_phone(&who, &bad))).await;
    let refused: Vec<_> = tried.into_iter().map(refusal).collect();
    assert_eq!(refused.iter().filter(|refused| is_invalid(refused, "code")).count() as u32, CODE_TRIES);
    assert!(refused.iter().all(|refused| is_invalid(refused, "code") || *refused == PhoneError::CodeOver.into()));
    assert_eq!(refusal(parties.confirm_phone(&who, &code).await), PhoneError::CodeOver.into());
    assert_eq!(parties.phone(&who).await.unwrap().asked, None);

    // The newest alone holds, and not for long.
    parties.ask_phone_code(&who, "010-1234-5678", "ko", HERE).await.unwrap();
    let older = scene.code(&who).await;
    parties.ask_phone_code(&who, "010-1234-5679", "ko", HERE).await.unwrap();
    let newer = scene.code(&who).await;
    assert!(older == newer || is_invalid(&refusal(parties.confirm_phone(&who, &older).await), "code"));
    scene.clock.set(NOW + CODE_LASTS);
    assert_eq!(refusal(parties.confirm_phone(&who, &newer).await), PhoneError::CodeOver.into());
    scene.clock.set(NOW + CODE_LASTS - model::MICROSECOND);
    parties.confirm_phone(&who, &newer).await.unwrap();
    assert_eq!(parties.phone(&who).await.unwrap().confirmed.as_deref(), Some("5679"));
}

both!(codes_are_few_by_account_by_number_and_by_address);
async fn codes_are_few_by_account_by_number_and_by_address(on: On) {
    let scene = Scene::new(on).await;
    let parties = &scene.parties;
    let ask = async |who: &Actor, number: &str, from: IpAddr| parties.ask_phone_code(who, number, "ko", from).await;
    let too_many = |done: Result<(), Error>| matches!(refusal(done), Refusal::TooMany { .. });
    let mut people = Vec::new();
    for number in 10..40 {
        people.push(scene.newcomer(number).await);
    }
    // One account, whichever numbers and from wherever.
    for n in 0..3 {
        ask(&people[0], &format!("010-1111-000{n}"), away(n)).await.unwrap();
    }
    assert!(too_many(ask(&people[0], "010-1111-0009", away(9)).await));
    // One number, whoever asks.
    for (n, person) in people[1..4].iter().enumerate() {
        ask(person, "010-2222-0000", away(10 + n as u8)).await.unwrap();
    }
    assert!(too_many(ask(&people[4], "010-2222-0000", away(20)).await));
    // One address, whoever and whichever.
    let mut sent = 0;
    for (n, person) in people[5..].iter().enumerate() {
        match ask(person, &format!("010-3333-00{n:02}"), away(30)).await {
            Ok(()) => sent += 1,
            refused => assert!(too_many(refused)),
        }
    }
    assert_eq!(sent, 20);
    ask(&people[29], "010-4444-0000", away(31)).await.unwrap();
}

both!(a_number_that_another_account_has_by_now_is_not_taken, "multi_thread");
async fn a_number_that_another_account_has_by_now_is_not_taken(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.newcomer(10).await;
    scene.confirm(&who, "010-1234-5678", HERE).await.unwrap();
    let party = scene.party(4, false).await;
    scene.act(&who, party, ASK).await.unwrap();
    scene.parties.forget_phone(&who).await.unwrap();
    let accept = Action::Accept(id(&who));
    assert_eq!(refusal(scene.act(&scene.leader, party, accept.clone()).await), PartyError::CannotJoin.into());
    let later = NOW + model::SECOND;
    scene.clock.set(later);
    scene.confirm(&who, "010-1234-5678", HERE).await.unwrap();
    scene.act(&scene.leader, party, accept).await.unwrap();

    // A number is kept for ninety days after it ended, whatever follows it.
    scene.parties.forget_phone(&who).await.unwrap();
    for (after_it_ended, erased) in [(PHONE_KEPT, false), (PHONE_KEPT + model::MICROSECOND, true)] {
        scene.clock.set(later + after_it_ended);
        scene.parties.erase_phones().await.unwrap();
        let left = scene.db.sql("select 1 from phones where until is not null").exists().await.unwrap();
        assert_eq!(left, !erased);
    }
}

both!(marks_and_suspensions_follow_a_number_to_a_new_account, "multi_thread");
async fn marks_and_suspensions_follow_a_number_to_a_new_account(on: On) {
    let mut scene = Scene::new(on).await;
    let (parties, number) = (&scene.parties, "010-1234-5678");
    let before = Actor::host(newcomer(&scene.db, 10).await);
    scene.confirm(&before, number, HERE).await.unwrap();
    let other = Actor::host(member(&scene.db, 11).await);
    let mut marked = Vec::new();
    for _ in 0..3 {
        let party = scene.met(&[before.clone(), other.clone()]).await;
        scene.act(&scene.leader, party, Action::Attended { member: id(&before), came: false }).await.unwrap();
        marked.push(party);
    }
    scene.clock.set(NOW);
    let open = scene.party(4, true).await;
    assert_eq!(refusal(scene.act(&before, open, ASK).await), PartyError::Blocked.into());

    // They give the number up and come back as somebody else, a second later.
    scene.clock.set(NOW + model::SECOND);
    parties.forget_phone(&before).await.unwrap();
    let after = scene.newcomer(12).await;
    assert_eq!(parties.standings.of(id(&after)).await.unwrap().penalties, 0);
    scene.confirm(&after, number, HERE).await.unwrap();
    assert_eq!(parties.standings.of(id(&after)).await.unwrap().penalties, 3, "what was remembered does not hold");
    assert_eq!(refusal(scene.act(&after, open, ASK).await), PartyError::Blocked.into());
    assert_eq!(refusal(parties.create(&after, request(), &scene.draft(3, true)).await), PartyError::Blocked.into());
    assert_eq!(parties.penalties(&after).await.unwrap().len(), 3, "they see why");
    assert_eq!(parties.penalties(&other).await.unwrap().len(), 0);
    // They may appeal against it, and an admin's word counts at once.
    parties.appeal(&after, marked[0], "아팠어요").await.unwrap();
    assert_eq!(refusal(parties.appeal(&other, marked[1], "나도").await), Refusal::NotFound);
    parties.decide(&Actor::System, marked[0], id(&before), true, "그랬네요").await.unwrap();
    assert_eq!(parties.standings.of(id(&after)).await.unwrap().penalties, 2);
    scene.act(&after, open, ASK).await.unwrap();
    scene.act(&after, open, Action::Leave).await.unwrap();

    // Whoever gave a number up does not answer for who has it next.
    let party = scene.met(&[after.clone(), other.clone()]).await;
    scene.act(&scene.leader, party, Action::Attended { member: id(&after), came: false }).await.unwrap();
    let standing = async |who: &Actor| parties.standings.of(id(who)).await.unwrap().penalties;
    assert_eq!((standing(&after).await, standing(&before).await), (3, 2));
    scene.clock.set(NOW);

    // Suspended before: neither joins nor is the number confirmed anew.
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = $2 where id = $1").bind(id(&before)).bind(NOW).run().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(refusal(scene.act(&after, open, ASK).await), PhoneError::Suspended.into());
    parties.forget_phone(&after).await.unwrap();
    let third = scene.newcomer(13).await;
    assert_eq!(refusal(scene.confirm(&third, number, away(1)).await), PhoneError::Suspended.into());
    // When the last mark that follows it counts no more, nothing is known of it.
    let marked = NOW + 5 * model::HOUR;
    for (after_the_mark, erased) in [(PHONE_KEPT - model::MICROSECOND, false), (PHONE_KEPT, true)] {
        scene.clock.set(marked + after_the_mark);
        parties.erase_phones().await.unwrap();
        let left = scene.db.sql("select 1 from phones where until is not null").exists().await.unwrap();
        assert_eq!(left, !erased);
    }
    let fourth = scene.newcomer(14).await;
    // Past the limits of one number.
    scene.parties.limits = Limits::default();
    scene.confirm(&fourth, number, away(2)).await.unwrap();
    assert!(!scene.db.sql("select 1 from phone_codes where expires_at < $1").bind(NOW).exists().await.unwrap());
}

both!(marks_and_suspensions_follow_a_number_of_whoever_left_the_site, "multi_thread");
async fn marks_and_suspensions_follow_a_number_of_whoever_left_the_site(on: On) {
    let scene = Scene::new(on).await;
    let numbers = ["010-1234-5678", "010-9876-5432"];
    let (marked, suspended) = (scene.newcomer(10).await, scene.newcomer(11).await);
    for (who, number) in [&marked, &suspended].into_iter().zip(numbers) {
        scene.confirm(who, number, HERE).await.unwrap();
    }
    for _ in 0..3 {
        let party = scene.met(std::slice::from_ref(&marked)).await;
        scene.act(&scene.leader, party, Action::Attended { member: id(&marked), came: false }).await.unwrap();
    }
    scene.clock.set(NOW + model::SECOND);
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = $2 where id = $1").bind(id(&suspended)).bind(NOW).run().await.unwrap();
    tx.commit().await.unwrap();
    for who in [&marked, &suspended] {
        let hash = scene.db.sql("select password_hash from members where id = $1").bind(id(who));
        let (hash,): (String,) = hash.one().await.unwrap();
        crate::personal::leave(&scene.db, id(who), &hash, &[], scene.clock.now()).await.unwrap();
    }
    // They sign up anew, and confirm the numbers that they had.
    let (anew, again) = (scene.newcomer(12).await, scene.newcomer(13).await);
    scene.confirm(&anew, numbers[0], away(1)).await.unwrap();
    assert_eq!(scene.parties.standings.of(id(&anew)).await.unwrap().penalties, 3);
    let open = scene.party(4, true).await;
    assert_eq!(refusal(scene.act(&anew, open, ASK).await), PartyError::Blocked.into());
    assert_eq!(refusal(scene.confirm(&again, numbers[1], away(2)).await), PhoneError::Suspended.into());
}
