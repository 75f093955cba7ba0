//! What both engines promise, and what PostgreSQL alone must be told.

use super::{Db, Held, Lane, NotCarried, Unusable, transfer};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};
use testing::{Database, On, Place, both, eventually, eventually_some};

#[test]
fn both_folders_have_the_same_migrations() {
    let names = |folder: &str| -> BTreeSet<String> {
        let files = std::fs::read_dir(format!("{}/../migrations/{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// What somebody asks for themselves is done again, within bounds, where PostgreSQL undid it in favour of another transaction: no function
/// with an actor opens one of its own, or calls what does in its file, but by `retried!`.
#[test]
fn what_somebody_does_is_done_again_when_it_was_undone() {
    /// A job that was not asked to run does so at its next turn.
    const EXCUSED: [(&str, &str); 1] = [("jobs/leases.rs", "ask")];
    const BEGINS: &str = "begin(Lane::Other)";
    let mut sources = Vec::new();
    read_sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    let (mut looked_at, mut not_retried) = (0, Vec::new());
    for (file, code) in &sources {
        let functions = functions(code);
        let writing = functions.iter().filter(|function| function.body.contains(BEGINS));
        let writing: Vec<String> = writing.map(|function| format!("{}(", function.name)).collect();
        for function in functions.iter().filter(|function| function.is_somebodys) {
            looked_at += 1;
            let body = without_retried(function.body);
            let in_a_word = |at: usize| body[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let calls = |writing: &String| body.match_indices(writing.as_str()).any(|(at, _)| !in_a_word(at));
            let is_excused = EXCUSED.contains(&(file.as_str(), function.name));
            if !is_excused && (body.contains(BEGINS) || writing.iter().any(calls)) {
                not_retried.push(format!("{} in {file}", function.name));
            }
        }
    }
    assert!(looked_at > 150, "{looked_at} functions with an actor");
    assert!(not_retried.is_empty(), "not done again when it was undone: {not_retried:?}");
}

/// The sources below a folder but for those of tests, by their paths within it, without comments.
fn read_sources(folder: &std::path::Path, within: &str, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{within}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read_sources(&path, &format!("{name}/"), found);
        } else if !["tests", "simulation", "testing"].iter().any(|not| name.contains(not)) {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code = code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
            found.push((name, code));
        }
    }
}

struct Function<'a> {
    name: &'a str,
    /// Whether others than its file may call it, for somebody.
    is_somebodys: bool,
    body: &'a str,
}

fn functions(code: &str) -> Vec<Function<'_>> {
    let pieces: Vec<&str> = code.split("async fn ").collect();
    let mut functions = Vec::new();
    for pair in pieces.windows(2) {
        let (before, text) = (pair[0], pair[1]);
        let name = text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let ends = [text.find("\n    }\n"), text.find("\n}\n")].into_iter().flatten().min().unwrap_or(text.len());
        let (head, body) = text[..ends].split_once(" {\n").unwrap_or_default();
        let is_somebodys = before.ends_with("pub ") && head.contains("actor: &Actor");
        functions.push(Function { name, is_somebodys, body });
    }
    functions
}

/// A text without what stands in `retried!`.
fn without_retried(body: &str) -> String {
    let mut parts = body.split("retried!(");
    let mut without = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut depth = 1_i32;
        let ends = part.find(|c: char| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        without.push_str(ends.map_or("", |ends| &part[ends..]));
    }
    without
}

/// Table, column, whether it may be null.
type Columns = BTreeSet<(String, String, bool)>;

async fn columns(on: On) -> Columns {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let text = match on {
        On::Sqlite => {
            "select t.name, c.name, c.\"notnull\" = 0 and c.pk = 0 from sqlite_schema t join pragma_table_info(t.name) c
             where t.type = 'table' and t.name not like '\\_sqlx%' escape '\\'"
        }
        On::Postgres => {
            "select table_name::text, column_name::text, is_nullable = 'YES' from information_schema.columns
             where table_schema = 'public' and table_name not like '\\_sqlx%'"
        }
    };
    db.sql(text).all().await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn both_schemas_have_the_same_tables_and_columns() {
    let (sqlite, postgres) = (columns(On::Sqlite).await, columns(On::Postgres).await);
    assert!(sqlite.len() > 100, "{sqlite:?}");
    assert_eq!(sqlite.difference(&postgres).collect::<Vec<_>>(), Vec::<&(String, String, bool)>::new());
    assert_eq!(postgres.difference(&sqlite).collect::<Vec<_>>(), Vec::<&(String, String, bool)>::new());
}

async fn mute(db: &Db, at: i64) -> Result<super::Tx, sqlx::Error> {
    let mut tx = db.begin(Lane::Other).await?;
    tx.sql("insert into mutes (event_id, member_id, at) values ($1, $2, $3)")
        .bind(uuid::Uuid::from_u128(1))
        .bind(uuid::Uuid::from_u128(at as u128))
        .bind(at)
        .run()
        .await?;
    Ok(tx)
}

async fn mutes(db: &Db) -> i64 {
    db.sql("select count(*) from mutes").one::<(i64,)>().await.unwrap().0
}

both!(a_transaction_is_kept_when_committed_and_otherwise_gone, "multi_thread");
async fn a_transaction_is_kept_when_committed_and_otherwise_gone(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    mute(&db, 1).await.unwrap().commit().await.unwrap();
    drop(mute(&db, 2).await.unwrap());
    // More than there are connections.
    for at in 3..30 {
        drop(mute(&db, at).await.unwrap());
    }
    mute(&db, 2).await.unwrap().commit().await.unwrap();
    assert_eq!(mutes(&db).await, 2);
}

both!(after_a_failed_statement_nothing_is_committed, "multi_thread");
async fn after_a_failed_statement_nothing_is_committed(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    mute(&db, 1).await.unwrap().commit().await.unwrap();
    let mut tx = mute(&db, 2).await.unwrap();
    let again = tx.sql("insert into mutes (event_id, member_id, at) select event_id, member_id, at from mutes");
    assert!(again.run().await.is_err());
    // PostgreSQL itself would answer as if it had been.
    assert!(tx.commit().await.is_err());
    assert_eq!(mutes(&db).await, 1);
}

both!(what_is_held_is_held_by_one_and_readers_only_read, "multi_thread");
async fn what_is_held_is_held_by_one_and_readers_only_read(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let what = Held::Event(uuid::Uuid::from_u128(7));
    let mut adding = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let db = db.clone();
        adding.spawn(async move {
            let mut tx = db.begin(Lane::Other).await.unwrap();
            tx.hold(what).await.unwrap();
            let (last,): (i64,) = tx.sql("select coalesce(max(at), 0) from mutes").one().await.unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
            tx.sql("insert into mutes (event_id, member_id, at) values ($1, $2, $3)")
                .bind(uuid::Uuid::from_u128(1))
                .bind(uuid::Uuid::from_u128(last as u128 + 1))
                .bind(last + 1)
                .run()
                .await
                .unwrap();
            tx.commit().await.unwrap();
        });
    }
    adding.join_all().await;
    assert_eq!(mutes(&db).await, 20);
    assert!(db.sql("delete from mutes").run().await.is_err());
}

both!(the_turnstile_does_not_wait_for_a_flood_of_other_writes, "multi_thread");
async fn the_turnstile_does_not_wait_for_a_flood_of_other_writes(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    // Sixty who write, each again and again until the turnstile had its turn.
    let (written, over) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut flood = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let (db, written, over) = (db.clone(), written.clone(), over.clone());
        flood.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                // A machine that stalls for longer than anybody waits for a connection: then not this time.
                let Ok(tx) = mute(&db, rand::random()).await else { continue };
                tokio::time::sleep(Duration::from_millis(20)).await;
                written.fetch_add(i64::from(tx.commit().await.is_ok()), Ordering::Relaxed);
            }
        });
    }
    eventually("they write", async || written.load(Ordering::Relaxed) > 0).await;
    let mut waited = Vec::new();
    for _ in 0..5 {
        let before = written.load(Ordering::Relaxed);
        let mut tx = db.begin(Lane::Turnstile).await.unwrap();
        tx.sql("update mutes set at = 1000 where at = 0").run().await.unwrap();
        tx.commit().await.unwrap();
        waited.push(written.load(Ordering::Relaxed) - before);
    }
    over.store(true, Ordering::Relaxed);
    flood.join_all().await;
    waited.sort_unstable();
    assert!(waited[2] < 30, "others wrote so often before the turnstile did: {waited:?}");
}

