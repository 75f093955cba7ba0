//! Where members look from. It is told to nobody else, and neither is any distance to it.

use super::Parties;
use crate::{
    Error,
    accounts::Actor,
    db::{Lane, retried},
};
use model::{Coordinates, FormErrors, MemberId, markets::degrees};

/// Where a member looks from.
pub type Home = Coordinates;

impl Parties {
    /// Where the reader looks from, when they said so.
    ///
    /// # Errors
    /// The database's.
    pub async fn home(&self, actor: &Actor) -> Result<Option<Home>, Error> {
        let Some(member) = actor.member() else { return Ok(None) };
        let home = self.db.sql("select latitude, longitude from homes where member_id = $1").bind(member);
        let home: Option<(f64, f64)> = home.optional().await?;
        Ok(home.map(|(latitude, longitude)| Coordinates { latitude, longitude }))
    }

    /// Notes where a member looks from, as they typed or placed it; nothing in both is forgotten again.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] by field; [`model::Error::TooMany`]; the database may fail.
    pub async fn set_home(&self, actor: &Actor, latitude: &str, longitude: &str) -> Result<(), Error> {
        let member = actor.active()?.member;
        self.limits.parties(member).await?;
        if latitude.trim().is_empty() && longitude.trim().is_empty() {
            return retried!(self.write_home(member, None));
        }
        let mut errors = FormErrors::default();
        let latitude = errors.check("latitude", degrees(latitude, 90));
        let longitude = errors.check("longitude", degrees(longitude, 180));
        errors.into_result()?;
        let (latitude, longitude) = latitude.zip(longitude).ok_or(model::Error::Malformed)?;
        retried!(self.write_home(member, Some((latitude, longitude))))
    }

    async fn write_home(&self, member: MemberId, home: Option<(f64, f64)>) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let Some((latitude, longitude)) = home else {
            tx.sql("delete from homes where member_id = $1").bind(member).run().await?;
            return Ok(tx.commit().await?);
        };
        tx.sql(
            "insert into homes (member_id, latitude, longitude, at) values ($1, $2, $3, $4)
             on conflict (member_id) do update set latitude = excluded.latitude, longitude = excluded.longitude, at = excluded.at",
        )
        .bind(member)
        .bind(latitude)
        .bind(longitude)
        .bind(self.clock.now())
        .run()
        .await?;
        Ok(tx.commit().await?)
    }
}
