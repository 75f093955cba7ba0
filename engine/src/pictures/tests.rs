//! What every place promises, and what a bucket alone must be told.

use super::{AT_ONCE, Bucket, MAX_KEPT, NOWHERE, PictureStore, Pictures, SIZES, Sweeper, path};
use crate::{
    Error, accounts,
    clock::Clock,
    db::{Db, Lane},
};
use futures::{StreamExt, TryStreamExt};
use image::{DynamicImage, ImageFormat};
use model::{Crop, DAY, MICROSECOND, PictureId, Time};
use std::{
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use tempfile::TempDir;
use testing::{BUCKET, S3, files};
use tracing::{Event, Level, Metadata, Subscriber, span};
use uuid::Uuid;

/// A store and what is in it.
struct Kept {
    store: PictureStore,
    folder: TempDir,
    s3: Option<S3>,
}

impl Kept {
    async fn in_folder() -> Kept {
        let folder = tempfile::tempdir().unwrap();
        let store = PictureStore::folder(&folder.path().join("pictures")).await.unwrap();
        Kept { store, folder, s3: None }
    }

    async fn in_bucket(bucket: &str) -> Kept {
        let s3 = S3::start().await;
        let store = PictureStore::bucket(&bucket.parse().unwrap(), s3.settings()).await.unwrap();
        Kept { store, folder: tempfile::tempdir().unwrap(), s3: Some(s3) }
    }

    fn names(&self) -> Vec<String> {
        match &self.s3 {
            Some(s3) => s3.names(),
            None => files(&self.folder.path().join("pictures")),
        }
    }
}

fn png() -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(40, 30).write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

fn id(address: Option<&String>) -> PictureId {
    address.unwrap().split('/').nth(2).unwrap().parse().unwrap()
}

async fn read(store: &PictureStore, id: PictureId, name: &str) -> Result<Vec<u8>, Error> {
    let picture = store.read(id, name).await?;
    let chunks: Vec<_> = picture.bytes.try_collect().await?;
    let bytes = chunks.concat();
    assert_eq!(bytes.len() as u64, picture.size);
    Ok(bytes)
}

/// The same of every place.
async fn keeps_its_promises(kept: Kept) {
    let store = &kept.store;
    assert_eq!(kept.names(), Vec::<String>::new(), "nothing is left of the check at the start");
    let (first, second) = (
        store.save(png(), Crop::default(), Time(1)).await.unwrap(),
        store.save(png(), Crop::default(), Time(1)).await.unwrap(),
    );
    assert_eq!(kept.names().len(), 4);
    for pictures in [&first, &second] {
        for (name, width, height) in SIZES {
            let picture =
                image::load_from_memory(&read(store, id(pictures.banner.as_ref()), name).await.unwrap()).unwrap();
            assert_eq!((picture.width(), picture.height()), (width, height));
        }
    }
    let nothing = [
        (PictureId(Uuid::from_u128(7)), "banner.jpg"),
        (id(first.banner.as_ref()), "other.jpg"),
        (id(first.banner.as_ref()), "../card.jpg"),
        (id(first.banner.as_ref()), ""),
    ];
    for (id, name) in nothing {
        assert_eq!(store.read(id, name).await.err().unwrap().public(), model::Error::NotFound, "{name}");
    }
    assert!(store.save(b"GIF89a nonsense".to_vec(), Crop::default(), Time(1)).await.is_err());
    assert_eq!(kept.names().len(), 4, "what was refused is not kept");

    // What nobody is to see is removed, whole and alone; a second time is as good.
    for _ in 0..2 {
        store.remove(&first).await;
    }
    store.remove(&Pictures { banner: Some("/demo/mug.svg".into()), card: Some("/pictures/x/../../y".into()) }).await;
    let left = id(second.banner.as_ref());
    assert_eq!(
        kept.names(),
        [format!("{}{left}/banner.jpg", prefix(&kept)), format!("{}{left}/card.jpg", prefix(&kept))]
    );
    assert_eq!(read(store, id(first.banner.as_ref()), "card.jpg").await.unwrap_err().public(), model::Error::NotFound);

    // A large one comes in pieces, whole and in order.
    let large: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    store.files.put(&path(left, "detail.jpg"), large.clone().into()).await.unwrap();
    assert!(read(store, left, "detail.jpg").await.unwrap() == large);

    // More than a picture can be is not shown.
    let huge = vec![0; MAX_KEPT as usize + 1];
    store.files.put(&path(left, "card.jpg"), huge.into()).await.unwrap();
    assert_eq!(read(store, left, "card.jpg").await.unwrap_err().public(), model::Error::NotFound);
}

fn prefix(kept: &Kept) -> &'static str {
    if kept.s3.is_some() { "site/a/" } else { "" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_keeps_its_promises() {
    keeps_its_promises(Kept::in_folder().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_keeps_its_promises() {
    keeps_its_promises(Kept::in_bucket(&format!("s3://{BUCKET}/site/a/")).await).await;
}

#[tokio::test]
async fn whoever_takes_a_picture_slowly_holds_no_file() {
    let kept = Kept::in_folder().await;
    let (id, large) = (PictureId(Uuid::from_u128(7)), vec![59; 1 << 20]);
    kept.store.files.put(&path(id, "card.jpg"), large.clone().into()).await.unwrap();
    let mut picture = kept.store.read(id, "card.jpg").await.unwrap();
    let mut taken = picture.bytes.next().await.unwrap().unwrap().to_vec();
    assert!(taken.len() <= 16 << 10, "little is copied at once: {}", taken.len());
    let folder = kept.folder.path().canonicalize().unwrap();
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let open = open.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    assert_eq!(open.filter(|file| file.starts_with(&folder)).count(), 0);
    while let Some(piece) = picture.bytes.next().await {
        taken.extend_from_slice(&piece.unwrap());
    }
    assert!(taken == large);
}

/// Counts what is warned of in this module.
struct Warnings(Arc<AtomicUsize>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN && metadata.target().starts_with("engine::pictures")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_picture_that_fails_in_the_middle_is_told_of() {
    let warned = Arc::new(AtomicUsize::new(0));
    let _here = tracing::subscriber::set_default(Warnings(warned.clone()));
    let kept = Kept::in_folder().await;
    let (id, large) = (PictureId(Uuid::from_u128(7)), vec![59_u8; 1 << 20]);
    kept.store.files.put(&path(id, "card.jpg"), large.into()).await.unwrap();
    let picture = kept.store.read(id, "card.jpg").await.unwrap();
    kept.store.files.delete(&path(id, "card.jpg")).await.unwrap();
    assert_eq!(warned.load(Ordering::Relaxed), 0);
    assert!(picture.bytes.try_collect::<Vec<_>>().await.is_err());
    assert_eq!(warned.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_picture_that_is_not_there_is_looked_for_once_in_a_while() {
    let kept = Kept::in_folder().await;
    let made_up = PictureId(Uuid::from_u128(7));
    let found = async |name: &str| read(&kept.store, made_up, name).await.map_err(Error::public);
    assert_eq!(found("card.jpg").await, Err(model::Error::NotFound));
    for name in ["card.jpg", "banner.jpg"] {
        kept.store.files.put(&path(made_up, name), png().into()).await.unwrap();
    }
    assert_eq!(found("card.jpg").await, Err(model::Error::NotFound), "that is remembered");
    assert_eq!(found("banner.jpg").await, Ok(png()), "and nothing else is");
    // Whoever makes up many fills no memory.
    for number in 0..3 * NOWHERE as u128 {
        kept.store.nowhere.insert((PictureId(Uuid::from_u128(number)), "card.jpg"), Instant::now());
    }
    assert!(kept.store.nowhere.len() < 2 * NOWHERE);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_everybody_is_told_soon_and_nothing_is_half_saved() {
    let mut kept = Kept::in_bucket(&format!("s3://{BUCKET}")).await;
    let before = kept.store.save(png(), Crop::default(), Time(1)).await.unwrap();
    kept.s3.as_mut().unwrap().stop().await;
    let asked = Instant::now();
    let (saved, shown) = tokio::join!(
        kept.store.save(png(), Crop::default(), Time(1)),
        read(&kept.store, id(before.card.as_ref()), "card.jpg"),
    );
    for error in [saved.unwrap_err(), shown.unwrap_err()] {
        assert!(!error.to_string().contains("a-secret-of-s3"));
        assert_eq!(error.public(), model::Error::Busy);
    }
    assert!(asked.elapsed().as_secs() < 25, "{:?}", asked.elapsed());
    kept.s3.as_mut().unwrap().resume().await;
    assert_eq!(kept.names().len(), 2);
    assert!(read(&kept.store, id(before.card.as_ref()), "card.jpg").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_copied_into_a_bucket_as_often_as_one_likes() {
    let (folder, bucket) = (Kept::in_folder().await, Kept::in_bucket(&format!("s3://{BUCKET}")).await);
    let saved = folder.store.save(png(), Crop::default(), Time(1)).await.unwrap();
    let pictures = folder.folder.path().join("pictures");
    let saved = pictures.join(id(saved.banner.as_ref()).to_string());
    // The same by other ids, in as many as are copied at once.
    for number in 1..AT_ONCE {
        let another = pictures.join(PictureId(Uuid::from_u128(number as u128)).to_string());
        std::fs::create_dir(&another).unwrap();
        for (name, ..) in SIZES {
            std::fs::copy(saved.join(name), another.join(name)).unwrap();
        }
    }
    std::fs::create_dir(pictures.join("none of ours")).unwrap();
    for _ in 0..2 {
        assert_eq!(bucket.store.take_over(&pictures).await.unwrap(), AT_ONCE);
        assert_eq!(bucket.names(), folder.names());
    }
    assert_eq!(bucket.store.take_over(&pictures.join("missing")).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_cannot_be_used_is_refused_in_a_line_without_its_keys() {
    let s3 = S3::start().await;
    let with = |name: &str, value: &str| {
        let mut settings = s3.settings();
        settings.iter_mut().filter(|(known, _)| known == name).for_each(|(_, old)| *old = value.to_owned());
        settings
    };
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (bucket, settings, says) in [
        ("s3://missing", s3.settings(), "there is no such bucket"),
        ("s3://pictures", with("AWS_SECRET_ACCESS_KEY", "wr0ng-secret"), "the store refuses these keys"),
        ("s3://pictures", with("AWS_ACCESS_KEY_ID", "stranger"), "the store refuses these keys"),
        ("s3://pictures", with("AWS_ENDPOINT_URL", &format!("http://{nobody}")), "refused"),
        ("s3://pictures", with("AWS_ENDPOINT_URL", "not an address"), "AWS_ENDPOINT_URL is no address"),
        ("s3://pictures", with("AWS_ENDPOINT_URL", "127.0.0.1:9000"), "AWS_ENDPOINT_URL is no address"),
        ("s3://pictures", with("AWS_ENDPOINT_URL", "ftp://127.0.0.1"), "no address of the web"),
        ("s3://pictures", with("AWS_ENDPOINT_URL", "http://me:wr0ng-secret@127.0.0.1"), "a name or a password"),
    ] {
        let bucket: Bucket = bucket.parse().unwrap();
        let Err(refused) = PictureStore::bucket(&bucket, settings).await else { panic!("{bucket}") };
        let said = refused.to_string();
        assert!(said.contains(says) && said.lines().count() == 1, "{said}");
        assert!(!said.contains("wr0ng-secret") && !said.contains("a-secret-of-s3"), "{said}");
    }
    for form in
        ["", "pictures", "s3://", "s3://x", "http://pictures", "s3://me:wr0ng-secret@pictures", "s3://pictures/../x"]
    {
        let said = form.parse::<Bucket>().unwrap_err().to_string();
        assert!(said.contains("s3://bucket/prefix") && !said.contains("wr0ng-secret"), "{said}");
    }
    assert_eq!("s3://pictures/a/b/".parse::<Bucket>().unwrap().to_string(), "s3://pictures/a/b");
}

#[tokio::test]
async fn pictures_that_nothing_shows_are_removed() {
    for kept in [Kept::in_folder().await, Kept::in_bucket("s3://pictures/some/where").await] {
        let data = tempfile::tempdir().unwrap();
        let (db, now) = (Db::open(data.path()).await.unwrap(), Time(1_800_000_000_000_000));
        let clock = Clock::manual(now);
        let [shown, replaced] = [
            kept.store.save(png(), Crop::default(), now).await.unwrap(),
            kept.store.save(png(), Crop::default(), now).await.unwrap(),
        ];
        let mut tx = db.begin(Lane::Other).await.unwrap();
        let id = accounts::testing::insert(&mut tx, 1).await.0;
        tx.sql(
            "insert into events (id, request_id, creator_id, title, summary, description, category, banner, card, kind, offer,
                capacity, rules, opens_at, closes_at, created_at)
             values ($1, $1, $1, '', '', '', 'living', null, $2, 'giveaway', '', 1, '', 0, 1, 0)",
        )
        .bind(id)
        .bind(shown.card.clone())
        .run()
        .await
        .unwrap();
        // The receipt of a party, and one that another took the place of.
        let [receipt, before] =
            [kept.store.save_receipt(png(), now).await.unwrap(), kept.store.save_receipt(png(), now).await.unwrap()];
        for row in [
            "insert into markets (id, name, key, kind, address, latitude, longitude, cell, demonstration, created_at)
             values ($1, '가', '가', 'other', '나', 0, 0, 0, false, 0)",
            "insert into items (id, category, name, key, initials, created_at) values ($1, 'meat', '가', '가', 'ㄱ', 0)",
        ] {
            tx.sql(row).bind(id).run().await.unwrap();
        }
        tx.sql(
            "insert into parties (id, request_id, leader_id, market_id, item_id, cell, quantity, unit, total, wanted, taken, least,
                automatic, meets_from, meets_to, note, state, confirmed, reason, created_at, receipt)
             values ($1, $1, $1, $1, $1, 0, 1, '통', 1, 2, 1, 2, true, 0, 1, '', 'done', false, '', 0, $2)",
        )
        .bind(id)
        .bind(receipt)
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let sweeper = Sweeper::new(kept.store.clone(), db, clock.clone());
        sweeper.sweep_daily().await.unwrap();
        assert_eq!(kept.names().len(), 6, "an event may be about to be written");
        clock.set(now + DAY + MICROSECOND);
        sweeper.sweep_daily().await.unwrap();
        assert_eq!(kept.names().len(), 3);
        for gone in [self::id(replaced.card.as_ref()), before] {
            assert!(kept.names().iter().all(|name| !name.contains(&gone.to_string())));
        }
        // It is for members alone: pictures that everybody sees are read another way.
        assert!(kept.store.read_receipt(receipt).await.is_ok());
        assert!(kept.store.read(receipt, "receipt.jpg").await.is_err());
    }
}