both!(whoever_commits_with_others_is_kept_and_whoever_does_not_is_undone_alone, "multi_thread");
async fn whoever_commits_with_others_is_kept_and_whoever_does_not_is_undone_alone(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let batch = async |at: i64, commits: bool| {
        let mut tx = db.begin(Lane::Turnstile).await.unwrap();
        tx.sql("insert into mutes (event_id, member_id, at) values ($1, $2, $3)")
            .bind(uuid::Uuid::from_u128(2))
            .bind(uuid::Uuid::from_u128(at as u128))
            .bind(at)
            .run()
            .await
            .unwrap();
        if commits {
            tx.commit().await.unwrap();
        }
    };
    let (mut kept, mut others) = (std::collections::BTreeSet::new(), tokio::task::JoinSet::new());
    for round in 0..100 {
        let at = round * 10;
        // Batches are coming, some of which fail; beside them some write, give up, or fail.
        batch(at, round % 7 != 3).await;
        if round % 7 != 3 {
            kept.insert(at);
        }
        for n in 1..=4 {
            let db = db.clone();
            if n < 3 {
                kept.insert(at + n);
            }
            others.spawn(async move {
                let mut tx = mute(&db, at + n).await.unwrap();
                match n {
                    1 | 2 => tx.commit().await.unwrap(),
                    3 => drop(tx),
                    _ => {
                        let same =
                            "insert into mutes (event_id, member_id, at) select event_id, member_id, at from mutes";
                        assert!(tx.sql(same).run().await.is_err());
                        // As if nothing had happened: it must not be written by itself.
                        assert!(tx.sql("update mutes set at = -1").run().await.is_err());
                    }
                }
            });
        }
        if round % 10 == 9 {
            while let Some(done) = others.join_next().await {
                done.unwrap();
            }
            let there: Vec<(i64,)> = db.sql("select at from mutes order by at").all().await.unwrap();
            assert_eq!(there.into_iter().map(|(at,)| at).collect::<Vec<_>>(), Vec::from_iter(kept.clone()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_have_limits_and_whoever_meets_them_is_told_that_the_site_is_busy() {
    let place = Place::new(On::Postgres);
    let db = Db::at(&place).await;
    let shown = "select current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),
        current_setting('application_name'), current_setting('transaction_isolation'),
        current_setting('transaction_read_only')";
    let set =
        |idle: &str, read_only: &str| ["10s", idle, "fiftynine", "read committed", read_only].map(str::to_owned).into();
    let reading: (String, String, String, String, String) = db.sql(shown).one().await.unwrap();
    assert_eq!(reading, set("10s", "on"));
    for (lane, idle) in [(Lane::Turnstile, "1500ms"), (Lane::Other, "10s")] {
        let mut tx = db.begin(lane).await.unwrap();
        assert_eq!(tx.sql(shown).one::<(String, String, String, String, String)>().await.unwrap(), set(idle, "off"));
    }
    let mut holding = db.begin(Lane::Other).await.unwrap();

    let what = Held::Event(uuid::Uuid::from_u128(7));
    holding.hold(what).await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..7 {
        waiting.push(db.begin(Lane::Other).await.unwrap());
    }
    // One waits for what is held by somebody at work, one more for a connection.
    let at_work = async {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            assert!(holding.sql("select 1").exists().await.unwrap());
        }
    };
    let (held, none) = tokio::select! {
        both = async { tokio::join!(waiting[0].hold(what), db.begin(Lane::Other)) } => both,
        () = at_work => return,
    };
    let busy = |error: sqlx::Error| crate::Error::from(error).public() == model::Error::Busy;
    assert!(busy(held.unwrap_err()) && busy(none.err().unwrap()));
    // Whoever says nothing any more holds nothing any more.
    drop(waiting);
    eventually("it can be held", async || match db.begin(Lane::Other).await {
        Ok(mut tx) => tx.hold(what).await.is_ok(),
        Err(_) => false,
    })
    .await;
    assert!(holding.commit().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_migrate_once() {
    let database = Database::empty();
    let start = || Db::connect(database.url());
    let (a, b, c, d) = tokio::join!(start(), start(), start(), start());
    for db in [a, b, c, d] {
        assert_eq!(mutes(&db.unwrap()).await, 0);
    }
}

async fn refused(url: &str) -> Unusable {
    let Err(error) = Db::connect(url).await else { panic!("it connected") };
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("wr0ng-secret") && !error.to_string().contains('\n'), "{shown}");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_refused_in_a_line_without_the_password() {
    for url in ["mysql://me:wr0ng-secret@localhost/x", "me:wr0ng-secret", ""] {
        assert!(matches!(refused(url).await, Unusable::OtherEngine));
    }
    for url in [
        "postgres://me:wr0ng-secret@localhost:port/x",
        "postgres://me@localhost/x?passwort=wr0ng-secret",
        "postgres://me@localhost/x?sslmode=wr0ng-secret",
    ] {
        assert!(matches!(refused(url).await, Unusable::Malformed(_)));
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://me:wr0ng-secret@{nobody}/x");
    assert!(matches!(refused(&url).await, Unusable::Unreachable { .. }));
    let url = "postgres://me:wr0ng-secret@no-such-host.invalid/x";
    assert!(matches!(refused(url).await, Unusable::Unreachable { .. }));

    let database = Database::migrated();
    let missing = database.url().replace(database.name(), "nowhere");
    assert!(matches!(refused(&missing).await, Unusable::Missing { name, .. } if name == "nowhere"));
    // scripts/with-services asks this one for a password.
    database.execute("drop role if exists stranger; create role stranger login password 'right'");
    let stranger = database.url().replace("postgres@", "stranger:wr0ng-secret@");
    assert!(matches!(refused(&stranger).await, Unusable::Refused { user, .. } if user == "stranger"));
    let empty = Database::empty();
    let stranger = empty.url().replace("postgres@", "stranger:right@");
    assert!(matches!(refused(&stranger).await, Unusable::NotAllowed { .. }));
    let url = format!("{}?options=-cdefault_transaction_read_only%3Don", empty.url());
    assert!(matches!(refused(&url).await, Unusable::ReadOnly(_)));
    assert!(matches!(refused(&format!("{}?sslmode=require", empty.url())).await, Unusable::Insecure { .. }));

    database.execute("update _sqlx_migrations set success = false where version = 6");
    assert!(matches!(refused(database.url()).await, Unusable::HalfDone { version: 6, .. }));
    database.execute("update _sqlx_migrations set success = true, checksum = 'x' where version = 6");
    assert!(matches!(refused(database.url()).await, Unusable::Altered { version: 6, .. }));
    database.execute(
        "insert into _sqlx_migrations select 9000, description, now(), true, checksum, 0 from _sqlx_migrations limit 1",
    );
    assert!(matches!(refused(database.url()).await, Unusable::Newer { version: 9000, .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_carried_over_once_and_not_while_it_is_in_use() {
    let source = tempfile::tempdir().unwrap();
    let target = Database::empty();
    let carry = || transfer(source.path(), target.url());
    assert!(matches!(carry().await, Err(NotCarried::NoSource(_))));
    // On a runtime of its own, so that it is closed again.
    let folder = source.path().to_owned();
    let filled = move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let db = Db::open(&folder).await.unwrap();
            let mut tx = db.begin(Lane::Other).await.unwrap();
            tx.sql(
                "insert into mutes (event_id, member_id, at)
                 with recursive n (at) as (select 1 union all select at + 1 from n where at < 12000)
                 select x'00000000000000000000000000000001', cast(printf('%016d', at) as blob), at from n",
            )
            .run()
            .await
            .unwrap();
            // An entry of a giveaway, and one of a sale.
            tx.sql(
                "insert into entries (event_id, rank, member_id, entered_at, state, salt, units, due_at, fewer)
                 select x'00000000000000000000000000000001', column1, x'00000000000000000000000000000002', 5, 'won', x'00',
                     column2, column3, column4 from (values (1, null, null, null), (2, 3, 9, true))",
            )
            .run()
            .await
            .unwrap();
            tx.commit().await.unwrap();
        });
    };
    std::thread::spawn(filled).join().unwrap();
    let in_use = Db::open(source.path()).await.unwrap();
    assert!(matches!(carry().await, Err(NotCarried::InUse(_))));
    let super::On::Sqlite(sqlite) = &in_use.on else { panic!("a folder") };
    sqlite.readers().close().await;
    drop(in_use);
    // The write connection closes a moment later.
    let carried = eventually_some("it is not in use any more", async || match carry().await {
        Err(NotCarried::InUse(_)) => None,
        carried => Some(carried),
    })
    .await;
    let carried = carried.unwrap();
    assert!(carried.contains(&("mutes".to_owned(), 12_000)));
    let tables: BTreeSet<_> = carried.iter().map(|(table, _)| table.as_str()).collect();
    let there = columns(On::Postgres).await;
    let there: BTreeSet<_> = there.iter().map(|(table, ..)| table.as_str()).collect();
    let of_the_moment = transfer::OF_THE_MOMENT.into_iter().collect();
    assert_eq!(tables, there.difference(&of_the_moment).copied().collect(), "what is carried over is everything");
    let db = Db::connect(target.url()).await.unwrap();
    assert_eq!(mutes(&db).await, 12_000);
    let sold: Vec<(Option<i64>, Option<i64>, Option<bool>)> =
        db.sql("select units, due_at, fewer from entries order by rank").all().await.unwrap();
    assert_eq!(sold, [(None, None, None), (Some(3), Some(9), Some(true))]);
    let first = carried.iter().map(|(table, rows)| (table, *rows)).find(|(_, rows)| *rows > 0).unwrap().0;
    assert!(matches!(carry().await, Err(NotCarried::NotEmpty(table)) if table == *first));
}

#[tokio::test]
async fn what_was_undone_in_favour_of_another_is_done_again_within_bounds() {
    let place = Place::new(On::Postgres);
    let db = Db::at(&place).await;
    let times = std::cell::Cell::new(0);
    // Undone as often as it is said.
    let undone = async |how_often: u32, code: u32| -> Result<u32, crate::Error> {
        times.set(times.get() + 1);
        if times.get() <= how_often {
            let mut tx = db.begin(Lane::Other).await?;
            tx.sql(match code {
                40001 => "do $$ begin raise exception using errcode = '40001'; end $$",
                40 => "do $$ begin raise exception using errcode = '40P01'; end $$",
                _ => "do $$ begin raise exception using errcode = '23505'; end $$",
            })
            .run()
            .await?;
        }
        Ok(times.get())
    };
    assert_eq!(super::retried!(undone(2, 40001)).unwrap(), 3);
    times.set(0);
    assert_eq!(super::retried!(undone(3, 40)).unwrap(), 4);
    times.set(0);
    assert!(super::retried!(undone(100, 40001)).is_err());
    assert_eq!(times.get(), 1 + super::AGAIN, "not for ever");
    times.set(0);
    assert!(super::retried!(undone(1, 23505)).is_err());
    assert_eq!(times.get(), 1, "nor what would fail again");
}

#[tokio::test]
async fn a_table_that_cannot_be_written_anew_keeps_no_other_from_it_and_a_large_one_is_left() {
    let place = Place::new(On::Postgres);
    let db = Db::at(&place).await;
    let file = async || db.sql("select pg_relation_filenode('departed')::bigint").one::<(i64,)>().await.unwrap().0;
    let before = file().await;
    assert!(db.wipe(&["no_such_table", "departed"], None).await.is_err(), "and it is said");
    let after = file().await;
    assert_ne!(after, before);
    db.wipe(&["departed"], Some(-1)).await.unwrap();
    assert_eq!(file().await, after);
}
