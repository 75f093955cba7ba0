//! Reviews: who may write one, what is refused, answers, lists, reports, and what admins do about them.

use crate::{
    rights::{cases, reads},
    sales::{Scene, deal, ticket},
    support::{Person, client, events::png, request},
};
use engine::accounts::Actor;
use model::{
    Crop, Cursor, DAY, EntryState, Error, EventId, FieldError, MemberId, Notice, OrderState, ReviewError, SECOND,
    notices::SaleNews,
    reviews::{Ordering, Reviewed, ReviewsQuery},
    sales::OrderView,
};
use reqwest::multipart::{Form, Part};
use testing::{On, both, eventually, files};

reads! {
    "/events/{event}/reviews" => 404, 404;
    "/creators/{host}/reviews" => 200, 200;
    "/admin/reviews" => 401, 403;
    "/creator/events/{event}/sale" => 401, 403;
}

cases! {
    "write-review", [("stars", "5"), ("text", "좋아요")] => 404;
    "change-review", [("review", "{review}"), ("stars", "5"), ("text", "좋아요")] => 404;
    "delete-review", [("review", "{review}")] => 404;
    // Anybody may.
    "report-review", [("review", "{review}")] => 200;
    "answer-review", [("review", "{review}"), ("answer", "고맙습니다")] => 404;
    "change-answer", [("review", "{review}"), ("answer", "고맙습니다")] => 404;
    "hide-review", [("review", "{review}"), ("reason", "욕설")] => 403;
    "restore-review", [("review", "{review}"), ("reason", "오해")] => 403;
    "dismiss-review", [("review", "{review}")] => 403;
}

/// A deal that all of these people received.
pub async fn received(scene: &Scene, buyers: &[Person]) -> EventId {
    let event = scene.sale(deal(buyers.len() as u64, 1, None)).await;
    for buyer in buyers {
        scene.press(buyer, event, 1, false).await.unwrap();
        scene.buy(buyer, event).await;
        arrives(scene, buyer, event).await;
    }
    event
}

async fn order(scene: &Scene, buyer: &Person, event: EventId) -> OrderView {
    scene.standing(buyer, event).await.order.unwrap()
}

/// The seller sends what somebody bought, and it arrives.
async fn arrives(scene: &Scene, buyer: &Person, event: EventId) {
    let id = order(scene, buyer, event).await.id.to_string();
    let sent = [("order", id.as_str()), ("carrier", "cj"), ("tracking", "650100000001")];
    scene.call(&scene.seller, "ship-order", &sent).await.unwrap();
    scene.call(&scene.seller, "deliver-order", &[("order", id.as_str())]).await.unwrap();
}

/// Writes a review as a program does, with these pictures and fields.
async fn send(
    person: &Person,
    name: &str,
    fields: &[(&'static str, &str)],
    pictures: Vec<Vec<u8>>,
) -> Result<(), Error> {
    let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, (*value).to_owned()));
    let form = pictures
        .into_iter()
        .fold(form, |form, bytes| form.part("pictures", Part::bytes(bytes).file_name("picture.png")));
    let sent = client().post(format!("http://{}/api/{name}", person.address)).multipart(form);
    let answer = sent.header("cookie", person.cookie()).send().await.unwrap();
    if answer.status() == 200 { Ok(()) } else { Err(answer.json().await.unwrap()) }
}

pub async fn write(person: &Person, event: EventId, stars: &str, text: &str) -> Result<(), Error> {
    let (event, request) = (event.to_string(), request().to_string());
    send(person, "write-review", &[("event", &event), ("request", &request), ("stars", stars), ("text", text)], vec![])
        .await
}

async fn read(scene: &Scene, reader: &Actor, event: EventId, order: Ordering, after: Option<Cursor>) -> Reviewed {
    scene.site.engine.reviews.of_event(reader, event, ReviewsQuery { order, after }).await.unwrap()
}

/// What everybody reads of an event, newest first.
async fn seen(scene: &Scene, event: EventId) -> Reviewed {
    read(scene, &Actor::Visitor, event, Ordering::Newest, None).await
}

async fn notices(scene: &Scene, member: MemberId) -> Vec<Notice> {
    let list = scene.site.engine.notices.of(&Actor::host(member), None).await.unwrap();
    list.lines.rows.into_iter().map(|line| line.notice).collect()
}

