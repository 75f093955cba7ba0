//! That nothing is forgotten: columns that nobody declared, and what is left of somebody of whom everything is kept.

use super::{
    Export, Kept, all,
    download::Download,
    erasing::erase,
    leaving::{BY_LAW, WIPED, blockers, leave},
};
use crate::{
    Error, accounts,
    db::{Db, Dialect, Lane, Tx},
    ids,
};
use ::testing::{On, Place, both};
use model::{DAY, MemberId, SECOND, Time, leaving::Blocker};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What says by its name whose something is.
const WHOSE: [&str; 10] = [
    "member_id",
    "creator_id",
    "seller_id",
    "leader_id",
    "admin_id",
    "author_id",
    "owner_id",
    "user_id",
    "sender_id",
    "added_by",
];
/// What is somebody's by its name.
const SOMEBODYS: [&str; 6] = ["email", "phone", "nickname", "nickname_key", "postcode", "representative"];
/// Such columns that are in no list, and why.
const EXCUSED: [(&str, &str); 2] = [
    ("pending_identities.email", "of somebody who is no member yet, for fifteen minutes"),
    ("pending_identities.nickname", "of somebody who is no member yet, for fifteen minutes"),
];
/// Columns with words of the program.
const WORDS: [&str; 10] =
    ["state", "kind", "mode", "role", "category", "lang", "provider", "subject_kind", "action", "appeal_state"];
/// Tables of which nothing is made here: what nodes do, what the database writes itself, and what leaving writes.
const LEFT_OUT: [&str; 6] = ["nodes", "shards", "jobs", "search_changes", "departed", "departed_businesses"];
/// Tables of what is erased of which a row stays, as a place, and for whom: what it said is looked for in its columns.
const PLACES: [(&str, &str); 3] = [
    ("chat_lines", "lines are numbered without gaps"),
    ("creators", "events that are over say that somebody made them"),
    ("members", "what others need refers to it"),
];
/// Tables of what is somebody's that say nothing which they could read: hashes, counts, and what the site notes for itself.
const NOT_TAKEN: [&str; 13] = [
    "departed",
    "departed_businesses",
    "event_alerts",
    "former_accounts",
    "nickname_looks",
    "notice_counts",
    "notice_deliveries",
    "old_emails",
    "password_links",
    "password_requests",
    "pending_identities",
    "phone_codes",
    "protected_names",
];
/// What everything says that somebody wrote.
const MARK: &str = "수달의 말";
/// The number in every column.
const ONE: i64 = 1;

fn member() -> MemberId {
    MemberId(Uuid::from_u128(59))
}

fn now() -> Time {
    Time(0) + DAY.times(20_000)
}

/// A column of a table, with its type and the table that it refers to.
struct Column {
    name: String,
    of: String,
    refers_to: Option<String>,
}

type Schema = BTreeMap<String, Vec<Column>>;

async fn schema(db: &Db) -> Schema {
    let (columns, keys) = match db.dialect() {
        Dialect::Sqlite => (
            "select t.name, c.name, lower(c.type) from sqlite_schema t join pragma_table_info(t.name) c
             where t.type = 'table' and t.name not like '\\_sqlx%' escape '\\' and t.name not like 'sqlite%' order by t.name, c.cid",
            "select t.name, f.\"from\", f.\"table\" from sqlite_schema t join pragma_foreign_key_list(t.name) f where t.type = 'table'",
        ),
        Dialect::Postgres => (
            "select table_name::text, column_name::text, data_type::text from information_schema.columns
             where table_schema = 'public' and table_name not like '\\_sqlx%' order by table_name, ordinal_position",
            "select k.conrelid::regclass::text, a.attname::text, k.confrelid::regclass::text from pg_constraint k
             join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any(k.conkey) where k.contype = 'f'",
        ),
    };
    let keys: Vec<(String, String, String)> = db.sql(keys).all().await.unwrap();
    let columns: Vec<(String, String, String)> = db.sql(columns).all().await.unwrap();
    let mut schema = Schema::new();
    for (table, name, of) in columns {
        let refers_to = keys.iter().find(|(from, column, _)| (from, column) == (&table, &name));
        let refers_to = refers_to.map(|(_, _, to)| to.clone());
        schema.entry(table).or_default().push(Column { name, of, refers_to });
    }
    assert!(schema.len() > 60 && keys.len() > 20, "{} tables, {} keys", schema.len(), keys.len());
    schema
}

