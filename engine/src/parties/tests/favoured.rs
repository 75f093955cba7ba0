//! Who favours a market or an item is told of parties there.

use super::*;

both!(whoever_favours_a_market_or_an_item_is_told_of_its_parties_once, "multi_thread");
async fn whoever_favours_a_market_or_an_item_is_told_of_its_parties_once(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, markets, leader, .. } = &scene;
    let people = scene.people(6).await;
    let [of_market, of_item, of_both, far, homeless, later] = &people[..] else { unreachable!() };
    for who in [of_market, of_both, leader] {
        markets.set_favourite_market(who, scene.market, true).await.unwrap();
    }
    for who in [of_item, of_both, far, homeless, leader] {
        markets.set_favourite_item(who, scene.item, true).await.unwrap();
    }
    for (who, latitude) in [(of_item, "37.6"), (of_both, "37.6"), (far, "37.7"), (leader, "37.6")] {
        parties.set_home(who, latitude, "127.0559").await.unwrap();
    }
    scene.party(3, true).await;
    scene.clock.set(NOW + MINUTE);
    markets.set_favourite_market(later, scene.market, true).await.unwrap();
    let notices = crate::notices::Notices::new(scene.db.clone(), scene.clock.clone());
    for _ in 0..2 {
        notices.deliver().await.unwrap();
        for who in [of_market, of_item, of_both] {
            assert_eq!(scene.told(who).await, [PartyNews::Made { market: "한마음마트".into() }], "{:?}", id(who));
        }
        for who in [far, homeless, later, leader] {
            assert_eq!(scene.told(who).await, [], "{:?}", id(who));
        }
    }

    // Many, of whom some came to favour it at the same moment: nobody is left out where one step ends, and nobody is told twice.
    let many = scene.people_from(1_000, 450).await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for (number, who) in many.iter().enumerate() {
        let favour = tx.sql("insert into favourite_items (member_id, item_id, at) values ($1, $2, $3)");
        favour.bind(id(who)).bind(scene.item).bind(NOW.0 - 1_000 + number as i64 / 7).run().await.unwrap();
        let home = tx.sql("insert into homes (member_id, latitude, longitude, at) values ($1, 37.5, 127.0559, 0)");
        home.bind(id(who)).run().await.unwrap();
    }
    tx.commit().await.unwrap();
    scene.party(3, true).await;
    notices.deliver().await.unwrap();
    let told = scene.db.sql("select count(*), count(distinct n.member_id) from notices n join favourite_items f on f.member_id = n.member_id where f.at < $1");
    assert_eq!(told.bind(NOW).one::<(i64, i64)>().await.unwrap(), (450, 450));
}

both!(whoever_makes_a_party_is_not_told_of_it_by_what_they_favour);
async fn whoever_makes_a_party_is_not_told_of_it_by_what_they_favour(on: On) {
    for of_market in [true, false] {
        let scene = Scene::new(on).await;
        let Scene { parties, markets, leader, .. } = &scene;
        let people = scene.people(1).await;
        // One of both alone: by the other a leader could be left out as well.
        for who in [leader, &people[0]] {
            if of_market {
                markets.set_favourite_market(who, scene.market, true).await.unwrap();
            } else {
                markets.set_favourite_item(who, scene.item, true).await.unwrap();
            }
            parties.set_home(who, "37.6", "127.0559").await.unwrap();
        }
        scene.party(3, true).await;
        crate::notices::Notices::new(scene.db.clone(), scene.clock.clone()).deliver().await.unwrap();
        assert_eq!(scene.told(&people[0]).await, [PartyNews::Made { market: "한마음마트".into() }], "{of_market}");
        assert_eq!(scene.told(leader).await, [], "{of_market}");
    }
}
