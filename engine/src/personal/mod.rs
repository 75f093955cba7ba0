//! What is kept of a person: what they are shown of it, what they take along, and what becomes of it when they leave.
//!
//! Each feature says so itself, as a list of [`Kept`] beside its code (`personal.rs`); all of them stand in [`all`]. A test walks the
//! schema, so that a column which says whose something is has to be in one of these lists, and another has a member leave of whom
//! everything is kept, and looks for what is left.
//!
//! Whoever leaves keeps a row in `members` without anything that says who they were: what others still need, such as a place on a
//! board, refers to it.

mod download;
mod erasing;
mod leaving;
#[cfg(test)]
mod tests;

pub use download::Download;
pub(crate) use leaving::WIPED;
#[cfg(test)]
pub(crate) use leaving::leave;

use crate::{
    accounts::{self, Accounts},
    addresses, administration,
    channels::{self, Channels},
    chat::{self, Chat},
    clock::Clock,
    db::{Db, Leftovers},
    events, giveaways,
    limits::Limits,
    markets,
    naming::Naming,
    notices,
    parties::{self, Parties},
    payments, programs, reviews, sales, sellers, slots, subscriptions, webhooks,
};
pub use model::leaving::Fate;

/// Something that is kept of people.
#[derive(Debug)]
pub struct Kept {
    /// Its name in what they take along.
    pub code: &'static str,
    /// What it is, in Korean and in English.
    pub name: [&'static str; 2],
    /// What becomes of it when its person leaves.
    pub fate: Fate,
    /// Why it stays, and for how long; empty for what is erased.
    pub why: [&'static str; 2],
    /// The columns that say whose it is, or are somebody's email, phone or the like, as `table.column`.
    pub columns: &'static [&'static str],
    /// The columns with words of that person's, of these tables, that stay.
    pub stays: &'static [&'static str],
    /// What they take along of it.
    pub export: Export,
    /// What is done when they leave, in this order.
    pub leave: &'static [Step],
}

/// What somebody takes along of something.
#[derive(Debug)]
pub enum Export {
    /// Nothing: it says nothing that they could read, such as a hash, or only when something happened to be noted.
    Nothing,
    /// What is read of the member `$1`: all of it at once, since nobody has much of that.
    Few(&'static str),
    /// What is read of the member `$1` behind the time, or number, `$2` and the id `$3`, in that order, `$4` rows at most. Its first two
    /// columns, `key_at` and `key_id`, are these.
    Many(&'static str),
}

/// A statement that is run when somebody leaves.
#[derive(Debug)]
pub enum Step {
    /// With the member as `$1`.
    Of(&'static str),
    /// With the time besides, as `$2`.
    At(&'static str),
    /// With the name that they have from then on, as `$2`.
    Named(&'static str),
    /// With no bytes at all, as `$2`.
    Blank(&'static str),
    /// With the time at which what the law has kept is erased, as `$2`.
    Until(&'static str),
}

/// What is erased with nothing but this statement.
pub(crate) const fn erased(
    code: &'static str,
    name: [&'static str; 2],
    columns: &'static [&'static str],
    export: Export,
    leave: &'static [Step],
) -> Kept {
    Kept { code, name, fate: Fate::Erased, why: ["", ""], columns, stays: &[], export, leave }
}

/// What every feature keeps of people, in the order in which it is shown and let go of. The account comes last: others are found by it.
pub fn all() -> impl Iterator<Item = &'static Kept> {
    let features: [&[Kept]; 19] = [
        giveaways::personal::KEEPS,
        sales::personal::KEEPS,
        payments::personal::KEEPS,
        reviews::personal::KEEPS,
        chat::personal::KEEPS,
        parties::personal::KEEPS,
        markets::personal::KEEPS,
        subscriptions::personal::KEEPS,
        notices::personal::KEEPS,
        channels::personal::KEEPS,
        events::personal::KEEPS,
        sellers::personal::KEEPS,
        slots::personal::KEEPS,
        administration::personal::KEEPS,
        addresses::personal::KEEPS,
        programs::personal::KEEPS,
        webhooks::personal::KEEPS,
        accounts::personal::SIGNED_IN,
        accounts::personal::KEEPS,
    ];
    features.into_iter().flatten()
}

/// What is kept of people. Cheap to clone.
#[derive(Clone)]
pub struct Personal {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    pub(crate) accounts: Accounts,
    pub(crate) naming: Naming,
    pub(crate) parties: Parties,
    pub(crate) chat: Chat,
    pub(crate) channels: Channels,
    pub(crate) leftovers: Leftovers,
}