/// Every column that is in a list.
fn declared() -> BTreeSet<&'static str> {
    all().flat_map(|kept| kept.columns).copied().collect()
}

both!(whatever_says_whose_it_is_is_declared);
async fn whatever_says_whose_it_is_is_declared(on: On) {
    let place = Place::new(on);
    let schema = schema(&Db::at(&place).await).await;
    let declared = declared();
    let mut there = BTreeSet::new();
    for (table, columns) in &schema {
        for Column { name, refers_to, .. } in columns {
            let column = format!("{table}.{name}");
            let whose = refers_to.as_deref() == Some("members")
                || WHOSE.iter().any(|end| name.ends_with(end))
                || SOMEBODYS.contains(&name.as_str());
            let excused = EXCUSED.iter().any(|(excused, _)| *excused == column);
            assert!(
                !whose || excused || declared.contains(column.as_str()),
                "{column} says whose something is: declare in its feature's personal.rs what becomes of it"
            );
            there.insert(column);
        }
    }
    for named in all().flat_map(|kept| kept.columns.iter().chain(kept.stays)) {
        assert!(there.contains(*named), "there is no {named}");
    }
    // Whatever is somebody's they take along, or it says nothing to them.
    let words = all().flat_map(|kept| match kept.export {
        Export::Nothing => "".split(' ').collect::<Vec<_>>(),
        Export::Few(text) | Export::Many(text) => text.split(|c: char| !c.is_alphanumeric() && c != '_').collect(),
    });
    let words: BTreeSet<&str> = words.collect();
    for table in declared.iter().filter_map(|column| column.split('.').next()) {
        assert_eq!(words.contains(table), !NOT_TAKEN.contains(&table), "whether {table} is taken along");
    }
    let codes: BTreeSet<_> = all().map(|kept| kept.code).collect();
    assert_eq!(codes.len(), all().count(), "each has a name of its own");
    for Kept { code, name, why, fate, .. } in all() {
        assert!(name.iter().all(|name| !name.is_empty()), "{code}");
        let says_why = why.iter().all(|why| !why.is_empty());
        assert_eq!(says_why, *fate != super::Fate::Erased, "{code} says why it stays, in both languages");
    }
}

/// Which thing a column is the id of, by its name.
fn noun(table: &str, column: &str) -> String {
    match column.strip_suffix("_id") {
        Some(noun) => noun.to_owned(),
        None if column != "id" => format!("{table} {column}"),
        None => match table.strip_suffix("ies") {
            Some(noun) => format!("{noun}y"),
            None => table.trim_end_matches('s').to_owned(),
        },
    }
}

fn id_of(noun: &str) -> Uuid {
    Uuid::from_slice(&ids::hash(&[noun.as_bytes()])[..16]).unwrap()
}