fn refused(error: ReviewError) -> Result<(), Error> {
    Err(error.into())
}

fn invalid(field: &str, error: FieldError) -> Result<(), Error> {
    let mut fields = model::FormErrors::default();
    fields.add(field, error);
    Err(Error::Invalid { fields })
}

both!(who_received_it_says_so_and_its_seller_answers, "multi_thread");
async fn who_received_it_says_so_and_its_seller_answers(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.site.people(3).await;
    let event = received(&scene, &people[..2]).await;
    let page = format!("/events/{event}/reviews");
    // Whoever received it finds the form; others find none.
    let mine = order(&scene, &people[0], event).await.line.number.unwrap();
    assert!(people[0].get(&format!("/orders/{mine}")).await.text().await.unwrap().contains(&page));
    assert!(people[0].get(&page).await.text().await.unwrap().contains("do=write-review"));
    assert!(!people[2].get(&page).await.text().await.unwrap().contains("do=write-review"));
    write(&people[0], event, "4", "가볍고\n따뜻해요 <script>").await.unwrap();
    write(&people[1], event, "5", "두 번째로 샀어요").await.unwrap();
    let now = seen(&scene, event).await;
    assert_eq!((now.reviews.stars.count, now.reviews.stars.sum, now.reviews.stars.tenths()), (2, 9, Some(45)));
    let review = now.reviews.rows.rows.iter().find(|review| review.stars == 4).unwrap().clone();
    assert_eq!(
        (review.text.as_str(), review.changed, review.answer.clone()),
        ("가볍고\n따뜻해요 <script>", false, None)
    );
    // The seller hears of both, and answers once.
    let told = notices(&scene, scene.seller.member).await;
    let stars = |told: &[Notice]| {
        let mut stars: Vec<u32> = told
            .iter()
            .filter_map(|notice| match notice {
                Notice::Reviewed { stars } => Some(*stars),
                _ => None,
            })
            .collect();
        stars.sort_unstable();
        stars
    };
    assert_eq!(stars(&told), [4, 5]);
    let id = review.id.to_string();
    let answer = async |who: &Person, name: &str, words: &str| {
        scene.call(who, name, &[("review", &id), ("answer", words)]).await.map(drop)
    };
    assert_eq!(answer(&scene.seller, "change-answer", "먼저 고쳐요").await, refused(ReviewError::Answered));
    let other = scene.site.creator().await;
    assert_eq!(answer(&other, "answer-review", "제가 답할게요").await, Err(Error::NotFound));
    assert_eq!(answer(&people[0], "answer-review", "혼잣말").await, Err(Error::Forbidden), "no creator");
    assert_eq!(answer(&scene.seller, "answer-review", " ").await, invalid("answer", FieldError::Required));
    let long = "가".repeat(1_001);
    assert_eq!(
        answer(&scene.seller, "answer-review", &long).await,
        invalid("answer", FieldError::TooLong { max: 1_000 })
    );
    // Twice at once is once.
    let (here, there) = tokio::join!(
        answer(&scene.seller, "answer-review", "고맙습니다"),
        answer(&scene.seller, "answer-review", "고맙습니다")
    );
    assert!(here.is_ok() != there.is_ok(), "{here:?} {there:?}");
    assert_eq!(answer(&scene.seller, "answer-review", "하나 더").await, refused(ReviewError::Answered));
    answer(&scene.seller, "change-answer", "정말 고맙습니다").await.unwrap();
    let told = notices(&scene, people[0].member).await;
    assert_eq!(told.iter().filter(|notice| **notice == Notice::ReviewAnswered).count(), 1);
    let opened = people[0].open_newest_notice(&scene.site.engine).await;
    assert_eq!(opened.split('?').next(), Some(page.as_str()));
    let now = seen(&scene, event).await;
    let answered = now.reviews.rows.rows.iter().find(|one| one.id == review.id).unwrap().answer.clone().unwrap();
    assert_eq!((answered.text.as_str(), answered.changed), ("정말 고맙습니다", true));
    // On the event's page, on the list, and on both pages of the seller; nothing of it is HTML.
    let seller = scene.seller.member;
    for path in
        [format!("/events/{event}"), page.clone(), format!("/creators/{seller}"), format!("/creators/{seller}/reviews")]
    {
        let shown = client().get(scene.site.url(&path)).header("accept", "text/html").send().await.unwrap();
        let shown = shown.text().await.unwrap();
        for words in ["4.5", "따뜻해요 &lt;script&gt;", "정말 고맙습니다", "두 번째로 샀어요"] {
            assert!(shown.contains(words), "{path} says {words}");
        }
    }
    // Its writer changes it, and deletes it.
    let changed = |stars, text| [("review", id.as_str()), ("stars", stars), ("text", text)];
    assert_eq!(send(&people[1], "change-review", &changed("1", "남의 것"), vec![]).await, Err(Error::NotFound));
    send(&people[0], "change-review", &changed("2", "빨았더니 줄었어요"), vec![]).await.unwrap();
    let now = seen(&scene, event).await;
    assert_eq!((now.reviews.stars.count, now.reviews.stars.sum), (2, 7));
    let review = now.reviews.rows.rows.iter().find(|one| one.id == review.id).unwrap();
    assert!(review.changed && review.answer.is_some(), "{review:?}");
    assert_eq!(
        scene.call(&people[1], "delete-review", &[("review", &id)]).await.unwrap_err(),
        Error::NotFound,
        "another's"
    );
    scene.call(&people[0], "delete-review", &[("review", &id)]).await.unwrap();
    let now = seen(&scene, event).await;
    assert_eq!((now.reviews.stars.count, now.reviews.stars.sum, now.reviews.rows.rows.len()), (1, 5, 1));
    // What was deleted may be written anew; a board name that is masked is masked here.
    write(&people[0], event, "3", "다시 써요").await.unwrap();
    let (actor, engine) = (Actor::host(people[0].member), &scene.site.engine);
    engine.accounts.set_picture(&actor, &engine.pictures, Some(png()), Crop::default()).await.unwrap();
    let theirs = async || seen(&scene, event).await.reviews.rows.rows.into_iter().find(|one| one.stars == 3).unwrap();
    assert!(theirs().await.picture.is_some());
    engine.naming.set_masked(&actor, true).await.unwrap();
    let masked = theirs().await;
    assert!(masked.nickname.contains('*') && masked.picture.is_none(), "no picture uncovers them: {masked:?}");
    scene.is_consistent().await;
}

