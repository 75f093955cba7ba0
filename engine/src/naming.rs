//! By which name members are shown in rooms that are open: on this node, and when another node changed it.

use crate::{
    Error,
    accounts::{Accounts, Actor},
    cluster::{Invalidation, Stale},
    rooms::Rooms,
};
use model::MemberId;

/// Changes names, and follows the changes of other nodes. Cheap to clone.
#[derive(Clone)]
pub struct Naming {
    pub(crate) accounts: Accounts,
    pub(crate) rooms: Rooms,
    pub(crate) invalidation: Invalidation,
}

impl Naming {
    /// Shows a member's nickname masked on boards, or whole again; rooms that are open follow.
    ///
    /// # Errors
    /// A visitor has no name; too many changes in a short time are refused; the database may fail.
    pub async fn set_masked(&self, actor: &Actor, masked: bool) -> Result<(), Error> {
        let name = self.accounts.set_masked(actor, masked).await?;
        let member = actor.signed_in()?.member;
        self.invalidation.publish(Stale::Name(member));
        self.rooms.rename(member, &name).await
    }

    /// Follows what other nodes change about members, until the program ends.
    pub(crate) async fn follow(self) {
        let mut invalidated = self.invalidation.subscribe();
        loop {
            match invalidated.next().await {
                Stale::Name(member) => {
                    if let Err(error) = self.read_name(member).await {
                        tracing::warn!(%error, "a member could not be shown by another name");
                    }
                }
                what => self.accounts.sessions.invalidate(what),
            }
        }
    }

    async fn read_name(&self, member: MemberId) -> Result<(), Error> {
        match self.accounts.board_name(member).await? {
            Some(name) => self.rooms.rename(member, &name).await,
            None => Ok(()),
        }
    }
}
