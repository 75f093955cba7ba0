//! Room chat: numbered lines, durable before anyone sees them, many in one transaction.

mod moderation;

use crate::{
    Error,
    clock::Clock,
    db::{Db, Lane},
    ids,
    limits::Limits,
    members::Session,
    rooms::Rooms,
};
use model::{
    EventId, EventState, MemberId, RequestId, Time, fields,
    live::{CHAT_ON_ARRIVAL, ChatLine, Said},
};
use std::collections::BTreeMap;
use tokio::sync::{mpsc, oneshot};

/// Lines that may wait to be written.
const QUEUE: usize = 4096;
/// The most lines written in one transaction: clicks wait for it.
const MAX_BATCH: usize = 64;

struct Line {
    event: EventId,
    request: RequestId,
    member: Option<MemberId>,
    said: Said,
    answer: Option<oneshot::Sender<()>>,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    number: i64,
    at: Time,
    nickname: Option<String>,
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
    rooms: Rooms,
    queue: mpsc::Sender<Line>,
}

impl Chat {
    pub(crate) fn start(db: Db, clock: Clock, limits: Limits, rooms: Rooms) -> Chat {
        let (queue, lines) = mpsc::channel(QUEUE);
        tokio::spawn(write_lines(db.clone(), clock.clone(), rooms.clone(), lines));
        Chat { db, clock, limits, rooms, queue }
    }

    /// Says a line; returns when it is durable. Repeating a request says nothing new.
    pub async fn say(
        &self,
        event: EventId,
        by: &Session,
        creator: bool,
        request: RequestId,
        text: &str,
    ) -> Result<(), Error> {
        if by.suspended {
            return Err(model::Error::Suspended.into());
        }
        let text = fields::chat(text).map_err(|error| {
            let mut errors = model::FormErrors::default();
            errors.add("text", error);
            model::Error::Invalid { fields: errors }
        })?;
        self.limits.chat(by.member)?;
        self.may_speak(event, by.member).await?;
        if !creator {
            self.limits.room_chat(event)?;
        }
        let (answer, written) = oneshot::channel();
        let said = Said::Member { nickname: by.nickname.to_string(), creator, text };
        // Of this member alone: nobody takes another's id, or that of an announcement, away.
        let request = own_request(&[b"59 line", by.member.0.as_bytes(), request.0.as_bytes()]);
        let line = Line { event, request, member: Some(by.member), said, answer: Some(answer) };
        self.queue.try_send(line).map_err(|_| model::Error::Busy)?;
        written.await.map_err(|_| model::Error::Busy)?;
        Ok(())
    }

    /// The room itself says that the event entered a state; each once.
    pub async fn announce(&self, event: EventId, state: EventState) {
        let code = format!("{state:?}");
        let request = own_request(&[b"59 announcement", event.0.as_bytes(), code.as_bytes()]);
        let line = Line { event, request, member: None, said: Said::Room { state }, answer: None };
        let _ = self.queue.send(line).await;
    }

    /// Up to 50 lines before number `before` (or the newest), oldest first.
    pub async fn lines(&self, event: EventId, before: Option<u64>) -> Result<Vec<ChatLine>, Error> {
        let before = before.map_or(i64::MAX, |number| i64::try_from(number).unwrap_or(i64::MAX));
        let rows: Vec<LineRow> = self
            .db
            .sql(
                "select l.number, l.at, m.nickname, coalesce(m.id = e.creator_id, false) as creator, l.text, l.state,
                    l.hidden_at is not null as hidden
                 from chat_lines l join events e on e.id = l.event_id left join members m on m.id = l.member_id
                 where l.event_id = $1 and l.number < $2 and e.published_at is not null order by l.number desc limit $3",
            )
            .bind(event)
            .bind(before)
            .bind(CHAT_ON_ARRIVAL as i64)
            .all()
            .await?;
        Ok(rows.into_iter().rev().map(LineRow::line).collect())
    }
}

fn own_request(parts: &[&[u8]]) -> RequestId {
    let hash = ids::hash(parts);
    RequestId(uuid::Builder::from_custom_bytes(*hash.first_chunk().unwrap_or(&[0; 16])).into_uuid())
}

impl LineRow {
    fn line(self) -> ChatLine {
        let said = match self.state.and_then(|state| serde_json::from_value(state.into()).ok()) {
            Some(state) => Said::Room { state },
            None if self.hidden => Said::Hidden,
            None => Said::Member {
                nickname: self.nickname.unwrap_or_else(|| "***".into()),
                creator: self.creator,
                text: self.text.unwrap_or_default(),
            },
        };
        ChatLine { number: self.number as u64, at: self.at, said }
    }
}

async fn write_lines(db: Db, clock: Clock, rooms: Rooms, mut lines: mpsc::Receiver<Line>) {
    let mut gathered = Vec::new();
    while lines.recv_many(&mut gathered, MAX_BATCH).await > 0 {
        match write(&db, &clock, &gathered).await {
            Ok(written) => {
                for (event, lines) in written {
                    rooms.said(event, &lines);
                }
                for line in gathered.drain(..) {
                    if let Some(answer) = line.answer {
                        let _ = answer.send(());
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "chat could not be written");
                gathered.clear();
            }
        }
    }
}

async fn write(db: &Db, clock: &Clock, gathered: &[Line]) -> Result<BTreeMap<EventId, Vec<ChatLine>>, sqlx::Error> {
    let mut written: BTreeMap<EventId, Vec<ChatLine>> = BTreeMap::new();
    let mut tx = db.begin(Lane::Other).await?;
    for line in gathered {
        let at = clock.now();
        let (text, state) = match &line.said {
            Said::Member { text, .. } => (Some(text.clone()), None),
            Said::Hidden => (None, None),
            Said::Room { state } => {
                (None, serde_json::to_value(state).ok().and_then(|v| v.as_str().map(str::to_owned)))
            }
        };
        let number: Option<(i64,)> = tx
            .sql(
                "insert into chat_lines (event_id, number, request_id, at, member_id, text, state)
                 select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6 from chat_lines where event_id = $1
                 on conflict (request_id) do nothing returning number",
            )
            .bind(line.event)
            .bind(line.request)
            .bind(at)
            .bind(line.member)
            .bind(text)
            .bind(state)
            .optional()
            .await?;
        if let Some((number,)) = number {
            let said = ChatLine { number: number as u64, at, said: line.said.clone() };
            written.entry(line.event).or_default().push(said);
        }
    }
    tx.commit().await?;
    Ok(written)
}
