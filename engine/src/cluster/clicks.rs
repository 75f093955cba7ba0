//! The queue of clicks: a stream per shard, which every node appends to and the shard's owner reads.
//!
//! Nothing in it was acknowledged, so it may be lost; what must not happen is that it is lost unnoticed. A stream is made
//! by its reader alone: appending to one that vanished fails, and positions that went backwards are found out.

use super::{
    connection::Redis,
    keys::{Keys, Stream},
};
use bytes::Bytes;
use futures::future::try_join_all;
use redis::{RedisError, RedisResult, Script, Value, aio::MultiplexedConnection};
use std::{
    fmt,
    str::FromStr,
    sync::LazyLock,
    time::{Duration, Instant},
};

/// A read returns after this long, with or without clicks.
const WAIT: Duration = Duration::from_millis(250);
/// A reader makes sure this often that its streams are still what they were.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// An answer that is this late will not come.
const TOO_LATE: Duration = Duration::from_secs(1);

/// Where a click stands in its stream. The database keeps it as two numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// When Redis took it, in milliseconds since the epoch; later ones are never earlier, unless data was lost.
    pub milliseconds: u64,
    /// Among those of the same millisecond.
    pub sequence: u64,
}

impl Position {
    /// Before every click.
    pub const START: Position = Position { milliseconds: 0, sequence: 0 };

    /// The least position behind this one.
    fn next(self) -> Position {
        match self.sequence.checked_add(1) {
            Some(sequence) => Position { sequence, ..self },
            None => Position { milliseconds: self.milliseconds.saturating_add(1), sequence: 0 },
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.milliseconds, self.sequence)
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text was not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position")]
pub struct NotAPosition;

impl FromStr for Position {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Position, NotAPosition> {
        let (milliseconds, sequence) = text.split_once('-').ok_or(NotAPosition)?;
        let number = |text: &str| text.parse().map_err(|_| NotAPosition);
        Ok(Position { milliseconds: number(milliseconds)?, sequence: number(sequence)? })
    }
}

/// Why clicks were not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream is full; the first `taken` were appended.
    #[error("the queue is full")]
    Busy {
        /// How many were appended.
        taken: usize,
    },
    /// There is no such stream: the shard has another by now, or will.
    #[error("the queue was lost")]
    Lost,
    /// Redis is away, or did not say whether it appended them.
    #[error("Redis: {0}")]
    Away(#[from] RedisError),
}

/// A stream and clicks of it.
pub type OfStream = (Stream, Vec<(Position, Bytes)>);

/// What a read found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ReadClicks {
    /// Clicks behind the given positions, in order within each stream.
    pub clicks: Vec<OfStream>,
    /// Streams that vanished or went back behind the given position: each needs its next generation.
    pub lost: Vec<Stream>,
}

// How many were taken, which is as many as fit; -1 when there is no stream. An entry has one field, `c`.
static APPEND: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
         local taken = math.min(ARGV[1] - redis.call('XLEN', KEYS[1]), #ARGV - 1)
         for i = 1, taken do redis.call('XADD', KEYS[1], '*', 'c', ARGV[i + 1]) end
         return math.max(taken, 0)",
    )
});

/// The streams of clicks. Cheap to clone.
#[derive(Clone)]
pub struct Clicks {
    redis: Redis,
    capacity: usize,
}

impl Clicks {
    /// Streams that each hold at most `capacity` clicks.
    pub fn new(redis: Redis, capacity: usize) -> Clicks {
        Clicks { redis, capacity }
    }

