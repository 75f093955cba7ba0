//! What becomes of parties by themselves.

use super::Parties;
use crate::{Error, db::Lane};
use model::{PartyState, parties::EXPIRES_AFTER};

impl Parties {
    /// Ends parties that met a day ago and of which nobody said what became. Their rules go by the time itself: this is for lists
    /// and for the index of those that are open.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn expire(&self) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        // Whoever holds one of them at this moment writes its state as they read it: the next run finds it again.
        tx.sql("update parties set state = $1 where state in ('recruiting', 'full') and meets_to <= $2")
            .bind(PartyState::Expired)
            .bind(self.clock.now() - EXPIRES_AFTER)
            .run()
            .await?;
        Ok(tx.commit().await?)
    }
}
