//! Figure 8, and what others published of it: presses while people read pages and sit in rooms.

use crate::{
    Failure,
    figures::{PEOPLE, median, ratio, requests, warm},
    live::{AT_ONCE, ENTRIES, ENTRIES_A_SECOND, SECONDS, Site, entries, p99},
    load::{self, Outcome, get},
    process::quiet,
    readers::{Crowd, Place},
    site::{self, Prepared},
};
use engine::db::Db;
use model::EventId;
use std::{
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::task::LocalSet;

/// Events in the lists.
const SHELF: usize = 24;
/// Within which the index has to have followed what was prepared.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pages that people read: the lists, and what is in them.
struct Pages {
    lists: Vec<String>,
    details: Vec<String>,
    /// The last one finds nothing.
    searches: Vec<String>,
}

impl Pages {
    /// So many deals and as many tickets.
    async fn make(prepared: &Prepared) -> Result<Pages, Failure> {
        let offers = (0..SHELF).flat_map(|_| [site::deal(100), site::ticket(100)]).collect();
        let shelf = prepared.more(offers).await?;
        Ok(Pages {
            lists: ["/", "/deals", "/tickets"].map(str::to_owned).into(),
            details: shelf.iter().map(|event| format!("/events/{event}")).collect(),
            // What is found, by a part of a word, by what else is said, and what is not.
            searches: ["bench", "ben", "%EC%88%98%EB%8B%AC%ED%99%80", "%EC%97%86%EB%8A%94"]
                .map(|words| format!("/search?q={words}"))
                .into(),
        })
    }
}

/// So many requests, by turns for these pages and by these members.
fn pages<'a>(count: usize, paths: impl Fn(usize) -> &'a str, tokens: &[String]) -> Rc<Vec<Vec<u8>>> {
    Rc::new((0..count).map(|i| get(paths(i), &tokens[i % tokens.len()])).collect())
}

/// Every page has to be there.
fn shown(pages: &Outcome) -> Result<(), Failure> {
    pages.per_second(200).map(drop).map_err(|other| format!("pages: {other}").into())
}

