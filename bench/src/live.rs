//! The figures of the live channel: how fast changes reach everybody and at what price, and whether entries suffer from what
//! goes on beside them.

use crate::{
    Failure,
    baselines::{Baseline, Which},
    figures::{median, quantile, ratio, requests},
    load::{self, form},
    process::{Process, quiet},
    readers::{Clicker, Crowd, Place, REFUSED, to_last_reader},
    site::{self, Prepared},
    sockets::Socket,
};
use engine::accounts::{Actor, SessionToken};
use futures::future::try_join_all;
use hdrhistogram::Histogram;
use model::{EventId, MINUTE, RequestId, Time, live::ToServer, wire::encode};
use std::{
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{task::LocalSet, time::sleep_until};

/// Readers of one room.
pub const READERS: usize = 5_000;
/// Readers of the room that is as full as we promise.
const MANY: usize = 10_000;
/// Clicks a round, each one change for all.
const CHANGES: usize = 50;
/// Readers who come in at once, unless all do.
pub const AT_ONCE: usize = 256;
/// How often rooms tell what changed.
const TICK: Duration = Duration::from_millis(50);

/// Runs the figures from 10 to 15, and with 10,000 sockets.
pub async fn run(rounds: usize, wanted: &impl Fn(u32) -> bool) -> Result<(), Failure> {
    let local = LocalSet::new();
    let figures = async {
        if wanted(10) || wanted(11) {
            fanout(rounds).await?;
        }
        if wanted(12) {
            memory(if rounds > 1 { Duration::from_secs(60) } else { Duration::from_secs(25) }).await?;
        }
        if wanted(13) {
            stalled(rounds).await?;
        }
        if wanted(14) {
            flood(rounds).await?;
        }
        if wanted(15) {
            writes(rounds).await?;
        }
        if wanted(10_000) {
            many().await?;
        }
        Ok(())
    };
    local.run_until(figures).await
}

/// Ours with an open event, the sessions of its readers and of others who click.
pub struct Site {
    pub prepared: Prepared,
    pub server: Process,
    pub address: SocketAddr,
    pub tokens: Rc<Vec<String>>,
}

impl Site {
    async fn start(sessions: usize, events: usize) -> Result<Site, Failure> {
        Site::serve(site::prepare(sessions, events).await?).await
    }

    /// Ours on what was prepared.
    pub async fn serve(prepared: Prepared) -> Result<Site, Failure> {
        let (server, address) = site::serve(prepared.folder.path()).await?;
        let tokens = Rc::new(prepared.tokens.clone());
        Ok(Site { prepared, server, address, tokens })
    }

    /// Where readers go, the first of them with the first session.
    pub fn place(&self, event: EventId) -> Rc<Place> {
        Rc::new(Place { server: self.address, event, echoes: false, tokens: self.tokens.clone() })
    }
}

/// Clicks `tokens`, each when everybody has seen the one before and at another moment of the tick; version and time of each.
async fn clicks(crowd: &Crowd, clicker: &mut Clicker, tokens: &[String]) -> Result<Vec<(u64, Instant)>, Failure> {
    let mut seen = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let acknowledged = clicker.click(token).await?;
        seen.push((crowd.room.everyone(clicker.entered).await?, acknowledged));
        tokio::time::sleep(Duration::from_millis(7 * i as u64 % TICK.as_millis() as u64)).await;
    }
    Ok(seen)
}

