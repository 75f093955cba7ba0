//! Who acts: made from the session in one place, and asked through its methods only.

use super::Session;
use model::{Error, MemberId, Right, Role};
use std::sync::Arc;

/// Who does or reads something.
#[derive(Debug, Clone)]
pub enum Actor {
    /// Nobody is signed in.
    Visitor,
    /// A member; what they may do beyond that is in their session.
    Member(Arc<Session>),
    /// The program itself: jobs, commands, demonstration data.
    System,
}

impl Actor {
    /// Whoever holds a session, else a visitor.
    pub fn of(session: Option<Arc<Session>>) -> Actor {
        session.map_or(Actor::Visitor, Actor::Member)
    }

    /// A demonstration person, without a token.
    pub(crate) fn simulated(member: MemberId, nickname: &str, creator: bool) -> Actor {
        Actor::Member(Session::simulated(member, nickname, creator, Role::Member))
    }

    /// The demonstration's admin, without a token.
    pub(crate) fn simulated_admin(member: MemberId, nickname: &str) -> Actor {
        Actor::Member(Session::simulated(member, nickname, false, Role::Admin))
    }

    /// A creator who acts through the program itself: tests and load tests, which sign nobody in.
    #[doc(hidden)]
    pub fn host(member: MemberId) -> Actor {
        Actor::simulated(member, "", true)
    }

    /// The member who reads, when one is signed in.
    pub fn member(&self) -> Option<MemberId> {
        match self {
            Actor::Member(session) => Some(session.member),
            Actor::Visitor | Actor::System => None,
        }
    }

    /// The sort of browser that they act from; empty where that is not known, and for the program itself.
    pub fn device(&self) -> &str {
        match self {
            Actor::Member(session) => &session.device,
            Actor::Visitor | Actor::System => "",
        }
    }

    /// A member, also a suspended one: they may read what is theirs.
    ///
    /// # Errors
    /// [`Error::SignedOut`] for a visitor, [`Error::Forbidden`] for the program itself, which is no member.
    pub fn signed_in(&self) -> Result<&Arc<Session>, Error> {
        match self {
            Actor::Member(session) => Ok(session),
            Actor::Visitor => Err(Error::SignedOut),
            Actor::System => Err(Error::Forbidden),
        }
    }

    /// A member who may change something.
    ///
    /// # Errors
    /// As [`Actor::signed_in`], and [`Error::Suspended`].
    pub fn active(&self) -> Result<&Arc<Session>, Error> {
        let session = self.signed_in()?;
        if session.suspended { Err(Error::Suspended) } else { Ok(session) }
    }

    /// A member with a creator profile, who may run events.
    ///
    /// # Errors
    /// As [`Actor::active`], and [`Error::Forbidden`] without a profile.
    pub fn creator(&self) -> Result<&Arc<Session>, Error> {
        let session = self.active()?;
        if session.creator { Ok(session) } else { Err(Error::Forbidden) }
    }

    /// Whoever looks after the site.
    ///
    /// # Errors
    /// As [`Actor::active`], and [`Error::Forbidden`] for others.
    pub fn admin(&self) -> Result<(), Error> {
        match self {
            Actor::System => Ok(()),
            _ if self.signed_in()?.role != Role::Admin => Err(Error::Forbidden),
            _ => self.active().map(|_| ()),
        }
    }

    /// Whether they have a right that something asks for before it is looked at.
    ///
    /// # Errors
    /// As the method of that name.
    pub fn may(&self, right: Right) -> Result<(), Error> {
        match right {
            Right::Anyone => Ok(()),
            Right::SignedIn => self.signed_in().map(|_| ()),
            Right::Active => self.active().map(|_| ()),
            Right::Creator => self.creator().map(|_| ()),
            Right::Admin => self.admin(),
        }
    }
}