    /// Makes an empty stream; one that is there stays as it is.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn create(&self, stream: Stream) -> RedisResult<()> {
        let key = self.redis.keys().clicks(stream);
        // Only with a group is a stream made empty.
        let mut make = redis::pipe();
        make.atomic().cmd("XGROUP").arg("CREATE").arg(&key).arg("none").arg("$").arg("MKSTREAM").ignore();
        make.cmd("XGROUP").arg("DESTROY").arg(&key).arg("none").ignore();
        make.exec_async(&mut self.redis.clone()).await
    }

    /// Appends clicks in their order, all in one command. What they hold is the sequencer's affair.
    ///
    /// # Errors
    /// [`AppendError::Busy`] when not all of them fit; [`AppendError::Lost`] when there is no such stream; [`AppendError::Away`] when
    /// Redis is.
    pub async fn append(&self, stream: Stream, clicks: &[Bytes]) -> Result<(), AppendError> {
        let mut append = APPEND.key(self.redis.keys().clicks(stream));
        append.arg(self.capacity);
        for click in clicks {
            append.arg(&click[..]);
        }
        let taken: i64 = append.invoke_async(&mut self.redis.clone()).await?;
        match usize::try_from(taken) {
            Ok(taken) if taken == clicks.len() => Ok(()),
            Ok(taken) => Err(AppendError::Busy { taken }),
            Err(_) => Err(AppendError::Lost),
        }
    }

    /// Lets go of everything up to and with `position`, which was committed.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn trim(&self, stream: Stream, position: Position) -> RedisResult<()> {
        let mut trim = redis::cmd("XTRIM");
        trim.arg(self.redis.keys().clicks(stream)).arg("MINID").arg(position.next().to_string());
        trim.exec_async(&mut self.redis.clone()).await
    }

    /// How many clicks wait in a stream, or were read and not yet let go.
    ///
    /// # Errors
    /// When Redis is away.
    #[cfg(test)]
    pub async fn length(&self, stream: Stream) -> RedisResult<u64> {
        redis::cmd("XLEN").arg(self.redis.keys().clicks(stream)).query_async(&mut self.redis.clone()).await
    }

    /// Removes a stream that was followed by the next generation.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn delete(&self, stream: Stream) -> RedisResult<()> {
        redis::cmd("UNLINK").arg(self.redis.keys().clicks(stream)).exec_async(&mut self.redis.clone()).await
    }

    /// Reads streams, over a connection of its own.
    pub fn reader(&self) -> Reader {
        Reader { redis: self.redis.clone(), connection: None, looked_at: None }
    }
}

/// Reads streams and waits for clicks.
pub struct Reader {
    redis: Redis,
    /// Taken out while a read is under way: a read that is dropped takes it along, since its answer is still to come.
    connection: Option<MultiplexedConnection>,
    looked_at: Option<Instant>,
}

impl Reader {
    /// Clicks behind the given positions, at most `most` of each stream; waits a quarter of a second for them, and may then
    /// return nothing. Dropped at any time it has read nothing: that is how to wake it when other streams are to be read.
    ///
    /// # Errors
    /// When Redis is away, or does not answer in time.
    pub async fn read(&mut self, after: &[(Stream, Position)], most: usize) -> RedisResult<ReadClicks> {
        if after.is_empty() {
            // Redis would not take the question.
            tokio::time::sleep(WAIT).await;
            return Ok(ReadClicks::default());
        }
        let connection = match self.connection.take() {
            Some(connection) => Ok(connection),
            None => {
                self.looked_at = None;
                self.redis.patient().await
            }
        };
        let mut connection = connection?;
        let look = self.looked_at.is_none_or(|at| at.elapsed() >= LOOK_EVERY);
        let reading =
            tokio::time::timeout(WAIT + TOO_LATE, read(&mut connection, self.redis.keys(), after, most, look));
        // On any failure the connection is dropped, and the next read begins with another.
        let found = reading.await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
        if look {
            self.looked_at = Some(Instant::now());
        }
        self.connection = Some(connection);
        Ok(found)
    }
}