/// Figures 10 and 11: what a processor second delivers, against sending and nothing else; how long a commit takes to everybody.
async fn fanout(rounds: usize) -> Result<(), Failure> {
    println!("\n{READERS} sockets in one room, {CHANGES} changes a round");
    let ours = Site::start(READERS + rounds * CHANGES, 1).await?;
    let event = ours.prepared.events[0];
    let crowd = Crowd::join(ours.place(event), 0..READERS, AT_ONCE).await?;
    let mut clicker = Clicker::new(ours.address, event, 0).await?;
    let plain = Baseline::start(Which::Broadcast, 0).await?;
    let place = Rc::new(Place { server: plain.address, event, echoes: true, tokens: ours.tokens.clone() });
    let mut sender = Socket::open(plain.address, 0, "").await?;
    let plain_crowd = Crowd::join(place, 0..READERS, AT_ONCE).await?;
    let delivered = (CHANGES * READERS) as f64;
    let (mut ratios, mut latencies, mut plain_latencies) = (Vec::new(), Vec::new(), Vec::new());
    println!("{:<8} {:>20} {:>20} {:>10}", "round", "ours, a CPU second", "plain, a CPU second", "bytes");
    for round in 0..rounds {
        let tokens = &ours.tokens[READERS + round * CHANGES..][..CHANGES];
        let before = ours.server.cpu();
        let seen = clicks(&crowd, &mut clicker, tokens).await?;
        let our_rate = delivered / (ours.server.cpu() - before);
        if !seen.iter().map(|(version, _)| *version).eq(seen[0].0..seen[0].0 + CHANGES as u64) {
            return Err("a click was not one change".into());
        }
        let before = plain.cpu();
        let mut bytes = 0;
        for (version, _) in &seen {
            let shown = crowd.room.shown(*version);
            let sent = Instant::now();
            sender.give(&shown.frame).await?;
            sender.next().await?;
            let version = plain_crowd.room.everyone(shown.total).await?;
            plain_latencies.extend(to_last_reader(&plain_crowd, &[(version, sent)]));
            bytes += shown.frame.len();
        }
        let plain_rate = delivered / (plain.cpu() - before);
        println!("{round:<8} {our_rate:>20.0} {plain_rate:>20.0} {:>10}", bytes / CHANGES);
        ratios.push(our_rate / plain_rate);
        latencies.extend(to_last_reader(&crowd, &seen));
    }
    crowd.room.exact_board((rounds * CHANGES) as u64)?;
    if crowd.room.dropped() + plain_crowd.room.dropped() > 0 {
        return Err("a change was dropped although nobody was in a hurry".into());
    }
    ratio("fanout_vs_raw", median(ratios));
    println!(
        "from a click's answer to the last of {READERS}: median {:.1} ms, p99 {:.1} ms, max {:.1} ms, {} frames dropped (plain, from sending: {:.1} ms, {:.1} ms)",
        median(latencies.clone()) * 1e3,
        quantile(latencies.clone(), 0.99) * 1e3,
        quantile(latencies.clone(), 1.0) * 1e3,
        crowd.room.dropped(),
        median(plain_latencies.clone()) * 1e3,
        quantile(plain_latencies, 0.99) * 1e3,
    );
    ratio("commit_to_last_reader", quantile(latencies, 0.99) / TICK.as_secs_f64());
    Ok(())
}

/// Figure 12: memory that was written to for a socket that is in a room and quiet, after 100 frames.
async fn memory(idle: Duration) -> Result<(), Failure> {
    const FRAMES: usize = 100;
    println!("\nmemory of {READERS} sockets after {FRAMES} frames and {} s of silence", idle.as_secs());
    let ours = Site::start(READERS + FRAMES, 1).await?;
    let event = ours.prepared.events[0];
    let axum = Baseline::start(Which::AxumBroadcast, 0).await?;
    let at_axum = Rc::new(Place { server: axum.address, event, echoes: true, tokens: ours.tokens.clone() });
    // What is loaded once is no socket's.
    drop(Crowd::join(ours.place(event), 0..AT_ONCE, AT_ONCE).await?);
    drop(Crowd::join(at_axum.clone(), 0..AT_ONCE, AT_ONCE).await?);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (ours_before, axum_before) = (ours.server.written_memory(), axum.server.written_memory());
    let crowd = Crowd::join(ours.place(event), 0..READERS, AT_ONCE).await?;
    let axum_crowd = Crowd::join(at_axum, 0..READERS, AT_ONCE).await?;
    let mut clicker = Clicker::new(ours.address, event, 0).await?;
    let mut sender = Socket::open(axum.address, 0, "").await?;
    for (version, _) in clicks(&crowd, &mut clicker, &ours.tokens[READERS..]).await? {
        let shown = crowd.room.shown(version);
        sender.give(&shown.frame).await?;
        sender.next().await?;
        axum_crowd.room.everyone(shown.total).await?;
    }
    crowd.room.exact_board(FRAMES as u64)?;
    drop(clicker);
    tokio::time::sleep(idle).await;
    let each = |now: f64, before: f64| (now - before) / READERS as f64;
    let (a_socket, at_axum) =
        (each(ours.server.written_memory(), ours_before), each(axum.server.written_memory(), axum_before));
    // Nobody may have been sent away to save their memory.
    clicks(&crowd, &mut Clicker::new(ours.address, event, FRAMES as u64).await?, &ours.tokens[..1]).await?;
    println!("ours {a_socket:.0} bytes a socket, axum's default {at_axum:.0}");
    ratio("socket_memory", a_socket / at_axum);
    Ok(())
}

