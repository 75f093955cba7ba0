use super::*;
use crate::accounts::testing::member;
use model::addresses::FinderKind;
use std::sync::Arc;
use testing::{On, Place, both};
use tokio::task::JoinSet;

const NOW: Time = Time(1_800_000_000_000_000);

struct Scene {
    _place: Place,
    clock: Clock,
    addresses: Addresses,
    members: [MemberId; 2],
}

impl Scene {
    async fn new(on: On) -> Scene {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let clock = Clock::manual(NOW);
        let members = [member(&db, 1).await, member(&db, 2).await];
        let addresses = Addresses::new(db, clock.clone(), Limits::default(), Finder::Included);
        Scene { _place: place, clock, addresses, members }
    }

    fn actor(&self, member: usize) -> Actor {
        Actor::host(self.members[member])
    }

    async fn add(&self, number: u32) -> Result<AddressId, Error> {
        self.addresses.add(&self.actor(0), &at(number), "").await
    }

    /// The floors of a member's addresses, in their order.
    async fn details(&self, member: usize) -> Vec<String> {
        let book = self.addresses.book(&self.actor(member)).await.unwrap();
        book.addresses.into_iter().map(|address| address.delivery.detail).collect()
    }

    /// As a node of before the book saved it.
    async fn saved_before(&self, member: usize, delivery: &Delivery) {
        let mut tx = self.addresses.db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into saved_deliveries (member_id, name, phone, postcode, address, detail, saved_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.members[member])
        .bind(delivery.name.clone())
        .bind(delivery.phone.clone())
        .bind(delivery.postcode.clone())
        .bind(delivery.address.clone())
        .bind(delivery.detail.clone())
        .bind(NOW)
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
}

fn at(floor: u32) -> Delivery {
    Delivery {
        name: "김수달".into(),
        phone: "010-1234-5678".into(),
        postcode: "04524".into(),
        address: "서울 중구 세종대로 110".into(),
        detail: format!("{floor}층"),
    }
}

/// Who receives something that is not sent by parcel.
fn receiver() -> Delivery {
    Delivery { postcode: String::new(), address: String::new(), detail: String::new(), ..at(1) }
}

fn refusal<T>(done: Result<T, Error>) -> model::Error {
    match done {
        Err(Error::Refused(error)) => error,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("nothing was refused"),
    }
}

both!(a_book_has_one_default_and_knows_each_address_once);
async fn a_book_has_one_default_and_knows_each_address_once(on: On) {
    let scene = Scene::new(on).await;
    let (mine, other) = (scene.actor(0), scene.actor(1));
    let mut ids = Vec::new();
    for floor in 1..=3 {
        scene.clock.set(NOW + i64::from(floor) * model::SECOND);
        ids.push(scene.add(floor).await.unwrap());
    }
    assert_eq!(scene.details(0).await, ["1층", "2층", "3층"], "the first is the default");
    // However it is written, one that is there is that one; a note may be added.
    let written = Delivery { phone: "+82 10 1234 5678".into(), name: " 김수달 ".into(), ..at(2) };
    assert_eq!(scene.addresses.add(&mine, &written, "회사").await.unwrap(), ids[1]);
    let book = scene.addresses.book(&mine).await.unwrap();
    assert_eq!((book.addresses.len(), book.addresses[1].note.as_str()), (3, "회사"));
    assert_eq!(book.finder, FinderKind::Included);
    scene.addresses.set_default(&mine, ids[2]).await.unwrap();
    scene.addresses.set_default(&mine, ids[1]).await.unwrap();
    assert_eq!(scene.details(0).await, ["2층", "3층", "1층"]);
    // Without the default the one before is it again.
    scene.addresses.delete(&mine, ids[1]).await.unwrap();
    assert_eq!(scene.details(0).await, ["3층", "1층"]);
    scene.addresses.change(&mine, ids[0], &at(7), "집").await.unwrap();
    assert_eq!(scene.details(0).await, ["3층", "7층"]);
    assert_eq!(scene.addresses.chosen(&mine, ids[0]).await.unwrap(), at(7));
    // Nobody sees, uses or changes another's.
    assert_eq!(scene.details(1).await, [""; 0]);
    let none = model::Error::NotFound;
    assert_eq!(refusal(scene.addresses.change(&other, ids[0], &at(9), "").await), none);
    assert_eq!(refusal(scene.addresses.set_default(&other, ids[0]).await), none);
    assert_eq!(refusal(scene.addresses.delete(&other, ids[0]).await), none);
    assert_eq!(refusal(scene.addresses.delete(&mine, ids[1]).await), none);
    assert!(matches!(refusal(scene.addresses.chosen(&other, ids[0]).await), model::Error::Invalid { .. }));
    assert_eq!(refusal(scene.addresses.book(&Actor::Visitor).await), model::Error::SignedOut);
    // What is wrong changes nothing.
    let wrong = Delivery { postcode: "1234".into(), ..at(7) };
    assert!(matches!(refusal(scene.addresses.change(&mine, ids[0], &wrong, "").await), model::Error::Invalid { .. }));
    assert_eq!(scene.details(0).await, ["3층", "7층"]);
}

both!(there_is_room_for_so_many_and_no_more, "multi_thread");
async fn there_is_room_for_so_many_and_no_more(on: On) {
    let scene = Arc::new(Scene::new(on).await);
    let mut adding = JoinSet::new();
    for floor in 0..MOST_ADDRESSES as u32 + 6 {
        let scene = scene.clone();
        adding.spawn(async move { scene.add(floor).await });
    }
    let done = adding.join_all().await;
    let full = model::Error::from(AddressError::TooManyAddresses);
    let (added, refused): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    assert_eq!((added.len(), refused.len()), (MOST_ADDRESSES, 6));
    assert!(refused.into_iter().all(|refused| refusal(refused) == full));
    assert!(!scene.addresses.book(&scene.actor(0)).await.unwrap().has_room());
    let one = added[0].as_ref().unwrap();
    scene.addresses.delete(&scene.actor(0), *one).await.unwrap();
    scene.add(99).await.unwrap();
}

both!(what_is_given_without_an_address_is_completed_later);
async fn what_is_given_without_an_address_is_completed_later(on: On) {
    let scene = Scene::new(on).await;
    let give = async |delivery: Delivery| {
        let mut tx = scene.addresses.db.begin(Lane::Other).await.unwrap();
        let draft = AddressDraft { delivery, note: String::new() };
        let id = save(&mut tx, scene.members[0], &draft, NOW).await.unwrap();
        tx.commit().await.unwrap();
        id.unwrap()
    };
    let known = async || has_address(&scene.addresses.db, scene.members[0]).await.unwrap();
    let first = give(receiver()).await;
    assert_eq!((give(receiver()).await, known().await), (first, false));
    assert_eq!((give(at(3)).await, known().await), (first, true));
    assert_eq!(scene.details(0).await, ["3층"]);
    // Whoever is known there needs no second entry.
    assert_eq!(give(receiver()).await, first);
    assert_ne!(give(at(4)).await, first);
    // Of the same moment, and so in any order.
    let mut details = scene.details(0).await;
    details.sort();
    assert_eq!(details, ["3층", "4층"]);
}

both!(what_older_nodes_saved_is_taken_over_and_what_is_not_used_goes);
async fn what_older_nodes_saved_is_taken_over_and_what_is_not_used_goes(on: On) {
    let scene = Scene::new(on).await;
    scene.saved_before(0, &at(1)).await;
    scene.saved_before(1, &receiver()).await;
    scene.addresses.erase().await.unwrap();
    assert_eq!((scene.details(0).await, scene.details(1).await), (vec!["1층".to_owned()], vec![String::new()]));
    assert!(!scene.addresses.db.sql("select 1 from saved_deliveries").exists().await.unwrap());
    // Saved there again it is still the same.
    scene.saved_before(0, &at(1)).await;
    scene.addresses.erase().await.unwrap();
    assert_eq!(scene.details(0).await, ["1층"]);
    let id = scene.addresses.book(&scene.actor(0)).await.unwrap().addresses[0].id;
    scene.clock.set(NOW + 60 * DAY);
    scene.addresses.erase().await.unwrap();
    scene.addresses.chosen(&scene.actor(0), id).await.unwrap();
    scene.clock.set(NOW + 91 * DAY);
    scene.addresses.erase().await.unwrap();
    assert_eq!((scene.details(0).await.len(), scene.details(1).await.len()), (1, 0), "one was used meanwhile");
    scene.clock.set(NOW + 151 * DAY);
    scene.addresses.erase().await.unwrap();
    assert_eq!(scene.details(0).await.len(), 0);
}