async fn read(
    connection: &mut MultiplexedConnection,
    keys: &Keys,
    after: &[(Stream, Position)],
    most: usize,
    look: bool,
) -> RedisResult<ReadClicks> {
    if look {
        let lost = lost(connection, keys, after).await?;
        if !lost.is_empty() {
            return Ok(ReadClicks { lost, clicks: Vec::new() });
        }
    }
    let mut read = redis::cmd("XREAD");
    read.arg("COUNT").arg(most).arg("BLOCK").arg(WAIT.as_millis() as u64).arg("STREAMS");
    for (stream, _) in after {
        read.arg(keys.clicks(*stream));
    }
    for (_, position) in after {
        read.arg(position.to_string());
    }
    let clicks = match read.query_async(connection).await? {
        Value::Nil => Vec::new(),
        answer => {
            let by_key =
                |key: &[u8]| after.iter().map(|(stream, _)| *stream).find(|s| keys.clicks(*s).as_bytes() == key);
            parse(answer, by_key).ok_or((redis::ErrorKind::Parse, "XREAD answered something else"))?
        }
    };
    Ok(ReadClicks { clicks, lost: Vec::new() })
}

/// Streams that are no longer there, or whose newest position is before one that was already seen.
async fn lost(
    connection: &MultiplexedConnection,
    keys: &Keys,
    after: &[(Stream, Position)],
) -> RedisResult<Vec<Stream>> {
    let newest = try_join_all(after.iter().map(|(stream, _)| newest(connection.clone(), keys.clicks(*stream)))).await?;
    let with_newest = after.iter().zip(newest);
    let lost = with_newest.filter(|((_, seen), newest)| newest.is_none_or(|newest| newest < *seen));
    Ok(lost.map(|((stream, _), _)| *stream).collect())
}