both!(who_sent_all_of_it_back_received_it_nevertheless, "multi_thread");
async fn who_sent_all_of_it_back_received_it_nevertheless(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.site.people(2).await;
    let event = scene.sale(deal(2, 1, None)).await;
    for buyer in &people {
        scene.press(buyer, event, 1, false).await.unwrap();
        scene.buy(buyer, event).await;
    }
    let [sends_back, gives_back] = [&people[0], &people[1]];
    arrives(&scene, sends_back, event).await;
    let id = order(&scene, sends_back, event).await.id.to_string();
    let (wished, given) = (request().to_string(), request().to_string());
    let ask = [("order", id.as_str()), ("units", "1"), ("reason", "작아요"), ("request", wished.as_str())];
    scene.call(sends_back, "ask-return", &ask).await.unwrap();
    let wish = order(&scene, sends_back, event).await.returning.unwrap().id.to_string();
    let yes = [("return", wish.as_str()), ("accept", "yes"), ("answer", "성수이로 1로 보내 주세요")];
    scene.call(&scene.seller, "answer-return", &yes).await.unwrap();
    scene.call(&scene.seller, "receive-return", &yes[..1]).await.unwrap();
    let id = order(&scene, gives_back, event).await.id.to_string();
    let back = [("order", id.as_str()), ("units", "1"), ("request", given.as_str())];
    scene.call(gives_back, "give-back", &back).await.unwrap();

    let page = format!("/events/{event}/reviews");
    for (buyer, received) in [(sends_back, true), (gives_back, false)] {
        let line = order(&scene, buyer, event).await.line;
        assert_eq!(line.state, OrderState::Refunded);
        let shown = buyer.get(&format!("/orders/{}", line.number.unwrap())).await.text().await.unwrap();
        assert_eq!(shown.contains(&page), received);
        assert_eq!(buyer.get(&page).await.text().await.unwrap().contains("do=write-review"), received);
        let written = write(buyer, event, "3", "제게는 작았어요").await;
        assert_eq!(written, if received { Ok(()) } else { refused(ReviewError::NotReceived) });
    }
    scene.is_consistent().await;
}

