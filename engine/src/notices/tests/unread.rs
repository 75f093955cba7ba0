//! How what a member has not read is found: by numbers, and not among all that they ever were told.

use super::*;
use crate::notices::writing::{LOOKED_AT, UNREAD};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

#[derive(sqlx::FromRow)]
struct Step {
    detail: String,
}

/// Which number was given last, up to which everything is read, and how many are unread.
async fn counts(db: &Db, member: MemberId) -> (i64, i64, i64) {
    let counts = db.sql("select last, read_up_to, unread from notice_counts where member_id = $1").bind(member);
    counts.one().await.unwrap()
}

#[tokio::test]
async fn a_notice_lies_in_one_tree_and_is_found_by_its_key() {
    let place = Place::new(On::Sqlite);
    let db = Db::at(&place).await;
    let others = "select name from pragma_index_list('notices') where origin <> 'pk'
        union all select name from pragma_index_list('notice_counts') where origin <> 'pk'";
    assert!(!db.sql(others).exists().await.unwrap(), "another page for everybody who is told");
    let mut tx = db.begin(Lane::Other).await.unwrap();
    for text in [READ_ALL, UNREAD, LISTED, FOUND] {
        let explain: &'static str = format!("explain query plan {text}").leak();
        let plan: Vec<Step> = tx.sql(explain).all().await.unwrap();
        let steps: Vec<&str> = plan.iter().map(|step| step.detail.as_str()).collect();
        let by_key = |step: &&str| {
            (step.starts_with("SEARCH notices USING") || step.starts_with("SEARCH n USING"))
                && step.contains("PRIMARY KEY (member_id=? AND number>?")
        };
        assert!(steps.iter().any(by_key), "{steps:?}");
        let all = |step: &&str| step.starts_with("SCAN") || step.contains("TEMP B-TREE");
        assert!(!steps.iter().any(all), "{steps:?}");
    }
}

both!(what_was_read_is_not_looked_through_again);
async fn what_was_read_is_not_looked_through_again(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let member = members(&db, 1).await[0];
    let me = actor(member);
    tell(&db, &[member; 3], &Notice::Changed).await;
    let list = async || notices.of(&me, None).await.unwrap().lines.rows;
    let rows = list().await;
    assert_eq!(rows.iter().map(|line| line.number).collect::<Vec<_>>(), [3, 2, 1], "newest first");
    notices.open(&me, rows[0].id).await.unwrap();
    assert_eq!(counts(&db, member).await, (3, 0, 2));
    notices.read_all(&me).await.unwrap();
    assert_eq!(counts(&db, member).await, (3, 3, 0));
    // One after the other, and deleted, comes to the same.
    tell(&db, &[member; 2], &Notice::Changed).await;
    let rows = list().await;
    notices.open(&me, rows[1].id).await.unwrap();
    assert_eq!(counts(&db, member).await, (5, 3, 1));
    notices.delete(&me, rows[0].id).await.unwrap();
    assert_eq!(counts(&db, member).await, (5, 5, 0));
    is_sound(&db).await;
    // What should not be there is found as a fault, and by nobody who reads.
    tell(&db, &[member], &Notice::Changed).await;
    change(&db, "update notices set read_at = null where number = 2").await;
    assert_eq!(check(&db).await.unwrap().len(), 1);
    notices.read_all(&me).await.unwrap();
    assert_eq!(counts(&db, member).await, (6, 5, 1));
    let still: Vec<(i64,)> = db.sql("select number from notices where read_at is null").all().await.unwrap();
    assert_eq!(still, [(2,)], "it is not looked at");
    change(&db, "update notices set read_at = 1 where number = 2").await;
    assert_eq!(counts(&db, member).await, (6, 6, 0));
    is_sound(&db).await;
}

