//! Figure 25: what a seller takes with them and brings back, a hundred thousand orders at a time: memory, and presses beside it.

use crate::{
    Failure,
    figures::{median, ratio},
    live::{ENTRIES, ENTRIES_A_SECOND, SECONDS, Site, entries, p99},
    process::{Process, quiet},
    site,
};
use engine::db::Lane;
use model::{EventId, MemberId, OrderId, sellers::ORDER_COLUMNS};
use std::{
    cell::Cell,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Orders of the sale.
const ORDERS: i64 = 100_000;
/// Times that entries are made beside one import, one after the other: it takes longer than they do once.
const TIMES: usize = 50;
/// Times that they are made alone in a round: before each of the three, and at the end.
const ALONE: usize = 4;
/// At most so many rounds: an import takes minutes beside presses.
const ROUNDS: usize = 3;
/// How often the server's memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const MIB: f64 = 1_048_576.0;
/// More memory than before, in MiB, is a list that is held whole, some of it several times: at most 173 were measured.
const MOST_MORE: f64 = 256.0;

/// Runs the figure: entries at a steady rate, alone, and beside a seller who takes all orders as CSV, then as XLSX, again and again, and
/// beside one who brings a list that changes every order, from its first to its last. Alone is measured before each of them, because the
/// disk is not always as quick, and the median of it counts. The whole list has to be there each time, and the server may not grow by
/// more than [`MOST_MORE`] meanwhile, which is said once everything is measured.
pub async fn run(rounds: usize) -> Result<(), Failure> {
    let rounds = rounds.min(ROUNDS);
    println!(
        "\n{ENTRIES_A_SECOND} entries/s for {SECONDS} s: alone, and beside {ORDERS} orders that are exported and imported"
    );
    let prepared = site::prepare(ENTRIES, (ALONE + 2 + TIMES) * rounds).await?;
    let sale = prepared.more(vec![site::deal(ORDERS as u64)]).await?[0];
    let creator = prepared.creator;
    let seller = site::with_engine(prepared.folder.path(), move |engine| async move {
        sold(&engine, sale).await?;
        Ok(engine.accounts.sessions.start(creator, "bench").await?.to_string())
    })
    .await?;
    let ours = Site::serve(prepared).await?;
    println!(
        "{:<8} {:<8} {:>12} {:>12} {:>10} {:>14} {:>14}",
        "round", "beside", "p99 ms", "÷ alone", "seconds", "memory before", "at most, MiB"
    );
    let (mut csv, mut xlsx, mut import) = (Vec::new(), Vec::new(), Vec::new());
    let mut most_more = 0_f64;
    for (round, events) in ours.prepared.events.chunks(ALONE + 2 + TIMES).enumerate() {
        let (for_alone, events) = events.split_at(ALONE);
        let mut for_alone = for_alone.iter();
        let mut alone = async || {
            quiet(|| ours.server.cpu()).await?;
            let event = for_alone.next().ok_or("too few events")?;
            Ok::<f64, Failure>(p99(&entries(&ours, *event).await?))
        };
        let (mut alones, mut besides) = (Vec::new(), Vec::new());
        for (kind, event) in [("csv", &events[..1]), ("xlsx", &events[1..2])] {
            let request = get(&format!("/events/{sale}/orders/orders.{kind}"), &seller);
            let least = if kind == "csv" { ORDERS as usize * 60 } else { ORDERS as usize * 5 };
            let exporting = async |done: &Cell<bool>| {
                let mut took = Vec::new();
                while !done.get() {
                    let began = Instant::now();
                    let bytes = whole(ours.address, &request).await?;
                    if bytes < least {
                        return Err(format!("{bytes} bytes are not {ORDERS} orders").into());
                    }
                    took.push(began.elapsed().as_secs_f64());
                }
                Ok::<f64, Failure>(median(took))
            };
            alones.push(alone().await?);
            besides.push((kind, beside(&ours, event, exporting).await?));
        }
        let list = list(sale, round, &seller);
        let importing = async |_: &Cell<bool>| {
            let began = Instant::now();
            whole(ours.address, &list).await?;
            Ok::<f64, Failure>(began.elapsed().as_secs_f64())
        };
        alones.push(alone().await?);
        besides.push(("import", beside(&ours, &events[2..], importing).await?));
        alones.push(alone().await?);
        let each: Vec<String> = alones.iter().map(|alone| format!("{alone:.2}")).collect();
        let alone = median(alones);
        println!("{round:<8} {:<8} {alone:>12.2} of {}", "nobody", each.join(", "));
        for ((kind, Beside { p99, took, before, most }), ratios) in
            besides.into_iter().zip([&mut csv, &mut xlsx, &mut import])
        {
            println!("{round:<8} {kind:<8} {p99:>12.2} {:>12.2} {took:>10.2} {before:>14.0} {most:>14.0}", p99 / alone);
            ratios.push(p99 / alone);
            most_more = most_more.max(most - before);
        }
    }
    let Site { prepared, server, .. } = ours;
    drop(server);
    let left = site::with_engine(prepared.folder.path(), move |engine| async move {
        let shipped = engine.db.sql("select count(*) from orders where event_id = $1 and state = 'shipped'").bind(sale);
        Ok(ORDERS - shipped.one::<(i64,)>().await?.0)
    })
    .await?;
    if left != 0 {
        return Err(format!("{left} orders of the list were not taken").into());
    }
    let (csv, xlsx, import) = (median(csv), median(xlsx), median(import));
    println!("p99 of entries ÷ alone: csv {csv:.2}, xlsx {xlsx:.2}, import {import:.2}; the worst of them:");
    ratio("exports_slowdown", csv.max(xlsx).max(import));
    if most_more > MOST_MORE {
        return Err(format!("{most_more:.0} MiB more than there were before; {MOST_MORE} are allowed").into());
    }
    Ok(())
}

/// What was measured beside something: p99 of entries in milliseconds, seconds that it took, memory before and at most in MiB.
struct Beside {
    p99: f64,
    took: f64,
    before: f64,
    most: f64,
}

/// Entries on one event after the other, as long as something goes on beside them.
async fn beside(
    ours: &Site,
    events: &[EventId],
    work: impl AsyncFnOnce(&Cell<bool>) -> Result<f64, Failure>,
) -> Result<Beside, Failure> {
    quiet(|| ours.server.cpu()).await?;
    let before = ours.server.written_memory();
    let (entered, over) = (Cell::new(false), Cell::new(false));
    let entering = async {
        // What goes on beside them has begun.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let mut latency = entries(ours, events[0]).await?;
        for event in &events[1..] {
            if !over.get() {
                latency.add(entries(ours, *event).await?)?;
            }
        }
        entered.set(true);
        Ok::<_, Failure>(latency)
    };
    let working = async {
        let took = work(&entered).await;
        over.set(true);
        took
    };
    let (latency, took, most) = tokio::try_join!(entering, working, memory(&ours.server, &entered, &over))?;
    Ok(Beside { p99: p99(&latency), took, before: before / MIB, most: most / MIB })
}

/// The most memory that a server has until both are done, in bytes.
async fn memory(server: &Process, entered: &Cell<bool>, over: &Cell<bool>) -> Result<f64, Failure> {
    let mut most = 0_f64;
    while !(entered.get() && over.get()) {
        most = most.max(server.written_memory());
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(most)
}

/// As if everybody had bought one: how that comes about, other figures measure.
async fn sold(engine: &engine::Engine, sale: EventId) -> Result<(), Failure> {
    let now = engine.clock.now();
    let buyers: Vec<(MemberId,)> = engine.db.sql("select id from members order by id limit 1000").all().await?;
    for start in (1..=ORDERS).step_by(1_000) {
        let mut tx = engine.db.begin(Lane::Other).await?;
        for rank in start..start + 1_000 {
            let id = OrderId(engine::ids::new_id(now));
            tx.sql(
                "insert into orders (id, event_id, rank, member_id, number, kind, units, price, amount, terms, state, created_at)
                 values ($1, $2, $3, $6, $4, 'deal', 1, 500, 500, '{}', 'paid', $5)",
            )
            .bind(id)
            .bind(sale)
            .bind(rank)
            .bind(number(rank))
            .bind(now)
            .bind(buyers[rank as usize % buyers.len()].0)
            .run()
            .await?;
            tx.sql(
                "insert into order_addresses (order_id, name, phone, postcode, address, detail)
                 values ($1, '김수달', '010-1234-5678', '04799', '서울 성동구 성수이로 59', '수달빌딩 3층 301호')",
            )
            .bind(id)
            .run()
            .await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn number(rank: i64) -> String {
    format!("D260101-9-{rank}")
}

/// The list of a round, which sends every order, or corrects how it was sent; as a whole request.
fn list(sale: EventId, round: usize, seller: &str) -> Vec<u8> {
    const BOUNDARY: &str = "fiftynine";
    let headings = ORDER_COLUMNS.map(|(english, _)| english).join(",");
    let mut list = format!("\u{FEFF}{headings}\r\n");
    for rank in 1..=ORDERS {
        list.push_str(&format!(
            "{},,cj,{}{rank:010},2026-01-01 10:00:00.000,,1,0,500,0,김수달,010-1234-5678,04799,서울 성동구 성수이로 59\r\n",
            number(rank),
            10 + round
        ));
    }
    let body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"event\"\r\n\r\n{sale}\r\n--{BOUNDARY}\r\n\
         Content-Disposition: form-data; name=\"list\"; filename=\"orders.csv\"\r\nContent-Type: text/csv\r\n\r\n{list}\r\n--{BOUNDARY}--\r\n"
    );
    let head = format!(
        "POST /api/import-shipments HTTP/1.1\r\nHost: localhost\r\nCookie: session={seller}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into()
}

fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: session={token}\r\nConnection: close\r\n\r\n").into()
}

/// Sends a request on a connection of its own and reads the answer to its end, which has to be a good one; how many bytes it had.
async fn whole(address: SocketAddr, request: &[u8]) -> Result<usize, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let (mut piece, mut count, mut head) = (vec![0; 64 << 10], 0, Vec::new());
    loop {
        match stream.read(&mut piece).await? {
            0 => break,
            read => {
                if head.len() < 512 {
                    head.extend_from_slice(&piece[..read.min(512)]);
                }
                count += read;
            }
        }
    }
    match head.starts_with(b"HTTP/1.1 200") {
        true => Ok(count),
        false => Err(format!("refused: {}", String::from_utf8_lossy(&head)).into()),
    }
}