/// Figure 13: how long changes take to those who read when a tenth of the room does not.
async fn stalled(rounds: usize) -> Result<(), Failure> {
    const STALLED: usize = READERS / 10;
    const HEALTHY: usize = READERS - STALLED;
    // No more than a room takes in a second.
    const LINES: usize = 20;
    println!("\n{HEALTHY} readers beside {STALLED} who read, and beside {STALLED} who do not");
    let rows = 2 * model::live::TOP as usize;
    let ours = Site::start(READERS + rows + 2 * rounds * CHANGES, 1).await?;
    let event = ours.prepared.events[0];
    let mut tokens = ours.tokens[READERS..].chunks(CHANGES);
    // A board of some length, so that a room is worth sending.
    load::closed(ours.address, 8, requests(event, &ours.tokens[READERS..][..rows])).await?.exact_ranks(rows as u64)?;
    for _ in 0..rows / CHANGES {
        tokens.next();
    }
    let crowd = Crowd::join(ours.place(event), 0..HEALTHY, AT_ONCE).await?;
    // And something was said, which whoever comes in is sent each time.
    let saying = (HEALTHY..HEALTHY + LINES).map(|nth| say_long(&ours, event, nth));
    let speakers = try_join_all(saying).await?;
    crowd.room.heard_by_all(LINES as u64).await?;
    drop(speakers);
    let mut clicker = Clicker::new(ours.address, event, rows as u64).await?;
    let mut p99 = async || -> Result<f64, Failure> {
        let seen = clicks(&crowd, &mut clicker, tokens.next().ok_or("no token left")?).await?;
        let mut latencies = Vec::new();
        for (version, at) in seen {
            let arrivals = crowd.room.shown(version).arrivals;
            latencies.extend(arrivals.iter().map(|arrived| arrived.saturating_duration_since(at).as_secs_f64()));
        }
        Ok(quantile(latencies, 0.99))
    };
    println!("{:<8} {:>14} {:>14} {:>10} {:>10}", "round", "none, p99 ms", "stalled, p99 ms", "dropped", "closed");
    let mut ratios = Vec::new();
    for round in 0..rounds {
        let others = Crowd::join(ours.place(event), HEALTHY..READERS, AT_ONCE).await?;
        let none = p99().await?;
        drop(others);
        let mut stuck = try_join_all((HEALTHY..READERS).map(|nth| stall(&ours, event, nth))).await?;
        // What they asked for is written by now, as far as they take it.
        quiet(|| ours.server.cpu()).await?;
        let with = p99().await?;
        let reading = stuck.iter_mut().map(|socket| resume(socket, event));
        let (mut dropped, mut closed) = (0, 0);
        for outcome in futures::future::join_all(reading).await {
            match outcome? {
                Some(changes) => dropped += changes,
                None => closed += 1,
            }
        }
        println!("{round:<8} {:>14.1} {:>14.1} {dropped:>10} {closed:>10}", none * 1e3, with * 1e3);
        if dropped == 0 {
            return Err("nobody was stalled: no change was dropped".into());
        }
        ratios.push(with / none);
    }
    if crowd.room.dropped() > 0 {
        return Err("a healthy reader missed a change".into());
    }
    ratio("stalled_readers", median(ratios));
    Ok(())
}

/// Says as long a line as may be said. It is said once the others have heard it.
async fn say_long(ours: &Site, event: EventId, nth: usize) -> Result<Socket, Failure> {
    let mut socket = Socket::open(ours.address, nth, &ours.tokens[nth]).await?;
    const LONGEST: usize = 300;
    let text = "달".repeat(LONGEST);
    let request = RequestId(engine::ids::new_id(Time(nth as i64 * MINUTE.micros())));
    socket.give(&encode(&ToServer::Say { event, request, text })).await?;
    Ok(socket)
}

/// Comes in over a narrow connection, asks for the room until no more of it fits, and reads nothing.
async fn stall(ours: &Site, event: EventId, nth: usize) -> Result<Socket, Failure> {
    // As many frames as anybody may send at once.
    const ASKED: usize = 55;
    let mut socket = Socket::open_narrow(ours.address, nth, &ours.tokens[nth]).await?;
    let hello = ours.place(event).hello();
    for _ in 0..ASKED {
        socket.give(&hello).await?;
    }
    Ok(socket)
}

