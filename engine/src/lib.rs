//! What the server of 59초 does, without HTTP.
//!
//! A folder per part of the product: [`turnstile`] orders the clicks, [`rooms`] and [`chat`] carry what everybody sees,
//! [`accounts`] and [`events`] keep what people made, [`giveaways`] what becomes of entries, [`notices`] tells of it; [`jobs`]
//! runs what happens by itself. Below them [`db`] and [`clock`], which they share.

pub mod accounts;
pub mod analytics;
pub mod chat;
pub mod clock;
pub mod cluster;
pub mod db;
pub mod demo;
mod error;
pub mod events;
pub mod giveaways;
pub mod ids;
pub mod jobs;
pub mod limits;
pub mod notices;
pub mod pictures;
pub mod rooms;
pub mod tls;
pub mod turnstile;

pub use error::Error;

use accounts::{Actor, Passwords};
use clock::Clock;
use cluster::{Bus, ClockOffset, Forget, Forgetting, Nodes, Redis};
use db::Db;
use futures::StreamExt;
use limits::Limits;
use model::{
    CreatorView, Cursor, EntryError, EventId, EventView, MemberId, RequestId, SECOND, Time,
    live::{PULSE, RECENT, Said, TOP},
};
use pictures::PictureStore;
use std::{path::Path, sync::Arc, time::Duration};
use turnstile::{Answer, Watcher};

/// Rooms that are read once more beside each other.
const STALE_AT_ONCE: usize = 4;

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
    pub accounts: accounts::Accounts,
    /// Events and boards.
    pub events: events::Events,
    /// Orders the clicks.
    pub turnstile: turnstile::Turnstile,
    /// What becomes of entries.
    pub giveaways: giveaways::Giveaways,
    /// Events over time.
    pub analytics: analytics::Analytics,
    /// What members are told.
    pub notices: notices::Notices,
    /// What everybody sees live.
    pub rooms: rooms::Rooms,
    /// What people say there.
    pub chat: chat::Chat,
    /// Uploads.
    pub pictures: PictureStore,
    /// What happens by itself.
    pub jobs: jobs::Jobs,
    /// What nodes tell each other.
    pub bus: Bus,
    /// How far the clock is from the other nodes'; `None` on a node of its own.
    pub clock_offset: Option<ClockOffset>,
    forgetting: Forgetting,
}

impl Engine {
    /// Starts the tasks that run until the program ends. Uploaded pictures are kept in `folder`.
    pub async fn start(db: Db, folder: &Path, clock: Clock, passwords: Passwords) -> Result<Engine, Error> {
        let pictures = PictureStore::folder(&folder.join("pictures")).await?;
        Engine::start_with(db, pictures, clock, passwords, None).await
    }