/// A row of a table, as somebody makes it who uses everything.
async fn make(tx: &mut Tx, table: &str, columns: &[Column]) {
    let declared = declared();
    let names = columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ");
    let places = (1..=columns.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    let text = Box::leak(format!("insert into {table} ({names}) values ({places})").into_boxed_str());
    let mut insert = tx.sql(text);
    for Column { name, of, refers_to } in columns {
        let noun = refers_to.as_ref().map_or_else(|| noun(table, name), |to| noun(to, "id"));
        let own = declared.contains(format!("{table}.{name}").as_str());
        insert = match of.as_str() {
            // They are still there.
            _ if (table, name.as_str()) == ("members", "left_at") => insert.bind(None::<i64>),
            "uuid" | "blob" if own => insert.bind(member().0),
            "bytea" => insert.bind(vec![7_u8; 16]),
            "blob" if name != "id" && !name.ends_with("_id") => insert.bind(vec![7_u8; 16]),
            "uuid" | "blob" => insert.bind(id_of(&noun)),
            "text" => insert.bind(MARK.to_owned()),
            "boolean" => insert.bind(false),
            "real" | "double precision" => insert.bind(0.0),
            "bigint" | "integer" => insert.bind(ONE),
            other => panic!("{table}.{name} is of type {other}"),
        };
    }
    insert.run().await.unwrap_or_else(|error| panic!("{table}: {error}"));
}

/// A row of every table, each behind those that it refers to.
async fn make_everything(db: &Db, schema: &Schema) {
    let mut tx = db.begin(Lane::Other).await.unwrap();
    let mut waiting: BTreeSet<&String> = schema.keys().filter(|table| !LEFT_OUT.contains(&table.as_str())).collect();
    while !waiting.is_empty() {
        let ready: Vec<&String> = waiting
            .iter()
            .copied()
            .filter(|table| {
                let mut refers_to = schema[*table].iter().filter_map(|column| column.refers_to.as_ref());
                refers_to.all(|to| to == *table || !waiting.contains(to))
            })
            .collect();
        assert!(!ready.is_empty(), "{waiting:?} refer to each other");
        for table in ready {
            make(&mut tx, table, &schema[table]).await;
            waiting.remove(table);
        }
    }
    tx.commit().await.unwrap();
}

async fn count(db: &Db, text: String) -> i64 {
    db.sql(Box::leak(text.into_boxed_str())).one::<(i64,)>().await.unwrap().0
}

/// The columns of what is somebody's in which something stands that somebody wrote.
async fn found(db: &Db, schema: &Schema) -> BTreeSet<String> {
    let tables: BTreeSet<&str> = declared().into_iter().filter_map(|column| column.split('.').next()).collect();
    let mut found = BTreeSet::new();
    for table in tables {
        let texts = schema[table].iter().filter(|column| column.of == "text" && !WORDS.contains(&column.name.as_str()));
        for Column { name, .. } in texts {
            let text = format!("select count(*) from {table} where \"{name}\" like '%{MARK}%'");
            if count(db, text).await > 0 {
                found.insert(format!("{table}.{name}"));
            }
        }
    }
    found
}

/// How many rows there are in each table of what is erased, whichever its columns are: words, numbers, ids or hashes.
async fn rows_to_erase(db: &Db) -> BTreeMap<&'static str, i64> {
    let erased = all().filter(|kept| kept.fate == super::Fate::Erased).flat_map(|kept| kept.columns).copied();
    let mut rows = BTreeMap::new();
    for table in erased.filter_map(|column| column.split('.').next()) {
        if !PLACES.iter().any(|(place, _)| *place == table) {
            rows.insert(table, count(db, format!("select count(*) from {table}")).await);
        }
    }
    // Says whose it is by what it was sent to.
    rows.insert("webhook_deliveries", count(db, "select count(*) from webhook_deliveries".into()).await);
    rows
}

async fn downloaded(db: &Db) -> serde_json::Value {
    let mut download = Download::new(db.clone(), member(), now());
    let mut all = String::new();
    while let Some(piece) = download.next().await.unwrap() {
        all.push_str(&piece);
    }
    assert!(download.next().await.unwrap().is_none());
    serde_json::from_str(&all).unwrap_or_else(|error| panic!("{error}: {all}"))
}

