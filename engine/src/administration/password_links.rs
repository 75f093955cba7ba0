//! Links by which a member sets another password, where no letter leads to them and an admin passes one on.

use super::{Administration, admins::is_one};
use crate::{
    Error,
    accounts::{Actor, pass_on},
    audit,
    db::{Lane, retried},
};
use model::{MemberId, Role, administration::by_admin};

impl Administration {
    /// The path of a link to set another password for a member, for an admin to pass on, with a `reason`: only where no letter leads
    /// there ([`by_admin`]).
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others than admins, and of whom it may not be made; no good reason; [`model::Error::NotFound`] for
    /// nobody, or who left; too often; the database's.
    pub async fn make_password_link(
        &self,
        actor: &Actor,
        member: MemberId,
        reason: &str,
        sends_mail: bool,
    ) -> Result<String, Error> {
        actor.admin()?;
        let reason = audit::reason_of(reason)?;
        self.limits.creation(actor.signed_in()?.member).await?;
        retried!(self.make_password_link_once(actor, member, &reason, sends_mail))
    }

    async fn make_password_link_once(
        &self,
        actor: &Actor,
        member: MemberId,
        reason: &str,
        sends_mail: bool,
    ) -> Result<String, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        // Nobody becomes an admin meanwhile, nor is no longer one.
        let held = tx.hold_admins().await?;
        is_one(&mut tx, held, actor).await?;
        // Takes the row: nobody leaves meanwhile.
        let row: Option<(Role, String)> = tx
            .sql("update members set mode = mode where id = $1 and left_at is null returning role, email")
            .bind(member)
            .optional()
            .await?;
        let (role, email) = row.ok_or(model::Error::NotFound)?;
        if !by_admin(role, &email, sends_mail) {
            return Err(model::Error::Forbidden.into());
        }
        pass_on(tx, self.clock.now(), actor, member, reason).await
    }
}
