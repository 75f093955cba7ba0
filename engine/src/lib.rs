//! What the server of 59초 does, without HTTP.
//!
//! A folder per part of the product: [`turnstile`] orders the clicks, [`feed`] says what happened in events, [`rooms`] and
//! [`chat`] carry what everybody sees, [`accounts`], [`addresses`], [`administration`] and [`events`] keep what people made, [`giveaways`] what becomes of entries,
//! [`payments`] what is paid, [`sellers`] who sells, [`slots`] in which hours; [`search`] finds all of it;
//! [`outbox`] and [`notices`] tell of it, [`channels`] outside the site as well, [`jobs`] runs what happens by itself. Below them [`db`], [`clock`] and [`tasks`], which
//! they share. What joins several of them is in [`entering`], [`naming`], [`personal`] and [`pages`]; here they are started, and nothing else.

#![warn(clippy::missing_errors_doc)]

pub mod accounts;
pub mod addresses;
pub mod administration;
pub mod analytics;
mod audit;
pub mod background;
pub mod channels;
pub mod chat;
#[cfg(test)]
mod circles;
pub mod clock;
pub mod cluster;
mod crowds;
pub mod db;
pub mod demo;
pub mod entering;
mod error;
pub mod events;
pub mod feed;
pub mod giveaways;
pub mod ids;
pub mod jobs;
pub mod limits;
mod lists;
pub mod mail;
pub mod markets;
pub mod naming;
pub mod notices;
mod open_net;
pub mod outbox;
pub mod outcomes;
pub mod pages;
pub mod parties;
pub mod payments;
pub mod personal;
pub mod pictures;
pub mod programs;
mod purchases;
pub mod reviews;
pub mod rooms;
pub mod sales;
pub mod search;
pub mod sellers;
mod site_keys;
pub mod slots;
pub mod subscriptions;
pub mod tasks;
pub mod tls;
pub mod turnstile;
mod versions;
pub mod webhooks;
pub mod wishes;

pub use error::Error;
pub use outcomes::check;
pub use purchases::check as check_payments;

use accounts::{Accounts, Oidc, Passwords};
use addresses::{Addresses, Finder};
use administration::Administration;
use analytics::Analytics;
use channels::{Channels, Means};
use chat::Chat;
use clock::Clock;
use cluster::{Bus, ClockOffset, Invalidation, Nodes, Presence, Redis};
use crowds::Crowds;
use db::Db;
use entering::Entering;
use events::Events;
use feed::Feed;
use giveaways::Giveaways;
use jobs::{Jobs, Work};
use limits::Limits;
use markets::{Catalogue, Geocoder, Markets};
use model::slots::Terms;
use naming::Naming;
use notices::Notices;
use pages::Pages;
use parties::{Parties, Sms};
use payments::{Payments, ProviderKind};
use personal::Personal;
use pictures::{PictureStore, Sweeper};
use programs::Programs;
use reviews::Reviews;
use rooms::{Registry, Rooms};
use sales::Sales;
use search::Search;
use sellers::Sellers;
use slots::Slots;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use subscriptions::Subscriptions;
use tasks::Tasks;
use tokio::sync::{Mutex, mpsc};
use turnstile::{Refusals, Turnstile};
use webhooks::Webhooks;
use wishes::Wishes;

/// States of rooms that may wait to be announced; beyond, one is left out.
const ANNOUNCEMENTS: usize = 256;

/// Services beside the site, as far as they are configured.
#[derive(Clone, Default)]
pub struct Services {
    /// Who takes payments, in the order in which they are offered; each can be reached by what is said of it.
    pub payments: Vec<ProviderKind>,
    /// Who sends codes to phones.
    pub sms: Option<Sms>,
    /// Where items are imported from.
    pub catalogue: Option<Catalogue>,
    /// Who knows where addresses are.
    pub geocoder: Geocoder,
    /// Who finds road addresses by what members type.
    pub finder: Finder,
    /// Where the index of the search lies; without it, in memory.
    pub index: Option<PathBuf>,
    /// By what hours for deals are sold.
    pub slots: Terms,
    /// By what members are told outside the site.
    pub channels: Option<Means>,
    /// Where members sign in by Kakao.
    pub kakao: Option<Oidc>,
    /// Whether a server of this machine may be a creator's, for tests.
    pub local_webhooks: bool,
}

