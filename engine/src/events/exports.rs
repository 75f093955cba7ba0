//! What creators take along of who came: tables with where things go.

use super::Events;
use crate::{Error, accounts::Actor, audit};
use model::{EventId, MemberId, administration::AuditAction};

impl Events {
    /// Notes that the creator of an event takes a table of its people along, before they are sent it; once while they go on doing so.
    ///
    /// # Errors
    /// For others than its creator; [`model::Error::NotFound`] for none; the database's.
    pub async fn note_export(&self, actor: &Actor, event: EventId) -> Result<(), Error> {
        let owner = self.db.sql("select creator_id from events where id = $1").bind(event);
        let owner: Option<(MemberId,)> = owner.optional().await?;
        let (owner,) = owner.ok_or(model::Error::NotFound)?;
        if owner != actor.creator()?.member {
            return Err(model::Error::Forbidden.into());
        }
        audit::note_look(&self.db, self.clock.now(), actor, AuditAction::ExportPeople, event.into()).await
    }
}
