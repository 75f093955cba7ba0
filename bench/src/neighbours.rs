//! Figure 22: what is near costs as much as there is near, however much there is elsewhere; and beside it how fast items are
//! suggested, what remembering standings saves, and what fetching a catalogue's pages at once does. In this process, on both databases.

use crate::{
    Failure, databases,
    figures::{median, ratio},
    site,
};
use axum::{Json, Router, extract::Path, routing::get};
use engine::{
    Engine,
    accounts::{Actor, Passwords},
    clock::Clock,
    db::{Db, Dialect, Lane},
    markets::{AT_ONCE, Catalogue, import_items},
};
use model::{
    Coordinates, HOUR, ItemId, MemberId, PartyId,
    markets::{Cell, distance},
    parties::NearbyQuery,
};
use std::{
    path::Path as Folder,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Parties among which those near are looked for.
const AMONG: [i64; 3] = [1_000, 100_000, 1_000_000];
/// How many of them are near.
const NEAR: i64 = 300;
/// Markets near and elsewhere.
const MARKETS: (usize, usize) = (100, 2_000);
/// Parties that are written in one transaction.
const STEP: i64 = 50_000;
const HOME: Coordinates = Coordinates { latitude: 37.5446, longitude: 127.0559 };
/// Items among which some are suggested.
const ITEMS: usize = 100_000;
/// Parties whose members' standings are looked up, and how many each has.
const LOOKED_AT: (usize, usize) = (100, 20);
/// Rows of the catalogue, and how long a page takes.
const ROWS: u64 = 20_000;
const PAGE_TAKES: Duration = Duration::from_millis(80);

/// `$1` parties at the markets of the address `$2`, `$6` of them, one after the other; `$7` are there already. Their ids follow each
/// other, as those do that the program makes: each is `$8` behind the one before, from `$9` on.
macro_rules! parties {
    ($id:literal) => {
        concat!(
            "with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < $1)
             insert into parties (id, request_id, leader_id, market_id, item_id, cell, quantity, unit, total, wanted, taken, least,
                automatic, meets_from, meets_to, note, state, confirmed, reason, created_at)
             select ",
            $id,
            ", ",
            $id,
            ", $3, m.id, $4, m.cell, 4, '통', 10000, 4, 1, 2, false, $5 + n.i % 600 * 3600000000, $5 + n.i % 600 * 3600000000 + 1,
                '', 'recruiting', false, '', 0
             from n join (select id, cell, row_number() over (order by key) - 1 as number from markets where address = $2) m
                on m.number = n.i % $6"
        )
    };
}

/// Nobody searches for parties here: an index that follows a million takes its processor for minutes, from what is measured as well.
/// Items are followed, as they are by whoever imports a catalogue.
const NOT_FOLLOWED: [(&str, &str); 2] = [
    ("drop trigger search_party_made", "drop trigger search_party_made on parties"),
    ("drop trigger search_market_made", "drop trigger search_market_made on markets"),
];

/// Runs the figure.
pub async fn run(quick: bool) -> Result<(), Failure> {
    let calls = if quick { 40 } else { 400 };
    println!("\n{NEAR} parties within 10 km, among {AMONG:?}: milliseconds, half of {calls} looks took less");
    let folder = site::folder()?;
    let sqlite = on("SQLite", Db::open(folder.path()).await?, folder.path(), calls).await?;
    let (folder, database) = (site::folder()?, databases::postgres().await?);
    let postgres = on("PostgreSQL", Db::connect(&database.url).await?, folder.path(), calls).await?;
    ratio("nearby_growth", sqlite.growth.max(postgres.growth));
    ratio("standings_remembered", sqlite.standings.min(postgres.standings));
    ratio("import_at_once", sqlite.import.min(postgres.import));
    Ok(())
}

/// What comes of one of the databases.
struct Ratios {
    /// The same look among the most parties ÷ among the fewest.
    growth: f64,
    /// A standing that is looked up ÷ one that is remembered.
    standings: f64,
    /// A catalogue's pages one after the other ÷ several at once.
    import: f64,
}

/// On one of the databases.
async fn on(name: &str, db: Db, folder: &Folder, calls: usize) -> Result<Ratios, Failure> {
    let engine = Engine::start(db, folder, Clock::system(), Passwords::weak()?).await?;
    let (leader, item) = prepare(&engine).await?;
    let mut took = Vec::new();
    fill(&engine, "near", (0, NEAR), leader, item).await?;
    let mut there = NEAR;
    for among in AMONG {
        fill(&engine, "far", (there, among - there), leader, item).await?;
        there = among;
        let mut each = Vec::with_capacity(calls);
        for _ in 0..calls {
            let began = Instant::now();
            let nearby = engine.parties.nearby(NearbyQuery::around(HOME, 10)?).await?;
            each.push(began.elapsed().as_secs_f64() * 1e3);
            if nearby.total != NEAR as u64 || nearby.cards.rows.len() != 30 {
                return Err(format!("{} of {NEAR} parties were found", nearby.total).into());
            }
        }
        took.push(median(each));
    }
    println!("{name:<11} nearby   {:.2} · {:.2} · {:.2}", took[0], took[1], took[2]);
    suggestions(name, &engine, calls).await?;
    let standings = standings(name, &engine, leader, item).await?;
    let import = import(name, &engine).await?;
    Ok(Ratios { growth: took[2] / took[0], standings, import })
}

/// Markets, an item, and whoever leads all parties.
async fn prepare(engine: &Engine) -> Result<(MemberId, ItemId), Failure> {
    let leader = engine.accounts.insert_many(vec![("leader@bench.invalid".into(), "리더".into())], "").await?[0];
    engine.markets.import_items(&Actor::System, "category,name\nsauces,올리브유 5L\n".as_bytes()).await?;
    let item = engine.markets.suggest("올리브").await?[0].id;
    let mut tx = engine.db.begin(Lane::Other).await?;
    for (sqlite, postgres) in NOT_FOLLOWED {
        let statement = match tx.dialect() {
            Dialect::Sqlite => sqlite,
            Dialect::Postgres => postgres,
        };
        tx.sql(statement).run().await?;
    }
    tx.commit().await?;
    // The same places each time: a step that fills the plane evenly (the golden ratio and its square).
    let spread = |n: usize, by: f64| (n as f64 * by).fract();
    let near = (0..MARKETS.0).map(|n| Coordinates {
        latitude: HOME.latitude + 0.1 * (spread(n, 0.618_034) - 0.5),
        longitude: HOME.longitude + 0.1 * (spread(n, 0.381_966) - 0.5),
    });
    let far = (0..2 * MARKETS.1).map(|n| Coordinates {
        latitude: 33.0 + 5.6 * spread(n, 0.618_034),
        longitude: 124.6 + 7.3 * spread(n, 0.754_878),
    });
    let far = far.filter(|at| distance(*at, HOME) > 30_000.0).take(MARKETS.1);
    let mut tx = engine.db.begin(Lane::Other).await?;
    let all = near.map(|at| ("near", at)).chain(far.map(|at| ("far", at)));
    for (number, (kind, at)) in all.enumerate() {
        tx.sql(
            "insert into markets (id, name, key, kind, address, latitude, longitude, cell, demonstration, created_at)
             values ($1, $2, $2, 'other', $3, $4, $5, $6, true, 0)",
        )
        .bind(Uuid::from_u128(1 + number as u128))
        .bind(format!("{kind} {number:06}"))
        .bind(kind.to_owned())
        .bind(at.latitude)
        .bind(at.longitude)
        .bind(Cell::of(at))
        .run()
        .await?;
    }
    tx.commit().await?;
    analyze(engine, "analyze").await?;
    Ok((leader, item))
}

/// So many more parties than there are, near or far.
async fn fill(
    engine: &Engine,
    kind: &str,
    (mut there, more): (i64, i64),
    leader: MemberId,
    item: ItemId,
) -> Result<(), Failure> {
    // Ids of those near stand among all the others', and not before them: they are odd, from the first to the last.
    let (markets, apart, from): (usize, i64, i64) =
        if kind == "near" { (MARKETS.0, 2 * (AMONG[2] / NEAR), 1) } else { (MARKETS.1, 2, 0) };
    let all = there + more;
    while there < all {
        let some = (all - there).min(STEP);
        let mut tx = engine.db.begin(Lane::Other).await?;
        let insert = match tx.dialect() {
            Dialect::Sqlite => parties!("unhex(printf('%032x', ($7 + n.i) * $8 + $9))"),
            Dialect::Postgres => {
                // Whether leader, market and item are there need not be looked up for each.
                tx.sql("set local session_replication_role = replica").run().await?;
                parties!("cast(lpad(to_hex(($7 + n.i) * $8 + $9), 32, '0') as uuid)")
            }
        };
        tx.sql(insert)
            .bind(some)
            .bind(kind.to_owned())
            .bind(leader)
            .bind(item)
            .bind(engine.clock.now() + HOUR)
            .bind(markets as i64)
            .bind(there)
            .bind(apart)
            .bind(from)
            .run()
            .await?;
        tx.commit().await?;
        there += some;
    }
    analyze(engine, "analyze parties").await
}

/// What was written is new to the planner.
async fn analyze(engine: &Engine, text: &'static str) -> Result<(), Failure> {
    let mut tx = engine.db.begin(Lane::Other).await?;
    tx.sql(text).run().await?;
    Ok(tx.commit().await?)
}

/// Initial consonants of the items' names, and the syllables that begin with them.
const INITIALS: [char; 14] = ['ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ'];
const SYLLABLES: [char; 14] = ['가', '까', '나', '다', '따', '라', '마', '바', '빠', '사', '싸', '아', '자', '짜'];

/// Two of these, for each number as long as there are others.
fn two_of(letters: &[char; 14], number: usize) -> String {
    [letters[number % 14], letters[number / 14 % 14]].iter().collect()
}

/// Items by the beginning of their name and by initial consonants, among many: each beginning once as it is looked up, and once as
/// it is remembered.
async fn suggestions(name: &str, engine: &Engine, calls: usize) -> Result<(), Failure> {
    let item = |n: usize| format!("other,{} {n:06}\n", two_of(&SYLLABLES, n));
    for from in (0..ITEMS).step_by(5_000) {
        let list: String = (from..from + 5_000).map(item).collect();
        engine.markets.import_items(&Actor::System, format!("category,name\n{list}").as_bytes()).await?;
    }
    analyze(engine, "analyze items").await?;
    let words = (0..calls).map(|n| format!("{}0{}", two_of(&SYLLABLES, n), n / 196));
    let initials = (0..calls.min(196)).map(|n| two_of(&INITIALS, n));
    let (mut by_words, mut by_initials, mut remembered) = (Vec::new(), Vec::new(), Vec::new());
    for (typed, took) in words.map(|typed| (typed, true)).chain(initials.map(|typed| (typed, false))) {
        let took = if took { &mut by_words } else { &mut by_initials };
        for took in [took, &mut remembered] {
            let began = Instant::now();
            let found = engine.markets.suggest(&typed).await?.len();
            took.push(began.elapsed().as_secs_f64() * 1e3);
            if found != 20 {
                return Err(format!("{found} items begin with {typed}").into());
            }
        }
    }
    let [words, initials, remembered] = [by_words, by_initials, remembered].map(median);
    println!(
        "{name:<11} items    {words:.2} by the name, {initials:.2} by initials, {remembered:.3} remembered, among {ITEMS}"
    );
    Ok(())
}

/// How members stand: one after the other, and on pages of parties with many; looked up the first time, and remembered the second.
/// The one ÷ the other of those that are looked up by themselves.
async fn standings(name: &str, engine: &Engine, leader: MemberId, item: ItemId) -> Result<f64, Failure> {
    let (parties, members) = LOOKED_AT;
    let people = (0..parties * members).map(|n| (format!("m{n}@bench.invalid"), format!("이웃 {n}"))).collect();
    let people = engine.accounts.insert_many(people, "").await?;
    // Half of them are looked up by themselves.
    let (alone, shown) = (parties / 2 * members, parties / 2);
    let mut made = Vec::new();
    let mut tx = engine.db.begin(Lane::Other).await?;
    for (number, members) in people.chunks(members).enumerate() {
        let party = PartyId(Uuid::from_u128(1 << 64 | number as u128));
        tx.sql(
            "insert into parties (id, request_id, leader_id, market_id, item_id, cell, quantity, unit, total, wanted, taken, least,
                automatic, meets_from, meets_to, note, state, confirmed, reason, created_at)
             values ($1, $1, $2, $3, $4, 0, 4, '통', 10000, 20, 20, 2, false, 0, 1, '', 'done', false, '', 0)",
        )
        .bind(party)
        .bind(leader)
        .bind(Uuid::from_u128(1))
        .bind(item)
        .run()
        .await?;
        for member in members {
            tx.sql(
                "insert into party_members (party_id, member_id, state, shares, agreed, leader_absent, read_number, since)
                 values ($1, $2, 'joined', 1, false, false, 0, 0)",
            )
            .bind(party)
            .bind(*member)
            .run()
            .await?;
            tx.sql(
                "insert into penalties (party_id, member_id, kind, at, appeal, appeal_state, answer)
                 values ($1, $2, 'no_show', $3, '', 'none', '')",
            )
            .bind(party)
            .bind(*member)
            // Long enough ago that the engine does not look for them as what is new.
            .bind(engine.clock.now() - HOUR)
            .run()
            .await?;
        }
        made.push(party);
    }
    tx.commit().await?;
    for text in ["analyze party_members", "analyze penalties"] {
        analyze(engine, text).await?;
    }
    let mut took = [Vec::new(), Vec::new()];
    for took in &mut took {
        for member in &people[..alone] {
            let began = Instant::now();
            let standing = engine.parties.standing(&Actor::host(*member)).await?;
            took.push(began.elapsed().as_secs_f64() * 1e3);
            if standing.penalties != 1 {
                return Err(format!("{} penalties and not one", standing.penalties).into());
            }
        }
    }
    let [first, remembered] = took.map(median);
    println!("{name:<11} standing {first:.3} looked up, {remembered:.4} remembered");
    let saved = first / remembered;
    let mut took = [Vec::new(), Vec::new()];
    for took in &mut took {
        for party in &made[shown..] {
            let began = Instant::now();
            let view = engine.parties.view(&Actor::Visitor, *party).await?;
            took.push(began.elapsed().as_secs_f64() * 1e3);
            if view.members.len() != members {
                return Err(format!("{} of {members} members are shown", view.members.len()).into());
            }
        }
    }
    let [first, remembered] = took.map(median);
    println!("{name:<11} party    {first:.2} with {members} standings looked up, {remembered:.2} with them remembered");
    Ok(saved)
}

