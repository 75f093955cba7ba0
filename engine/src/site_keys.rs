//! Keys of the site's own, which its nodes share: made by whichever needs one first.

use crate::{
    clock::Clock,
    db::{Db, Lane},
};

/// The key with that name; `fresh` is kept when there is none.
pub(crate) async fn site_key(
    db: &Db,
    clock: &Clock,
    name: &'static str,
    fresh: Vec<u8>,
) -> Result<Vec<u8>, sqlx::Error> {
    if let Some(kept) = read(db, name).await? {
        return Ok(kept);
    }
    let mut tx = db.begin(Lane::Other).await?;
    tx.sql("insert into site_keys (name, seed, made_at) values ($1, $2, $3) on conflict (name) do nothing")
        .bind(name)
        .bind(fresh)
        .bind(clock.now())
        .run()
        .await?;
    tx.commit().await?;
    read(db, name).await?.ok_or(sqlx::Error::RowNotFound)
}

async fn read(db: &Db, name: &'static str) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let kept: Option<(Vec<u8>,)> = db.sql("select seed from site_keys where name = $1").bind(name).optional().await?;
    Ok(kept.map(|(seed,)| seed))
}