/// Everything the server does. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// The truth.
    pub db: Db,
    /// Server time.
    pub clock: Clock,
    /// How often anyone may do what.
    pub limits: Limits,
    /// Accounts and sessions.
    pub accounts: Accounts,
    /// Where things go that members buy and win.
    pub addresses: Addresses,
    /// What admins do to members and events.
    pub administration: Administration,
    /// By which name members are shown.
    pub naming: Naming,
    /// What is kept of people, and what becomes of it.
    pub personal: Personal,
    /// Events and boards.
    pub events: Events,
    /// Orders the clicks.
    pub turnstile: Turnstile,
    /// Presses of the button.
    pub entering: Entering,
    /// What becomes of entries.
    pub giveaways: Giveaways,
    /// Money for what is sold.
    pub payments: Payments,
    /// Orders and tickets.
    pub sales: Sales,
    /// What buyers say of what they got.
    pub reviews: Reviews,
    /// The businesses that creators sell as.
    pub sellers: Sellers,
    /// The hours of their deals.
    pub slots: Slots,
    /// Events over time.
    pub analytics: Analytics,
    /// What members are told.
    pub notices: Notices,
    /// How they are told outside the site.
    pub channels: Channels,
    /// What members wish for.
    pub wishes: Wishes,
    /// What they wish to hear of.
    pub subscriptions: Subscriptions,
    /// Where goods are sold in bulk, and which.
    pub markets: Markets,
    /// Neighbours who buy together.
    pub parties: Parties,
    /// Finds all of these.
    pub search: Search,
    /// What everybody sees live.
    pub rooms: Rooms,
    /// What people say there.
    pub chat: Chat,
    /// Pages that show several of these.
    pub pages: Pages,
    /// Members' own programs.
    pub programs: Programs,
    /// What creators' own servers are told.
    pub webhooks: Webhooks,
    /// Uploads.
    pub pictures: PictureStore,
    /// What happens by itself.
    pub jobs: Jobs,
    /// What nodes tell each other.
    pub bus: Bus,
    /// How far the clock is from the other nodes'; `None` on a node of its own.
    pub clock_offset: Option<ClockOffset>,
    /// What runs until the program ends.
    pub tasks: Tasks,
}