both!(a_review_has_its_writers_picture_and_none_once_they_are_suspended, "multi_thread");
async fn a_review_has_its_writers_picture_and_none_once_they_are_suspended(on: On) {
    let scene = Scene::new(on).await;
    let buyer = scene.site.people(1).await.remove(0);
    let event = received(&scene, std::slice::from_ref(&buyer)).await;
    write(&buyer, event, "5", "따뜻해요").await.unwrap();
    let (actor, engine) = (Actor::host(buyer.member), &scene.site.engine);
    engine.accounts.set_picture(&actor, &engine.pictures, Some(png()), Crop::default()).await.unwrap();
    let picture = engine.accounts.own_profile(&actor).await.unwrap().picture.unwrap();
    let shown = async || seen(&scene, event).await.reviews.rows.rows.remove(0).picture;
    let address = format!("/pictures/{picture}/");
    let on_pages = async || {
        let mut pages = Vec::new();
        for path in [format!("/events/{event}/reviews"), format!("/creators/{}/reviews", scene.seller.member)] {
            pages.push(scene.seller.get(&path).await.text().await.unwrap().contains(&address));
        }
        pages
    };
    assert_eq!((shown().await, on_pages().await), (Some(picture), vec![true; 2]));
    let (whom, now) = (buyer.member.to_string(), scene.clock.now());
    engine::administration::suspend(&engine.db, now, &Actor::System, &whom, "도배", None).await.unwrap();
    assert_eq!((shown().await, on_pages().await), (None, vec![false; 2]));
}

