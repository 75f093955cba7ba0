use super::{suggestions::SUGGESTED, *};
use model::{Error as Refusal, FieldError, markets::distance};
use testing::{On, Place, both};

const NOW: Time = Time(1_795_604_400_000_000);

struct Scene {
    _place: Place,
    db: Db,
    markets: Markets,
    member: Actor,
}

impl Scene {
    async fn new(on: On) -> Scene {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let member = crate::parties::testing::member(&db, 1).await;
        let markets = Markets::new(db.clone(), Clock::manual(NOW), Limits::default(), None, Geocoder::Included);
        Scene { _place: place, db, markets, member: Actor::host(member) }
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.db.sql(sql).one::<(i64,)>().await.unwrap().0
    }
}

const TYPED: [&str; 5] = ["한마음마트", "hypermarket", "서울 성동구 성수이로 1", "37.5446", "127.0559"];

both!(a_market_is_added_once);
async fn a_market_is_added_once(on: On) {
    let scene = Scene::new(on).await;
    let id = scene.markets.add(&scene.member, TYPED).await.unwrap();
    let again = ["한마음 마트 ", "other", "서울 성동구  성수이로 1", "0", "0"];
    assert_eq!(scene.markets.add(&scene.member, again).await.unwrap(), id);
    let market = scene.markets.market(id).await.unwrap();
    assert_eq!((market.kind, market.at.latitude, market.demonstration), (MarketKind::Hypermarket, 37.5446, false));
    let wrong = ["한마음마트", "hypermarket", "서울", "90.1", "127"];
    let refused = scene.markets.add(&scene.member, wrong).await.unwrap_err().public();
    assert!(matches!(refused, Refusal::Invalid { fields } if fields.of("latitude").is_some() && fields.0.len() == 1));
    let refused = scene.markets.add(&Actor::Visitor, TYPED).await.unwrap_err().public();
    assert_eq!(refused, Refusal::SignedOut);
    assert_eq!(scene.count("select count(*) from markets").await, 1);
}

both!(a_market_that_is_hidden_is_not_found_and_an_item_is_corrected);
async fn a_market_that_is_hidden_is_not_found_and_an_item_is_corrected(on: On) {
    let (scene, admin) = (Scene::new(on).await, Actor::System);
    let id = scene.markets.add(&scene.member, TYPED).await.unwrap();
    let at = scene.markets.market(id).await.unwrap().at;
    let near = async || scene.markets.near(at, 1, 10).await.unwrap().len();
    let hide = async |actor: &Actor, hidden: bool, reason: &str| {
        scene.markets.set_hidden(actor, id, hidden, reason).await.map_err(Error::public)
    };
    assert_eq!(hide(&scene.member, true, "없어진 곳").await, Err(Refusal::Forbidden));
    assert!(matches!(hide(&admin, true, "").await, Err(Refusal::Invalid { .. })));
    assert_eq!(near().await, 1);
    for _ in 0..2 {
        hide(&admin, true, "없어진 곳").await.unwrap();
    }
    assert_eq!(near().await, 0);
    let marked = scene.markets.set_favourite_market(&scene.member, id, true).await.unwrap_err().public();
    assert_eq!(marked, Refusal::NotFound);
    assert_eq!(scene.markets.market(id).await.unwrap_err().public(), Refusal::NotFound);
    let again = scene.markets.add(&scene.member, TYPED).await.unwrap_err().public();
    assert_eq!(again, Refusal::from(MarketError::Hidden));
    let listed = scene.markets.newest(&admin, None).await.unwrap().rows;
    assert!(listed.len() == 1 && listed[0].1, "admins see that it is hidden");
    hide(&admin, false, "다시 열었음").await.unwrap();
    assert_eq!(near().await, 1);

    scene.markets.import_items(&admin, "분류,이름\n정육,삼겹살\n정육,목살\n".as_bytes()).await.unwrap();
    let meat = scene.markets.suggest("삼겹").await.unwrap().remove(0);
    let correct = async |actor: &Actor, typed: [&str; 2], reason: &str| {
        scene.markets.correct_item(actor, meat.id, typed, reason).await.map_err(Error::public)
    };
    assert_eq!(correct(&scene.member, ["meat", "오겹살"], "오타").await, Err(Refusal::Forbidden));
    for (typed, reason, wrong) in [
        (["meat", ""], "오타", "name"),
        (["x", "오겹살"], "오타", "category"),
        (["meat", "목 살"], "오타", "name"),
        (["meat", "오겹살"], "", "reason"),
    ] {
        let refused = correct(&admin, typed, reason).await;
        assert!(matches!(refused, Err(Refusal::Invalid { fields }) if fields.of(wrong).is_some()), "{wrong}");
    }
    correct(&admin, ["meat", "오겹살"], "오타").await.unwrap();
    let found = async |typed: &str| scene.markets.suggest(typed).await.unwrap().len();
    assert_eq!((found("삼겹").await, found("오겹").await, found("ㅇㄱㅅ").await), (0, 1, 1));
    let newest = scene.markets.items(&admin, "", None).await.unwrap().rows;
    assert!(newest.len() == 2 && newest.iter().any(|item| item.name == "오겹살"));
    let done = scene.db.sql("select action from audit order by action").all::<(String,)>().await.unwrap();
    let done: Vec<_> = done.iter().map(|(action,)| action.as_str()).collect();
    assert_eq!(done, ["correct_item", "hide_market", "import_list", "show_market"], "each once");
}

