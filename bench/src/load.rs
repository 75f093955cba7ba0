//! The load generator: HTTP/1.1 on kept-alive connections, as cheap as it can be made, so that the server is measured.

use crate::Failure;
use futures::future::try_join_all;
use hdrhistogram::Histogram;
use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

/// What came of a run.
pub struct Outcome {
    /// From the first send to the last answer.
    pub elapsed: Duration,
    /// How many answers had each status.
    pub statuses: Vec<(u16, u64)>,
    /// Microseconds from send, or from the scheduled send, to answer.
    pub latency: Histogram<u64>,
    /// Ranks of entries, in the order of their answers.
    pub ranks: Vec<u64>,
}

impl Outcome {
    /// Answers with `status` in a second; all answers must have it.
    pub fn per_second(&self, status: u16) -> Result<f64, Failure> {
        match self.statuses.as_slice() {
            [(only, count)] if *only == status => Ok(*count as f64 / self.elapsed.as_secs_f64()),
            other => Err(format!("expected only {status}, got {other:?}").into()),
        }
    }

    /// Fails unless the ranks are exactly 1 to `count`.
    pub fn exact_ranks(&self, count: u64) -> Result<(), Failure> {
        self.exact_ranks_on(1, count)
    }

    /// Fails unless the ranks on each of so many events are exactly 1 to `count`.
    pub fn exact_ranks_on(&self, events: u64, count: u64) -> Result<(), Failure> {
        let mut ranks = self.ranks.clone();
        ranks.sort_unstable();
        let exact =
            ranks.len() as u64 == events * count && ranks.iter().zip(0..).all(|(rank, i)| *rank == i / events + 1);
        if exact { Ok(()) } else { Err(format!("ranks are not exactly 1 to {count}").into()) }
    }

    /// Both of two runs that went on at once.
    fn and(mut self, other: Outcome) -> Outcome {
        self.elapsed = self.elapsed.max(other.elapsed);
        for (status, count) in other.statuses {
            count_status(&mut self.statuses, status, count);
        }
        self.latency += &other.latency;
        self.ranks.extend(other.ranks);
        self
    }

    /// Both of two runs, one after the other.
    pub fn then(self, later: Outcome) -> Outcome {
        let elapsed = self.elapsed + later.elapsed;
        Outcome { elapsed, ..self.and(later) }
    }

    /// How many answers had a status.
    pub fn count(&self, status: u16) -> u64 {
        self.statuses.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count)
    }

    /// "mean 1.2 ms, p99 3.4 ms".
    pub fn latencies(&self) -> String {
        let ms = |us: f64| us / 1000.0;
        format!(
            "mean {:.2} ms, p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            ms(self.latency.mean()),
            ms(self.latency.value_at_quantile(0.5) as f64),
            ms(self.latency.value_at_quantile(0.99) as f64),
            ms(self.latency.max() as f64),
        )
    }
}

/// A POST without a body, rendered once.
pub fn post(path: &str, token: Option<&str>) -> Vec<u8> {
    let cookie = token.map(|token| format!("Cookie: session={token}\r\n")).unwrap_or_default();
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n{cookie}Content-Length: 0\r\n\r\n")
        .into()
}

/// A GET of a page, as a browser asks for it, rendered once.
pub fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nCookie: session={token}\r\n\r\n").into()
}

/// A POST of a form, rendered once.
pub fn form(path: &str, token: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: session={token}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into()
}

/// No answer with a rank is longer, in bytes; pages are not looked through.
const LONGEST_WITH_RANK: u64 = 4096;

struct Shared {
    next: Cell<usize>,
    statuses: RefCell<Vec<(u16, u64)>>,
    latency: RefCell<Histogram<u64>>,
    ranks: RefCell<Vec<u64>>,
}

/// Sends every request once over `connections`, each as soon as its connection is free.
pub async fn closed(address: SocketAddr, connections: usize, requests: Rc<Vec<Vec<u8>>>) -> Result<Outcome, Failure> {
    run(address, connections, requests, None, None).await
}

/// Sends request `i` at `i` times `interval`, whatever has been answered; latency counts from then.
pub async fn open(
    address: SocketAddr,
    connections: usize,
    requests: Rc<Vec<Vec<u8>>>,
    interval: Duration,
) -> Result<Outcome, Failure> {
    run(address, connections, requests, Some(interval), None).await
}

/// The same, beginning at a moment that lies far enough ahead to connect before.
pub async fn open_at(
    address: SocketAddr,
    connections: usize,
    requests: Rc<Vec<Vec<u8>>>,
    interval: Duration,
    begins: Instant,
) -> Result<Outcome, Failure> {
    run(address, connections, requests, Some(interval), Some(begins)).await
}