both!(reviews_that_may_not_be_are_refused_and_change_nothing, "multi_thread");
async fn reviews_that_may_not_be_are_refused_and_change_nothing(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.site.people(3).await;
    let [buyer, waits, stranger] = [&people[0], &people[1], &people[2]];
    let event = scene.sale(deal(2, 1, None)).await;
    let not_received = refused(ReviewError::NotReceived);
    assert_eq!(write(stranger, event, "5", "사고 싶어요").await, not_received, "nothing was bought");
    scene.press(buyer, event, 1, false).await.unwrap();
    assert_eq!(write(buyer, event, "5", "곧 내요").await, not_received, "it is not paid for");
    scene.buy(buyer, event).await;
    assert_eq!(write(buyer, event, "5", "기대돼요").await, not_received, "it has not arrived");
    arrives(&scene, buyer, event).await;
    assert_eq!(write(waits, event, "5", "남의 것").await, not_received, "another received it");
    assert_eq!(write(&scene.seller, event, "5", "최고예요").await, refused(ReviewError::OwnSale));
    assert_eq!(write(buyer, EventId(uuid::Uuid::nil()), "5", "좋아요").await, Err(Error::NotFound));
    for (stars, text, field, error) in [
        ("", "좋아요", "stars", FieldError::Required),
        ("0", "좋아요", "stars", FieldError::OutOfRange { min: 1, max: 5 }),
        ("6", "좋아요", "stars", FieldError::OutOfRange { min: 1, max: 5 }),
        ("별 다섯", "좋아요", "stars", FieldError::Invalid),
        ("5", "\u{200B}\u{3164}", "text", FieldError::Required),
        ("5", "굿", "text", FieldError::TooShort { min: 2 }),
        ("5", &"가".repeat(1_001), "text", FieldError::TooLong { max: 1_000 }),
    ] {
        assert_eq!(write(buyer, event, stars, text).await, invalid(field, error), "{stars} {text}");
    }
    let folder = scene.site.folder().join("pictures");
    let of = |event: EventId| vec![("event", event.to_string()), ("stars", "5".into()), ("text", "사진이에요".into())];
    let with = async |person: &Person, request: &str, pictures: Vec<Vec<u8>>| {
        let mut fields = of(event);
        fields.push(("request", request.to_owned()));
        let fields: Vec<(&'static str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(person, "write-review", &fields, pictures).await
    };
    let fresh = || request().to_string();
    let picture = png;
    assert_eq!(
        with(buyer, &fresh(), vec![picture(), b"GIF89a no picture".to_vec()]).await,
        invalid("pictures", FieldError::NotAPicture)
    );
    assert_eq!(with(buyer, &fresh(), vec![picture(); 4]).await, invalid("pictures", FieldError::TooLong { max: 3 }));
    assert_eq!(with(stranger, &fresh(), vec![picture()]).await, not_received);
    assert_eq!(files(&folder), Vec::<String>::new(), "no picture of what was refused is kept");
    assert_eq!(with(buyer, "not-an-id", vec![picture()]).await, Err(Error::Malformed));
    assert_eq!(seen(&scene, event).await.reviews.stars.count, 0, "nothing was changed");
    assert!(!notices(&scene, scene.seller.member).await.iter().any(|notice| matches!(notice, Notice::Reviewed { .. })));

    // The same request twice is one, whether one after the other or at once; another is refused.
    let once = fresh();
    let (here, there) = tokio::join!(with(buyer, &once, vec![picture(); 2]), with(buyer, &once, vec![picture(); 2]));
    assert_eq!((here, there), (Ok(()), Ok(())));
    with(buyer, &once, vec![picture()]).await.unwrap();
    assert_eq!(with(buyer, &fresh(), vec![picture()]).await, refused(ReviewError::Reviewed));
    let now = seen(&scene, event).await;
    assert_eq!((now.reviews.stars.count, now.reviews.stars.sum), (1, 5));
    let review = now.reviews.rows.rows[0].clone();
    assert_eq!((review.pictures.len(), files(&folder).len()), (2, 2));
    let shown = client().get(scene.site.url(&review.pictures[0])).send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "image/jpeg");
    // One goes, another comes; what is none of it is not taken.
    let id = review.id.to_string();
    let change = [
        ("review", id.as_str()),
        ("stars", "4"),
        ("text", "사진을 바꿔요"),
        ("kept", review.pictures[1].as_str()),
        ("kept", "/pictures/1/detail.jpg"),
    ];
    send(buyer, "change-review", &change, vec![picture()]).await.unwrap();
    let now = seen(&scene, event).await.reviews.rows.rows[0].clone();
    assert!(now.pictures.len() == 2 && now.pictures[0] == review.pictures[1], "{now:?}");
    assert_eq!(files(&folder).len(), 2, "what it shows no more is gone");
    let four = [("review", id.as_str()), ("stars", "4"), ("text", "너무 많아요"), ("kept", now.pictures[0].as_str())];
    assert_eq!(
        send(buyer, "change-review", &four, vec![picture(); 3]).await,
        invalid("pictures", FieldError::TooLong { max: 3 })
    );
    // Whoever is suspended does nothing any more; what they wrote stays.
    let mut tx = scene.site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = 1 where id = $1").bind(buyer.member).run().await.unwrap();
    tx.commit().await.unwrap();
    let buyer = Person {
        token: scene.site.engine.accounts.sessions.start(buyer.member, "test").await.unwrap(),
        ..buyer.clone()
    };
    assert_eq!(scene.call(&buyer, "delete-review", &[("review", &id)]).await.unwrap_err(), Error::Suspended);
    assert_eq!(seen(&scene, event).await.reviews.stars.count, 1);
    scene.is_consistent().await;
}

both!(a_ticket_is_reviewed_once_its_day_is_over_and_not_when_it_was_given_back, "multi_thread");
async fn a_ticket_is_reviewed_once_its_day_is_over_and_not_when_it_was_given_back(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.site.people(2).await;
    let starts_at = scene.clock.now() + 12 * DAY;
    let event = scene.sale(ticket(starts_at, 0)).await;
    for person in &people {
        assert_eq!(scene.press(person, event, 1, false).await.unwrap().state, EntryState::Paid);
    }
    scene.work().await;
    let id = order(&scene, &people[1], event).await.id.to_string();
    let back = [("order", id.as_str()), ("units", "1"), ("request", "01M807MNGSETC8MZPA7YPV075M")];
    scene.call(&people[1], "give-back", &back).await.unwrap();
    let not_received = refused(ReviewError::NotReceived);
    assert_eq!(write(&people[0], event, "5", "기대돼요").await, not_received, "it is to come");
    // Whose sessions ended by then.
    let late = async |person: &Person| Person {
        token: scene.site.engine.accounts.sessions.start(person.member, "test").await.unwrap(),
        ..person.clone()
    };
    scene.clock.set(starts_at.midnight() + DAY - SECOND);
    assert_eq!(write(&late(&people[0]).await, event, "5", "지금 보고 있어요").await, not_received, "its day goes on");
    scene.clock.set(starts_at.midnight() + DAY);
    write(&late(&people[0]).await, event, "5", "좋은 밤이었어요").await.unwrap();
    assert_eq!(write(&late(&people[1]).await, event, "1", "못 갔어요").await, not_received, "it was given back");
    assert_eq!(seen(&scene, event).await.reviews.stars.count, 1);
}

