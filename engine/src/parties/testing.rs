//! People for tests.

pub(crate) use crate::accounts::testing::member as newcomer;

use crate::db::{Db, Lane};
use model::MemberId;

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