/// Reads what is there until it is up to date: how many changes were left out for it; `None` when it had been sent away.
async fn resume(socket: &mut Socket, _event: EventId) -> Result<Option<u64>, Failure> {
    let room = crate::readers::Room::default();
    let mut seen = None;
    loop {
        match tokio::time::timeout(Duration::from_secs(1), socket.next()).await {
            Ok(Ok(frame)) => room.received(frame, &mut seen, &mut None)?,
            Ok(Err(_)) => return Ok(None),
            Err(_) => return Ok(Some(room.dropped())),
        }
    }
}

/// Entries of figures 8, 14 and 15: so many a second, for so long.
pub const ENTRIES_A_SECOND: usize = 2_000;
pub const SECONDS: usize = 4;
pub const ENTRIES: usize = ENTRIES_A_SECOND * SECONDS;
/// Over so many connections.
const CONNECTIONS: usize = 256;

/// Everybody enters, at a steady rate whatever happens.
pub async fn entries(ours: &Site, event: EventId) -> Result<Histogram<u64>, Failure> {
    let requests = requests(event, &ours.tokens[..ENTRIES]);
    let interval = Duration::from_micros(1_000_000 / ENTRIES_A_SECOND as u64);
    let run = load::open(ours.address, CONNECTIONS, requests, interval).await?;
    run.per_second(201)?;
    run.exact_ranks(ENTRIES as u64)?;
    Ok(run.latency)
}

/// In milliseconds.
pub fn p99(latency: &Histogram<u64>) -> f64 {
    latency.value_at_quantile(0.99) as f64 / 1e3
}

/// How entries did beside chat.
struct Flooded {
    p99: f64,
    cpu: f64,
    /// Lines that readers of the room of those who entered received.
    said: u64,
    refused: u64,
}

/// Figure 14: entries while their room is shouted at, which takes some of the lines and refuses the others; and while as many
/// are said in other rooms, each of which takes all of its own.
async fn flood(rounds: usize) -> Result<(), Failure> {
    const SPEAKERS: usize = 5_000;
    const LISTENERS: usize = 100;
    // Twenty lines a second in each.
    const ROOMS: usize = 250;
    const OFFERED: u64 = (SPEAKERS * (SECONDS + 1)) as u64;
    println!(
        "\n{ENTRIES_A_SECOND} entries/s for {SECONDS} s, {LISTENERS} readers in the room, {SPEAKERS} more sockets: quiet, saying a line a second each there, and in {ROOMS} other rooms"
    );
    let ours = Site::start(ENTRIES + SPEAKERS + LISTENERS, 3 * rounds + ROOMS).await?;
    let (entered, rooms) = ours.prepared.events.split_at(3 * rounds);
    let mut sockets = Vec::new();
    for (nth, token) in ours.tokens[ENTRIES..][..SPEAKERS].iter().enumerate() {
        sockets.push(Socket::open(ours.address, nth, token).await?);
    }
    let mut measured = async |event: EventId, rooms: &[EventId]| -> Result<Flooded, Failure> {
        let place = Place {
            server: ours.address,
            event,
            echoes: false,
            tokens: Rc::new(ours.tokens[ENTRIES + SPEAKERS..].to_vec()),
        };
        let listeners = Crowd::join(Rc::new(place), 0..LISTENERS, AT_ONCE).await?;
        quiet(|| ours.server.cpu()).await?;
        let begin = Instant::now() + Duration::from_millis(20);
        let speakers = if rooms.is_empty() { 0 } else { SPEAKERS };
        let speaking = sockets[..speakers].iter_mut().enumerate();
        let speaking = speaking.map(|(nth, socket)| speak(socket, rooms[nth % rooms.len()], begin, nth, SPEAKERS));
        let before = ours.server.cpu();
        let (latency, refused) = tokio::try_join!(entries(&ours, event), try_join_all(speaking))?;
        let cpu = ours.server.cpu() - before;
        let (said, heard) = listeners.room.chat();
        if heard < said * LISTENERS as u64 {
            return Err(format!("lines were lost: {heard} heard by {LISTENERS}").into());
        }
        Ok(Flooded { p99: p99(&latency), cpu, said, refused: refused.iter().sum() })
    };
    println!(
        "{:<8} {:>14} {:>14} {:>18} {:>10} {:>10}",
        "round", "alone, p99 ms", "there, p99 ms", "elsewhere, p99 ms", "said", "refused"
    );
    let (mut ratios, mut elsewhere_ratios, mut written) = (Vec::new(), Vec::new(), 0);
    for (round, events) in entered.chunks(3).enumerate() {
        let alone = measured(events[0], &[]).await?;
        let there = measured(events[1], &events[1..2]).await?;
        let elsewhere = measured(events[2], rooms).await?;
        println!(
            "{round:<8} {:>14.2} {:>14.2} {:>18.2} {:>10} {:>10}",
            alone.p99, there.p99, elsewhere.p99, there.said, there.refused
        );
        println!(
            "         CPU {:.1} s alone, {:.1} s and {:.1} s with chat (which goes on a second longer)",
            alone.cpu, there.cpu, elsewhere.cpu
        );
        if there.said + there.refused != OFFERED || elsewhere.refused > 0 {
            return Err("lines were lost, or refused where there was room".into());
        }
        ratios.push(there.p99 / alone.p99);
        elsewhere_ratios.push(elsewhere.p99 / alone.p99);
        written += there.said + OFFERED;
    }
    let Site { prepared, server, .. } = ours;
    drop(server);
    let found = site::with_engine(prepared.folder.path(), |engine| async move {
        let sql = "select count(*) from chat_lines where member_id is not null";
        Ok(engine.db.sql(sql).one::<(i64,)>().await?.0 as u64)
    })
    .await?;
    if found != written {
        return Err(format!("{found} lines are in the database, {written} were said").into());
    }
    println!(
        "every line said, in {ROOMS} other rooms where nobody listens: entry p99 is {:.2} times that alone",
        median(elsewhere_ratios)
    );
    ratio("chat_flood", median(ratios));
    Ok(())
}

