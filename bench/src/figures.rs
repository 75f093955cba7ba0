//! The figures (those of the live channel are in [`live`], those of several nodes in [`cluster`], that of a slow disk in [`disk`],
//! that of a flood in [`anonymous`], those of sales in [`orders`], [`line`] and [`payments`], that of an event's page in [`pages`],
//! that of neighbours in [`neighbours`], that of a seller's files in [`exports`], that of notices in [`streams`] and [`followers`],
//! presses beside everything else in [`mixed`], and of programs that queue them in [`queueing`]), each with the check that a wrong
//! program could not pass.

use crate::{
    Failure, anonymous,
    baselines::{Baseline, Which, token},
    cluster, disk, exports, followers, line, live,
    load::{self, Outcome, post},
    mixed, neighbours, orders, pages, payments,
    process::{free_address, listening},
    queueing, searching, site, streams,
};
use engine::turnstile::ClickAnswer;
use model::MemberId;
use std::{
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

/// Distinct members on one event.
pub const PEOPLE: usize = 150_000;
/// Connections of the headline.
pub const CONNECTIONS: usize = 512;
/// Clicks for baselines that take milliseconds each.
const FEW: usize = 6_000;
/// Entries stored before a restart is measured.
const STORED: usize = 1_000_000;

/// Runs the figures and prints them.
pub async fn run(quick: bool, only: &[u32]) -> Result<(), Failure> {
    let rounds = if quick { 1 } else { 5 };
    let wanted = |figure: u32| only.is_empty() || only.contains(&figure);
    if [1, 2, 3, 4, 7].into_iter().any(wanted) {
        entries(rounds, &wanted).await?;
    }
    cluster::run(rounds, &wanted).await?;
    if wanted(6) {
        disk::slow_disk(rounds).await?;
    }
    if wanted(8) {
        mixed::slowdown(rounds).await?;
    }
    if wanted(9) {
        orders::run(rounds).await?;
    }
    live::run(rounds, &wanted).await?;
    if wanted(17) {
        restart(if quick { 1 } else { 3 }).await?;
    }
    if wanted(18) {
        line::run(if quick { 100 } else { 400 })?;
    }
    if wanted(19) {
        payments::run(rounds).await?;
    }
    if wanted(20) {
        pages::run(rounds).await?;
    }
    if wanted(21) {
        anonymous::run(rounds).await?;
    }
    if wanted(22) {
        neighbours::run(quick).await?;
    }
    // What these fail by is said at the end: the others are measured all the same.
    let searched = if wanted(23) { searching::run(quick).await } else { Ok(()) };
    let followed = match wanted(24) {
        true => {
            streams::run(rounds).await?;
            followers::run().await
        }
        false => Ok(()),
    };
    let exported = if wanted(25) { exports::run(rounds).await } else { Ok(()) };
    if wanted(26) {
        queueing::run(rounds).await?;
    }
    if wanted(150_000) {
        mixed::published(quick).await?;
    }
    searched.and(followed).and(exported)
}

/// The value in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The least value that so much of all is not beyond.
pub fn quantile(mut values: Vec<f64>, quantile: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(((values.len() - 1) as f64 * quantile).ceil() as usize).copied().unwrap_or(f64::NAN)
}

/// The line that is looked for.
pub fn ratio(name: &str, value: f64) {
    println!("ratio {name} {value:.3}");
}

/// A click on `event` for each session.
pub fn requests(event: impl std::fmt::Display, tokens: &[String]) -> Rc<Vec<Vec<u8>>> {
    let path = format!("/events/{event}/enter");
    Rc::new(tokens.iter().map(|token| post(&path, Some(token))).collect())
}

/// Figures 1, 2, 3, 4 and 7, and the published scenarios.
async fn entries(rounds: usize, wanted: &impl Fn(u32) -> bool) -> Result<(), Failure> {
    println!("preparing {PEOPLE} members with sessions");
    let prepared = site::prepare(PEOPLE, rounds + 2).await?;
    let (server, ours) = site::serve(prepared.folder.path()).await?;
    let empty = Baseline::start(Which::Empty, 0).await?;
    let foreign: Vec<String> = (0..PEOPLE).map(token).collect();
    let same_bytes = requests(prepared.events[0], &foreign);
    let (mut against_empty, mut against_script, mut refusals) = (Vec::new(), Vec::new(), Vec::new());
    let mut rates = Vec::new();
    // Three fill the deal, so that everybody else is refused.
    load::closed(ours, 1, requests(prepared.full, &prepared.tokens[..3])).await?;
    println!("\nentries on one event, {CONNECTIONS} connections, server on one core");
    println!(
        "{:<8} {:>14} {:>14} {:>14} {:>14} {:>16}",
        "round", "empty/s", "entries/s", "repeats/s", "full/s", "Redis script/s"
    );
    for round in 0..rounds {
        let event = prepared.events[round];
        warm(ours, &prepared).await?;
        let (empty_rate, empty_cpu) = {
            let before = empty.cpu();
            let run = load::closed(empty.address, CONNECTIONS, same_bytes.clone()).await?;
            (run.per_second(204)?, empty.cpu() - before)
        };
        let before = server.cpu();
        let run = load::closed(ours, CONNECTIONS, requests(event, &prepared.tokens)).await?;
        let cpu = server.cpu() - before;
        let rate = run.per_second(201)?;
        run.exact_ranks(PEOPLE as u64)?;
        let repeats = load::closed(ours, CONNECTIONS, requests(event, &prepared.tokens)).await?.per_second(200)?;
        let full =
            load::closed(ours, CONNECTIONS, requests(prepared.full, &prepared.tokens[3..])).await?.per_second(409)?;
        let script_rate = if wanted(3) {
            let script = Baseline::start(Which::RedisScript, PEOPLE).await?;
            let run = load::closed(script.address, CONNECTIONS, same_bytes.clone()).await?;
            run.exact_ranks(PEOPLE as u64)?;
            let rate = run.per_second(201)?;
            println!(
                "         Redis script: {:.1} µs CPU a click, {}",
                script.cpu() * 1e6 / PEOPLE as f64,
                run.latencies()
            );
            rate
        } else {
            f64::NAN
        };
        println!("{round:<8} {empty_rate:>14.0} {rate:>14.0} {repeats:>14.0} {full:>14.0} {script_rate:>16.0}");
        println!(
            "         ours: {:.1} µs CPU an entry (empty POST {:.1}), {}",
            cpu * 1e6 / PEOPLE as f64,
            empty_cpu * 1e6 / PEOPLE as f64,
            run.latencies()
        );
        against_empty.push(rate / empty_rate);
        against_script.push(rate / script_rate);
        refusals.push(repeats.min(full) / empty_rate);
        rates.push(rate);
    }
    ratio("entries_vs_empty", median(against_empty));
    if wanted(3) {
        ratio("entries_vs_redis_script", median(against_script));
    }
    ratio("refusal_vs_empty", median(refusals));
    let ours_rate = median(rates);
    if wanted(2) {
        let best = best_of(&[Which::RedisLockSpin, Which::RedisLockPubsub]).await?;
        ratio("entries_vs_redis_lock", ours_rate / best);
        println!("beside it, keeping nothing on the disk:");
        let best = best_of(&[Which::RedisLockSpinVolatile, Which::RedisLockPubsubVolatile]).await?;
        println!("ours, durable, is {:.1} times that", ours_rate / best);
    }
    if wanted(4) {
        let best = best_of(&[Which::RowLock]).await?;
        ratio("entries_vs_row_lock", ours_rate / best);
    }
    scenarios(ours, &prepared, rounds).await?;
    drop(server);
    let folder = prepared.folder.path().to_owned();
    let (events, violations) =
        site::with_engine(&folder, |engine| async move { Ok(engine::check(&engine.db).await?) }).await?;
    println!("check: {events} events, {} violations", violations.len());
    if violations.is_empty() { Ok(()) } else { Err("the data breaks its promises".into()) }
}

/// Every session asks once for an event that was called off: loaded, believed, and nothing written.
pub async fn warm(ours: SocketAddr, prepared: &site::Prepared) -> Result<(), Failure> {
    load::closed(ours, 64, requests(prepared.cancelled, &prepared.tokens)).await?.per_second(409)?;
    Ok(())
}

/// The best rate of these baselines at 1 to 64 connections.
async fn best_of(which: &[Which]) -> Result<f64, Failure> {
    let mut best: f64 = 0.0;
    for which in which {
        for connections in [1, 4, 16, 64] {
            let baseline = Baseline::start(*which, FEW).await?;
            let tokens: Vec<String> = (0..FEW).map(token).collect();
            let run = load::closed(baseline.address, connections, requests("1", &tokens)).await?;
            let rate = run.per_second(201)?;
            run.exact_ranks(FEW as u64)?;
            println!("{which:?}, {connections} connections: {rate:.0}/s, {}", run.latencies());
            best = best.max(rate);
        }
    }
    Ok(best)
}

/// What others published, reproduced: 6,000 within one second, and 150,000 as fast as they can be sent.
async fn scenarios(ours: SocketAddr, prepared: &site::Prepared, rounds: usize) -> Result<(), Failure> {
    warm(ours, prepared).await?;
    let second = requests(prepared.events[rounds], &prepared.tokens[..6000]);
    let run: Outcome = load::open(ours, 1000, second, Duration::from_micros(1_000_000 / 6000)).await?;
    run.per_second(201)?;
    run.exact_ranks(6000)?;
    println!(
        "\n6,000 members within one second: all know their rank after {:.3} s, {}",
        run.elapsed.as_secs_f64(),
        run.latencies()
    );
    let all = requests(prepared.events[rounds + 1], &prepared.tokens);
    let run = load::closed(ours, CONNECTIONS, all).await?;
    run.per_second(201)?;
    run.exact_ranks(PEOPLE as u64)?;
    println!("150,000 members as fast as they can be sent: {:.2} s, {}", run.elapsed.as_secs_f64(), run.latencies());
    Ok(())
}

/// Figure 17: from the start after a kill to the first durable answer, against a clean start.
async fn restart(rounds: usize) -> Result<(), Failure> {
    println!("\npreparing {STORED} entries");
    let prepared = site::prepare(200, 1).await?;
    let event = prepared.events[0];
    let folder = prepared.folder.path().to_owned();
    site::with_engine(&folder, move |engine| async move {
        for start in (0..STORED).step_by(4000) {
            let mut entering = tokio::task::JoinSet::new();
            for n in start..start + 4000 {
                let (turnstile, now) = (engine.turnstile.clone(), engine.clock.now());
                let member = MemberId(engine::ids::new_id(model::Time(n as i64)));
                entering.spawn(async move { turnstile.enter(event, member, "수달".into(), now, None, None).await });
            }
            while let Some(entered) = entering.join_next().await {
                if !matches!(entered?, Ok(ClickAnswer::Entered(_))) {
                    return Err("an entry was refused while preparing".into());
                }
            }
        }
        Ok(())
    })
    .await?;
    let mut tokens = prepared.tokens.iter();
    let mut first_answer = async |started: Instant, address: SocketAddr| -> Result<f64, Failure> {
        listening(address).await?;
        let token = tokens.next().ok_or("no token left")?;
        load::closed(address, 1, requests(event, std::slice::from_ref(token))).await?.per_second(201)?;
        // The generator itself waits 20 ms before it sends.
        Ok(started.elapsed().as_secs_f64() - 0.02)
    };
    let (mut clean, mut killed) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let address = free_address()?;
        let started = Instant::now();
        let mut server = site::start(&folder, address)?;
        clean.push(first_answer(started, address).await?);
        // Killed with work behind it.
        server.kill();
        let address = free_address()?;
        let started = Instant::now();
        let mut server = site::start(&folder, address)?;
        killed.push(first_answer(started, address).await?);
        server.stop();
    }
    let (clean, killed) = (median(clean), median(killed));
    println!(
        "first durable answer with {STORED} entries on the event: {clean:.3} s after a clean start, {killed:.3} s after kill -9"
    );
    ratio("restart", killed / clean);
    Ok(())
}
