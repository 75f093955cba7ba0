//! Figure 26: the opening second while programs queue presses across it (product.md, E4): what they send is put off, and nobody
//! else is to wait for that.

use crate::{
    Failure,
    figures::{median, ratio, requests, warm},
    load::{self, Outcome, answer, post},
    site::{self, Prepared},
};
use engine::clock::Clock;
use futures::future::try_join_all;
use model::{EventId, SECOND, Span, Time};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// Who press once, spread over the first second.
const PEOPLE: usize = 1_000;
/// Members whose programs queue presses.
const PROGRAMS: usize = 20;
/// Each on so many connections.
const CONNECTIONS: usize = 8;
/// So many on each.
const QUEUED: usize = 60;
/// So long before the opening.
const AHEAD: Duration = Duration::from_millis(200);
/// The first event opens after this, when everything is prepared, and each of the others so much after the one before: by then the
/// programs have all their answers.
const SOONEST: Span = SECOND.times(8);
const APART: Span = SECOND.times(5);
/// At least so many pairs: the mean of a thousand presses is what a single stall of the machine makes of it.
const PAIRS: usize = 3;

/// Runs it.
pub async fn run(rounds: usize) -> Result<(), Failure> {
    let rounds = rounds.max(PAIRS);
    println!(
        "\n{PEOPLE} presses in the opening second: alone, and beside {PROGRAMS} programs that queue {QUEUED} presses on each of {CONNECTIONS} connections"
    );
    let prepared = site::prepare(PEOPLE + PROGRAMS, 0).await?;
    let openings = openings(&prepared, 2 * rounds).await?;
    let (_server, address) = site::serve(prepared.folder.path()).await?;
    warm(address, &prepared).await?;
    let (people, programs) = prepared.tokens.split_at(PEOPLE);
    let clock = Clock::system();
    let mut ratios = Vec::new();
    for pair in openings.chunks(2) {
        let alone = opening(address, pair[0], &clock, people, &[]).await?;
        println!("alone:  {}", alone.latencies());
        let beside = opening(address, pair[1], &clock, people, programs).await?;
        println!("beside: {}", beside.latencies());
        ratios.push(beside.latency.mean() / alone.latency.mean());
    }
    ratio("queued_presses", median(ratios));
    Ok(())
}

/// Giveaways that open one after the other.
async fn openings(prepared: &Prepared, count: usize) -> Result<Vec<(EventId, Time)>, Failure> {
    let creator = prepared.creator;
    site::with_engine(prepared.folder.path(), move |engine| async move {
        let first = engine.clock.now() + SOONEST;
        let mut made = Vec::new();
        for nth in 0..count {
            let opens_at = first + APART.times(nth as i64);
            let event = site::publish(&engine, creator, site::draft(opens_at, site::giveaway(100))).await?;
            made.push((event, opens_at));
        }
        Ok(made)
    })
    .await
}

/// What the people's presses came to, with these programs beside them.
async fn opening(
    address: SocketAddr,
    (event, opens_at): (EventId, Time),
    clock: &Clock,
    people: &[String],
    programs: &[String],
) -> Result<Outcome, Failure> {
    let left = opens_at.since(clock.now());
    if left < SECOND {
        return Err("an event opened while the one before was still looked at".into());
    }
    let opens = Instant::now() + Duration::from(left);
    tokio::time::sleep_until((opens - Duration::from_millis(800)).into()).await;
    let interval = Duration::from_secs(1) / PEOPLE as u32;
    // A little after it: this clock is not the server's.
    let begins = opens + Duration::from_millis(2);
    let pressing = load::open_at(address, PEOPLE / 4, requests(event, people), interval, begins);
    let path = format!("/events/{event}/enter");
    let queueing = programs.iter().flat_map(|token| {
        let press = post(&path, Some(token));
        (0..CONNECTIONS).map(move |_| queue(address, press.clone(), opens - AHEAD))
    });
    let (pressed, queued) = tokio::try_join!(pressing, try_join_all(queueing))?;
    pressed.per_second(201)?;
    let early: usize = queued.iter().map(|(early, _)| early).sum();
    for ranks in queued.chunks(CONNECTIONS) {
        let mut ranks: Vec<u64> = ranks.iter().flat_map(|(_, ranks)| ranks.iter().copied()).collect();
        ranks.sort_unstable();
        ranks.dedup();
        if ranks.len() != 1 {
            return Err(format!("a program has {} ranks", ranks.len()).into());
        }
    }
    if !programs.is_empty() {
        if early == 0 {
            return Err("no press of the programs came too early".into());
        }
        let least = queued.iter().flat_map(|(_, ranks)| ranks).min().copied().unwrap_or_default();
        println!("        the programs: {early} presses came too early, their best rank is {least}");
    }
    Ok(pressed)
}

/// Queues presses on one connection at a moment, and reads what they are told: how many came too early, and the ranks of the others.
async fn queue(address: SocketAddr, press: Vec<u8>, at: Instant) -> Result<(usize, Vec<u64>), Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    tokio::time::sleep_until(at.into()).await;
    stream.write_all(&press.repeat(QUEUED)).await?;
    let (mut buffer, mut early, mut ranks) = (Vec::new(), 0, Vec::new());
    for _ in 0..QUEUED {
        match answer(&mut stream, &mut buffer).await? {
            (425, _) => early += 1,
            (200 | 201, Some(rank)) => ranks.push(rank),
            (status, _) => return Err(format!("a queued press was answered with {status}").into()),
        }
    }
    Ok((early, ranks))
}