/// Says a line a second, a little longer than entries come, and listens a while for refusals; how many there were.
async fn speak(socket: &mut Socket, event: EventId, begin: Instant, nth: usize, of: usize) -> Result<u64, Failure> {
    let mut refused = 0;
    for line in 0..SECONDS + 2 {
        let due = begin + Duration::from_secs_f64(line as f64 + nth as f64 / of as f64);
        while let Ok(frame) = tokio::time::timeout_at(due.into(), socket.next()).await {
            refused += u64::from(frame?.first() == Some(&REFUSED));
        }
        if line <= SECONDS {
            let request = RequestId(engine::ids::new_id(Time(line as i64 * MINUTE.micros())));
            let text = format!("{nth}번째 사람의 {line}번째 말");
            socket.give(&encode(&ToServer::Say { event, request, text })).await?;
        }
    }
    Ok(refused)
}

/// Figure 15: entries while members fill in forms that are written to the database.
async fn writes(rounds: usize) -> Result<(), Failure> {
    const A_SECOND: usize = 200;
    println!(
        "\n{ENTRIES_A_SECOND} entries/s for {SECONDS} s: alone, and beside {A_SECOND} creator profiles written a second"
    );
    let prepared = site::prepare(ENTRIES + A_SECOND, 2 * rounds).await?;
    let creators: Vec<SessionToken> =
        prepared.tokens[ENTRIES..].iter().map(|token| token.parse()).collect::<Result<_, _>>()?;
    // With the first profile a session is renewed: it has been.
    site::with_engine(prepared.folder.path(), move |engine| async move {
        for (creator, token) in creators.iter().enumerate() {
            let actor = Actor::of(engine.accounts.sessions.of(token).await?);
            engine.accounts.set_profile(&actor, &format!("bench {creator}"), "", "", None).await?;
        }
        Ok(())
    })
    .await?;
    let ours = Site::serve(prepared).await?;
    println!("{:<8} {:>14} {:>14} {:>14}", "round", "alone, p99 ms", "writes, p99 ms", "a write, p99 ms");
    let mut ratios = Vec::new();
    for round in 0..rounds {
        quiet(|| ours.server.cpu()).await?;
        let alone = p99(&entries(&ours, ours.prepared.events[2 * round]).await?);
        let profile = |i: usize| {
            // No creator is called as another.
            let (creator, second) = (i % A_SECOND, i / A_SECOND);
            let body = format!("name=bench+{creator}&introduction={round}+{second}&links=");
            form("/api/save-profile", &ours.tokens[ENTRIES + creator], &body)
        };
        let profiles = Rc::new((0..A_SECOND * (SECONDS + 1)).map(profile).collect());
        let interval = Duration::from_micros(1_000_000 / A_SECOND as u64);
        quiet(|| ours.server.cpu()).await?;
        let writing = load::open(ours.address, 16, profiles, interval);
        let (latency, written) = tokio::try_join!(entries(&ours, ours.prepared.events[2 * round + 1]), writing)?;
        written.per_second(200)?;
        let with = p99(&latency);
        println!("{round:<8} {alone:>14.2} {with:>14.2} {:>14.2}", p99(&written.latency));
        ratios.push(with / alone);
    }
    let Site { prepared, server, .. } = ours;
    drop(server);
    let last = format!("{} {SECONDS}", rounds - 1);
    let written = site::with_engine(prepared.folder.path(), move |engine| async move {
        let sql = "select count(*) from creators where introduction = $1";
        Ok(engine.db.sql(sql).bind(last).one::<(i64,)>().await?.0)
    })
    .await?;
    if written != A_SECOND as i64 {
        return Err(format!("{written} profiles of {A_SECOND} are in the database").into());
    }
    ratio("form_writes", median(ratios));
    Ok(())
}