both!(lists_are_taken_whole_or_not_at_all);
async fn lists_are_taken_whole_or_not_at_all(on: On) {
    let scene = Scene::new(on).await;
    let admin = Actor::System;
    let list = "이름,종류,주소,위도,경도\n가,기타,나,37.5,127\n다,기타,라,95,127\n";
    let refused = scene.markets.import_markets(&admin, list.as_bytes()).await.unwrap_err().public();
    let Refusal::Invalid { fields } = refused else { panic!("{refused}") };
    assert_eq!(fields.0, [("csv:3:latitude".to_owned(), FieldError::OutOfRange { min: -90, max: 90 })]);
    assert_eq!(scene.count("select count(*) from markets").await, 0, "nothing half-imported");
    let refused = scene.markets.import_items(&scene.member, b"category,name\nmeat,x\n").await.unwrap_err().public();
    assert_eq!(refused, Refusal::Forbidden);
    // In either encoding a line that is in neither is named, and those before it are not taken.
    let good = "이름,종류,주소,위도,경도\n가,기타,나,37.5,127\n";
    for good in [good.as_bytes().to_vec(), encoding_rs::EUC_KR.encode(good).0.into_owned()] {
        let broken = [good.as_slice(), b"\xFF,x,y,36,127\n"].concat();
        let refused = scene.markets.import_markets(&admin, &broken).await.unwrap_err().public();
        let Refusal::Invalid { fields } = refused else { panic!("{refused}") };
        assert_eq!(fields.0, [("csv:3".to_owned(), FieldError::Invalid)]);
    }
    assert_eq!(scene.count("select count(*) from markets").await, 0);

    let list = list.replace("95", "36");
    assert_eq!(scene.markets.import_markets(&admin, list.as_bytes()).await.unwrap(), 2);
    // Brought again, with another place: the same markets, which moved.
    let list = list.replace("37.5", "35");
    assert_eq!(scene.markets.import_markets(&admin, list.as_bytes()).await.unwrap(), 2);
    assert_eq!(scene.count("select count(*) from markets").await, 2);
    let near = scene.markets.near(Coordinates { latitude: 35.0, longitude: 127.0 }, 1, 10).await.unwrap();
    assert_eq!(near.iter().map(|(market, away)| (market.name.as_str(), *away)).collect::<Vec<_>>(), [("가", 0)]);
    let items = "분류,품목\n정육,삼겹살\n";
    let refused = scene.markets.import_items(&admin, items.as_bytes()).await.unwrap_err().public();
    assert!(matches!(refused, Refusal::Invalid { fields } if fields.of("csv:1:name").is_some()));
}

both!(items_are_found_by_their_beginning_or_initials);
async fn items_are_found_by_their_beginning_or_initials(on: On) {
    let scene = Scene::new(on).await;
    scene
        .markets
        .demonstrate(include_bytes!("../demo/lists/markets.csv"), include_bytes!("../demo/lists/items.csv"))
        .await
        .unwrap();
    assert!(scene.count("select count(*) from markets where demonstration").await >= 60);
    assert!(scene.count("select count(*) from items").await >= 300);
    let names = async |typed: &str| -> Vec<String> {
        scene.markets.suggest(typed).await.unwrap().into_iter().map(|item| item.name).collect()
    };
    assert_eq!(names("올리브유").await, ["올리브유 5L"]);
    assert_eq!(names(" 올 리브").await, ["올리브유 5L", "올리브 통조림 여섯 캔"]);
    assert_eq!(names("ㅇㄹㅂㅇ").await, ["올리브유 5L"]);
    assert!(names("ㅅ").await.contains(&"사과 10kg".to_owned()));
    assert_eq!(names("ㅅ").await.len() as i64, SUGGESTED);
    for nothing in ["", " ", "\u{200B}", "없는 것", "%", "ㅎㅎㅎㅎ"] {
        assert_eq!(names(nothing).await, [""; 0], "{nothing}");
    }
}

