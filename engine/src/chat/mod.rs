//! Room chat: numbered lines, durable before anyone sees them, many in one transaction.

mod moderation;
pub(crate) mod personal;
mod writing;

use crate::{
    Error,
    accounts::{Actor, shown_picture},
    clock::Clock,
    db::Db,
    feed::Feed,
    ids,
    limits::Limits,
    tasks::Tasks,
    turnstile::Turnstile,
};
use model::{
    Cursor, EventId, EventState, PictureId, RequestId, Time,
    live::{CHAT_ON_ARRIVAL, ChatLine, Said},
    text,
};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};
use writing::{Line, Writer};

/// Lines that may wait to be written.
const QUEUE: usize = 4096;

#[derive(sqlx::FromRow)]
struct LineRow {
    number: i64,
    at: Time,
    nickname: Option<String>,
    picture: Option<PictureId>,
    creator: bool,
    text: Option<String>,
    state: Option<String>,
    hidden: bool,
}

/// What is said in rooms. Cheap to clone.
#[derive(Clone)]
pub struct Chat {
    db: Db,
    clock: Clock,
    limits: Limits,
    turnstile: Turnstile,
    feed: Feed,
    queue: mpsc::Sender<Line>,
}

impl Chat {
    pub(crate) fn start(db: Db, clock: Clock, limits: Limits, turnstile: Turnstile, feed: Feed, tasks: &Tasks) -> Chat {
        let (queue, lines) = mpsc::channel(QUEUE);
        let writer = Writer::new(db.clone(), clock.clone(), feed.clone(), lines);
        tasks.restarting("chat writer", move || writer.clone().run());
        Chat { db, clock, limits, turnstile, feed, queue }
    }

    /// Says a line in the room of an event; returns when it is durable. Repeating a request says nothing new.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] unless the event is published; a visitor, a member who is suspended or muted, and whoever
    /// says too much are refused; the site may be busy, the database may fail.
    pub async fn say(&self, actor: &Actor, event: EventId, request: RequestId, text: &str) -> Result<(), Error> {
        // Who says it and how often, before anything is looked for.
        let by = actor.active()?;
        let text = text::chat(text).map_err(|error| {
            let mut errors = model::FormErrors::default();
            errors.add("text", error);
            model::Error::Invalid { fields: errors }
        })?;
        self.limits.chat(by.member).await?;
        let handle = self.turnstile.event(event).await?;
        if handle.rules.moments.published_at.is_none() {
            return Err(model::Error::NotFound.into());
        }
        let creator = by.member == handle.rules.creator;
        if !creator {
            self.limits.room_chat(event, by.member).await?;
        }
        let (answer, written) = oneshot::channel();
        // Both as the session has them: a line costs no look-up.
        let said = Said::Member { nickname: by.nickname.to_string(), picture: by.picture, creator, text };
        // Of this member in this room alone: nobody takes another's id, or that of an announcement, away.
        let request = own_request(&[b"59 line", event.0.as_bytes(), by.member.0.as_bytes(), request.0.as_bytes()]);
        let line = Line { event, request, member: Some(by.member), said, answer: Some(answer) };
        self.queue.try_send(line).map_err(|_| model::Error::Busy)?;
        Ok(written.await.map_err(|_| model::Error::Busy)??)
    }

    /// The room itself says that the event entered a state; each once.
    pub async fn announce(&self, event: EventId, state: EventState) {
        let request = own_request(&[b"59 announcement", event.0.as_bytes(), announced(state).as_bytes()]);
        let line = Line { event, request, member: None, said: Said::Room { state }, answer: None };
        let _ = self.queue.send(line).await;
    }

    /// Lets rooms say which states they entered, until the program ends.
    pub(crate) async fn announcing(self, states: Arc<Mutex<mpsc::Receiver<(EventId, EventState)>>>) {
        let mut states = states.lock().await;
        while let Some((event, state)) = states.recv().await {
            self.announce(event, state).await;
        }
    }

    /// Number of the newest line; 0 where nothing was said.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest(&self, event: EventId) -> Result<u64, Error> {
        let newest = self.db.sql("select coalesce(max(number), 0) from chat_lines where event_id = $1");
        let (newest,): (i64,) = newest.bind(event).one().await?;
        Ok(newest as u64)
    }

    /// Up to 50 lines before the one that the cursor names by its number (or the newest), oldest first.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn lines(&self, event: EventId, cursor: Option<&Cursor>) -> Result<Vec<ChatLine>, Error> {
        let before: u64 = Cursor::before(cursor)?;
        let rows: Vec<LineRow> = self
            .db
            .sql(concat!(
                "select l.number, l.at, m.nickname, coalesce(m.id = e.creator_id, false) as creator, l.text, l.state,
                    l.hidden_at is not null as hidden, ",
                shown_picture!(),
                " from chat_lines l join events e on e.id = l.event_id left join members m on m.id = l.member_id
                 where l.event_id = $1 and l.number < $2 and e.published_at is not null order by l.number desc limit $3"
            ))
            .bind(event)
            .bind(before as i64)
            .bind(CHAT_ON_ARRIVAL as i64)
            .all()
            .await?;
        Ok(rows.into_iter().rev().map(LineRow::line).collect())
    }
}

/// What the id of an announcement is made from: written down for ever, since each is announced once by whatever version of
/// the program runs.
fn announced(state: EventState) -> &'static str {
    match state {
        EventState::Draft => "Draft",
        EventState::Scheduled => "Scheduled",
        EventState::Open => "Open",
        EventState::Full => "Full",
        EventState::Closed => "Closed",
        EventState::Settled => "Settled",
        EventState::Cancelled => "Cancelled",
        EventState::Suspended => "Suspended",
    }
}

fn own_request(parts: &[&[u8]]) -> RequestId {
    RequestId(ids::id_of(parts))
}

impl LineRow {
    fn line(self) -> ChatLine {
        let said = match self.state.and_then(|state| serde_json::from_value(state.into()).ok()) {
            Some(state) => Said::Room { state },
            None if self.hidden => Said::Hidden,
            None => Said::Member {
                nickname: self.nickname.unwrap_or_else(|| "***".into()),
                picture: self.picture,
                creator: self.creator,
                text: self.text.unwrap_or_default(),
            },
        };
        ChatLine { number: self.number as u64, at: self.at, said }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows have been written with these for as long as there is chat.
    #[test]
    fn announcements_have_the_ids_they_always_had() {
        let event = EventId(uuid::Uuid::from_u128(59));
        let open = own_request(&[b"59 announcement", event.0.as_bytes(), announced(EventState::Open).as_bytes()]);
        assert_eq!(open.0.to_string(), "1c9d7ff1-7193-8328-b97a-8ce2d7d04823");
    }
}