both!(lists_go_on_newest_and_best_first, "multi_thread");
async fn lists_go_on_newest_and_best_first(on: On) {
    const MANY: usize = 45;
    let scene = Scene::new(on).await;
    let people = scene.site.people(MANY).await;
    let event = scene.sale(deal(MANY as u64, 1, None)).await;
    // As if all of them had received it: how that comes about is tested elsewhere.
    let mut tx = scene.site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    for (rank, person) in (1_i64..).zip(&people) {
        tx.sql(
            "insert into orders (id, event_id, rank, member_id, number, kind, units, price, amount, terms, state, created_at)
             values ($1, $2, $3, $4, $5, 'deal', 1, 1, 1, '{}', 'delivered', 0)",
        )
        .bind(person.member)
        .bind(event)
        .bind(rank)
        .bind(person.member)
        .bind(format!("D260101-9-{rank}"))
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into shipments (order_id, carrier, tracking, shipped_at, delivered_at)
             values ($1, 'own', '', 0, 0)",
        )
        .bind(person.member)
        .run()
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let mut written = Vec::new();
    for (n, person) in people.iter().enumerate() {
        scene.clock.set(scene.clock.now() + SECOND);
        let stars = n * 7 % 5 + 1;
        write(person, event, &stars.to_string(), &format!("{n}번째 후기")).await.unwrap();
        written.push((stars as u8, n));
    }
    let all = async |order: Ordering| {
        let (mut after, mut texts, mut pages) = (None, Vec::new(), 0);
        loop {
            let page = read(&scene, &Actor::Visitor, event, order, after).await.reviews;
            assert_eq!(page.stars.count, MANY as u64);
            texts.extend(page.rows.rows.into_iter().map(|review| (review.stars, review.text)));
            pages += 1;
            after = page.rows.next;
            if after.is_none() {
                assert_eq!(pages, 3);
                return texts;
            }
        }
    };
    let expected = |mut rows: Vec<(u8, usize)>, by: fn(&(u8, usize)) -> (u8, usize)| {
        rows.sort_by_key(|row| std::cmp::Reverse(by(row)));
        rows.into_iter().map(|(stars, n)| (stars, format!("{n}번째 후기"))).collect::<Vec<_>>()
    };
    assert_eq!(all(Ordering::Newest).await, expected(written.clone(), |(_, n)| (0, *n)));
    // Of as many stars those that were written last: an id says when, to the millisecond; requests of this test say nothing.
    let best = all(Ordering::Best).await;
    assert!(best.is_sorted_by(|a, b| a.0 >= b.0), "{best:?}");
    assert_eq!(best.len(), MANY);
    let seller = scene.seller.member;
    for order in [Ordering::Newest, Ordering::Best] {
        let query = ReviewsQuery { order, after: None };
        let of_seller = scene.site.engine.reviews.of_seller(&Actor::Visitor, seller, query).await.unwrap();
        assert_eq!((of_seller.reviews.stars.count, of_seller.reviews.rows.rows.len()), (MANY as u64, 20));
    }
    for page in [format!("/events/{event}/reviews"), format!("/creators/{seller}/reviews")] {
        for (query, status) in
            [("order=best", 200), ("order=x", 200), ("after=x", 404), ("order=best&after=1.2.3", 404)]
        {
            assert_eq!(people[0].get(&format!("{page}?{query}")).await.status(), status, "{page}?{query}");
        }
    }
    assert_eq!(people[0].get(&format!("/creators/{}/reviews", people[0].member)).await.status(), 404, "no creator");
    assert_eq!(engine::check_payments(&scene.site.engine.db).await.unwrap().1, Vec::<String>::new());
}

