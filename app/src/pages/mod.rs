//! The pages, by address.

mod account;
mod admin;
mod board;
mod changes;
mod creator;
mod dashboard;
mod entrants;
mod event_form;
mod home;
mod jobs;
mod notices;
mod reports;
mod result;
mod room;
mod share;

pub use room::RoomPage;

use account::{My, SignIn, SignUp};
use admin::AdminPage;
use board::BoardPage;
use changes::ChangesPage;
use creator::{CreatorEvents, CreatorPage, CreatorProfile};
use entrants::EntrantsPage;
use event_form::{EditEventPage, NewEventPage};
use home::HomePage;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use notices::NoticesPage;
use result::ResultPage;
use share::{EntryPage, SharePage};

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
