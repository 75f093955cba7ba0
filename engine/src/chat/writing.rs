//! Writing lines: many in one transaction and one statement, so that a room that is shouted at costs little and clicks
//! hardly wait for it.

use crate::{
    clock::Clock,
    db::{Db, Dialect, HeldChat, Lane, Tx},
    feed::Feed,
};
use model::{
    ChatError, Error, EventId, MemberId, RequestId, Time,
    live::{ChatLine, Said},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, LazyLock},
};
use tokio::sync::{Mutex, mpsc, oneshot};

/// The most lines written in one transaction: clicks wait for it.
const MAX_BATCH: usize = 128;
/// Lines an insert statement of SQLite has room for: few statements for any batch, each prepared once.
const PLACES: [usize; 3] = [1, 16, MAX_BATCH];

/// A line that somebody wants to say.
pub(super) struct Line {
    pub event: EventId,
    pub request: RequestId,
    /// Nobody when the room says it.
    pub member: Option<MemberId>,
    pub said: Said,
    /// Told when it is durable, or that it is not said.
    pub answer: Option<oneshot::Sender<Result<(), Error>>>,
}

impl Line {
    /// What a member said, or the state that the room announces.
    fn columns(&self) -> (Option<String>, Option<String>) {
        match &self.said {
            Said::Member { text, .. } => (Some(text.clone()), None),
            Said::Hidden => (None, None),
            Said::Room { state } => {
                (None, serde_json::to_value(state).ok().and_then(|v| v.as_str().map(str::to_owned)))
            }
        }
    }
}

// Numbers go on from each room's newest; lines that were said before, or by whoever is muted, get none. Rows that nothing is
// bound to are null, and left out.
static INSERTS: LazyLock<[String; 3]> = LazyLock::new(|| {
    PLACES.map(|lines| {
        let lines = vec!["(?,?,?,?,?,?,?)"; lines].join(",");
        format!(
            "insert into chat_lines (event_id, number, request_id, at, member_id, text, state)
             select column1, coalesce((select max(number) from chat_lines where event_id = column1), 0)
                    + row_number() over (partition by column1 order by column2),
                column3, column4, column5, column6, column7
             from (values {lines})
             where column1 is not null
                and not exists (select 1 from chat_lines where request_id = column3)
                and not exists (select 1 from mutes where event_id = column1 and member_id = column5)
             returning request_id, number"
        )
    })
});

/// The same on PostgreSQL, for any number of lines.
const INSERT_COLUMNS: &str = "insert into chat_lines (event_id, number, request_id, at, member_id, text, state)
     select event_id, coalesce((select max(number) from chat_lines said where said.event_id = line.event_id), 0)
            + row_number() over (partition by event_id order by place),
        request_id, at, member_id, text, state
     from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[])
        with ordinality as line (event_id, request_id, at, member_id, text, state, place)
     where not exists (select 1 from chat_lines said where said.request_id = line.request_id)
        and not exists (select 1 from mutes where mutes.event_id = line.event_id and mutes.member_id = line.member_id)
     returning request_id, number";

/// The task that writes what is said.
///
/// It is begun anew after a panic rather than ending the program: clicks do not need it. The queue outlives it, so lines that
/// wait are written afterwards. Those of the batch that panicked are dropped with whoever waits for them, who is told that the
/// site is busy instead of waiting for ever; they are not tried again, as they may be why it panicked. Said once more under the
/// same request, a line that was written after all is not written twice.
#[derive(Clone)]
pub(super) struct Writer {
    db: Db,
    clock: Clock,
    feed: Feed,
    lines: Arc<Mutex<mpsc::Receiver<Line>>>,
}

impl Writer {
    pub fn new(db: Db, clock: Clock, feed: Feed, lines: mpsc::Receiver<Line>) -> Writer {
        Writer { db, clock, feed, lines: Arc::new(Mutex::new(lines)) }
    }

    /// Writes until nobody can say anything any more.
    pub async fn run(self) {
        let mut lines = self.lines.lock().await;
        let mut gathered = Vec::new();
        while lines.recv_many(&mut gathered, MAX_BATCH).await > 0 {
            match write(&self.db, &self.clock, &gathered).await {
                Ok(Written { said, muted }) => {
                    for (event, lines) in said {
                        self.feed.said(event, &lines);
                    }
                    for line in gathered.drain(..) {
                        let answer = if muted.contains(&line.request) { Err(ChatError::Muted.into()) } else { Ok(()) };
                        line.answer.map(|waiting| waiting.send(answer));
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "chat could not be written");
                    gathered.clear();
                }
            }
        }
    }
}

