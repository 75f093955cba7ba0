//! People for tests.

use crate::db::{Db, Lane};
use model::MemberId;
use uuid::Uuid;

/// A member of a number, who has confirmed a phone.
pub(crate) async fn member(db: &Db, number: u128) -> MemberId {
    let member = newcomer(db, number).await;
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql("insert into phones (member_id, hash, ending, since) values ($1, $2, '0000', 0)")
        .bind(member)
        .bind(number.to_be_bytes().to_vec())
        .run()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    member
}

/// A member who has none yet.
pub(crate) async fn newcomer(db: &Db, number: u128) -> MemberId {
    let member = MemberId(Uuid::from_u128(number));
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql(
        "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
         values ($1, $2, $2, $2, '', 'shopper', 'member', false, 1, 0)",
    )
    .bind(member)
    .bind(format!("neighbour {number}"))
    .run()
    .await
    .unwrap();
    tx.commit().await.unwrap();
    member
}
