//! What tests share, by subject.

pub mod events;
pub mod giveaway;
pub mod history;
pub mod listening;
pub mod people;
pub mod program;
pub mod queueing;
pub mod site;
pub mod socket;

pub use events::{draft, make_event, request};
pub use people::{Person, apart, client, keep_notice, make_people, session_of};
pub use site::{Cluster, SOCKETS, Site, config, config_in, engine_on};

use model::{SECOND, Time};

/// When tests begin whose clock is set by hand.
pub const START: Time = Time(1_795_258_800 * SECOND.micros());

/// How often is tried what happens at the same instant: a race is not lost every time.
pub const ROUNDS: usize = 8;
