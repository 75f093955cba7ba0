//! By which name members are shown in rooms that are open: on this node, and when another node changed it.

use crate::{
    Error,
    accounts::{Accounts, Actor},
    cluster::{Invalidation, Stale},
    rooms::Rooms,
};
use model::MemberId;
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// A name that cannot be read is read again after these pauses.
const RETRY_AFTER: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];

/// Changes names, and follows the changes of other nodes. Cheap to clone.
#[derive(Clone)]
pub struct Naming {
    pub(crate) accounts: Accounts,
    pub(crate) rooms: Rooms,
    pub(crate) invalidation: Invalidation,
    /// Names that other nodes changed are read and shown one after the other: what was read first is shown first.
    pub(crate) turn: Arc<Mutex<()>>,
}

impl Naming {
    /// Shows a member's nickname masked on boards, or whole again; rooms that are open follow.
    ///
    /// # Errors
    /// A visitor has no name; too many changes in a short time are refused; the database may fail.
    pub async fn set_masked(&self, actor: &Actor, masked: bool) -> Result<(), Error> {
        let name = self.accounts.set_masked(actor, masked).await?;
        let member = actor.signed_in()?.member;
        self.renamed(member, &name).await;
        Ok(())
    }

    /// Calls a member by another nickname: at most once in thirty days, and by none that looks like another's. Rooms that are open follow.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] under `nickname`; [`model::AccountError::NicknameKept`];
    /// [`model::Error::TooMany`]; the database may fail.
    pub async fn set_nickname(&self, actor: &Actor, typed: &str) -> Result<(), Error> {
        let name = self.accounts.set_nickname(actor, typed).await?;
        self.renamed(actor.signed_in()?.member, &name).await;
        Ok(())
    }

    /// A member has another name, which is written already.
    pub(crate) async fn renamed(&self, member: MemberId, name: &str) {
        self.invalidation.publish(Stale::Name(member));
        self.rooms.rename(member, name).await;
    }

    /// Follows what other nodes change about members, until the program ends. Whatever becomes of one of them, the next is
    /// followed.
    pub(crate) async fn follow(self) {
        let mut invalidated = self.invalidation.subscribe();
        loop {
            match invalidated.next().await {
                Stale::Name(member) => {
                    // Beside this, which other members' sessions wait for.
                    tokio::spawn(self.clone().read_name(member));
                }
                what => self.accounts.sessions.invalidate(what),
            }
        }
    }

    /// Shows a member by the name that the database has, when it can be asked.
    async fn read_name(self, member: MemberId) {
        for pause in RETRY_AFTER {
            tokio::time::sleep(pause).await;
            let _turn = self.turn.lock().await;
            match self.accounts.board_name(member).await {
                Ok(Some(name)) => return self.rooms.rename(member, &name).await,
                Ok(None) => return,
                Err(error) => tracing::warn!(%error, "a member could not be shown by another name"),
            }
        }
    }
}
