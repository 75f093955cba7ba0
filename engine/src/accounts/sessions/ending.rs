//! Ending sessions.

use super::{SessionToken, Sessions};
use crate::{
    Error,
    db::{Lane, retried},
};

impl Sessions {
    /// Signs out this device.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, token: &SessionToken) -> Result<(), Error> {
        retried!(self.end_once(token))?;
        self.invalidate_token(token.hash());
        Ok(())
    }

    async fn end_once(&self, token: &SessionToken) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from sessions where token_hash = $1").bind(token.hash().to_vec()).run().await?;
        Ok(tx.commit().await?)
    }

    /// Deletes sessions that ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired(&self) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from sessions where expires_at < $1").bind(self.clock.now()).run().await?;
        Ok(tx.commit().await?)
    }
}
