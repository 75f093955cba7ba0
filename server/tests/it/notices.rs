//! What members are told.

use crate::rights::{cases, reads};
use crate::support::{client, giveaway::party};
use testing::{On, both};

reads! {
    "/notices" => 401, 200;
}

cases! {
    "read-notices", [] => 200;
    "delete-read-notices", [] => 200;
}

both!(notices_are_read_and_deleted_by_their_member, "multi_thread");
async fn notices_are_read_and_deleted_by_their_member(on: On) {
    let party = party(on, 1, 2).await;
    let winner = &party.people[0];
    assert_eq!(party.site.engine.notices.unread(winner.member).await.unwrap(), 1);
    let page = winner.get("/notices").await.text().await.unwrap();
    assert!(page.contains("당첨됐어요") && page.contains("읽지 않은 알림 1개"));
    assert_eq!(winner.change("/notices", "read-notices", &[]).await.status(), 303);
    assert_eq!(party.site.engine.notices.unread(winner.member).await.unwrap(), 0);
    assert_eq!(winner.change("/notices", "delete-read-notices", &[]).await.status(), 303);
    assert!(party.notices(winner).await.is_empty());
    assert_eq!(client().post(party.site.url("/api/read-notices")).send().await.unwrap().status(), 401);
    let mine = winner.get("/my?came=won").await.text().await.unwrap();
    assert!(mine.contains("따끈한 겨울 머그") && mine.contains("전체 1"));
}
