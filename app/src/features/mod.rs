//! A folder for every part of the product: its pages, the server functions that they call, and its texts.

pub mod accounts;
mod admin;
pub mod analytics;
pub mod chat;
pub mod events;
pub mod giveaways;
pub mod jobs;
pub mod notices;
mod pictures;
pub mod rooms;

pub use rooms::RoomPage;

use accounts::{CreatorProfile, My, SignIn, SignUp};
use admin::AdminPage;
use events::{ChangesPage, CreatorEvents, CreatorPage, EditEventPage, HomePage, NewEventPage, SharePage};
use giveaways::{EntrantsPage, ResultPage};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use notices::NoticesPage;
use rooms::{BoardPage, EntryPage};

/// Makes a route whose code, with the reading of its data, is a file of its own: a browser loads it when it first goes there.
macro_rules! lazily {
    ($($page:ident as $route:ident),* $(,)?) => {$(
        #[doc = concat!("The route to [`", stringify!($page), "`].")]
        pub struct $route;

        #[lazy_route]
        impl LazyRoute for $route {
            fn data() -> Self {
                $route
            }

            fn view(_this: Self) -> AnyView {
                $page().into_any()
            }
        }
    )*};
}

// All but the room, whose code must be there first: who waits in it is in a hurry.
lazily! {
    HomePage as HomeRoute,
    BoardPage as BoardRoute,
    SignIn as SignInRoute,
    SignUp as SignUpRoute,
    My as MyRoute,
    CreatorEvents as CreatorEventsRoute,
    NewEventPage as NewEventRoute,
    EditEventPage as EditEventRoute,
    ChangesPage as ChangesRoute,
    EntryPage as EntryRoute,
    SharePage as ShareRoute,
    CreatorPage as CreatorPageRoute,
    CreatorProfile as CreatorProfileRoute,
    EntrantsPage as EntrantsRoute,
    ResultPage as ResultRoute,
    NoticesPage as NoticesRoute,
    AdminPage as AdminRoute,
}