/// Waits until searches are answered by the index, and until each that has something to find does: one that finds nothing costs nothing.
async fn searchable(ours: &Site, searches: &[String]) -> Result<(), Failure> {
    let until = Instant::now() + PATIENCE;
    let token = ours.tokens.last().ok_or("nobody looks for anything")?;
    for search in &searches[..searches.len() - 1] {
        let request = format!(
            "GET {search} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nCookie: session={token}\r\nConnection: close\r\n\r\n"
        );
        loop {
            let (_, found) = load::whole(ours.address, request.as_bytes()).await?;
            if found.contains(r#""making":false"#) && found.contains(r#""found":{"rows":[{"#) {
                break;
            }
            if Instant::now() > until {
                return Err(format!("{search} finds nothing").into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

/// Figure 8: entries alone, and beside lists, details and searches that are rendered for signed-in members and beside sockets that are
/// told of every entry, in the room of the very event that is entered. The sockets are read by a thread of their own: what the
/// generator does for them is not to count for the server.
pub async fn slowdown(rounds: usize) -> Result<(), Failure> {
    const SOCKETS: usize = 2_000;
    /// Of lists, of details, and of searches.
    const A_SECOND: usize = 50;
    println!(
        "\n{ENTRIES_A_SECOND} entries/s for {SECONDS} s: alone, and beside {A_SECOND} lists/s, {A_SECOND} details/s, {A_SECOND} searches/s and {SOCKETS} sockets in the room"
    );
    let prepared = site::prepare(ENTRIES + SOCKETS, 2 * rounds).await?;
    let Pages { lists, details, searches } = Pages::make(&prepared).await?;
    let ours = Site::serve(prepared).await?;
    searchable(&ours, &searches).await?;
    let readers = &ours.tokens[ENTRIES..];
    let count = A_SECOND * (SECONDS + 1);
    let lists = pages(count, |i| &lists[i % lists.len()], readers);
    let details = pages(count, |i| &details[i % details.len()], readers);
    let searches = pages(count, |i| &searches[i % searches.len()], readers);
    let interval = Duration::from_micros(1_000_000 / A_SECOND as u64);
    println!(
        "{:<8} {:>12} {:>12} {:>12} {:>12} {:>10} {:>10} {:>10} {:>10}",
        "round", "alone, mean", "p99 ms", "mixed, mean", "p99 ms", "list p99", "detail p99", "search p99", "dropped"
    );
    let (mut means, mut p99s) = (Vec::new(), Vec::new());
    for events in ours.prepared.events.chunks(2) {
        quiet(|| ours.server.cpu()).await?;
        let alone = entries(&ours, events[0]).await?;
        let sitting = Sitting::begin(ours.place_of(events[1], ENTRIES), SOCKETS).await?;
        quiet(|| ours.server.cpu()).await?;
        let (mixed, listed, detailed, searched) = tokio::try_join!(
            entries(&ours, events[1]),
            load::open(ours.address, 16, lists.clone(), interval),
            load::open(ours.address, 16, details.clone(), interval),
            load::open(ours.address, 16, searches.clone(), interval),
        )?;
        let dropped = sitting.end(ENTRIES as u64).await?;
        shown(&listed)?;
        shown(&detailed)?;
        shown(&searched)?;
        println!(
            "{:<8} {:>12.2} {:>12.2} {:>12.2} {:>12.2} {:>10.2} {:>10.2} {:>10.2} {dropped:>10}",
            means.len(),
            alone.mean() / 1e3,
            p99(&alone),
            mixed.mean() / 1e3,
            p99(&mixed),
            p99(&listed.latency),
            p99(&detailed.latency),
            p99(&searched.latency)
        );
        means.push(mixed.mean() / alone.mean());
        p99s.push(p99(&mixed) / p99(&alone));
    }
    let (mean, p99) = (median(means), median(p99s));
    println!("mean {mean:.2} times that alone, p99 {p99:.2} times; the worse of the two:");
    ratio("mixed_slowdown", mean.max(p99));
    Ok(())
}

/// Readers of a room on a thread of their own.
struct Sitting {
    /// Told how many entries there have to be.
    leave: tokio::sync::oneshot::Sender<u64>,
    left: tokio::sync::oneshot::Receiver<Result<u64, String>>,
}

impl Sitting {
    /// So many come in; returns when all of them have the room before their eyes.
    async fn begin(place: impl FnOnce() -> Place + Send + 'static, count: usize) -> Result<Sitting, Failure> {
        let (leave, leaving) = tokio::sync::oneshot::channel::<u64>();
        let (come_in, here) = tokio::sync::oneshot::channel();
        let (gone, left) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let read = async {
                let crowd = Crowd::join(Rc::new(place()), 0..count, AT_ONCE).await?;
                let _ = come_in.send(());
                let total = leaving.await?;
                crowd.room.everyone(total).await?;
                crowd.room.exact_board(total)?;
                Ok(crowd.room.dropped())
            };
            let read = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(Failure::from)
                .and_then(|runtime| LocalSet::new().block_on(&runtime, read));
            let _ = gone.send(read.map_err(|failure| failure.to_string()));
        });
        // When nobody could come in, `left` says why.
        let _ = here.await;
        Ok(Sitting { leave, left })
    }

    /// Fails unless everybody was told of `total` entries; how many changes a snapshot took the place of.
    async fn end(self, total: u64) -> Result<u64, Failure> {
        let _ = self.leave.send(total);
        Ok(self.left.await??)
    }
}

impl Site {
    /// Where readers go, the first of them with session `first`.
    fn place_of(&self, event: EventId, first: usize) -> impl FnOnce() -> Place + Send + 'static {
        let (server, tokens) = (self.address, self.tokens[first..].to_vec());
        move || Place { server, event, echoes: false, tokens: Rc::new(tokens) }
    }
}

/// Seats, as published.
const SEATS: u64 = 100;
/// Presses of the first half of the time, and of the second, as published.
const FIRST: usize = 100_000;
const SECOND: usize = PEOPLE - FIRST;
/// Each half takes so long: five minutes, ten times as fast.
const HALF: Duration = Duration::from_secs(30);
/// Others, each of whom asks for a page a second.
const USERS: usize = 270;
/// Milliseconds in the mean, as published: alone, and beside others.
const MEANS: [f64; 2] = [17.0, 75.5];

/// What others published: 150,000 presses on 100 tickets in ten minutes, 100,000 of them in the first five, alone and beside 270
/// users who ask for three other things: lists, details, their own orders. Ten times as fast, and with `quick` only for the first
/// sixth of each half. It fails where a press takes as long in the mean as was published.
pub async fn published(quick: bool) -> Result<(), Failure> {
    let part = if quick { 6 } else { 1 };
    let (first, second) = (FIRST / part, SECOND / part);
    println!(
        "\n{} presses on {SEATS} tickets within {} s, alone and beside {USERS} users",
        first + second,
        2 * HALF.as_secs() / part as u64
    );
    let prepared = site::prepare(PEOPLE + USERS, 1).await?;
    let sales = prepared.more(vec![site::ticket(SEATS); 2]).await?;
    let bought = prepared.more(vec![site::deal(USERS as u64)]).await?;
    let Pages { lists, details, .. } = Pages::make(&prepared).await?;
    let ours = Site::serve(prepared).await?;
    let (people, users) = ours.tokens.split_at(PEOPLE);
    warm(ours.address, &ours.prepared).await?;
    // Everybody who reads has an order of their own.
    load::closed(ours.address, 16, requests(bought[0], users)).await?.per_second(201)?;
    let kinds = |i: usize| match i % 3 {
        0 => lists[i / 3 % lists.len()].as_str(),
        1 => details[i / 3 % details.len()].as_str(),
        _ => "/my/orders",
    };
    let asked = USERS * (2 * HALF.as_secs() as usize / part);
    let asked = pages(asked, kinds, users);
    let mut means = Vec::new();
    for (sale, beside) in sales.iter().zip([false, true]) {
        quiet(|| ours.server.cpu()).await?;
        let pressing = async {
            let half = async |people: &[String]| {
                let interval = HALF / part as u32 / people.len() as u32;
                load::open(ours.address, 512, requests(sale, people), interval).await
            };
            Ok::<_, Failure>(half(&people[..first]).await?.then(half(&people[first..first + second]).await?))
        };
        let reading = async {
            match beside {
                true => load::open(ours.address, USERS, asked.clone(), Duration::from_secs(1) / USERS as u32)
                    .await
                    .map(Some),
                false => Ok(None),
            }
        };
        let (pressed, read) = tokio::try_join!(pressing, reading)?;
        // Whoever got no unit has a place in the line, or was told that it is full: nobody else heard anything else.
        let taken = SEATS * 3;
        let answers = (pressed.count(201), pressed.count(409));
        if answers != (taken, (first + second) as u64 - taken) || pressed.statuses.len() != 2 {
            return Err(format!("expected {taken} places and refusals, got {:?}", pressed.statuses).into());
        }
        pressed.exact_ranks(taken)?;
        let what = if beside { "beside others" } else { "alone" };
        println!("presses {what}: {}", pressed.latencies());
        if let Some(read) = &read {
            shown(read)?;
            println!("their pages: {}", read.latencies());
        }
        means.push(pressed.latency.mean() / 1e3);
    }
    let Site { prepared, server, .. } = ours;
    drop(server);
    let db = Db::open(prepared.folder.path()).await?;
    for sale in sales {
        let (held,): (i64,) = db.sql("select held from tallies where event_id = $1").bind(sale).one().await?;
        if held as u64 != SEATS {
            return Err(format!("{held} of {SEATS} seats are held").into());
        }
    }
    let of = if quick { ", in a sixth of the presses and of the time" } else { "" };
    println!(
        "mean of a press{of}: {:.2} ms alone (published: {}), {:.2} ms beside {USERS} users (published: {})",
        means[0], MEANS[0], means[1], MEANS[1]
    );
    if means.iter().zip(MEANS).any(|(ours, published)| *ours >= published) {
        return Err(format!("{means:.2?} ms in the mean are no less than the {MEANS:?} ms that were published").into());
    }
    Ok(())
}
