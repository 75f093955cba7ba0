//! Opening rooms: what they show is read from the database, once when the first comes in, and once more when something may
//! have been missed.

use super::{
    Registry, Room,
    room::{Contents, Loading},
};
use crate::{
    Error, analytics::Analytics, chat::Chat, events::Events, giveaways::Giveaways, tasks::Tasks, turnstile::Turnstile,
};
use futures::StreamExt;
use model::{
    EventId, MemberId, SECOND,
    live::{PULSE, RECENT, Said, TOP},
};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// Rooms that are read once more beside each other.
const STALE_AT_ONCE: usize = 4;
/// A room that could not be read is read again after this.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// The rooms of events. Cheap to clone.
#[derive(Clone)]
pub struct Rooms {
    pub(crate) registry: Registry,
    pub(crate) turnstile: Turnstile,
    pub(crate) events: Events,
    pub(crate) analytics: Analytics,
    pub(crate) chat: Chat,
    pub(crate) giveaways: Giveaways,
    pub(crate) tasks: Tasks,
}

impl Rooms {
    /// The room of an event, opened and loaded when nobody was in it.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] unless the event is published; the database may fail.
    pub async fn open(&self, event: EventId) -> Result<Arc<Room>, Error> {
        if let Some(room) = self.registry.get(event)
            && room.is_live()
        {
            return Ok(room);
        }
        let handle = self.turnstile.event(event).await?;
        if handle.rules.moments.published_at.is_none() {
            return Err(model::Error::NotFound.into());
        }
        // Registered before reading, so that no batch committed meanwhile is missed.
        let room = self.registry.open(&handle.rules, handle.subscription.clone());
        let loading = room.begin_loading().await;
        if !room.is_live() {
            self.load(&loading).await?;
        }
        drop(loading);
        Ok(room)
    }

    /// People in the room of an event.
    pub fn present(&self, event: EventId) -> u64 {
        self.registry.get(event).map_or(0, |room| room.present())
    }

    /// Shows a member by another name in the rooms that are open on this node. One whose event cannot be read now is read
    /// anew as a whole, and the others do not wait for it.
    pub(crate) async fn rename(&self, member: MemberId, name: &str) {
        for event in self.registry.events() {
            match self.turnstile.entry(event, member).await {
                Ok(Some(entry)) => {
                    if let Some(room) = self.registry.get(event) {
                        room.rename(entry.rank, name);
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, %event, "a room cannot show a member by another name yet");
                    self.registry.missed(event);
                }
            }
        }
    }

    /// Shows what a member said lately with the picture that they have now, to whoever comes into the rooms that are open on this node.
    pub(crate) async fn repicture(&self, member: MemberId) {
        let lines = match self.chat.said_lately(member).await {
            Ok(lines) => lines,
            Err(error) => {
                tracing::warn!(%error, "rooms that are open name a picture that is gone, until they are read anew");
                return;
            }
        };
        let picture = lines.first().and_then(|(_, _, picture)| *picture);
        let mut of_rooms: HashMap<EventId, Vec<u64>> = HashMap::new();
        for (event, number, _) in lines {
            of_rooms.entry(event).or_default().push(number as u64);
        }
        for (event, numbers) in of_rooms {
            if let Some(room) = self.registry.get(event) {
                room.repicture(&numbers, picture);
            }
        }
    }

    /// Reads a room from the database.
    async fn load(&self, loading: &Loading<'_>) -> Result<(), Error> {
        let room = loading.room();
        let event = room.event;
        let handle = self.turnstile.event(event).await?;
        let state = handle.ledger.state();
        // A room that is read once more may have missed other rules, too.
        if handle.rules.revisions > room.revisions() {
            room.revised(&handle.rules, state);
        }
        let total = state.total;
        let opens_at = handle.rules.moments.opens_at;
        let (top, recent) = self.events.ends(event, opens_at, total, TOP.min(total), RECENT as u64).await?;
        let pulse = self.analytics.counts(event, total, opens_at, SECOND, PULSE).await?;
        let pulse = pulse.into_iter().map(|count| count as u32).collect();
        let waitlist = self.giveaways.waitlist(event).await?;
        // A room that is read once more shows what was said meanwhile line by line.
        let (chat_last, chat) = match room.chat_shown() {
            Some(shown) => (shown, Vec::new()),
            None => {
                let lines = self.chat.lines(event, None).await?;
                (lines.last().map_or(0, |line| line.number), lines)
            }
        };
        let first = loading.load(state, Contents { top, recent, pulse, waitlist, chat_last, chat });
        if first {
            let fan_out = room.fan_out();
            self.tasks.restarting("room fan-out", move || fan_out.clone().run());
        }
        Ok(())
    }

    /// Reads rooms once more that may have missed something. Runs until the program ends.
    pub(crate) async fn reread_stale(self) {
        loop {
            let stale = futures::stream::iter(self.registry.stale().await);
            let read = async |room: Arc<Room>| {
                if let Err(error) = self.reread(&room).await {
                    tracing::warn!(%error, "a room is not up to date");
                    self.registry.missed(room.event);
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            };
            stale.for_each_concurrent(STALE_AT_ONCE, read).await;
        }
    }

    async fn reread(&self, room: &Arc<Room>) -> Result<(), Error> {
        let loading = room.begin_loading().await;
        loading.begin_anew();
        self.load(&loading).await?;
        drop(loading);
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
}
