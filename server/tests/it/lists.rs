//! Lists that are read a page at a time.

use crate::support::{Site, keep_notice, make_event, request};
use engine::{accounts::Actor, db::Lane};
use model::{Came, Cursor, Error, EventId, HOUR, MICROSECOND, Notice, Page, Stage};
use std::collections::BTreeSet;
use testing::{On, both};

/// More than two pages of every list below.
const ROWS: usize = 130;

/// Every row of a list, read page by page.
async fn walk<T>(read: impl AsyncFn(Option<Cursor>) -> Page<T>) -> Vec<T> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = read(cursor).await;
        assert!(!page.rows.is_empty(), "a page is only told of when it has rows");
        rows.extend(page.rows);
        let Some(next) = page.next else { return rows };
        cursor = Some(next);
    }
}

both!(rows_of_the_same_time_are_neither_skipped_nor_doubled);
async fn rows_of_the_same_time_are_neither_skipped_nor_doubled(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let (member, host) = (creator.member, Actor::host(creator.member));
    let engine = &site.engine;
    let mut events = BTreeSet::new();
    for _ in 0..ROWS {
        events.insert(make_event(engine, member, HOUR, 1).await);
    }
    let mut tx = engine.db.begin(Lane::Other).await.unwrap();
    for (i, event) in events.iter().enumerate() {
        // Two moments for all of them, and pages end within both.
        let at = engine.clock.now() - HOUR + i64::from(i < ROWS / 2) * MICROSECOND;
        tx.sql("update events set created_at = $1 where id = $2").bind(at).bind(*event).run().await.unwrap();
        tx.sql("insert into entries (event_id, rank, member_id, entered_at, state, salt) values ($1, 1, $2, $3, 'won', $4)")
            .bind(*event)
            .bind(member)
            .bind(at)
            .bind(vec![0u8; 16])
            .run()
            .await
            .unwrap();
        tx.sql("insert into member_entries (member_id, entered_at, event_id, rank) values ($1, $2, $3, 1)")
            .bind(member)
            .bind(at)
            .bind(*event)
            .run()
            .await
            .unwrap();
        keep_notice(&mut tx, member, request(), &Notice::Changed, *event, at).await;
    }
    tx.commit().await.unwrap();
    let all = |found: Vec<EventId>| {
        assert_eq!(found.len(), ROWS);
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), events);
    };
    let mine = walk(async |at| engine.events.of_creator(&host, Stage::All, at.as_ref()).await.unwrap().events);
    all(mine.await.into_iter().map(|card| card.id).collect());
    let published = walk(async |at| engine.events.published_by(member, at.as_ref()).await.unwrap());
    all(published.await.into_iter().map(|card| card.id).collect());
    let entries = walk(async |at| engine.pages.my_entries(&host, Came::Won, at.as_ref()).await.unwrap().entries);
    all(entries.await.into_iter().map(|entry| entry.event.id).collect());
    let told = walk(async |at| engine.notices.of(&host, at.as_ref()).await.unwrap().lines);
    all(told.await.into_iter().filter_map(|line| Some(line.event?.0)).collect());
    // The cursor of another list, or nonsense, is no page.
    let foreign = Cursor::of(&7);
    let refused = engine.notices.of(&host, Some(&foreign)).await.unwrap_err().public();
    assert_eq!(refused, Error::NotFound);
    for address in ["/notices?before=7", "/my?before=x", "/creator?before=7.7"] {
        assert_eq!(creator.get(address).await.status(), 404, "{address}");
    }
}
