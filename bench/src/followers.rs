//! Figure 24 as well: what a hundred thousand members are told of. How long its cause takes to be answered, against one that a single
//! member is told of; how long another cause takes to whom it concerns meanwhile; and entries beside it.

use crate::{
    Failure,
    figures::{median, ratio},
    live::{ENTRIES_A_SECOND, SECONDS, Site, entries, p99},
    load::{self, form},
    process::quiet,
    site,
    streams::{hear, open},
};
use engine::{Engine, db::Lane};
use model::{EventId, HOUR, MemberId};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpStream,
    sync::mpsc::{self, UnboundedReceiver},
    task::{JoinSet, LocalSet},
    time::timeout,
};

/// Members who wish for an event.
const FOLLOWERS: usize = 100_000;
/// However many the others do: each tells all of them.
const ROUNDS: usize = 3;
/// Within which all of them must be told.
const PATIENCE: Duration = Duration::from_secs(40);
/// So many times as long, and so many milliseconds longer, is slowed down.
const TIMES: f64 = 3.0;
const LONGER: f64 = 20.0;
/// After so many seconds whoever is told of something else was held up.
const HELD_UP: f64 = 2.0;

/// Runs the figure: events are called off that one member wishes for, that all do, and right behind that one which another member wishes
/// for. What it fails by is said once everything is measured.
pub async fn run() -> Result<(), Failure> {
    println!(
        "\n{FOLLOWERS} members are told of one cause: its answer, another cause meanwhile, and {ENTRIES_A_SECOND} entries/s for {SECONDS} s beside it"
    );
    let prepared = site::prepare(FOLLOWERS + 1, 2 * ROUNDS).await?;
    let causes = prepared.more(vec![site::giveaway(1); 3 * ROUNDS + 1]).await?;
    let (creator, followed) = (prepared.creator, causes.clone());
    let host = site::with_engine(prepared.folder.path(), move |engine| async move {
        follow(&engine, creator, &followed).await?;
        Ok(engine.accounts.sessions.start(creator, "bench").await?.to_string())
    })
    .await?;
    let ours = Site::serve(prepared).await?;
    let slow = LocalSet::new().run_until(measured(&ours, &host, &causes)).await?;
    quiet(|| ours.server.cpu()).await?;
    let Site { prepared, server, .. } = ours;
    drop(server);
    site::with_engine(prepared.folder.path(), move |engine| async move {
        for event in causes[1..].chunks(3).map(|causes| causes[1]) {
            let told = engine.db.sql("select count(*), count(distinct member_id) from notices where event_id = $1");
            let (notices, members): (i64, i64) = told.bind(event).one().await?;
            if (notices, members) != (FOLLOWERS as i64, FOLLOWERS as i64) {
                return Err(format!("{members} of {FOLLOWERS} members were told, in {notices} notices").into());
            }
        }
        Ok(())
    })
    .await?;
    slow.map_or(Ok(()), |slow| Err(slow.into()))
}