async fn page(Path((key, first, last)): Path<(String, u64, u64)>) -> Json<serde_json::Value> {
    tokio::time::sleep(PAGE_TAKES).await;
    let row = |n: u64| serde_json::json!({ "NAME": format!("{key} {n}"), "KIND": "과자류" });
    Json(serde_json::json!({ "Items": {
        "list_total_count": ROWS,
        "RESULT": { "CODE": "INFO-000" },
        "row": (first..=last.min(ROWS)).map(row).collect::<Vec<_>>(),
    } }))
}

/// A catalogue, one page after the other and several at once; the one ÷ the other.
async fn import(name: &str, engine: &Engine) -> Result<f64, Failure> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/{key}/{first}/{last}", get(page));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let template = format!("http://{address}/{{key}}/{{start}}/{{end}}");
    let mut took = Vec::new();
    // Each its own items, so that all of them are new.
    for (key, at_once) in [("one", 1), ("many", AT_ONCE)] {
        let catalogue = Catalogue::new(&template, key, "NAME", "KIND")?;
        let began = Instant::now();
        let done = import_items(&engine.db, &engine.clock, &catalogue, at_once, |_| {}).await?;
        took.push(began.elapsed().as_secs_f64());
        if (done.read, done.added) != (ROWS, ROWS) {
            return Err(format!("of {ROWS} rows {} were read and {} added", done.read, done.added).into());
        }
    }
    serving.abort();
    println!(
        "{name:<11} import   {:.2} s page by page, {:.2} s with {AT_ONCE} at once: {ROWS} rows, {} ms a page",
        took[0],
        took[1],
        PAGE_TAKES.as_millis()
    );
    Ok(took[0] / took[1])
}