both!(of_whoever_used_everything_and_leaves_only_what_is_declared_stays);
async fn of_whoever_used_everything_and_leaves_only_what_is_declared_stays(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let schema = schema(&db).await;
    // What others refer to as a member is this one: `members` is among what they used.
    make_everything(&db, &schema).await;
    let before = found(&db, &schema).await;
    assert!(
        before.contains("members.email") && before.contains("deliveries.address") && before.len() > 60,
        "{before:?}"
    );
    let rows = rows_to_erase(&db).await;
    assert!(rows.contains_key("devices") && rows.contains_key("wishes") && rows.len() > 20, "{rows:?}");
    assert!(rows.values().all(|rows| *rows > 0), "{rows:?}");

    // Everything that can be read is given to them.
    let data = downloaded(&db).await;
    for kept in all().filter(|kept| !matches!(kept.export, Export::Nothing)) {
        let rows = data[kept.code]["rows"].as_array().unwrap_or_else(|| panic!("{} is missing", kept.code));
        assert!(!rows.is_empty(), "{} has no rows", kept.code);
    }
    assert_eq!(data["account"]["rows"][0]["email"], MARK);
    assert_eq!(data["account"]["rows"][0]["id"], member().to_string());
    assert_eq!(data["account"]["rows"][0]["created_at"], "1970-01-01T00:00:00.000Z");
    assert_eq!(data["account"]["rows"][0]["masked"], false);
    // Of what somebody uploaded, was sent, booked and was paid, what it is.
    for (code, field) in [
        ("account", "picture"),
        ("account", "nickname_changed_at"),
        ("orders", "tracking"),
        ("order_steps", "what"),
        ("events", "offer"),
        ("notice_settings", "is_on"),
        ("review_reports", "review"),
        ("bookings", "amount"),
        ("payouts", "amount"),
    ] {
        assert!(!data[code]["rows"][0][field].is_null(), "{code} says no {field}");
    }

    leave(&db, member(), MARK, &[b"hash of an email".to_vec()], now()).await.unwrap();
    let stays: BTreeSet<String> = all().flat_map(|kept| kept.stays).map(|column| (*column).to_owned()).collect();
    let after = found(&db, &schema).await;
    let forgotten: Vec<_> = after.difference(&stays).collect();
    assert!(forgotten.is_empty(), "nobody said that this stays: {forgotten:?}");
    // And that is taken from the files as well, by the job that wipes tables.
    let erased: BTreeSet<&str> = before.difference(&after).filter_map(|column| column.split('.').next()).collect();
    assert!(erased.contains("members") && erased.contains("chat_lines"), "{erased:?}");
    let left: Vec<_> = erased.iter().filter(|table| !WIPED.contains(*table)).collect();
    assert!(left.is_empty(), "their files hold what was erased: {left:?}");
    let gone: Vec<_> = stays.difference(&after).collect();
    assert!(gone.is_empty(), "this is said to stay, and does not: {gone:?}");
    assert_eq!(count(&db, "select count(*) from entries where length(salt) > 0".into()).await, 0);
    let kept: Vec<_> = rows_to_erase(&db).await.into_iter().filter(|(_, rows)| *rows > 0).collect();
    assert!(kept.is_empty(), "this is said to be erased, and is not: {kept:?}");
    assert_eq!(count(&db, "select count(*) from members where picture is not null".into()).await, 0);
    let (email, nickname, role): (String, String, String) =
        db.sql("select email, nickname, role from members").one().await.unwrap();
    assert!(nickname.starts_with("떠난 회원") && !email.contains('@') && role == "member", "{email} {nickname}");
    // What the law has kept says nothing in words once its time is over.
    let mut tx = db.begin(Lane::Other).await.unwrap();
    let sent = "update order_steps set by_whom = 'seller', what = '{\"shipped\":{\"carrier\":\"post\",\"tracking\":\"수달의 말\"}}'";
    tx.sql(sent).run().await.unwrap();
    tx.commit().await.unwrap();
    let words = [
        "payments.title",
        "payments.reference",
        "payments.decline",
        "returns.reason",
        "returns.answer",
        "order_steps.what",
    ];
    for (at, stays) in [(now() + BY_LAW - SECOND, true), (now() + BY_LAW, false)] {
        erase(&db, at).await.unwrap();
        let found = found(&db, &schema).await;
        assert!(words.iter().all(|word| found.contains(*word) == stays), "{found:?}");
        let parcels = count(&db, "select count(*) from shipments where tracking <> ''".into()).await;
        assert_eq!(parcels > 0, stays);
    }
    let again = leave(&db, member(), "", &[b"hash of an email".to_vec()], now()).await;
    assert!(matches!(again, Err(Error::Refused(model::Error::SignedOut))), "{again:?}");
}