both!(what_counts_on_is_looked_for_among_the_newest);
async fn what_counts_on_is_looked_for_among_the_newest(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let member = members(&db, 1).await[0];
    let many = [member; LOOKED_AT as usize];
    let say = async |lines: u64| {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tell_of_chat(&mut tx, member, PartyId(Uuid::from_u128(5)), "쌀", lines, Time(2000)).await.unwrap();
        tx.commit().await.unwrap();
    };
    let told = async || {
        let rows = db.sql("select number from notices where notice like '%party_chat%' order by number");
        rows.all::<(i64,)>().await.unwrap().into_iter().map(|(number,)| number).collect::<Vec<_>>()
    };
    say(1).await;
    tell(&db, &many[1..], &Notice::Changed).await;
    say(2).await;
    assert_eq!(told().await, [LOOKED_AT + 1], "it counts on");
    tell(&db, &many, &Notice::Changed).await;
    say(3).await;
    assert_eq!(told().await, [LOOKED_AT + 1, 2 * LOOKED_AT + 2], "further behind there is another");
    is_sound(&db).await;
}

both!(a_link_to_the_list_by_times_leads_to_its_first_page);
async fn a_link_to_the_list_by_times_leads_to_its_first_page(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
    let member = members(&db, 1).await[0];
    tell(&db, &[member; PAGE + 2], &Notice::Changed).await;
    let first = notices.of(&actor(member), None).await.unwrap();
    let by_time = Cursor::of(&(Time(1_767_225_600_000_000), RequestId(Uuid::from_u128(7))));
    assert_eq!(notices.of(&actor(member), Some(&by_time)).await.unwrap().lines, first.lines);
    let second = notices.of(&actor(member), first.lines.next.as_ref()).await.unwrap();
    assert_eq!(second.lines.rows.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test]
async fn notices_of_a_database_of_before_are_kept_as_they_were() {
    type Row = (i64, i64, i64, String, String, Option<i64>);
    const MIGRATION: &str = "0059_notices_by_number.sql";
    /// Three members with four notices each.
    const BEFORE: &str = "
        insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
            select value, value, value, value, '', 'shopper', 'member', false, 1, 0 from json_each('[1, 2, 3]');
        insert into notices (member_id, at, id, notice)
            select m.value, n.value, m.value || '.' || n.value, 'said ' || n.value
            from json_each('[1, 2, 3]') m, json_each('[11, 12, 13, 14]') n order by m.value, n.value;
        update notices set read_at = 5 where member_id = 2 or (member_id = 1 and number in (1, 2));
        delete from notices where member_id = 1 and number = 4;";
    const AFTERWARDS: &str =
        "update notices set read_at = 6 where member_id = 1 and number = 3; delete from notices where member_id = 3;";
    let folder = format!("{}/../migrations/sqlite", env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    let files = std::fs::read_dir(&folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let earlier: BTreeSet<String> = names.filter(|name| name.as_str() < MIGRATION).collect();
    let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    for text in earlier.iter().map(|name| read(name)).chain([BEFORE.to_owned()]) {
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut database).await.unwrap();
    }
    let rows = "select member_id, number, at, id, notice, read_at from notices order by member_id, number";
    let before: Vec<Row> = sqlx::query_as(rows).fetch_all(&mut database).await.unwrap();
    assert_eq!(before.len(), 11);
    let migration = format!("begin; {} commit;", read(MIGRATION));
    sqlx::raw_sql(AssertSqlSafe(migration)).execute(&mut database).await.unwrap();
    let after: Vec<Row> = sqlx::query_as(rows).fetch_all(&mut database).await.unwrap();
    assert_eq!(after, before);
    let counted = "select last, read_up_to, unread from notice_counts order by member_id";
    let counts: Vec<(i64, i64, i64)> = sqlx::query_as(counted).fetch_all(&mut database).await.unwrap();
    assert_eq!(counts, [(4, 2, 1), (4, 4, 0), (4, 0, 4)]);
    // What becomes of them afterwards is counted.
    sqlx::raw_sql(AFTERWARDS).execute(&mut database).await.unwrap();
    let counts: Vec<(i64, i64, i64)> = sqlx::query_as(counted).fetch_all(&mut database).await.unwrap();
    assert_eq!(counts, [(4, 4, 0); 3]);
}
