//! A folder for every part of the product: its pages, the server functions that they call, its addresses and its texts.

pub mod accounts;
pub mod addresses;
pub mod administration;
pub mod analytics;
pub mod channels;
pub mod chat;
pub mod events;
pub mod giveaways;
pub mod jobs;
pub mod markets;
pub mod notices;
pub mod parties;
pub mod payments;
mod pictures;
pub mod programs;
pub mod reviews;
pub mod rooms;
pub mod sales;
pub mod search;
pub mod sellers;
pub mod slots;
pub mod subscriptions;
pub mod webhooks;
pub mod wishes;

use crate::page;
#[cfg(feature = "ssr")]
use crate::page::Page;
#[cfg(feature = "hydrate")]
use crate::page::Show;
#[cfg(feature = "hydrate")]
use leptos::prelude::*;

/// The addresses of all features. Everybody else calls them by [`crate::paths`].
pub(crate) mod paths {
    pub use super::accounts::paths::*;
    pub use super::addresses::paths::*;
    pub use super::administration::paths::*;
    pub use super::analytics::paths::*;
    pub use super::channels::paths::*;
    pub use super::chat::paths::*;
    pub use super::events::paths::*;
    pub use super::giveaways::paths::*;
    pub use super::jobs::paths::*;
    pub use super::markets::paths::*;
    pub use super::notices::paths::*;
    pub use super::parties::paths::*;
    pub use super::payments::paths::*;
    pub use super::pictures::paths::*;
    pub use super::programs::paths::*;
    pub use super::reviews::paths::*;
    pub use super::rooms::paths::*;
    pub use super::sales::paths::*;
    pub use super::search::paths::*;
    pub use super::sellers::paths::*;
    pub use super::slots::paths::*;
    pub use super::subscriptions::paths::*;
    pub use super::webhooks::paths::*;
    pub use super::wishes::paths::*;
}

/// Makes the table of pages: the file of code that a page is in, its name, its addresses, and the module with its `read` and `view`.
macro_rules! pages {
    ($($file:ident $name:ident: $($pattern:literal),+ => $($module:ident)::+;)*) => {
        /// Every page of the site.
        #[cfg(feature = "ssr")]
        pub static PAGES: &[Page] = &[$(Page {
            name: stringify!($name),
            file: stringify!($file),
            patterns: &[$($pattern),+],
            read: |asked, format| Box::pin(async move { format.write(&$($module)::+::read(asked).await?) }),
            show: |read| page::shown(read, $($module)::+::view),
        }),*];

        /// The view of a page, once its code is there.
        #[cfg(feature = "hydrate")]
        pub async fn load(name: &str) -> Show {
            match name {
                $(stringify!($name) => pages!(@load $file $name $($module)::+),)*
                _ => page::nothing,
            }
        }

        /// A function for each page whose code is in a file of its own: who calls it waits until that is loaded.
        #[cfg(feature = "hydrate")]
        mod code {
            use super::*;
            $(pages!(@code $file $name $($module)::+);)*
        }
    };
    (@load shared $name:ident $($module:ident)::+) => { |read| page::shown(read, $($module)::+::view) };
    (@load $file:ident $name:ident $($module:ident)::+) => { code::$name().await };
    (@code shared $name:ident $($module:ident)::+) => {};
    (@code $file:ident $name:ident $($module:ident)::+) => {
        #[lazy($file)]
        pub fn $name() -> Show {
            |read| page::shown(read, $($module)::+::view)
        }
    };
}