    /// The same with pictures elsewhere, or as one of several nodes, which share `db`, `pictures` and `redis`.
    pub async fn start_with(
        db: Db,
        pictures: PictureStore,
        clock: Clock,
        passwords: Passwords,
        redis: Option<Redis>,
    ) -> Result<Engine, Error> {
        let refusals = analytics::Refusals::default();
        let (rooms, limits, turnstile, bus, clock_offset, node) = match redis {
            None => {
                let rooms = rooms::Rooms::default();
                let watcher = Arc::new(rooms.clone());
                let turnstile = turnstile::Turnstile::start(db.clone(), clock.clone(), watcher, refusals.clone());
                (rooms, Limits::default(), turnstile, Bus::local(), None, None)
            }
            Some(redis) => {
                // Before anything asks for the time.
                let offset = ClockOffset::start(redis.clone(), clock.clone()).await;
                let nodes = Nodes::join(redis.clone());
                let rooms = rooms::Rooms::among(nodes.clone());
                let watcher = Arc::new(rooms.clone());
                let turnstile =
                    turnstile::Turnstile::join(db.clone(), clock.clone(), watcher, refusals.clone(), &nodes);
                (rooms, Limits::shared(redis), turnstile, nodes.bus, Some(offset), Some(nodes.node))
            }
        };
        let forgetting = Forgetting::new(bus.clone());
        let analytics = analytics::Analytics::new(db.clone(), clock.clone(), refusals);
        tokio::spawn(analytics.clone().keep(rooms.clone()));
        let accounts =
            accounts::Accounts::new(db.clone(), clock.clone(), limits.clone(), passwords, forgetting.clone());
        let events = events::Events::new(db.clone(), clock.clone(), limits.clone(), turnstile.clone());
        let giveaways = giveaways::Giveaways::new(db.clone(), clock.clone(), turnstile.clone());
        let notices = notices::Notices::new(db.clone(), clock.clone());
        let work = jobs::Work { giveaways: giveaways.clone(), notices: notices.clone(), accounts: accounts.clone() };
        let jobs = jobs::Jobs::start(db.clone(), clock.clone(), node, work);
        let chat = chat::Chat::start(db.clone(), clock.clone(), limits.clone(), rooms.clone());

        tokio::spawn(clock.clone().keep());
        let (announce, mut states) = tokio::sync::mpsc::channel(256);
        tokio::spawn(rooms.clone().keep(clock.clone(), announce));
        let announcer = chat.clone();
        tokio::spawn(async move {
            while let Some((event, state)) = states.recv().await {
                announcer.announce(event, state).await;
            }
        });
        let tidied = limits.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(60)).await;
                tidied.tidy();
            }
        });
        let engine = Engine {
            db,
            clock,
            limits,
            accounts,
            events,
            turnstile,
            giveaways,
            analytics,
            notices,
            rooms,
            chat,
            pictures,
            jobs,
            bus,
            clock_offset,
            forgetting,
        };
        tokio::spawn(engine.clone().forget_what_others_change());
        tokio::spawn(engine.clone().read_stale_rooms());
        Ok(engine)
    }

    /// The room of an event, opened and loaded when nobody was in it.
    pub async fn room(&self, event: EventId) -> Result<Arc<rooms::Room>, Error> {
        if let Some(room) = self.rooms.get(event)
            && room.is_loaded()
        {
            return Ok(room);
        }
        let gate = self.turnstile.gate(event).await?;
        if gate.terms.moments.published_at.is_none() {
            return Err(model::Error::NotFound.into());
        }
        // Registered before reading, so that no batch committed meanwhile is missed.
        let room = self.rooms.open(&gate.terms, gate.listening.clone());
        let _turn = room.loading.lock().await;
        if !room.is_loaded() {
            self.load_room(&room).await?;
        }
        Ok(room.clone())
    }

    /// Reads a room from the database, by whoever holds its turn.
    async fn load_room(&self, room: &Arc<rooms::Room>) -> Result<(), Error> {
        let event = room.event;
        let gate = self.turnstile.gate(event).await?;
        let standing = gate.ledger.standing();
        // A room that is read once more may have missed other terms, too.
        if gate.terms.revisions > room.revisions() {
            room.revised(&gate.terms, standing);
        }
        let total = standing.total;
        let opens_at = gate.terms.moments.opens_at;
        let (top, recent) = self.events.ends(event, opens_at, total, TOP.min(total), RECENT as u64).await?;
        let pulse = self.analytics.counts(event, total, opens_at, SECOND, PULSE).await?;
        let pulse = pulse.into_iter().map(|count| count as u32).collect();
        // A room that is read once more shows what was said meanwhile line by line.
        let chat_last = match room.chat_shown() {
            Some(shown) => shown,
            None => self.chat.lines(event, None).await?.last().map_or(0, |line| line.number),
        };
        room.load(standing, rooms::Found { top, recent, pulse, chat_last });
        if room.begin_serving() {
            tokio::spawn(room.usher());
        }
        Ok(())
    }

    /// Reads rooms once more that may have missed what other nodes did. Runs until the program ends.
    async fn read_stale_rooms(self) {
        loop {
            let stale = futures::stream::iter(self.rooms.stale().await);
            let read = async |room: Arc<rooms::Room>| {
                if let Err(error) = self.read_again(&room).await {
                    tracing::warn!(%error, "a room is not up to date");
                    self.rooms.missed(room.event);
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            };
            stale.for_each_concurrent(STALE_AT_ONCE, read).await;
        }
    }

    async fn read_again(&self, room: &Arc<rooms::Room>) -> Result<(), Error> {
        let turn = room.loading.lock().await;
        room.begin_anew();
        self.load_room(room).await?;
        drop(turn);
        let lines = self.chat.lines(room.event, None).await?;
        if let Some(first) = lines.first() {
            room.skip_lines(first.number - 1);
        }
        for hidden in lines.iter().filter(|line| line.said == Said::Hidden) {
            room.hide(hidden.number);
        }
        room.said(&lines);
        Ok(())
    }

    /// One press of the button, by whichever way it came. The answer is durable.
    pub async fn press(
        &self,
        actor: &Actor,
        event: EventId,
        code: Option<&str>,
        stamped_at: Time,
    ) -> Result<Answer, Error> {
        let session = match actor.active() {
            Ok(session) => session,
            Err(error) => return Ok(Answer::Refused(error)),
        };
        let code = code.filter(|code| !code.trim().is_empty());
        // Boxed: the way of every other click does not carry the room that counting needs.
        if code.is_some() {
            Box::pin(self.may_guess(session.member, event, stamped_at)).await?;
        }
        let name = session.board_name.clone();
        let answer = self.turnstile.enter(event, session.member, name, stamped_at, code).await?;
        // Only what leads nowhere is ever limited: no click after the opening is held back.
        match answer {
            Answer::Refused(model::Error::Entry(EntryError::TooEarly { .. })) => {
                self.limits.early_click(session.member)?;
            }
            Answer::Refused(model::Error::Entry(EntryError::WrongCode)) if code.is_some() => {
                Box::pin(self.limits.codes(session.member, event).strike(stamped_at)).await?;
            }
            _ => {}
        }
        Ok(answer)
    }

    /// Whether a click may bring a code: where one is asked for, and could still lead to an entry, wrong ones are counted.
    async fn may_guess(&self, member: MemberId, event: EventId, stamped_at: Time) -> Result<(), Error> {
        let gate = self.turnstile.gate(event).await?;
        if gate.terms.entry_code.is_some() && gate.ledger.certain(member).is_none() {
            self.limits.codes(member, event).allowed(stamped_at).await?;
        }
        Ok(())
    }

    /// Says a line in the room of an event.
    pub async fn say(&self, actor: &Actor, event: EventId, request: RequestId, text: &str) -> Result<(), Error> {
        let gate = self.turnstile.gate(event).await?;
        if gate.terms.moments.published_at.is_none() {
            return Err(model::Error::NotFound.into());
        }
        self.chat.say(actor, event, actor.member() == Some(gate.terms.creator), request, text).await
    }

    /// A creator with what they published before a time, as everybody sees them.
    pub async fn creator_page(&self, creator: MemberId, cursor: Option<&Cursor>) -> Result<CreatorView, Error> {
        let profile = self.accounts.profile(creator).await?.ok_or(model::Error::NotFound)?;
        let events = self.events.published_by(creator, cursor).await?;
        let accounts::CreatorProfile { name, introduction, links } = profile;
        Ok(CreatorView { name, introduction, links, events, now: self.clock.now() })
    }

    /// An event with its room, as `reader` may see it.
    pub async fn event_page(&self, event: EventId, reader: &Actor) -> Result<EventView, Error> {
        let mut view = self.events.view(event, reader).await?;
        view.chat = self.chat.lines(event, None).await?;
        if let Some(entry) = view.mine {
            view.place = self.giveaways.place(event, entry).await?;
        }
        if view.card.moments.published_at.is_some() {
            match self.room(event).await {
                Ok(room) => {
                    let state = room.state();
                    (view.top, view.pulse) = (state.top.clone(), state.pulse.clone());
                    view.card.present = room.present();
                }
                // Published a moment ago, which the turnstile is about to hear: nobody is there yet.
                Err(Error::Refused(model::Error::NotFound)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(view)
    }

    /// Shows a member's nickname masked on boards, or whole again; rooms that are open follow.
    pub async fn set_masked(&self, actor: &Actor, masked: bool) -> Result<(), Error> {
        let name = self.accounts.set_masked(actor, masked).await?;
        let member = actor.signed_in()?.member;
        self.forgetting.tell(Forget::Name(member));
        self.rename(member, &name).await
    }

    /// Shows a member by another name in the rooms that are open on this node.
    async fn rename(&self, member: MemberId, name: &str) -> Result<(), Error> {
        for (event, _) in self.rooms.heads() {
            if let Some(entry) = self.turnstile.entry(event, member).await? {
                self.rooms.rename(event, entry.rank, name);
            }
        }
        Ok(())
    }

    /// Forgets what other nodes change. Runs until the program ends.
    async fn forget_what_others_change(self) {
        let mut changes = self.forgetting.hear();
        loop {
            match changes.next().await {
                Forget::Name(member) => {
                    let renamed = async {
                        match self.accounts.board_name(member).await? {
                            Some(name) => self.rename(member, &name).await,
                            None => Ok(()),
                        }
                    };
                    if let Err(error) = renamed.await {
                        tracing::warn!(%error, "a member could not be shown by another name");
                    }
                }
                what => self.accounts.sessions.forget(what),
            }
        }
    }
}
