//! Geometry of what pages draw: where it stands and how large it is. Pure, and drawn elsewhere.

pub mod board;
pub mod dial;
pub mod map;
pub mod plot;