/// What was too slow, if anything was.
async fn measured(ours: &Site, host: &str, causes: &[EventId]) -> Result<Option<String>, Failure> {
    let (first, causes) = causes.split_first().ok_or("no event was made")?;
    // The last of all whom the one cause concerns, and whom the other does.
    let mut listening: JoinSet<Result<(), Failure>> = JoinSet::new();
    let (told_last, mut last) = mpsc::unbounded_channel();
    listening.spawn_local(hear(open(ours.address, 0, &ours.tokens[FOLLOWERS - 1]).await?, told_last));
    let (told_other, mut other) = mpsc::unbounded_channel();
    listening.spawn_local(hear(open(ours.address, 1, &ours.tokens[FOLLOWERS]).await?, told_other));
    // What the first of all takes is not theirs.
    call_off(ours.address, host, *first).await?;
    println!(
        "{:<8} {:>12} {:>12} {:>12} {:>14} {:>14} {:>12}",
        "round", "of one, ms", "of all, ms", "all told, s", "the other, s", "entries p99", "÷ alone"
    );
    let (mut of_one, mut of_all, mut slower, mut slowest) = (Vec::new(), Vec::new(), Vec::new(), 0_f64);
    for (round, (causes, entered)) in causes.chunks(3).zip(ours.prepared.events.chunks(2)).enumerate() {
        quiet(|| ours.server.cpu()).await?;
        let alone = p99(&entries(ours, entered[0]).await?);
        quiet(|| ours.server.cpu()).await?;
        let one = call_off(ours.address, host, causes[0]).await?;
        quiet(|| ours.server.cpu()).await?;
        let all = call_off(ours.address, host, causes[1]).await?;
        let began = Instant::now();
        let another = async {
            call_off(ours.address, host, causes[2]).await?;
            heard(&mut other).await
        };
        let (told, latency) = tokio::try_join!(another, entries(ours, entered[1]))?;
        let told_all = heard(&mut last).await?;
        if told > told_all {
            return Err("whom another cause concerned was told behind all others".into());
        }
        let (with, meanwhile) = (p99(&latency), (told - began).as_secs_f64());
        println!(
            "{round:<8} {one:>12.1} {all:>12.1} {:>12.1} {meanwhile:>14.2} {with:>14.2} {:>12.2}",
            (told_all - began).as_secs_f64(),
            with / alone
        );
        of_one.push(one);
        of_all.push(all);
        slower.push(with / alone);
        slowest = slowest.max(meanwhile);
    }
    listening.shutdown().await;
    let (one, all) = (median(of_one), median(of_all));
    ratio("followers_cause", all / one);
    ratio("followers_entries", median(slower));
    Ok(if all > TIMES * one && all > one + LONGER {
        Some(format!("what {FOLLOWERS} are told of is answered after {all:.0} ms, and after {one:.0} ms what one is"))
    } else if slowest > HELD_UP {
        Some(format!("whom another cause concerned was told after {slowest:.1} s, and is to be within {HELD_UP}"))
    } else {
        None
    })
}

/// Calls an event off; after how many milliseconds that was answered.
async fn call_off(address: SocketAddr, host: &str, event: EventId) -> Result<f64, Failure> {
    let request = form("/api/cancel-event", host, &format!("event={event}&reason=bench"));
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let began = Instant::now();
    let (status, _) = load::one(&mut stream, &mut Vec::new(), &request).await?;
    match status {
        200 => Ok(began.elapsed().as_secs_f64() * 1e3),
        _ => Err(format!("an event was not called off: {status}").into()),
    }
}

/// When somebody was told.
async fn heard(told: &mut UnboundedReceiver<Instant>) -> Result<Instant, Failure> {
    Ok(timeout(PATIENCE, told.recv()).await?.ok_or("nobody listens any more")?)
}

/// Behind the first, which nobody wishes for: of each three events one that a member wishes for, one that all but one do, and one that
/// this one does.
async fn follow(engine: &Engine, creator: MemberId, events: &[EventId]) -> Result<(), Failure> {
    let member = async |nth: usize| -> Result<MemberId, Failure> {
        let member = engine.accounts.by_email(&format!("p{nth}@bench.invalid")).await?;
        Ok(member.ok_or("a member is missing")?)
    };
    // As their sessions are in order: behind the creator.
    let (one, last, other) = (member(1).await?, member(FOLLOWERS).await?, member(FOLLOWERS + 1).await?);
    let now = engine.clock.now();
    let mut tx = engine.db.begin(Lane::Other).await?;
    for causes in events[1..].chunks(3) {
        // Each at a moment of their own, in the order of which they are told.
        let all = tx.sql(
            "insert into wishes (member_id, event_id, at)
             select id, $1, $2 + row_number() over (order by id) from members where id not in ($3, $4, $5)",
        );
        let all = all.bind(causes[1]).bind(now - HOUR).bind(creator).bind(last).bind(other).run().await?;
        if all != FOLLOWERS as u64 - 1 {
            return Err(format!("{all} members wish for it").into());
        }
        for (event, member) in [(causes[0], one), (causes[1], last), (causes[2], other)] {
            let wish = tx.sql("insert into wishes (member_id, event_id, at) values ($1, $2, $3)");
            wish.bind(member).bind(event).bind(now).run().await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