/// What became of a batch.
#[derive(Default)]
struct Written {
    said: BTreeMap<EventId, Vec<ChatLine>>,
    muted: HashSet<RequestId>,
}

async fn write(db: &Db, clock: &Clock, gathered: &[Line]) -> Result<Written, sqlx::Error> {
    let mut seen = HashSet::new();
    let new = gathered.iter().filter(|line| seen.insert(line.request));
    let lines: Vec<(&Line, Time)> = new.map(|line| (line, clock.now())).collect();
    let rooms: BTreeSet<EventId> = gathered.iter().map(|line| line.event).collect();
    let mut written = Written::default();
    let mut tx = db.begin(Lane::Other).await?;
    // Other nodes write into the same rooms: numbers are given to one after the other.
    let mut held = Vec::with_capacity(rooms.len());
    for event in rooms {
        held.push(tx.hold_chat(event).await?);
    }
    let numbers = insert(&mut tx, &held, &lines).await?;
    for (line, at) in lines {
        match (numbers.get(&line.request), line.member) {
            (Some(number), _) => {
                let said = ChatLine { number: *number as u64, at, said: line.said.clone() };
                written.said.entry(line.event).or_default().push(said);
            }
            (None, Some(member)) if is_muted(&mut tx, line.event, member).await? => {
                written.muted.insert(line.request);
            }
            // Said before.
            (None, _) => {}
        }
    }
    tx.commit().await?;
    Ok(written)
}

/// Writes lines of rooms whose chat is held, in their order; the numbers of those that are new.
async fn insert(
    tx: &mut Tx,
    held: &[HeldChat],
    lines: &[(&Line, Time)],
) -> Result<HashMap<RequestId, i64>, sqlx::Error> {
    debug_assert!(lines.iter().all(|(line, _)| held.iter().any(|held| held.event() == line.event)));
    let insert = match tx.dialect() {
        Dialect::Sqlite => {
            let fits = PLACES.iter().position(|places| *places >= lines.len()).unwrap_or(PLACES.len() - 1);
            lines.iter().zip(0_i64..).fold(tx.sql(&INSERTS[fits]), |insert, ((line, at), place)| {
                let (text, state) = line.columns();
                insert
                    .bind(line.event)
                    .bind(place)
                    .bind(line.request)
                    .bind(*at)
                    .bind(line.member)
                    .bind(text)
                    .bind(state)
            })
        }
        Dialect::Postgres => {
            let (texts, states) = lines.iter().map(|(line, _)| line.columns()).unzip();
            tx.sql(INSERT_COLUMNS)
                .bind_column(lines.iter().map(|(line, _)| line.event.0).collect())
                .bind_column(lines.iter().map(|(line, _)| line.request.0).collect())
                .bind_column(lines.iter().map(|(_, at)| at.0).collect())
                .bind_column(lines.iter().map(|(line, _)| line.member.map(|member| member.0)).collect())
                .bind_column::<Option<String>>(texts)
                .bind_column::<Option<String>>(states)
        }
    };
    Ok(insert.all::<(RequestId, i64)>().await?.into_iter().collect())
}