both!(what_is_much_is_given_in_pages);
async fn what_is_much_is_given_in_pages(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let mut tx = db.begin(Lane::Other).await.unwrap();
    // Some of them at the same time in several events.
    for n in 0..450_i64 {
        tx.sql("insert into chat_lines (event_id, number, request_id, at, member_id, text) values ($1, $2, $3, $4, $5, $6)")
            .bind(Uuid::from_u128(n as u128 % 3))
            .bind(n)
            .bind(Uuid::from_u128(n as u128))
            .bind(n / 3)
            .bind(member())
            .bind(n.to_string())
            .run()
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let data = downloaded(&db).await;
    let said: BTreeSet<&str> =
        data["chat"]["rows"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert_eq!((said.len(), data["chat"]["rows"].as_array().unwrap().len()), (450, 450));
    assert_eq!(data["orders"]["rows"].as_array().unwrap().len(), 0);
}

both!(what_is_to_come_holds_somebody_up_and_what_is_over_does_not);
async fn what_is_to_come_holds_somebody_up_and_what_is_over_does_not(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let (event, later) = (Uuid::from_u128(7), now() + DAY);
    for (text, expected) in [
        (
            "insert into tickets (id, order_id, event_id, member_id, number, starts_at, state, issued_at)
             values ($2, $2, $2, $1, 1, $3, 'valid', 1)",
            &[Blocker::Tickets][..],
        ),
        (
            "insert into booked_hours (booking_id, seller_id, starts_at, most) values ($2, $1, $3, 1)",
            &[Blocker::Hours, Blocker::Tickets][..],
        ),
        // Nothing was ordered by that entry yet.
        (
            "insert into member_entries (member_id, event_id, rank, entered_at) values ($1, $2, 1, $3)",
            &[Blocker::Hours, Blocker::Tickets][..],
        ),
        (
            "insert into orders (id, event_id, rank, member_id, kind, units, price, amount, terms, state, created_at)
             values ($2, $2, 1, $1, 'deal', 1, 1, 1, '{}', 'preparing', $3)",
            &[Blocker::Hours, Blocker::Orders, Blocker::Tickets][..],
        ),
    ] {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(text).bind(member()).bind(event).bind(later).run().await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(blockers(&db, member(), now()).await.unwrap(), expected, "{text}");
    }
    // It was sent, and a month later nobody said whether it arrived.
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql("update orders set state = 'shipped'").run().await.unwrap();
    let sent = tx.sql("insert into shipments (order_id, carrier, tracking, shipped_at) values ($1, 'post', '1', $2)");
    sent.bind(event).bind(later).run().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(blockers(&db, member(), later).await.unwrap(), [Blocker::Orders]);
    assert_eq!(blockers(&db, member(), later + DAY.times(31)).await.unwrap(), []);

    // It arrived after all: for seven days its seller may have to take it back, and both wait until that is ended.
    let seller = accounts::testing::member(&db, 60).await;
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql(
        "insert into events (id, request_id, creator_id, kind, title, summary, description, category, opens_at, closes_at, rules,
            offer, capacity, created_at)
         values ($1, $1, $2, 'deal', '', '', '', 'living', 0, 0, '', '{}', 1, 0)",
    )
    .bind(event)
    .bind(seller)
    .run()
    .await
    .unwrap();
    tx.sql("update orders set state = 'delivered'").run().await.unwrap();
    tx.sql("update shipments set delivered_at = $1").bind(later).run().await.unwrap();
    tx.commit().await.unwrap();
    let week = later + DAY.times(7);
    assert_eq!(blockers(&db, seller, week - DAY).await.unwrap(), [Blocker::Sales]);
    assert_eq!(blockers(&db, member(), week - DAY).await.unwrap(), []);
    assert_eq!(blockers(&db, seller, week).await.unwrap(), []);
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql(
        "insert into returns (id, order_id, event_id, rank, units, reason, state, answer, asked_at)
         values ($1, $1, $1, 1, 1, '', 'accepted', '', 1)",
    )
    .bind(event)
    .run()
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(blockers(&db, seller, week).await.unwrap(), [Blocker::Sales]);
    assert_eq!(blockers(&db, member(), week).await.unwrap(), [Blocker::Orders]);
}
