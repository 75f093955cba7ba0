//! The public catalogue, imported from a server that stands in for it: many rows, some of them twice, pages that fail, one that is
//! slow, and the program killed in the middle.

use crate::support::{config, program::command};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use engine::{
    clock::Clock,
    db::Db,
    markets::{self, Catalogue, Imported},
};
use std::{
    collections::HashMap,
    net::SocketAddr,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use testing::{On, Place, both, eventually};

/// Of a service with so many rows.
const FEW: u64 = 10_000;
const MANY: u64 = 20_000;
/// Rows that say again what one before said.
const TWICE: u64 = 1_500;
/// One of so many has no name.
const NAMELESS: u64 = 2_600;

/// How many items there are among so many rows.
fn unique(rows: u64) -> u64 {
    rows - TWICE - rows / NAMELESS
}

/// What stands in for the service, and what it was asked.
#[derive(Clone, Default)]
struct Service {
    rows: u64,
    asked: Arc<Mutex<HashMap<u64, usize>>>,
    under_way: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    slow: Arc<AtomicBool>,
    /// Whether one of the pages never comes.
    broken: Arc<AtomicBool>,
    wrong: Arc<AtomicUsize>,
}

/// One of so many rows, counted from one.
fn row(number: u64, rows: u64) -> serde_json::Value {
    if number.is_multiple_of(NAMELESS) {
        return serde_json::json!({ "PRDT_NM": "", "HRNK_PRDLST_NM": "과자류" });
    }
    // The last ones are the first again, written otherwise.
    let name = match number > rows - TWICE {
        true => format!(" 국민 과자  {} ", number - (rows - TWICE)),
        false => format!("국민과자 {number}"),
    };
    serde_json::json!({ "PRDT_NM": name, "HRNK_PRDLST_NM": "과자류", "BRCD_NO": number.to_string() })
}

async fn rows(State(service): State<Service>, Path((key, first, last)): Path<(String, u64, u64)>) -> Response {
    if key != "key" || last - first >= 1_000 {
        service.wrong.fetch_add(1, Ordering::Relaxed);
        return axum::Json(serde_json::json!({ "RESULT": { "CODE": "ERROR-336" } })).into_response();
    }
    let time = {
        let mut asked = service.asked.lock().unwrap();
        let time = asked.entry(first).or_default();
        if last > first {
            *time += 1;
        }
        *time
    };
    let now = service.under_way.fetch_add(1, Ordering::Relaxed) + 1;
    service.most.fetch_max(now, Ordering::Relaxed);
    let waits = match (first, service.slow.load(Ordering::Relaxed)) {
        (2_001, _) => 900,
        (_, true) => 150,
        _ => 20,
    };
    tokio::time::sleep(Duration::from_millis(waits)).await;
    service.under_way.fetch_sub(1, Ordering::Relaxed);
    match first {
        // An error of the machine's, twice; one of the service's, once; a page for people.
        4_001 if time <= 2 => StatusCode::BAD_GATEWAY.into_response(),
        5_001 if time == 1 => axum::Json(serde_json::json!({ "RESULT": { "CODE": "ERROR-500" } })).into_response(),
        6_001 if time == 1 => "<html>잠시 뒤에</html>".into_response(),
        7_001 if service.broken.load(Ordering::Relaxed) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => axum::Json(serde_json::json!({ "Items": {
            "list_total_count": service.rows,
            "RESULT": { "CODE": "INFO-000", "MESSAGE": "" },
            "row": (first..=last.min(service.rows)).map(|number| row(number, service.rows)).collect::<Vec<_>>(),
        } }))
        .into_response(),
    }
}

impl Service {
    fn of(rows: u64) -> Service {
        Service { rows, ..Service::default() }
    }

    async fn start(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/{key}/json/Items/{first}/{last}", get(rows)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }

    /// How often each page was asked for.
    fn asked(&self) -> HashMap<u64, usize> {
        self.asked.lock().unwrap().clone().into_iter().filter(|(_, times)| *times > 0).collect()
    }
}

fn template(address: SocketAddr) -> String {
    format!("http://{address}/{{key}}/json/Items/{{start}}/{{end}}")
}

async fn items(db: &Db) -> i64 {
    db.sql("select count(*) from items").one::<(i64,)>().await.unwrap().0
}

both!(a_catalogue_is_imported_whole, "multi_thread");
async fn a_catalogue_is_imported_whole(on: On) {
    let place = Place::new(on);
    let db = config(&place).database().await.unwrap();
    let service = Service::of(FEW);
    let catalogue = Catalogue::new(&template(service.start().await), "key", "PRDT_NM", "HRNK_PRDLST_NM").unwrap();
    let clock = Clock::system();
    let mut told = Vec::new();
    let import = async |told: &mut Vec<Imported>| {
        markets::import_items(&db, &clock, &catalogue, 6, |done| told.push(done)).await
    };
    let done = import(&mut told).await.unwrap();
    let unique = unique(FEW) as i64;
    assert_eq!(items(&db).await, unique);
    let expected = Imported { total: FEW, read: FEW, added: unique as u64, left_out: FEW / NAMELESS };
    assert_eq!((done, told.last(), told.len()), (expected, Some(&expected), 11));
    assert!(told.windows(2).all(|pair| pair[0].read < pair[1].read), "it only grows");
    let asked = service.asked();
    assert_eq!((asked.len(), asked.values().sum::<usize>()), (10, 14), "what failed was asked for again: {asked:?}");
    assert_eq!(service.wrong.load(Ordering::Relaxed), 0, "never more than a thousand at once");
    let most = service.most.load(Ordering::Relaxed);
    assert!((2..=6).contains(&most), "{most} at once");
    let found: (i64,) = db
        .sql("select count(*) from items where key = $1 and category = 'snacks'")
        .bind("국민과자12".to_owned())
        .one()
        .await
        .unwrap();
    assert_eq!(found, (1,));

    // Imported again nothing is new; where a page never comes, the others are kept, and the next import asks for that one alone.
    let again = import(&mut Vec::new()).await.unwrap();
    assert_eq!((again.added, again.read, items(&db).await), (0, FEW, unique));
    service.broken.store(true, Ordering::Relaxed);
    let failed = import(&mut Vec::new()).await.unwrap_err().to_string();
    assert!(failed.contains("7001") && !failed.contains("key"), "{failed}");
    service.broken.store(false, Ordering::Relaxed);
    let before = service.asked();
    let rest = import(&mut Vec::new()).await.unwrap();
    assert_eq!(rest.read, FEW);
    let after = service.asked();
    let more: Vec<_> = after.iter().filter(|(page, times)| before.get(page) != Some(times)).collect();
    assert_eq!(more.iter().map(|(page, _)| **page).collect::<Vec<_>>(), [7_001]);
    // A key that is refused, or a server that is not there, ends it at once or soon.
    let refused = Catalogue::new(&template(service.start().await), "another", "PRDT_NM", "HRNK_PRDLST_NM").unwrap();
    assert!(markets::import_items(&db, &clock, &refused, 6, |_| {}).await.is_err());
}

both!(what_was_killed_goes_on_where_it_was, "multi_thread");
async fn what_was_killed_goes_on_where_it_was(on: On) {
    let place = Place::new(on);
    let config = config(&place);
    let service = Service::of(MANY);
    service.slow.store(true, Ordering::Relaxed);
    let address = service.start().await;
    let program = || {
        let mut command = command("import-items", &config);
        command.env("FIFTYNINE_CATALOGUE_URL", template(address)).env("FIFTYNINE_CATALOGUE_KEY", "key");
        command.stdout(Stdio::piped());
        command
    };
    let db = config.database().await.unwrap();
    let mut first = program().spawn().unwrap();
    let written = async || -> Vec<(i64,)> {
        db.sql("select first_row from import_pages order by first_row").all().await.unwrap()
    };
    eventually("some pages are written", async || written().await.len() >= 5).await;
    first.kill().unwrap();
    first.wait().unwrap();
    let (kept, before) = (written().await, service.asked());
    assert!((5..20).contains(&kept.len()), "{kept:?}");
    let mut second = program();
    let output = tokio::task::spawn_blocking(move || second.output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    // No terminal: in lines, from where it goes on.
    assert!(said.starts_with(&format!("{} of 20000 rows", kept.len() * 1_000)), "{said}");
    assert!(said.contains("20000 of 20000 rows") && said.contains("20000 rows, "), "{said}");
    assert!(!said.contains('\r') && !said.contains('\x1b'), "{said:?}");
    for (page,) in kept {
        assert_eq!(before.get(&(page as u64)), service.asked().get(&(page as u64)), "{page} is not asked for again");
    }
    assert_eq!(items(&db).await, unique(MANY) as i64);
    assert_eq!(written().await, []);
}

both!(without_a_catalogue_the_included_items_are_taken, "multi_thread");
async fn without_a_catalogue_the_included_items_are_taken(on: On) {
    let place = Place::new(on);
    let config = config(&place);
    for added in [306, 0] {
        let mut command = command("import-items", &config);
        command.env_remove("FIFTYNINE_CATALOGUE_URL");
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!("306 rows, {added} new items")), "{said}");
    }
    assert_eq!(items(&config.database().await.unwrap()).await, 306);
}