both!(what_is_remembered_of_items_is_no_older_than_a_minute);
async fn what_is_remembered_of_items_is_no_older_than_a_minute(on: On) {
    let scene = Scene::new(on).await;
    let (markets, clock) = (&scene.markets, scene.markets.clock.clone());
    let import = async |name: &str| {
        markets.import_items(&Actor::System, format!("category,name\nmeat,{name}\n").as_bytes()).await.unwrap()
    };
    let found = async |typed: &str| markets.suggest(typed).await.unwrap().len();
    import("삼겹살 1kg").await;
    assert_eq!((found("삼겹").await, found("ㅅㄱ").await), (1, 1));
    // What this node imports is there at once, also what was asked for before.
    import("삼겹살 2kg").await;
    assert_eq!((found("삼겹").await, found("ㅅㄱ").await, found(" 삼 겹").await), (2, 2, 2));
    // What another does, a minute later.
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    let elsewhere = ItemDraft { category: ItemCategory::Meat, name: "삼겹살 3kg".into() };
    write_item(&mut tx, &elsewhere, NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((found("삼겹").await, found("삼겹살 3").await), (2, 1), "it is not looked for again");
    clock.set(NOW + model::MINUTE - model::MICROSECOND);
    assert_eq!(found("삼겹").await, 2);
    clock.set(NOW + model::MINUTE);
    assert_eq!(found("삼겹").await, 3);
}

both!(what_is_marked_is_listed_until_it_is_not);
async fn what_is_marked_is_listed_until_it_is_not(on: On) {
    let scene = Scene::new(on).await;
    let Scene { markets, member, .. } = &scene;
    let id = markets.add(member, TYPED).await.unwrap();
    markets.import_items(&Actor::System, "category,name\nmeat,삼겹살\n".as_bytes()).await.unwrap();
    let item = markets.suggest("삼겹").await.unwrap()[0].id;
    for _ in 0..2 {
        markets.set_favourite_market(member, id, true).await.unwrap();
        markets.set_favourite_item(member, item, true).await.unwrap();
        let favourites = markets.favourites(member).await.unwrap();
        assert_eq!((favourites.markets.len(), favourites.items.len(), favourites.items[0].id), (1, 1, item));
    }
    let other = Actor::host(crate::parties::testing::member(&scene.db, 2).await);
    assert_eq!(markets.favourites(&other).await.unwrap(), model::Favourites::default());
    let nowhere = MarketId(uuid::Uuid::nil());
    let refused = markets.set_favourite_market(member, nowhere, true).await.unwrap_err().public();
    assert_eq!(refused, Refusal::NotFound);
    markets.set_favourite_market(member, id, false).await.unwrap();
    markets.set_favourite_item(member, item, false).await.unwrap();
    assert_eq!(markets.favourites(member).await.unwrap(), model::Favourites::default());
}

both!(near_markets_come_first);
async fn near_markets_come_first(on: On) {
    let scene = Scene::new(on).await;
    scene.markets.demonstrate(include_bytes!("../demo/lists/markets.csv"), b"category,name\nmeat,x\n").await.unwrap();
    let home = Coordinates { latitude: 37.5446, longitude: 127.0559 };
    let near = scene.markets.near(home, 10, 5).await.unwrap();
    assert_eq!((near.len(), near[0].0.name.as_str()), (5, "한마음마트 성수점"));
    let away: Vec<_> = near.iter().map(|(market, _)| distance(home, market.at)).collect();
    assert!(away.is_sorted() && away.iter().all(|away| *away <= 10_000.0));
}

both!(a_market_is_added_by_its_address_or_a_point);
async fn a_market_is_added_by_its_address_or_a_point(on: On) {
    let scene = Scene::new(on).await;
    let Scene { markets, member, .. } = &scene;
    let add = async |name: &str, address: &str, latitude: &str, longitude: &str| {
        markets.add(member, [name, "hypermarket", address, latitude, longitude]).await
    };
    let refused = |done: Result<MarketId, Error>| done.unwrap_err().public();
    // An address that is known; of one that is not, the district alone is, and that is not enough.
    let id = add("우리마트", "서울특별시 성동구 성수이로 118", "", " ").await.unwrap();
    let at = markets.market(id).await.unwrap().at;
    assert_eq!((at.latitude, at.longitude), (37.5461, 127.0583));
    let unclear = Refusal::from(MarketError::Unclear);
    assert_eq!(refused(add("우리마트", "서울 성동구 없는로 9", "", "").await), unclear);
    assert_eq!(refused(add("우리마트", "달나라", "", "").await), unclear);
    assert_eq!(markets.locate(member, "서울 성동구 없는로 9").await.unwrap().address, "서울 성동구");
    assert!(markets.locate(&Actor::Visitor, "서울 성동구").await.is_err());
    for (latitude, longitude, field) in [("37.5", "", "longitude"), ("91", "127", "latitude"), ("x", "127", "latitude")]
    {
        let refused = refused(add("우리마트", "서울 성동구", latitude, longitude).await);
        assert!(matches!(refused, Refusal::Invalid { fields } if fields.of(field).is_some()), "{latitude} {longitude}");
    }
    // The same shop again, written otherwise, a few steps away; another shop there; the same name elsewhere.
    let near = Refusal::from(MarketError::Near);
    assert_eq!(refused(add("우리 마트 성수점", "서울 성동구 성수이로 120", "37.5465", "127.0583").await), near);
    assert_eq!(refused(add("우리", "서울 성동구 성수이로 120", "37.5465", "127.0583").await), near);
    add("다른마트", "서울 성동구 성수이로 120", "37.5465", "127.0583").await.unwrap();
    add("우리마트", "서울 광진구 능동로 1", "37.5400", "127.0700").await.unwrap();
    assert_eq!(scene.count("select count(*) from markets").await, 3);
    assert_eq!(scene.count("select count(*) from markets where added_by is not null").await, 3);
}

both!(a_member_adds_five_markets_a_day, "multi_thread");
async fn a_member_adds_five_markets_a_day(on: On) {
    let scene = Scene::new(on).await;
    let (markets, member, clock) = (&scene.markets, &scene.member, scene.markets.clock.clone());
    let add = async |number: usize| {
        let (name, latitude) = (format!("마켓 {number}"), format!("{}", 35.0 + number as f64 / 10.0));
        markets.add(member, [&name, "other", &name, &latitude, "127"]).await
    };
    // However many at once.
    let added = futures::future::join_all((0..12).map(add)).await;
    let refused: Vec<_> = added.into_iter().filter_map(Result::err).map(Error::public).collect();
    assert_eq!(refused, vec![Refusal::from(MarketError::EnoughToday); 7]);
    assert_eq!(scene.count("select count(*) from markets").await, 5);
    clock.set(NOW + DAY);
    add(20).await.unwrap();
}

both!(the_catalogue_is_asked_once_a_week);
async fn the_catalogue_is_asked_once_a_week(on: On) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let place = Place::new(on);
    let (db, clock) = (Db::at(&place).await, Clock::manual(NOW));
    // One that has nothing, and counts how often it is asked.
    let service = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = service.local_addr().unwrap();
    let asked = std::sync::Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = service.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4_096];
            assert!(stream.read(&mut request).await.is_ok_and(|read| read > 0));
            let nothing = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(nothing).await.unwrap();
        }
    });
    let catalogue =
        Catalogue::new(&format!("http://{address}/{{key}}/{{start}}/{{end}}"), "key", "NAME", "KIND").unwrap();
    let markets = Markets::new(db.clone(), clock.clone(), Limits::default(), Some(catalogue), Geocoder::Included);
    let asks = async || {
        let _ = markets.import_weekly().await;
        asked.load(Ordering::SeqCst)
    };
    assert_eq!((asks().await, asks().await), (1, 2), "as long as it is not done");
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql("insert into imports (name, source, started_at, rows_there, ended_at) values ('items', '', $1, 0, $1)")
        .bind(NOW)
        .run()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for (later, expected) in [(model::Span::ZERO, 2), (4 * DAY, 2), (7 * DAY, 3)] {
        clock.set(NOW + later);
        assert_eq!(asks().await, expected);
    }
}
