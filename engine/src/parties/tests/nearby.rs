//! Where parties are: what is found around a place, and markets that move or are one.

use super::*;
use model::{
    markets::distance,
    parties::{NearbyQuery, RADII},
};
use std::collections::BTreeSet;

/// Somewhere difficult, or in Korea.
fn somewhere(random: &mut StdRng) -> Coordinates {
    let (latitude, longitude) = match random.random_range(0..5) {
        0 => (random.random_range(89.85..=90.0), random.random_range(-180.0..=180.0)),
        1 => (random.random_range(-90.0..=-89.85), random.random_range(-180.0..=180.0)),
        2 => (random.random_range(-0.15..=0.15), 180.0 - random.random_range(0.0..=0.15)),
        3 => (random.random_range(-0.15..=0.15), -180.0 + random.random_range(0.0..=0.15)),
        _ => (random.random_range(37.45..=37.65), random.random_range(126.9..=127.2)),
    };
    Coordinates { latitude, longitude }
}

both!(nearby_is_what_looking_at_every_party_finds);
async fn nearby_is_what_looking_at_every_party_finds(on: On) {
    let scene = Scene::new(on).await;
    let mut random = StdRng::seed_from_u64(59);
    let mut all = Vec::new();
    let list: String = (0..400)
        .map(|number| {
            let Coordinates { latitude, longitude } = somewhere(&mut random);
            format!("{number},other,{number},{latitude},{longitude}\n")
        })
        .collect();
    scene
        .markets
        .import_markets(&Actor::System, format!("name,kind,address,latitude,longitude\n{list}").as_bytes())
        .await
        .unwrap();
    let markets: Vec<(MarketId, f64, f64)> =
        scene.db.sql("select id, latitude, longitude from markets order by key").all().await.unwrap();
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for (number, (market, latitude, longitude)) in markets.into_iter().enumerate() {
        // Some are over, some have begun.
        let meets = match number % 10 {
            0 => Meeting { from: NOW - HOUR, to: NOW + HOUR },
            _ => Meeting { from: NOW + HOUR, to: NOW + 2 * HOUR },
        };
        let draft = PartyDraft { market, meets, ..scene.draft(4, true) };
        let mut party = Party::new(id(&scene.leader), &draft);
        if number % 10 == 1 {
            party.state = PartyState::Cancelled;
        }
        let made = PartyId(Uuid::from_u128(1 + number as u128));
        store::insert(&mut tx, made, request(), &party, &draft, NOW).await.unwrap();
        if number % 10 > 1 {
            all.push((made, Coordinates { latitude, longitude }));
        }
    }
    tx.commit().await.unwrap();
    let mut found = 0;
    for round in 0..80 {
        let (around, km) = (somewhere(&mut random), RADII[round % 4]);
        let mut expected: Vec<_> = all
            .iter()
            .map(|(party, at)| ((distance(around, *at) * 1_000.0).round() as u64, *party))
            .filter(|(away, _)| *away <= u64::from(km) * 1_000_000)
            .collect();
        expected.sort();
        let mut query = NearbyQuery::around(around, km).unwrap();
        let mut cards = Vec::new();
        loop {
            let nearby = scene.parties.nearby(query.clone()).await.unwrap();
            assert_eq!(nearby.total, expected.len() as u64, "{around:?} {km}");
            assert!(nearby.dots.len() == expected.len().min(200));
            cards.extend(nearby.cards.rows);
            match nearby.cards.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        let cards: Vec<_> = cards.iter().map(|card| (card.metres, card.id)).collect();
        let expected: Vec<_> = expected.iter().map(|(away, party)| (Some((away / 1_000) as u32), *party)).collect();
        assert_eq!(cards, expected, "{around:?} {km}");
        found += expected.len();
    }
    assert!(found > 500, "{found}");
}

both!(of_a_crowded_place_those_that_meet_first_are_found);
async fn of_a_crowded_place_those_that_meet_first_are_found(on: On) {
    let scene = Scene::new(on).await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for number in 0..300 {
        // The last made meet first.
        let from = NOW + HOUR + (300 - number) * MINUTE;
        let draft = PartyDraft { meets: Meeting { from, to: from + HOUR }, ..scene.draft(4, true) };
        let party = Party::new(id(&scene.leader), &draft);
        let made = PartyId(Uuid::from_u128(1 + number as u128));
        store::insert(&mut tx, made, request(), &party, &draft, NOW).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut query = NearbyQuery::around(HOME, 1).unwrap();
    let mut found = BTreeSet::new();
    loop {
        let nearby = scene.parties.nearby(query.clone()).await.unwrap();
        assert_eq!((nearby.total, nearby.dots.len()), (250, 200));
        found.extend(nearby.cards.rows.iter().map(|card| card.id.0.as_u128()));
        match nearby.cards.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    assert_eq!(found, (51..=300).collect());
}

both!(lists_are_filtered_and_follow_a_market_that_moves);
async fn lists_are_filtered_and_follow_a_market_that_moves(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(1).await;
    let (full, open) = (scene.party(2, true).await, scene.party(3, true).await);
    scene.act(&people[0], full, ASK).await.unwrap();
    let found = async |change: &dyn Fn(&mut NearbyQuery)| {
        let mut query = NearbyQuery::around(HOME, 1).unwrap();
        change(&mut query);
        let nearby = scene.parties.nearby(query).await.unwrap();
        nearby.cards.rows.into_iter().map(|card| card.id).collect::<BTreeSet<_>>()
    };
    assert_eq!(found(&|_| {}).await, BTreeSet::from([full, open]));
    assert_eq!(found(&|query| query.open = true).await, BTreeSet::from([open]));
    assert_eq!(found(&|query| query.item = Some(scene.item)).await.len(), 2);
    assert_eq!(found(&|query| query.item = Some(ItemId(Uuid::nil()))).await.len(), 0);
    assert_eq!(found(&|query| query.category = Some(model::ItemCategory::Sauces)).await.len(), 2);
    assert_eq!(found(&|query| query.category = Some(model::ItemCategory::Meat)).await.len(), 0);
    assert_eq!(found(&|query| query.market = Some(scene.market)).await.len(), 2);
    assert!(NearbyQuery::around(HOME, 2).is_err());
    let moved = "이름,종류,주소,위도,경도\n한마음마트,hypermarket,서울 성동구 성수이로 1,35.1,129\n";
    scene.markets.import_markets(&Actor::System, moved.as_bytes()).await.unwrap();
    assert_eq!(found(&|_| {}).await.len(), 0);
    let there = Coordinates { latitude: 35.1, longitude: 129.0 };
    assert_eq!(found(&|query| query.around = there).await.len(), 2);
}

both!(an_admin_corrects_a_market_and_merges_those_that_are_one, "multi_thread");
async fn an_admin_corrects_a_market_and_merges_those_that_are_one(on: On) {
    let scene = Scene::new(on).await;
    let (markets, admin, market) = (&scene.markets, Actor::System, scene.market);
    let (party, people) = (scene.party(3, true).await, scene.people(2).await);
    let list = "이름,종류,주소,위도,경도\n한마음 마트 성수,hypermarket,서울 성동구 성수이로 3,37.5447,127.056\n";
    markets.import_markets(&admin, list.as_bytes()).await.unwrap();
    let (_, others) = markets.to_correct(&admin, market).await.unwrap();
    let [other] = &others[..] else { panic!("{others:?}") };
    let found = async |around: Coordinates| {
        let nearby = scene.parties.nearby(NearbyQuery::around(around, 1).unwrap()).await.unwrap();
        nearby.cards.rows.into_iter().map(|card| card.id).collect::<Vec<_>>()
    };
    let everything = async || {
        let rows = scene.db.sql("select id, name, address from markets order by id");
        let rows: Vec<(MarketId, String, String)> = rows.all().await.unwrap();
        let audit =
            scene.db.sql("select action, market_id, reason from audit where market_id is not null order by at, action");
        let audit: Vec<(String, Option<MarketId>, String)> = audit.all().await.unwrap();
        (rows, audit)
    };

    // What may not be is refused, and changes nothing.
    let before = everything().await;
    let typed = ["한마음마트", "other", "부산 어딘가 1", "35.1", "129"];
    let correct =
        async |id: MarketId, typed: [&str; 5], reason: &str| refusal(markets.correct(&admin, id, typed, reason).await);
    let fields = |refused: Refusal| match refused {
        Refusal::Invalid { fields } => fields.0.into_iter().map(|(field, _)| field).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        fields(correct(market, ["", "궁궐", "부산", "91", "129"], "").await),
        ["name", "kind", "latitude", "reason"]
    );
    let same = [other.name.as_str(), "other", other.address.as_str(), "37.5", "127"];
    assert_eq!(fields(correct(market, same, "같은 이름").await), ["name"], "another is called so, and is there");
    assert_eq!(correct(MarketId(Uuid::nil()), typed, "오타").await, Refusal::NotFound);
    let member = &people[0];
    assert_eq!(refusal(markets.correct(member, market, typed, "오타").await), Refusal::Forbidden);
    assert_eq!(refusal(markets.merge(member, market, other.id, "같은 곳").await), Refusal::Forbidden);
    assert_eq!(refusal(markets.to_correct(member, market).await), Refusal::Forbidden);
    assert_eq!(fields(refusal(markets.merge(&admin, market, market, "같은 곳").await)), ["into"]);
    assert_eq!(fields(refusal(markets.merge(&admin, market, other.id, " ").await)), ["reason"]);
    assert_eq!(refusal(markets.merge(&admin, market, MarketId(Uuid::nil()), "같은 곳").await), Refusal::NotFound);
    assert_eq!(everything().await, before);

    // Corrected, its parties are where it is.
    markets.correct(&admin, market, typed, "옮겼어요").await.unwrap();
    let there = Coordinates { latitude: 35.1, longitude: 129.0 };
    assert_eq!((found(HOME).await, found(there).await), (vec![], vec![party]));
    assert_eq!(markets.market(market).await.unwrap().address, "부산 어딘가 1");

    // Of two who say it the other way round at once one is second; what belonged to the one that is gone is the other's.
    for (who, market) in [(&people[0], market), (&people[1], market), (&people[1], other.id)] {
        markets.set_favourite_market(who, market, true).await.unwrap();
    }
    let merged = tokio::join!(
        markets.merge(&admin, market, other.id, "같은 곳"),
        markets.merge(&admin, other.id, market, "같은 곳")
    );
    let (gone, kept) = match merged {
        (Ok(()), Err(Error::Refused(Refusal::NotFound))) => (market, other.id),
        (Err(Error::Refused(Refusal::NotFound)), Ok(())) => (other.id, market),
        other => panic!("{other:?}"),
    };
    assert_eq!(refusal(markets.market(gone).await), Refusal::NotFound);
    let at = markets.market(kept).await.unwrap().at;
    assert_eq!(found(at).await, [party]);
    let favourites: Vec<(MarketId, i64)> =
        scene.db.sql("select market_id, count(*) from favourite_markets group by market_id").all().await.unwrap();
    assert_eq!(favourites, [(kept, 2)]);
    let (_, audit) = everything().await;
    let rows: Vec<_> = audit.iter().map(|(action, market, _)| (action.as_str(), *market)).collect();
    assert_eq!(rows, [("correct_market", Some(market)), ("merge_market", Some(gone))]);
}

both!(homes_are_kept_and_forgotten);
async fn homes_are_kept_and_forgotten(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, leader, .. } = &scene;
    assert_eq!(parties.home(leader).await.unwrap(), None);
    parties.set_home(leader, "37.5446", "127.0559").await.unwrap();
    parties.set_home(leader, "-90", "180").await.unwrap();
    assert_eq!(parties.home(leader).await.unwrap(), Some(Coordinates { latitude: -90.0, longitude: 180.0 }));
    for (latitude, longitude, field) in [("90.1", "0", "latitude"), ("0", "-180.5", "longitude"), ("", "0", "latitude")]
    {
        let refused = refusal(parties.set_home(leader, latitude, longitude).await);
        assert!(matches!(&refused, Refusal::Invalid { fields } if fields.of(field).is_some()), "{refused}");
    }
    assert_eq!(refusal(parties.set_home(&Actor::Visitor, "0", "0").await), Refusal::SignedOut);
    // A party is so far from one's own home, and from nobody else's.
    let party = scene.party(3, true).await;
    parties.set_home(leader, "37.5536", "127.0559").await.unwrap();
    let metres = async |who: &Actor| parties.view(who, party).await.unwrap().card.metres;
    assert!(metres(leader).await.is_some_and(|metres| (950..1_050).contains(&metres)));
    assert_eq!(metres(&Actor::Visitor).await, None);
    parties.set_home(leader, "", "").await.unwrap();
    assert_eq!(parties.home(leader).await.unwrap(), None);
}
