//! A folder for every part of the product: its pages, the server functions that they call, and its texts.

pub mod accounts;
pub mod administration;
pub mod analytics;
pub mod chat;
pub mod events;
pub mod giveaways;
pub mod jobs;
pub mod notices;
pub mod orders;
pub mod payments;
mod pictures;
pub mod rooms;
pub mod sales;
pub mod wishes;

use crate::page;
#[cfg(feature = "ssr")]
use crate::page::Page;
#[cfg(feature = "hydrate")]
use crate::page::Show;
#[cfg(feature = "hydrate")]
use leptos::prelude::*;

/// Makes the table of pages: when a page's code is loaded, its name, its addresses, and the module with its `read` and `view`.
macro_rules! pages {
    ($($when:ident $name:ident: $($pattern:literal),+ => $($module:ident)::+;)*) => {
        /// Every page of the site.
        #[cfg(feature = "ssr")]
        pub static PAGES: &[Page] = &[$(Page {
            name: stringify!($name),
            patterns: &[$($pattern),+],
            read: |asked, format| Box::pin(async move { format.write(&$($module)::+::read(asked).await?) }),
            show: |read| page::shown(read, $($module)::+::view),
        }),*];

        /// The view of a page, once its code is there.
        #[cfg(feature = "hydrate")]
        pub async fn load(name: &str) -> Show {
            match name {
                $(stringify!($name) => pages!(@load $when $name $($module)::+),)*
                _ => page::nothing,
            }
        }

        /// A function for each file of code: who calls it waits until that is loaded.
        #[cfg(feature = "hydrate")]
        mod code {
            use super::*;
            $(pages!(@code $when $name $($module)::+);)*
        }
    };
    (@load first $name:ident $($module:ident)::+) => { |read| page::shown(read, $($module)::+::view) };
    (@load later $name:ident $($module:ident)::+) => { code::$name().await };
    (@code first $name:ident $($module:ident)::+) => {};
    (@code later $name:ident $($module:ident)::+) => {
        #[lazy]
        pub fn $name() -> Show {
            |read| page::shown(read, $($module)::+::view)
        }
    };
}

pages! {
    // Its code is there with what all pages share: who waits in it is in a hurry. Of the button are two addresses: what is
    // refused without scripts is answered with the room.
    first room: "/events/:id", "/events/:id/enter" => rooms::page;
    later home: "/" => events::home;
    later deals: "/deals" => sales::deals;
    later tickets: "/tickets" => sales::tickets;
    later board: "/events/:id/board" => rooms::board_page;
    later entry: "/events/:id/entries/:rank" => rooms::entry;
    later result: "/events/:id/result" => giveaways::result;
    later checkout: "/events/:id/checkout" => orders::checkout;
    later order: "/orders/:number" => orders::order;
    later receipt: "/orders/:number/receipt" => orders::receipt;
    later my_orders: "/my/orders" => orders::list;
    later my_tickets: "/my/tickets" => orders::tickets;
    later messages: "/events/:id/messages" => chat::messages;
    later share: "/events/:id/share" => events::share;
    later changes: "/events/:id/changes" => events::changes;
    later creator: "/creators/:id" => events::creator;
    later sign_in: "/sign-in" => accounts::sign_in;
    later sign_up: "/sign-up" => accounts::sign_up;
    later my: "/my" => accounts::my;
    later wishes: "/my/wishes" => wishes::page;
    later notices: "/notices" => notices::page;
    later own_events: "/creator" => events::own;
    later profile: "/creator/profile" => accounts::profile;
    later new_event: "/creator/new" => events::new;
    later edit_event: "/creator/events/:id/edit" => events::edit;
    later entrants: "/creator/events/:id" => giveaways::entrants;
    later muted: "/creator/events/:id/muted" => chat::muted;
    later reports: "/admin/reports" => chat::reports;
    later jobs: "/admin/jobs" => jobs::page;
    later members: "/admin/members" => administration::page;
    later sandbox: "/sandbox/pay/:id" => payments::sandbox;
}
