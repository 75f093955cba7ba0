//! What a party did cost, with its receipt.

use super::*;
use crate::pictures::PictureStore;

both!(what_it_did_cost_is_shown_with_a_receipt);
async fn what_it_did_cost_is_shown_with_a_receipt(on: On) {
    let scene = Scene::new(on).await;
    let (people, folder) = (scene.people(2).await, tempfile::tempdir().unwrap());
    let store = PictureStore::folder(folder.path()).await.unwrap();
    let (parties, leader) = (&scene.parties, &scene.leader);
    let picture = || {
        let mut png = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(40, 30).write_to(&mut png, image::ImageFormat::Png).unwrap();
        Some(png.into_inner())
    };
    let files = || ::testing::files(folder.path()).len();
    let early = scene.party(3, true).await;
    let refused = parties.set_cost(leader, &store, early, "9001", picture()).await;
    assert_eq!(refusal(refused), PartyError::NotDone.into());
    let party = scene.met(&people).await;
    let refused = parties.set_cost(&people[0], &store, party, "9001", picture()).await;
    assert_eq!((refusal(refused), files()), (Refusal::Forbidden, 0), "who may not say it uploads nothing");
    for (cost, receipt, wrong) in [
        ("만원", picture(), vec!["cost"]),
        ("0", None, vec!["cost", "receipt"]),
        ("9,001", None, vec!["receipt"]),
        ("9,001", Some(b"no picture".to_vec()), vec!["receipt"]),
        ("100000001", picture(), vec!["cost"]),
    ] {
        let refused = refusal(parties.set_cost(leader, &store, party, cost, receipt).await);
        let Refusal::Invalid { fields } = refused else { panic!("{cost}: {refused}") };
        assert_eq!(fields.0.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), wrong, "{cost}");
    }
    assert_eq!((files(), refusal(parties.receipt(leader, &store, party).await.map(drop))), (0, Refusal::NotFound));

    parties.set_cost(leader, &store, party, "9,001", picture()).await.unwrap();
    // Mended without another picture.
    parties.set_cost(leader, &store, party, "9,002", None).await.unwrap();
    let seen = parties.view(&people[0], party).await.unwrap();
    assert_eq!((seen.cost, seen.cost_each), (Some(9_002), Some(3_000)));
    for member in people.iter().chain([leader]) {
        assert!(parties.receipt(member, &store, party).await.is_ok());
    }
    // Another picture with another price: where one of the two is not written, both are those of before.
    let shown = async || {
        let picture = parties.receipt(leader, &store, party).await.unwrap();
        let bytes: Vec<_> = futures::TryStreamExt::try_collect(picture.bytes).await.unwrap();
        (parties.view(leader, party).await.unwrap().cost.unwrap(), bytes.concat())
    };
    let other = || {
        let mut png = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(60, 50).write_to(&mut png, image::ImageFormat::Png).unwrap();
        Some(png.into_inner())
    };
    let before = shown().await;
    let refused = parties.set_cost(leader, &store, party, "8,000", Some(b"no picture".to_vec())).await;
    assert!(matches!(refusal(refused), Refusal::Invalid { .. }));
    assert_eq!(shown().await, before);
    while parties.limits.parties(id(leader)).await.is_ok() {}
    let refused = refusal(parties.set_cost(leader, &store, party, "8,000", other()).await);
    assert!(matches!(refused, Refusal::TooMany { .. }), "{refused}");
    assert_eq!((shown().await, files()), (before.clone(), 2), "the picture was taken, the price was not");
    let fresh = Parties { limits: Limits::default(), ..parties.clone() };
    fresh.set_cost(leader, &store, party, "8,000", other()).await.unwrap();
    let after = shown().await;
    assert!(after.0 == 8_000 && after.1 != before.1);
    // Of two who share it one did not come.
    let absent = Action::Attended { member: id(&people[1]), came: false };
    fresh.act(leader, party, &absent).await.unwrap();
    let stranger = Actor::host(member(&scene.db, 7).await);
    let lines = async |reader: &Actor| {
        let view = parties.view(reader, party).await.unwrap();
        view.members.iter().map(|line| (line.amount, line.came)).collect::<Vec<_>>()
    };
    let planned = [(3_334, None), (3_333, None), (3_333, None)];
    assert_eq!((lines(&stranger).await, lines(&Actor::Visitor).await), (planned.to_vec(), planned.to_vec()));
    assert_eq!(lines(leader).await, [(4_000, None), (4_000, None), (0, Some(false))]);
    assert_eq!(refusal(parties.receipt(&stranger, &store, party).await.map(drop)), Refusal::NotFound);
    assert_eq!(refusal(parties.receipt(&Actor::Visitor, &store, party).await.map(drop)), Refusal::SignedOut);
    let seen = parties.view(&stranger, party).await.unwrap();
    assert_eq!((seen.cost, seen.cost_each), (None, None));
}