pages! {
    // The room's code is there with what all pages share: who waits in it is in a hurry. Of the button are two addresses: what is
    // refused without scripts is answered with the room. Pages that one comes to from one another share a file: what only some
    // files need becomes a file of its own for each set of them, which all have to be fetched.
    shared room: "/events/:id", "/events/:id/enter" => rooms::page;
    home home: "/" => events::home;
    shop board: "/events/:id/board" => rooms::board_page;
    shop entry: "/events/:id/entries/:rank" => rooms::entry;
    shop messages: "/events/:id/messages" => chat::messages;
    shop result: "/events/:id/result" => giveaways::result;
    shop share: "/events/:id/share" => events::share;
    shop changes: "/events/:id/changes" => events::changes;
    shop creator: "/creators/:id" => events::creator;
    shop reviews: "/events/:id/reviews" => reviews::of_event;
    shop seller_reviews: "/creators/:id/reviews" => reviews::of_seller;
    shop deals: "/deals" => sales::deals;
    shop tickets: "/tickets" => sales::tickets;
    shop search: "/search" => search::page;
    shop wishes: "/my/wishes" => wishes::page;
    shop checkout: "/events/:id/checkout" => sales::orders::checkout;
    shop sandbox: "/sandbox/pay/:id" => payments::sandbox;
    shop order: "/orders/:number" => sales::orders::order;
    shop receipt: "/orders/:number/receipt" => sales::orders::receipt;
    shop my_orders: "/my/orders" => sales::orders::list;
    shop my_tickets: "/my/tickets" => sales::orders::tickets;
    shop addresses: "/my/addresses" => addresses::page;
    neighbours parties: "/parties" => parties::nearby;
    neighbours new_party: "/parties/new" => parties::new;
    neighbours look_from: "/parties/where" => parties::look;
    neighbours party: "/parties/:id" => parties::party;
    neighbours my_parties: "/my/parties" => parties::mine;
    neighbours my_phone: "/my/phone" => parties::phones::page;
    neighbours market: "/markets/:id" => markets::market;
    neighbours favourites: "/my/favourites" => markets::favourites;
    neighbours subscriptions: "/my/subscriptions" => subscriptions::page;
    member sign_in: "/sign-in" => accounts::sign_in;
    member sign_up: "/sign-up" => accounts::sign_up;
    member terms: "/terms" => accounts::terms::of_use;
    member privacy: "/privacy" => accounts::terms::privacy;
    member forgot: "/forgot" => accounts::forgot;
    member new_password: "/forgot/new" => accounts::new_password;
    member kakao: "/sign-in/kakao/join", "/sign-in/kakao/new" => accounts::kakao;
    member my: "/my" => accounts::my;
    member devices: "/my/devices" => accounts::devices;
    member my_account: "/my/account" => accounts::account;
    member my_email: "/my/account/email" => accounts::email;
    member leave: "/my/leave" => accounts::leave;
    member tokens: "/my/tokens" => programs::page;
    member notices: "/notices" => notices::page;
    member notice_settings: "/notices/settings" => notices::settings;
    member channels: "/notices/delivery" => channels::page;
    member mail_link: "/mail/:link/:token" => channels::link;
    making own_events: "/creator" => events::own;
    making profile: "/creator/profile" => accounts::profile;
    // Beside the form of events, whose picker of pictures it has.
    making own_profile: "/my/profile" => accounts::own_profile;
    making sales: "/creator/sales" => sellers::sales;
    making sold_orders: "/creator/events/:id/orders" => sellers::orders;
    making sale_curves: "/creator/events/:id/sale" => sellers::curves;
    making business: "/creator/business" => sellers::business;
    making slots: "/creator/slots" => slots::page;
    making webhooks: "/creator/webhooks" => webhooks::page;
    making new_event: "/creator/new" => events::new;
    making edit_event: "/creator/events/:id/edit" => events::edit;
    making entrants: "/creator/events/:id" => giveaways::entrants;
    making muted: "/creator/events/:id/muted" => chat::muted;
    admin admin_overview: "/admin" => administration::overview;
    admin admin_events: "/admin/events" => administration::events;
    admin admin_orders: "/admin/orders" => administration::orders;
    admin admin_order: "/admin/orders/:number" => administration::order;
    admin admin_parties: "/admin/parties" => administration::parties;
    admin admin_items: "/admin/items" => markets::items;
    admin correct_item: "/admin/items/:id" => markets::correct_item;
    admin audit: "/admin/audit" => administration::audit;
    admin admin_member: "/admin/members/:id" => administration::member;
    admin admin_join: "/admin/join" => administration::join;
    admin reports: "/admin/reports" => chat::reports;
    admin reported_reviews: "/admin/reviews" => reviews::reported;
    admin jobs: "/admin/jobs" => jobs::page;
    admin appeals: "/admin/appeals" => parties::appeals;
    admin market_lists: "/admin/markets" => markets::lists;
    admin correct_market: "/admin/markets/:id" => markets::correct;
    admin slot_income: "/admin/slots" => slots::income;
    admin members: "/admin/members" => administration::members;
}
