//! Giveaways: what entries win, who claims it, and what the creator sees of it.

pub mod claim;
mod entrant;

pub use claim::{Came, Claim, ClaimState, Delivery, MyEntries, MyEntry};
pub use entrant::{ENTRANTS_PAGE, Entrant, EntrantPrize, Entrants, EntrantsQuery};
