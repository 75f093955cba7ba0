//! The pages, by address.

mod account;
mod board;
mod creator;
mod home;
mod room;

pub use account::{My, SignIn, SignUp};
pub use board::BoardPage;
pub use creator::{CreatorEvents, CreatorProfile, NewEventPage};
pub use home::HomePage;
pub use room::RoomPage;
