//! Figure 24: notices to 5,000 streams, from what causes them to the last that is told, against the first; and beside it how many are
//! told a second, and what a stream takes of memory.

use crate::{
    Failure,
    figures::{CONNECTIONS, median, ratio, requests},
    load::{self, form},
    process::quiet,
    site,
};
use model::EventId;
use std::{
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::mpsc,
    task::{JoinSet, LocalSet},
    time::timeout,
};

/// Streams, each of another member.
const STREAMS: usize = 5_000;
/// Addresses that they come from, 127.0.0.1 onwards.
const SOURCES: usize = 16;
/// At least so many rounds: when the first is told depends on where in its half second the job is that looks.
const ROUNDS: usize = 3;
/// Within which everybody must be told.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a notice begins with.
const NOTICE: &[u8] = b"event: notice\n";

/// Runs the figure.
pub async fn run(rounds: usize) -> Result<(), Failure> {
    let rounds = rounds.max(ROUNDS);
    println!("\nnotices to {STREAMS} streams");
    let prepared = site::prepare(STREAMS, rounds).await?;
    let creator = prepared.creator;
    let host = site::with_engine(prepared.folder.path(), move |engine| async move {
        Ok(engine.accounts.sessions.start(creator, "bench").await?.to_string())
    })
    .await?;
    let (server, address) = site::serve(prepared.folder.path()).await?;
    // Everybody enters every event: its end concerns all of them.
    for event in &prepared.events {
        load::closed(address, CONNECTIONS, requests(event, &prepared.tokens)).await?.per_second(201)?;
    }
    quiet(|| server.cpu()).await?;
    println!("{:<8} {:>12} {:>12} {:>12} {:>14}", "round", "first, ms", "last, ms", "a second", "a stream, KB");
    let figure = async {
        // Some are there already: what the first of all takes is not theirs.
        let (told, mut hears) = mpsc::unbounded_channel();
        let mut listening: JoinSet<Result<(), Failure>> = JoinSet::new();
        listen(address, &prepared.tokens[..SOURCES], &told, &mut listening).await?;
        let before = server.written_memory();
        listen(address, &prepared.tokens[SOURCES..], &told, &mut listening).await?;
        quiet(|| server.cpu()).await?;
        let each = (server.written_memory() - before) / (STREAMS - SOURCES) as f64 / 1024.0;
        let mut ratios = Vec::new();
        for (round, event) in prepared.events.iter().enumerate() {
            let began = Instant::now();
            cause(address, &host, *event).await?;
            let mut first = None;
            for _ in 0..STREAMS {
                let at: Option<Instant> = timeout(PATIENCE, hears.recv()).await?;
                let at = at.ok_or("nobody listens any more")?;
                first.get_or_insert(at);
            }
            if let Some(ended) = listening.try_join_next() {
                return ended?;
            }
            let last = began.elapsed().as_secs_f64();
            let first = first.map_or(f64::NAN, |at| (at - began).as_secs_f64());
            let rate = STREAMS as f64 / (last - first);
            println!("{round:<8} {:>12.1} {:>12.1} {rate:>12.0} {each:>14.1}", first * 1e3, last * 1e3);
            ratios.push(last / first);
            // Nobody is told twice.
            quiet(|| server.cpu()).await?;
            if hears.try_recv().is_ok() {
                return Err("a notice was told twice".into());
            }
        }
        listening.shutdown().await;
        ratio("notices_streams", median(ratios));
        Ok(())
    };
    LocalSet::new().run_until(figure).await
}

/// Opens a stream for each of these sessions; each says when a notice came.
async fn listen(
    address: SocketAddr,
    tokens: &[String],
    told: &mpsc::UnboundedSender<Instant>,
    listening: &mut JoinSet<Result<(), Failure>>,
) -> Result<(), Failure> {
    for (nth, token) in tokens.iter().enumerate() {
        let stream = open(address, nth, token).await?;
        listening.spawn_local(hear(stream, told.clone()));
    }
    Ok(())
}

/// Opens a stream and reads until it says from where it goes on.
pub async fn open(address: SocketAddr, nth: usize, token: &str) -> Result<TcpStream, Failure> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 0, 1 + (nth % SOURCES) as u8), 0).into())?;
    let mut stream = socket.connect(address).await?;
    let request = format!(
        "GET /notices/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nCookie: session={token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut received = Vec::with_capacity(1024);
    while !received.windows(14).any(|bytes| bytes == b"event: unread\n") {
        if stream.read_buf(&mut received).await? == 0 {
            return Err(format!("a stream was refused: {}", String::from_utf8_lossy(&received)).into());
        }
    }
    Ok(stream)
}

/// Says when notices come, until the end. What is told of one comes in one piece.
pub async fn hear(mut stream: TcpStream, told: mpsc::UnboundedSender<Instant>) -> Result<(), Failure> {
    let mut received = Vec::with_capacity(1024);
    loop {
        received.clear();
        if stream.read_buf(&mut received).await? == 0 {
            return Err("a stream ended".into());
        }
        let notices = received.windows(NOTICE.len()).filter(|bytes| *bytes == NOTICE).count();
        for _ in 0..notices {
            told.send(Instant::now())?;
        }
    }
}

/// Calls an event off.
async fn cause(address: SocketAddr, host: &str, event: EventId) -> Result<(), Failure> {
    let request = form("/api/cancel-event", host, &format!("event={event}&reason=bench"));
    load::closed(address, 1, Rc::new(vec![request])).await?.per_second(200).map(drop)
}