async fn is_muted(tx: &mut Tx, event: EventId, member: MemberId) -> Result<bool, sqlx::Error> {
    tx.sql("select 1 from mutes where event_id = $1 and member_id = $2").bind(event).bind(member).exists().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use testing::{On, Place, both};

    both!(every_line_is_said_once_in_order_and_nothing_by_the_muted);
    async fn every_line_is_said_once_in_order_and_nothing_by_the_muted(on: On) {
        let place = Place::new(on);
        let (db, clock) = (Db::at(&place).await, Clock::system());
        let event = EventId(uuid::Uuid::from_u128(1));
        let line = |request: u128, member: u128| Line {
            event,
            request: RequestId(uuid::Uuid::from_u128(request)),
            member: Some(MemberId(uuid::Uuid::from_u128(member))),
            said: Said::Member { nickname: "수달".into(), picture: None, creator: false, text: request.to_string() },
            answer: None,
        };
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql("insert into mutes (event_id, member_id, at) values ($1, $2, 0)")
            .bind(event)
            .bind(MemberId(uuid::Uuid::from_u128(7)))
            .run()
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let said = async |lines: &[Line]| {
            let mut written = write(&db, &clock, lines).await.unwrap();
            let said = written.said.remove(&event).unwrap_or_default().into_iter().map(|line| match line.said {
                Said::Member { text, .. } => (line.number, text.parse::<u128>().unwrap()),
                other => panic!("{other:?}"),
            });
            (said.collect::<Vec<_>>(), written.muted.len())
        };
        let expect = |numbers: std::ops::RangeInclusive<u64>| numbers.map(|n| (n, n.into())).collect::<Vec<_>>();
        assert_eq!(said(&[line(1, 1)]).await, (expect(1..=1), 0));
        // Twice at once, once more later, and once by a member who is muted.
        assert_eq!(said(&[line(2, 1), line(2, 1), line(1, 1), line(99, 7), line(3, 2)]).await, (expect(2..=3), 1));
        let many: Vec<Line> = (4..=131).map(|n| line(n, 3)).collect();
        assert_eq!(said(&many).await, (expect(4..=131), 0));
        assert_eq!(said(&many[5..]).await, (vec![], 0));
    }

    both!(lines_of_many_rooms_are_numbered_in_each);
    async fn lines_of_many_rooms_are_numbered_in_each(on: On) {
        let place = Place::new(on);
        let (db, clock) = (Db::at(&place).await, Clock::system());
        for batch in 0..3_u128 {
            // Room 0 hears more than half of them.
            let room = |n: u128| EventId(uuid::Uuid::from_u128(if n.is_multiple_of(2) { 0 } else { n % 7 }));
            let line = |n: u128| Line {
                event: room(n),
                request: RequestId(uuid::Uuid::from_u128(batch * 1000 + n)),
                member: Some(MemberId(uuid::Uuid::from_u128(n))),
                said: Said::Member { nickname: "수달".into(), picture: None, creator: false, text: n.to_string() },
                answer: None,
            };
            let lines: Vec<Line> = (0..100).map(line).collect();
            let said = write(&db, &clock, &lines).await.unwrap().said;
            for (event, lines) in &said {
                let texts: Vec<String> = (0..100).filter(|n| room(*n) == *event).map(|n| n.to_string()).collect();
                let before = batch as u64 * texts.len() as u64;
                assert!(lines.iter().map(|line| line.number).eq(before + 1..=before + texts.len() as u64));
                let in_order = lines.iter().zip(&texts);
                assert!(
                    in_order
                        .into_iter()
                        .all(|(line, text)| matches!(&line.said, Said::Member { text: said, .. } if said == text))
                );
            }
            assert_eq!(said.len(), 7);
        }
    }

    both!(lines_of_two_nodes_in_one_room_are_numbered_in_a_row, "multi_thread");
    async fn lines_of_two_nodes_in_one_room_are_numbered_in_a_row(on: On) {
        let place = Place::new(on);
        let one = Db::at(&place).await;
        let other = if on == On::Postgres { Db::at(&place).await } else { one.clone() };
        let event = EventId(uuid::Uuid::from_u128(1));
        let mut saying = tokio::task::JoinSet::new();
        for n in 0..200_u128 {
            let db = if n % 2 == 0 { one.clone() } else { other.clone() };
            saying.spawn(async move {
                let line = |request: u128| Line {
                    event,
                    request: RequestId(uuid::Uuid::from_u128(request)),
                    member: Some(MemberId(uuid::Uuid::from_u128(n))),
                    said: Said::Member {
                        nickname: "수달".into(),
                        picture: None,
                        creator: false,
                        text: request.to_string(),
                    },
                    answer: None,
                };
                // One of its own, and one that another node may be writing too.
                write(&db, &Clock::system(), &[line(n), line(1000 + n / 2)]).await.unwrap();
            });
        }
        saying.join_all().await;
        let found: (i64, i64) = one.sql("select count(*), max(number) from chat_lines").one().await.unwrap();
        assert_eq!(found, (300, 300));
    }
}