/// The newest position that a stream ever gave, also if nothing is left in it; `None` when it is not there.
async fn newest(mut connection: MultiplexedConnection, key: String) -> RedisResult<Option<Position>> {
    match redis::cmd("XINFO").arg("STREAM").arg(key).query_async::<Vec<Value>>(&mut connection).await {
        Ok(fields) => {
            let (names, _) = fields.as_chunks::<2>();
            let newest =
                names.iter().find_map(|[name, value]| (text(name)? == "last-generated-id").then(|| text(value)));
            Ok(newest.flatten().and_then(|newest| newest.parse().ok()))
        }
        Err(error) if error.detail().is_some_and(|detail| detail.contains("no such key")) => Ok(None),
        Err(error) => Err(error),
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

/// `[[key, [[position, [field, click]], …]], …]`, where clicks are taken and not copied.
fn parse(answer: Value, by_key: impl Fn(&[u8]) -> Option<Stream>) -> Option<Vec<OfStream>> {
    let stream = |value| {
        let [Value::BulkString(key), Value::Array(entries)] = items(value)? else { return None };
        let entry = |value| {
            let [Value::BulkString(position), fields] = items(value)? else { return None };
            let [Value::BulkString(_), Value::BulkString(click)] = items(fields)? else { return None };
            Some((std::str::from_utf8(&position).ok()?.parse().ok()?, Bytes::from(click)))
        };
        Some((by_key(&key)?, entries.into_iter().map(entry).collect::<Option<Vec<_>>>()?))
    };
    let Value::Array(streams) = answer else { return None };
    streams.into_iter().map(stream).collect()
}

fn items<const N: usize>(value: Value) -> Option<[Value; N]> {
    let Value::Array(items) = value else { return None };
    items.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{
        Shard,
        testing::{self, Server},
    };
    use proptest::prelude::*;

    const A: Stream = Stream { shard: Shard(1), generation: 7 };
    const B: Stream = Stream { shard: Shard(2), generation: 1 };

    fn clicks(texts: &[&'static str]) -> Vec<Bytes> {
        texts.iter().map(|text| Bytes::from_static(text.as_bytes())).collect()
    }

    /// Reads until there are clicks, or a stream is lost.
    async fn read(reader: &mut Reader, after: &[(Stream, Position)]) -> ReadClicks {
        read_counting(reader, after).await.0
    }

    /// The same, and how many reads that took.
    async fn read_counting(reader: &mut Reader, after: &[(Stream, Position)]) -> (ReadClicks, u32) {
        for reads in 1..=40 {
            match reader.read(after, 100).await {
                Ok(found) if found == ReadClicks::default() => {}
                Ok(found) => return (found, reads),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        panic!("nothing was read");
    }

    /// One read, again when the machine stalled for longer than a read may take.
    async fn read_once(reader: &mut Reader, after: &[(Stream, Position)], most: usize) -> ReadClicks {
        testing::eventually_some("it is read", async || reader.read(after, most).await.ok()).await
    }

    fn texts(found: &ReadClicks, stream: Stream) -> Vec<&str> {
        let of_stream = found.clicks.iter().filter(|(of, _)| *of == stream);
        of_stream.flat_map(|(_, clicks)| clicks).map(|(_, click)| std::str::from_utf8(click).unwrap()).collect()
    }

    #[tokio::test]
    async fn clicks_come_in_order_until_they_are_let_go() {
        let queue = Clicks::new(testing::shared().await, 5);
        let mut reader = queue.reader();
        queue.create(A).await.unwrap();
        queue.create(B).await.unwrap();
        queue.append(A, &clicks(&["a", "b", "c"])).await.unwrap();
        queue.append(B, &clicks(&["\0\r\n"])).await.unwrap();
        queue.create(A).await.unwrap();
        let found = read(&mut reader, &[(A, Position::START), (B, Position::START)]).await;
        assert_eq!((texts(&found, A), texts(&found, B)), (vec!["a", "b", "c"], vec!["\0\r\n"]));
        let positions: Vec<Position> =
            found.clicks.iter().find(|(s, _)| *s == A).unwrap().1.iter().map(|c| c.0).collect();
        assert!(positions.is_sorted());

        // Again from the middle, and no more than asked for.
        let found = read(&mut reader, &[(A, positions[0])]).await;
        assert_eq!(texts(&found, A), ["b", "c"]);
        assert_eq!(texts(&read_once(&mut reader, &[(A, positions[0])], 1).await, A), ["b"]);
        queue.trim(A, positions[1]).await.unwrap();
        assert_eq!(queue.length(A).await.unwrap(), 1);
        assert_eq!(texts(&read(&mut reader, &[(A, Position::START)]).await, A), ["c"]);

        // Full: what fits is taken, and there is room again when it was committed.
        let more = clicks(&["d", "e", "f", "g", "h", "i"]);
        assert!(matches!(queue.append(A, &more).await, Err(AppendError::Busy { taken: 4 })));
        assert!(matches!(queue.append(A, &more[4..]).await, Err(AppendError::Busy { taken: 0 })));
        queue.trim(A, positions[2]).await.unwrap();
        queue.append(A, &more[4..5]).await.unwrap();

        // Everything let go, it is empty and still known.
        let found = read(&mut reader, &[(A, positions[2])]).await;
        assert_eq!(texts(&found, A), ["d", "e", "f", "g", "h"]);
        let last = found.clicks[0].1[4].0;
        queue.trim(A, last).await.unwrap();
        assert_eq!(queue.length(A).await.unwrap(), 0);
        assert_eq!(read_once(&mut reader, &[(A, last)], 100).await, ReadClicks::default());
        assert_eq!(read_once(&mut reader, &[], 100).await, ReadClicks::default());

        queue.delete(A).await.unwrap();
        assert!(matches!(queue.append(A, &clicks(&["z"])).await, Err(AppendError::Lost)));
        assert_eq!(read(&mut reader, &[(A, last), (B, Position::START)]).await.lost, [A]);
    }

    #[tokio::test]
    async fn a_read_waits_for_clicks_and_may_be_dropped() {
        let queue = Clicks::new(testing::shared().await, 100);
        queue.create(A).await.unwrap();
        queue.create(B).await.unwrap();
        let mut reader = queue.reader();
        let (mut last, mut waited) = (Position::START, Vec::new());
        for _ in 0..9 {
            let appending = async {
                tokio::time::sleep(WAIT / 5).await;
                queue.append(A, &clicks(&["now"])).await.unwrap();
                Instant::now()
            };
            let reading = async {
                let found = read(&mut reader, &[(A, last), (B, Position::START)]).await;
                (found, Instant::now())
            };
            let (appended, (found, read_at)) = tokio::join!(appending, reading);
            assert_eq!(texts(&found, A), ["now"]);
            last = found.clicks[0].1[0].0;
            waited.push(read_at.saturating_duration_since(appended));
        }
        let waited = ::testing::median(waited);
        assert!(waited < WAIT / 2, "it is read at once: {waited:?}");

        // Waiting for one stream, it is told to read the other.
        queue.append(B, &clicks(&["other"])).await.unwrap();
        let mut waited = Vec::new();
        for _ in 0..9 {
            let after = [(A, last)];
            tokio::select! {
                _ = reader.read(&after, 100) => {}
                () = tokio::time::sleep(WAIT / 5) => {}
            }
            let asked = Instant::now();
            assert_eq!(texts(&read(&mut reader, &[(B, Position::START)]).await, B), ["other"]);
            waited.push(asked.elapsed());
        }
        let waited = ::testing::median(waited);
        assert!(waited < WAIT / 2, "it does not wait for the read that was dropped: {waited:?}");
    }

    #[tokio::test]
    async fn an_emptied_or_rewound_redis_is_found_out() {
        let mut server = Server::start(&[]);
        let redis = server.redis().await;
        let queue = Clicks::new(redis.clone(), 100);
        let mut reader = queue.reader();
        let mut seen = Position::START;
        for (generation, what) in ["flushed", "rewound", "restarted"].into_iter().enumerate() {
            let stream = Stream { shard: Shard(1), generation: generation as u64 };
            testing::eventually("it is made", async || queue.create(stream).await.is_ok()).await;
            queue.append(stream, &clicks(&["a"])).await.unwrap();
            let found = read(&mut reader, &[(stream, Position::START)]).await;
            assert!(found.clicks[0].1[0].0 > seen);
            seen = found.clicks[0].1[0].0;
            match what {
                "restarted" => {
                    server.start_again();
                    testing::eventually("it is back", async || {
                        redis::cmd("PING").exec_async(&mut redis.clone()).await.is_ok()
                    })
                    .await;
                }
                _ => redis::cmd("FLUSHALL").exec_async(&mut redis.clone()).await.unwrap(),
            }
            if what == "rewound" {
                // As after a fail-over to a replica that had not heard the newest and whose clock is behind.
                let key = redis.keys().clicks(stream);
                let mut add = redis::cmd("XADD");
                add.arg(key).arg("5-0").arg("c").arg("unseen").exec_async(&mut redis.clone()).await.unwrap();
            } else {
                assert!(matches!(queue.append(stream, &clicks(&["b"])).await, Err(AppendError::Lost)), "{what}");
            }
            let (found, reads) = read_counting(&mut reader, &[(stream, seen)]).await;
            assert_eq!(found.lost, [stream], "{what}");
            assert!(reads <= 8, "{what}: found out soon, not by {reads} reads");
        }
    }

    #[tokio::test]
    async fn an_absent_redis_refuses_at_once() {
        let mut server = Server::start(&[]);
        let queue = Clicks::new(server.redis().await, 100);
        queue.create(A).await.unwrap();
        server.kill();
        assert!(matches!(queue.append(A, &clicks(&["a"])).await, Err(AppendError::Away(_))));
        let took = testing::usual_time(async || {
            assert!(matches!(queue.append(A, &clicks(&["a"])).await, Err(AppendError::Away(_))));
        })
        .await;
        assert!(took < Duration::from_millis(100), "{took:?}");
        assert!(queue.reader().read(&[(A, Position::START)], 1).await.is_err());
    }

    proptest! {
        #[test]
        fn positions_survive_text_and_nothing_lies_between_one_and_the_next(milliseconds: u64, sequence: u64) {
            let position = Position { milliseconds, sequence };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
            prop_assert!(position.next() > position || milliseconds == u64::MAX);
        }
    }

    #[test]
    fn positions_are_ordered_by_time_first() {
        let position = |text: &str| text.parse::<Position>().unwrap();
        assert!(position("9-18446744073709551615") < position("10-0"));
        assert_eq!(position("9-18446744073709551615").next(), position("10-0"));
        for wrong in ["", "1", "-", "1-", "-1", "1-2-3", "x-1"] {
            assert_eq!(wrong.parse::<Position>(), Err(NotAPosition));
        }
    }
}