both!(what_is_reported_is_hidden_and_shown_again_by_admins, "multi_thread");
async fn what_is_reported_is_hidden_and_shown_again_by_admins(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.site.people(3).await;
    let event = received(&scene, &people[..2]).await;
    write(&people[0], event, "1", "차마 못 할 말").await.unwrap();
    write(&people[1], event, "5", "좋아요").await.unwrap();
    let of = async |stars: u8| {
        let rows = seen(&scene, event).await.reviews.rows.rows;
        rows.into_iter().find(|review| review.stars == stars).map(|review| review.id.to_string())
    };
    let id = of(1).await.unwrap();
    let which = [("review", id.as_str())];
    assert_eq!(scene.call(&people[0], "report-review", &which).await.unwrap_err(), Error::Forbidden, "one's own");
    for who in [&people[2], &people[2], &scene.seller] {
        scene.call(who, "report-review", &which).await.unwrap();
    }
    let admin = scene.site.people(1).await.remove(0);
    let mut tx = scene.site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    tx.sql("update members set role = 'admin' where id = $1").bind(admin.member).run().await.unwrap();
    tx.commit().await.unwrap();
    let admin =
        Person { token: scene.site.engine.accounts.sessions.start(admin.member, "test").await.unwrap(), ..admin };
    let listed = async |show: &str| admin.get(&format!("/admin/reviews?show={show}")).await.text().await.unwrap();
    let waiting = listed("").await;
    assert!(waiting.contains("차마 못 할 말") && waiting.contains("신고 2건"), "{waiting}");
    assert!(!waiting.contains("좋아요<"));
    assert_eq!(people[2].get("/admin/reviews").await.status(), 403);
    let act = async |who: &Person, name: &str, reason: &str| {
        scene.call(who, name, &[("review", &id), ("reason", reason)]).await.map(drop)
    };
    assert_eq!(act(&scene.seller, "hide-review", "기분이 나빠요").await, Err(Error::Forbidden));
    assert_eq!(act(&admin, "hide-review", "").await, invalid("reason", FieldError::Required));
    assert_eq!(act(&admin, "restore-review", "오해").await, Err(Error::NotFound), "it is not hidden");
    act(&admin, "hide-review", "욕설").await.unwrap();
    assert_eq!(act(&admin, "hide-review", "욕설").await, refused(ReviewError::Hidden));
    // Nobody sees it but its writer, who cannot change it, nor write another.
    let now = seen(&scene, event).await;
    assert_eq!((now.reviews.stars.count, now.reviews.stars.sum, of(1).await), (1, 5, None));
    for path in
        [format!("/events/{event}"), format!("/events/{event}/reviews"), format!("/creators/{}", scene.seller.member)]
    {
        assert!(!people[2].get(&path).await.text().await.unwrap().contains("차마 못 할 말"), "{path}");
    }
    let page = people[0].get(&format!("/events/{event}/reviews")).await.text().await.unwrap();
    assert!(page.contains("관리자가 가린 후기예요") && page.contains("차마 못 할 말"));
    let change = [("review", id.as_str()), ("stars", "5"), ("text", "고쳐 써요")];
    assert_eq!(send(&people[0], "change-review", &change, vec![]).await, refused(ReviewError::Hidden));
    assert_eq!(write(&people[0], event, "5", "새로 써요").await, refused(ReviewError::Hidden));
    let answer = [("review", id.as_str()), ("answer", "답할게요")];
    assert_eq!(scene.call(&scene.seller, "answer-review", &answer).await.unwrap_err(), ReviewError::Hidden.into());
    assert_eq!(scene.call(&people[2], "report-review", &which).await.unwrap_err(), Error::NotFound);
    assert!(!listed("").await.contains("차마 못 할 말") && listed("hidden").await.contains("차마 못 할 말"));
    act(&admin, "restore-review", "다시 보니 괜찮아요").await.unwrap();
    assert_eq!(seen(&scene, event).await.reviews.stars.count, 2);
    // Each left a row, with who and why.
    type Row = (String, Option<MemberId>, Option<MemberId>, Option<EventId>, String);
    let rows: Vec<Row> = scene
        .site
        .engine
        .db
        .sql("select action, admin_id, member_id, event_id, reason from audit order by action")
        .all()
        .await
        .unwrap();
    let row = |action: &str, reason: &str| {
        (action.to_owned(), Some(admin.member), Some(people[0].member), Some(event), reason.to_owned())
    };
    assert_eq!(rows, [row("hide_review", "욕설"), row("restore_review", "다시 보니 괜찮아요")]);
    // Reported again by somebody else, it is found harmless.
    scene.call(&people[1], "report-review", &which).await.unwrap();
    assert!(listed("").await.contains("신고 1건"));
    scene.call(&admin, "dismiss-review", &which).await.unwrap();
    assert!(!listed("").await.contains("차마 못 할 말"));
    // What is hidden and deleted is neither shown again nor written anew.
    act(&admin, "hide-review", "욕설").await.unwrap();
    scene.call(&people[0], "delete-review", &which).await.unwrap();
    assert!(!listed("hidden").await.contains("차마 못 할 말"));
    assert_eq!(act(&admin, "restore-review", "오해").await, Err(Error::NotFound));
    assert_eq!(write(&people[0], event, "5", "새로 써요").await, refused(ReviewError::Hidden));
    scene.is_consistent().await;
}

