//! A folder for every part of the product: its pages, the server functions that they call, and its texts.

pub mod accounts;
mod admin;
pub mod administration;
pub mod analytics;
pub mod chat;
pub mod events;
pub mod giveaways;
pub mod jobs;
pub mod notices;
mod pictures;
pub mod rooms;

use crate::components::NotFound;
use accounts::{CreatorProfile, My, SignIn, SignUp};
use admin::AdminPage;
use events::{ChangesPage, CreatorEvents, CreatorPage, EditEventPage, HomePage, NewEventPage, SharePage};
use giveaways::{EntrantsPage, ResultPage};
use leptos::prelude::*;
use leptos_router::{
    Lazy, LazyRoute,
    components::{FlatRoutes, Route},
    lazy_route, path,
};
use notices::NoticesPage;
use rooms::{BoardPage, EntryPage, RoomPage};

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

/// Which address shows which page.
#[component]
pub fn Routes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| view! { <NotFound /> }>
            <Route path=path!("/") view={Lazy::<HomeRoute>::new()} />
            <Route path=path!("/events/:id") view=RoomPage />
            <Route path=path!("/events/:id/board") view={Lazy::<BoardRoute>::new()} />
            // Of the button: what is refused without scripts is answered with the room.
            <Route path=path!("/events/:id/enter") view=RoomPage />
            <Route path=path!("/admin/:page") view={Lazy::<AdminRoute>::new()} />
            <Route path=path!("/events/:id/result") view={Lazy::<ResultRoute>::new()} />
            <Route path=path!("/notices") view={Lazy::<NoticesRoute>::new()} />
            <Route path=path!("/creator/events/:id") view={Lazy::<EntrantsRoute>::new()} />
            <Route path=path!("/sign-in") view={Lazy::<SignInRoute>::new()} />
            <Route path=path!("/sign-up") view={Lazy::<SignUpRoute>::new()} />
            <Route path=path!("/my") view={Lazy::<MyRoute>::new()} />
            <Route path=path!("/creator") view={Lazy::<CreatorEventsRoute>::new()} />
            <Route path=path!("/creator/new") view={Lazy::<NewEventRoute>::new()} />
            <Route path=path!("/creator/events/:id/edit") view={Lazy::<EditEventRoute>::new()} />
            <Route path=path!("/creators/:id") view={Lazy::<CreatorPageRoute>::new()} />
            <Route path=path!("/events/:id/share") view={Lazy::<ShareRoute>::new()} />
            <Route path=path!("/events/:id/entries/:rank") view={Lazy::<EntryRoute>::new()} />
            <Route path=path!("/events/:id/changes") view={Lazy::<ChangesRoute>::new()} />
            <Route path=path!("/creator/profile") view={Lazy::<CreatorProfileRoute>::new()} />
        </FlatRoutes>
    }
}
