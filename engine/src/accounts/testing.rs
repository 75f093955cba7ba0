//! Members for tests.

use crate::db::{Db, Lane, Tx};
use model::MemberId;
use uuid::Uuid;

/// A member of a number, called by it: `neighbour 1`.
pub(crate) async fn member(db: &Db, number: u128) -> MemberId {
    let mut tx = db.begin(Lane::Other).await.unwrap();
    let member = insert(&mut tx, number).await;
    tx.commit().await.unwrap();
    member
}

/// The same in a transaction.
pub(crate) async fn insert(tx: &mut Tx, number: u128) -> MemberId {
    let member = MemberId(Uuid::from_u128(number));
    tx.sql(
        "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
         values ($1, $2, $2, $2, '', 'shopper', 'member', false, 1, 0)",
    )
    .bind(member)
    .bind(format!("neighbour {number}"))
    .run()
    .await
    .unwrap();
    member
}