impl Engine {
    /// Starts the tasks that run until the program ends. Uploaded pictures are kept in `folder`.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub async fn start(db: Db, folder: &Path, clock: Clock, passwords: Passwords) -> Result<Engine, Error> {
        let pictures = PictureStore::folder(&folder.join("pictures")).await?;
        let services = Services { index: Some(folder.join("search")), ..Services::default() };
        Ok(Engine::start_with(db, pictures, clock, passwords, None, services, Tasks::new()).await)
    }

    /// The same with pictures elsewhere, or as one of several nodes, which share `db`, `pictures` and `redis`; with
    /// services beside it. What runs until the program ends is kept by `tasks`.
    pub async fn start_with(
        db: Db,
        pictures: PictureStore,
        clock: Clock,
        passwords: Passwords,
        redis: Option<Redis>,
        services: Services,
        tasks: Tasks,
    ) -> Engine {
        // Before anything asks for the time.
        let clock_offset = match &redis {
            Some(redis) => Some(ClockOffset::start(redis.clone(), clock.clone(), &tasks).await),
            None => None,
        };
        let kept = clock.clone();
        tasks.restarting("clock", move || kept.clone().keep());
        let nodes = redis.map(|redis| Nodes::join(redis, &tasks));
        let bus = nodes.as_ref().map_or_else(Bus::local, |nodes| nodes.bus.clone());
        let limits = nodes.as_ref().map_or_else(Limits::default, |nodes| Limits::shared(nodes.redis.clone()));
        let tidied = limits.clone();
        tasks.restarting("limits", move || tidied.clone().keep_tidy());

        let written = db.clone();
        tasks.essential("database writer", async move {
            written.writer_is_gone().await;
            panic!("nothing writes to the database any more");
        });

        let registry = if nodes.is_some() { Registry::among_nodes() } else { Registry::default() };
        let feed = Feed::new(vec![Arc::new(registry.clone())], nodes.as_ref());
        let (refusals, watcher) = (Refusals::default(), Arc::new(feed.clone()));
        let turnstile = match &nodes {
            None => Turnstile::start(db.clone(), clock.clone(), watcher, outcomes::of, refusals.clone(), &tasks),
            Some(nodes) => {
                let (db, clock, refusals) = (db.clone(), clock.clone(), refusals.clone());
                Turnstile::join(db, clock, watcher, outcomes::of, refusals, nodes, &tasks)
            }
        };
        let invalidation = Invalidation::new(bus.clone());
        let accounts =
            Accounts::new(db.clone(), clock.clone(), limits.clone(), passwords, invalidation.clone(), services.kakao);
        let addresses = Addresses::new(db.clone(), clock.clone(), limits.clone(), services.finder);
        let sellers = Sellers::new(db.clone(), clock.clone(), limits.clone());
        let payments =
            Payments::through_kinds(db.clone(), clock.clone(), limits.clone(), purchases::of, services.payments);
        let slots =
            Slots::new(db.clone(), clock.clone(), limits.clone(), sellers.clone(), payments.clone(), services.slots);
        let events = Events::new(
            db.clone(),
            clock.clone(),
            limits.clone(),
            turnstile.clone(),
            sellers.clone(),
            payments.clone(),
            slots.clone(),
        );
        let giveaways = Giveaways::new(db.clone(), clock.clone(), turnstile.clone(), outcomes::of);
        let notices = Notices::on(db.clone(), clock.clone(), bus.clone());
        let channels = Channels::new(db.clone(), clock.clone(), limits.clone(), services.channels);
        let wishes = Wishes::new(db.clone(), clock.clone(), limits.clone());
        let markets = Markets::new(db.clone(), clock.clone(), limits.clone(), services.catalogue, services.geocoder);
        let subscriptions =
            Subscriptions::new(db.clone(), clock.clone(), limits.clone(), events.clone(), markets.clone());
        let parties =
            Parties::new(db.clone(), clock.clone(), limits.clone(), invalidation.clone(), bus.clone(), services.sms);
        let crowds = Crowds::new(db.clone(), clock.clone(), events.clone(), registry.clone(), turnstile.clone());
        let found = (events.clone(), parties.clone(), markets.clone(), crowds.clone());
        let search = Search::new(db.clone(), clock.clone(), limits.clone(), found, services.index);
        let chat = Chat::start(db.clone(), clock.clone(), limits.clone(), turnstile.clone(), feed, &tasks);
        let analytics = Analytics::new(db.clone(), clock.clone(), refusals);
        let rooms = Rooms {
            registry: registry.clone(),
            turnstile: turnstile.clone(),
            events: events.clone(),
            analytics: analytics.clone(),
            chat: chat.clone(),
            giveaways: giveaways.clone(),
            tasks: tasks.clone(),
        };
        let naming = Naming { accounts: accounts.clone(), rooms: rooms.clone(), invalidation, turn: Arc::default() };
        let personal = Personal {
            db: db.clone(),
            clock: clock.clone(),
            limits: limits.clone(),
            accounts: accounts.clone(),
            naming: naming.clone(),
            parties: parties.clone(),
            chat: chat.clone(),
            channels: channels.clone(),
        };
        let entering = Entering::new(turnstile.clone(), limits.clone(), clock.clone());
        let sales = Sales::new(db.clone(), clock.clone(), limits.clone(), turnstile.clone(), payments.clone());
        let reviews = Reviews::new(db.clone(), clock.clone(), limits.clone());
        let pages = Pages {
            db: db.clone(),
            clock: clock.clone(),
            accounts: accounts.clone(),
            addresses: addresses.clone(),
            events: events.clone(),
            giveaways: giveaways.clone(),
            chat: chat.clone(),
            rooms: rooms.clone(),
            sales: sales.clone(),
            sellers: sellers.clone(),
            parties: parties.clone(),
            crowds,
            wishes: wishes.clone(),
            reviews: reviews.clone(),
            public: Arc::default(),
        };
        let administration = Administration {
            db: db.clone(),
            clock: clock.clone(),
            limits: limits.clone(),
            accounts: accounts.clone(),
            parties: parties.clone(),
            turnstile: turnstile.clone(),
            tasks: tasks.clone(),
        };
        let programs = Programs::new(db.clone(), clock.clone(), limits.clone(), accounts.clone());
        let webhooks = Webhooks::new(db.clone(), clock.clone(), limits.clone(), services.local_webhooks);
        let node = nodes.as_ref().map(|nodes| nodes.node);
        let sweeper = Sweeper::new(pictures.clone(), db.clone(), clock.clone());
        let work = Work {
            giveaways: giveaways.clone(),
            sales: sales.clone(),
            slots: slots.clone(),
            notices: notices.clone(),
            channels: channels.clone(),
            accounts: accounts.clone(),
            addresses: addresses.clone(),
            payments: payments.clone(),
            parties: parties.clone(),
            markets: markets.clone(),
            administration: administration.clone(),
            programs: programs.clone(),
            webhooks: webhooks.clone(),
            personal: personal.clone(),
            sweeper,
        };
        let jobs = Jobs::start(db.clone(), clock.clone(), node, work, &tasks);
        let (told, woken) = (notices::teller(bus.clone(), jobs.hurried()), turnstile.waker());
        db.tell(move |news| {
            woken.wake(&news.commands);
            told(news);
        });
        let engine = Engine {
            db,
            clock,
            limits,
            accounts,
            addresses,
            administration,
            naming,
            personal,
            events,
            turnstile,
            entering,
            giveaways,
            payments,
            sales,
            reviews,
            sellers,
            slots,
            analytics,
            notices,
            channels,
            wishes,
            subscriptions,
            markets,
            parties,
            search,
            rooms,
            chat,
            pages,
            programs,
            webhooks,
            pictures,
            jobs,
            bus,
            clock_offset,
            tasks,
        };
        engine.keep_running(registry, nodes);
        engine
    }

    /// Begins what runs beside all of these until the program ends.
    fn keep_running(&self, registry: Registry, nodes: Option<Nodes>) {
        let (announcements, states) = mpsc::channel(ANNOUNCEMENTS);
        let (ticking, time) = (registry.clone(), self.clock.clone());
        self.tasks.restarting("rooms", move || ticking.clone().keep(time.clone(), announcements.clone()));
        let (announcing, states) = (self.chat.clone(), Arc::new(Mutex::new(states)));
        self.tasks.restarting("announcer", move || announcing.clone().announcing(states.clone()));
        let reread = self.rooms.clone();
        self.tasks.restarting("rooms reread", move || reread.clone().reread_stale());
        if let Some(nodes) = nodes {
            let (counted, presence) = (registry.clone(), Presence::new(nodes.redis, nodes.node));
            self.tasks.restarting("presence", move || counted.clone().count(presence.clone()));
        }
        let written = self.analytics.clone();
        self.tasks.restarting("analytics", move || {
            let sampled = registry.clone();
            written.clone().keep(move || sampled.presence_samples())
        });
        let rendered = self.events.clone();
        self.tasks.restarting("descriptions", move || rendered.clone().render_older());
        let expired = self.giveaways.clone();
        self.tasks.restarting("entries of before", move || expired.clone().expire_older());
        let named = self.accounts.clone();
        self.tasks.restarting("names", move || named.clone().protect_older());
        let standings = self.parties.clone();
        self.tasks.restarting("standings", move || standings.clone().follow());
        let (following, counted) = (self.search.clone(), self.search.clone());
        self.tasks.restarting("search", move || following.clone().follow());
        self.tasks.restarting("search terms", move || counted.clone().keep_terms());
        let followed = self.naming.clone();
        self.tasks.restarting("invalidation", move || followed.clone().follow());
        let done = self.administration.clone();
        self.tasks.restarting("administration", move || done.clone().follow());
        let used = self.programs.clone();
        self.tasks.restarting("tokens", move || used.clone().keep_uses());
    }
}