both!(a_seller_is_told_of_orders_together_and_when_all_is_sold, "multi_thread");
async fn a_seller_is_told_of_orders_together_and_when_all_is_sold(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.site.people(3).await;
    let event = scene.sale(deal(3, 1, None)).await;
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
        scene.buy(person, event).await;
    }
    let news = async || {
        let told = notices(&scene, scene.seller.member).await;
        let mut news: Vec<SaleNews> = told
            .into_iter()
            .filter_map(|notice| match notice {
                Notice::Sale { news } => Some(news),
                _ => None,
            })
            .collect();
        news.sort_by_key(|news| format!("{news:?}"));
        news
    };
    eventually("they are told of all three", async || {
        scene.work().await;
        let orders = |news: &SaleNews| match news {
            SaleNews::Orders { count } => *count,
            _ => 0,
        };
        let news = news().await;
        news.iter().map(orders).sum::<u64>() == 3 && news.contains(&SaleNews::SoldOut)
    })
    .await;
    assert!(scene.seller.get("/notices").await.text().await.unwrap().contains("건이 들어왔어요"));
    let id = order(&scene, &people[0], event).await.id.to_string();
    let back = [("order", id.as_str()), ("units", "1"), ("request", "01M807MNGSETC8MZPA7YPV075M")];
    scene.call(&people[0], "give-back", &back).await.unwrap();
    eventually("they are told what went back", async || {
        scene.work().await;
        news().await.contains(&SaleNews::GivenBack { count: 1 })
    })
    .await;
    // Their page shows the sale over time, and a table of it; nobody else's does.
    let curves = async || {
        let seller = Actor::host(scene.seller.member);
        scene.site.engine.pages.sale_curves(event, &seller).await.unwrap()
    };
    eventually("what went back is in it", async || {
        curves().await.revenue.last().is_some_and(|(_, won)| *won == 30_000)
    })
    .await;
    let before = curves().await;
    let sum = |curves: &model::sellers::SaleCurves| curves.units.iter().map(|(_, units)| *units).sum::<u64>();
    assert_eq!((sum(&before), before.holds.paid), (3, 3));
    let again = curves().await;
    assert_eq!((&again.units, &again.revenue, &again.line), (&before.units, &before.revenue, &before.line));
    // What was looked at is not what it was for ever: whoever comes now takes the unit that came back.
    let late = scene.site.people(1).await.remove(0);
    eventually("there is one again", async || scene.press(&late, event, 1, false).await.is_ok()).await;
    scene.buy(&late, event).await;
    let after = curves().await;
    assert_eq!((sum(&after), after.holds.paid), (4, 4));
    let page = format!("/creator/events/{event}/sale");
    let shown = scene.seller.get(&page).await.text().await.unwrap();
    for words in ["<svg", "표로 보기", "결제 전환", "100%가 결제했어요"] {
        assert!(shown.contains(words), "{words}");
    }
    assert_eq!(scene.site.creator().await.get(&page).await.status(), 403);
    assert_eq!(people[0].get(&page).await.status(), 403);
}