/// Several servers at once, each with its own requests: the connections are shared out among them. With `interval`, that is
/// between any two requests.
pub async fn among(
    servers: Vec<(SocketAddr, Rc<Vec<Vec<u8>>>)>,
    connections: usize,
    interval: Option<Duration>,
) -> Result<Outcome, Failure> {
    let count = servers.len();
    let interval = interval.map(|interval| interval * count as u32);
    let runs = servers.into_iter().map(|(server, requests)| run(server, connections / count, requests, interval, None));
    let outcomes = try_join_all(runs).await?;
    outcomes.into_iter().reduce(Outcome::and).ok_or_else(|| "no server was given".into())
}

async fn run(
    address: SocketAddr,
    connections: usize,
    requests: Rc<Vec<Vec<u8>>>,
    interval: Option<Duration>,
    begins: Option<Instant>,
) -> Result<Outcome, Failure> {
    let mut streams = Vec::with_capacity(connections);
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let shared = Rc::new(Shared {
        next: Cell::new(0),
        statuses: RefCell::default(),
        latency: RefCell::new(Histogram::new_with_bounds(1, 120_000_000, 3)?),
        ranks: RefCell::new(Vec::with_capacity(requests.len())),
    });
    let started = begins.unwrap_or_else(|| Instant::now() + Duration::from_millis(20));
    let local = LocalSet::new();
    let mut tasks = Vec::new();
    for stream in streams {
        tasks.push(local.spawn_local(connection(stream, requests.clone(), shared.clone(), started, interval)));
    }
    local
        .run_until(async {
            for task in tasks {
                task.await??;
            }
            Ok::<(), Failure>(())
        })
        .await?;
    let elapsed = started.elapsed();
    drop(local);
    let shared = Rc::try_unwrap(shared).map_err(|_| "a connection is still running")?;
    Ok(Outcome {
        elapsed,
        statuses: shared.statuses.into_inner(),
        latency: shared.latency.into_inner(),
        ranks: shared.ranks.into_inner(),
    })
}

async fn connection(
    mut stream: TcpStream,
    requests: Rc<Vec<Vec<u8>>>,
    shared: Rc<Shared>,
    started: Instant,
    interval: Option<Duration>,
) -> Result<(), Failure> {
    tokio::time::sleep_until(started.into()).await;
    let mut buffer = Vec::with_capacity(2048);
    loop {
        let index = shared.next.get();
        let Some(request) = requests.get(index) else {
            return Ok(());
        };
        shared.next.set(index + 1);
        let sent = match interval {
            Some(interval) => {
                let due = started + interval * index as u32;
                if due > Instant::now() {
                    tokio::time::sleep_until(due.into()).await;
                }
                due
            }
            None => Instant::now(),
        };
        let (status, rank) = one(&mut stream, &mut buffer, request).await?;
        shared.ranks.borrow_mut().extend(rank);
        shared.latency.borrow_mut().saturating_record(sent.elapsed().as_micros() as u64);
        count_status(&mut shared.statuses.borrow_mut(), status, 1);
    }
}

fn count_status(statuses: &mut Vec<(u16, u64)>, status: u16, more: u64) {
    match statuses.iter_mut().find(|(known, _)| *known == status) {
        Some((_, count)) => *count += more,
        None => statuses.push((status, more)),
    }
}

/// Sends one request and reads its answer whole: its status, and the rank in it.
pub async fn one(stream: &mut TcpStream, buffer: &mut Vec<u8>, request: &[u8]) -> Result<(u16, Option<u64>), Failure> {
    stream.write_all(request).await?;
    buffer.clear();
    answer(stream, buffer).await
}

/// Reads the next answer whole; what follows it stays in `buffer`.
pub async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(u16, Option<u64>), Failure> {
    loop {
        if let Some(head) = find(buffer, b"\r\n\r\n") {
            let length = find(&buffer[..head], b"ontent-length: ").map_or(0, |at| number(&buffer[at + 15..]));
            let end = head + 4 + length as usize;
            if buffer.len() >= end {
                let status = number(&buffer[9..]) as u16;
                let rank = match length {
                    ..=LONGEST_WITH_RANK => {
                        find(&buffer[head..end], b"\"rank\":").map(|at| number(&buffer[head + at + 7..]))
                    }
                    _ => None,
                };
                buffer.drain(..end);
                return Ok((status, rank));
            }
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed a connection".into());
        }
    }
}

/// Head and body of the answer to a request that asks for the end of its connection, which has to be a good one.
pub async fn whole(address: SocketAddr, request: &[u8]) -> Result<(String, String), Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8(answer)?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200 ") => Ok((head.to_ascii_lowercase(), body.to_owned())),
        _ => Err(format!("refused: {}", answer.lines().next().unwrap_or_default()).into()),
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).fold(0, |n, digit| n * 10 + u64::from(digit - b'0'))
}
