//! Where things go, as a member asked to be offered the next time they win or buy something.

use crate::db::{Db, Tx};
use model::{Delivery, MemberId, Time};

/// What a member saved.
pub(crate) async fn read(db: &Db, member: MemberId) -> Result<Option<Delivery>, sqlx::Error> {
    db.sql("select name, phone, postcode, address, detail from saved_deliveries where member_id = $1")
        .bind(member)
        .optional()
        .await
}

/// Saves it. What was given without an address leaves the one before.
pub(crate) async fn write(tx: &mut Tx, member: MemberId, given: &Delivery, now: Time) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into saved_deliveries (member_id, name, phone, postcode, address, detail, saved_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (member_id) do update set name = excluded.name, phone = excluded.phone, saved_at = excluded.saved_at,
            postcode = case when excluded.address = '' then saved_deliveries.postcode else excluded.postcode end,
            detail = case when excluded.address = '' then saved_deliveries.detail else excluded.detail end,
            address = case when excluded.address = '' then saved_deliveries.address else excluded.address end",
    )
    .bind(member)
    .bind(given.name.clone())
    .bind(given.phone.clone())
    .bind(given.postcode.clone())
    .bind(given.address.clone())
    .bind(given.detail.clone())
    .bind(now)
    .run()
    .await?;
    Ok(())
}
