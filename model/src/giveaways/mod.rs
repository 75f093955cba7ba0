//! Giveaways: what entries win, who claims it, and what the creator sees of it.

pub mod claim;
mod entrant;

pub use claim::{Came, Claim, ClaimState, Delivery, MyEntries, MyEntry};
pub use entrant::{Entrant, EntrantPrize, Entrants, EntrantsQuery};

use crate::error::codes;

codes! {
    /// Why nothing can be done about a prize.
    pub enum GiveawayError {
        /// What was to be done was done before.
        AlreadyDone = "already_done", 409;
        /// The deadline has passed.
        TooLate = "too_late", 409;
    }
}