/// A room of 10,000: memory, the way of a change, and everybody coming back at once after kill -9.
async fn many() -> Result<(), Failure> {
    println!("\n{MANY} sockets in one room");
    let mut ours = Site::start(MANY + 2 * CHANGES, 1).await?;
    let event = ours.prepared.events[0];
    drop(Crowd::join(ours.place(event), 0..AT_ONCE, AT_ONCE).await?);
    let before = ours.server.written_memory();
    let began = Instant::now();
    let crowd = Crowd::join(ours.place(event), 0..MANY, AT_ONCE).await?;
    let took = began.elapsed().as_secs_f64();
    let mut clicker = Clicker::new(ours.address, event, 0).await?;
    let seen = clicks(&crowd, &mut clicker, &ours.tokens[MANY..][..CHANGES]).await?;
    crowd.room.exact_board(CHANGES as u64)?;
    let latencies = to_last_reader(&crowd, &seen);
    println!(
        "joined in {took:.1} s, {AT_ONCE} at a time; {:.0} bytes of memory each; from a click's answer to the last reader: median {:.0} ms, max {:.0} ms, {} frames dropped",
        (ours.server.written_memory() - before) / MANY as f64,
        median(latencies.clone()) * 1e3,
        quantile(latencies, 1.0) * 1e3,
        crowd.room.dropped(),
    );
    drop(clicker);
    let began = Instant::now();
    ours.server.kill();
    drop(crowd);
    ours.server = site::start(ours.prepared.folder.path(), ours.address)?;
    let coming_back = async {
        let crowd = Crowd::join(ours.place(event), 0..MANY, MANY).await?;
        Ok::<_, Failure>((crowd, began.elapsed().as_secs_f64()))
    };
    let clicking = storm_clicks(&ours, event, began, CHANGES as u64);
    let ((crowd, back), (entered, first, slowest)) = tokio::try_join!(coming_back, clicking)?;
    println!(
        "killed, and everybody back at once: {back:.2} s until all {MANY} are joined; {first:.2} s until the first click was answered, then {} more, the slowest in {:.0} ms",
        entered - CHANGES as u64 - 1,
        slowest * 1e3,
    );
    let mut clicker = Clicker::new(ours.address, event, entered).await?;
    clicks(&crowd, &mut clicker, &ours.tokens[..1]).await?;
    crowd.room.exact_board(entered + 1)?;
    Ok(())
}

/// Clicks from connections of their own while everybody comes back: entries in all, seconds until the first was answered,
/// and those of the slowest afterwards.
async fn storm_clicks(ours: &Site, event: EventId, began: Instant, entered: u64) -> Result<(u64, f64, f64), Failure> {
    let (mut entered, mut first, mut slowest) = (entered, None, 0.0_f64);
    for token in &ours.tokens[MANY + CHANGES..] {
        let (due, sent) = (Instant::now() + Duration::from_millis(50), Instant::now());
        let mut clicker = loop {
            match Clicker::new(ours.address, event, entered).await {
                Ok(clicker) => break clicker,
                Err(_) if began.elapsed() < Duration::from_secs(30) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(failure) => return Err(failure),
            }
        };
        clicker.click(token).await?;
        entered = clicker.entered;
        match first {
            None => first = Some(began.elapsed().as_secs_f64()),
            Some(_) => slowest = slowest.max(sent.elapsed().as_secs_f64()),
        }
        sleep_until(due.into()).await;
    }
    Ok((entered, first.unwrap_or(f64::NAN), slowest))
}
