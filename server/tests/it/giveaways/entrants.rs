//! Who entered, as their creator sees it.

use crate::support::{
    Person, START, Site, client,
    giveaway::{FORM, Party, party},
    make_event,
};
use calamine::{DataType as _, Reader as _};
use engine::{
    accounts::Actor,
    db::{Dialect, Lane},
};
use model::{DAY, EventId, SECOND, Span};
use std::time::{Duration, Instant};
use testing::{On, both, eventually};

both!(the_creators_table_is_theirs_alone_and_opens_in_a_spreadsheet, "multi_thread");
async fn the_creators_table_is_theirs_alone_and_opens_in_a_spreadsheet(on: On) {
    let party = party(on, 2, 5).await;
    assert_eq!(party.fill(&party.people[0]).await, 303);
    assert_eq!(party.fill(&party.people[1]).await, 303);
    let table = |file: &str| format!("/events/{}/table/{file}", party.event);
    assert_eq!(party.people[0].get(&table("entrants.csv")).await.status(), 403);
    assert_eq!(client().get(party.site.url(&table("entrants.csv"))).send().await.unwrap().status(), 401);
    assert_eq!(party.creator.get(&table("entrants.pdf")).await.status(), 404);
    let csv = party.creator.get(&table("entrants.csv")).await.text().await.unwrap();
    assert!(csv.starts_with('\u{FEFF}'), "spreadsheet programs need the mark to read Korean");
    assert_eq!(csv.lines().count(), 6);
    assert!(csv.contains("'=김수달") && !csv.contains(",=김수달"), "no cell is a formula");
    let named = async |file: &str| {
        let answer = party.creator.get(&table(file)).await;
        let named = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
        answer.bytes().await.unwrap();
        named
    };
    // Chosen by the creator's title, and said in Korean.
    let title = "%EB%94%B0%EB%81%88%ED%95%9C-%EA%B2%A8%EC%9A%B8-%EB%A8%B8%EA%B7%B8";
    let participants = "%EC%B0%B8%EC%97%AC%EC%9E%90";
    for file in ["entrants.csv", "entrants.xlsx"] {
        let form = file.split('.').nth(1).unwrap();
        let said = named(file).await;
        assert!(said.starts_with("attachment; filename=\"20") && said.contains("filename*=UTF-8''20"), "{said}");
        assert!(said.contains(&format!("{title}-{participants}")) && said.ends_with(form), "{said}");
    }
    // Compressed, as browsers ask for it, it ends as well.
    let asked = client().get(party.site.url(&table("entrants.csv"))).header("cookie", party.creator.cookie());
    let packed = asked.header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.is_ok());
    let sheet = party.creator.get(&table("entrants.xlsx")).await.bytes().await.unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(sheet)).unwrap();
    let first = book.worksheet_range_at(0).unwrap().unwrap();
    let cells: Vec<String> = first.rows().flatten().map(ToString::to_string).collect();
    assert_eq!(first.height(), 6, "everybody, and the headings");
    let winner: Vec<_> = first.rows().nth(1).unwrap().to_vec();
    assert_eq!(winner[0], calamine::Data::Float(1.0), "a rank is a number");
    assert!(winner[2].is_datetime(), "a moment is a moment: {:?}", winner[2]);
    let after = matches!(winner[3], calamine::Data::Float(seconds) if (0.0..600.0).contains(&seconds));
    assert!(after, "seconds are a number: {:?}", winner[3]);
    let phone = winner.iter().find(|cell| cell.to_string().starts_with("010-"));
    assert!(matches!(phone, Some(calamine::Data::String(_))), "a phone is a text");
    let postcode = winner.iter().find(|cell| cell.to_string().len() == 5 && cell.to_string().starts_with('0'));
    assert!(matches!(postcode, Some(calamine::Data::String(_))), "a postcode is a text: {winner:?}");
    assert!(
        cells.iter().any(|cell| cell == "=김수달" || cell == "'=김수달"),
        "Korean is intact, and text is text: {cells:?}"
    );
    assert!(book.worksheet_formula(&book.sheet_names()[0].clone()).unwrap().is_empty(), "no cell is a formula");
    // Both wrote the same phone.
    let page = party.creator.get(&format!("/creator/events/{}", party.event)).await.text().await.unwrap();
    assert!(page.contains("같은 연락처") && page.contains("=김수달"));
    let stranger = party.people[3].get(&format!("/creator/events/{}", party.event)).await;
    assert_eq!(stranger.status(), 403);
    assert!(!stranger.text().await.unwrap().contains("김수달"));
    // Finding: by rank, by the beginning of a nickname; in pages.
    let engine = &party.site.engine;
    let find = async |find: &str| {
        let query = model::EntrantsQuery { find: find.into(), ..Default::default() };
        engine.giveaways.entrants(&Actor::host(party.creator.member), party.event, &query, 100).await.unwrap()
    };
    assert_eq!(find("4").await.len(), 1);
    assert_eq!(find("수달").await.len(), 5);
    assert!(find("없는 이름").await.is_empty());
    let query = model::EntrantsQuery { backwards: true, after: Some(model::Cursor::of(&4)), ..Default::default() };
    let rows = engine.giveaways.entrants(&Actor::host(party.creator.member), party.event, &query, 2).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.rank).collect::<Vec<_>>(), [3, 2]);
    // Called off, nobody won or waits: as on its pages.
    engine.events.cancel(&Actor::host(party.creator.member), party.event, "가마가 식었어요").await.unwrap();
    let csv = party.creator.get(&table("entrants.csv")).await.text().await.unwrap();
    assert_eq!(csv.matches("이벤트 취소").count(), 5, "{csv}");
}

both!(entries_from_one_browser_are_shown_to_the_creator_alone, "multi_thread");
async fn entries_from_one_browser_are_shown_to_the_creator_alone(on: On) {
    let party = party(on, 2, 3).await;
    let [one, other, apart] = party.people.as_slice() else { panic!() };
    let members = &party.site.engine.accounts;
    for (person, visitor) in [(one, "a"), (other, "a"), (apart, "b"), (&party.creator, "b")] {
        members.seen_on(person.member, visitor).await.unwrap();
    }
    let entrants = || async {
        let query = model::EntrantsQuery::default();
        let rows = party
            .site
            .engine
            .giveaways
            .entrants(&Actor::host(party.creator.member), party.event, &query, 10)
            .await
            .unwrap();
        rows.iter().map(|row| row.same_device).collect::<Vec<_>>()
    };
    assert_eq!(entrants().await, [true, true, false], "the creator did not enter");
    let page = party.creator.get(&format!("/creator/events/{}", party.event)).await.text().await.unwrap();
    assert_eq!(page.matches("같은 기기").count(), 2);
    let board = one.get(&format!("/events/{}/board", party.event)).await.text().await.unwrap();
    assert!(!board.contains("같은 기기"));
    party.clock.set(START + 91 * DAY);
    members.delete_old_devices().await.unwrap();
    assert_eq!(entrants().await, [false; 3]);
}

both!(winners_alike_at_several_events_are_shown_to_their_creator_alone, "multi_thread");
async fn winners_alike_at_several_events_are_shown_to_their_creator_alone(on: On) {
    let party = party(on, 3, 3).await;
    let engine = &party.site.engine;
    let [one, other, apart] = party.people.as_slice() else { panic!() };
    for (person, visitor) in [(one, "a"), (other, "b"), (apart, "c")] {
        engine.accounts.seen_on(person.member, visitor).await.unwrap();
    }
    assert_eq!(party.fill(one).await, 303);
    let entrants = async |creator: &Person, event| {
        let query = model::EntrantsQuery::default();
        let rows = engine.giveaways.entrants_page(&Actor::host(creator.member), event, &query).await.unwrap().rows;
        let flags =
            |row: model::Entrant| (row.same_device_elsewhere, row.prize.is_some_and(|prize| prize.alike_elsewhere));
        rows.into_iter().map(flags).collect::<Vec<_>>()
    };
    let nothing = vec![(false, false); 3];
    assert_eq!(entrants(&party.creator, party.event).await, nothing);
    // Another account wins at another creator's event, on the same browser and with the same details: nobody's business.
    let anothers = party.site.creator().await;
    let new = async |creator: &Person| {
        let event = make_event(engine, creator.member, Span::ZERO, 1).await;
        let again = party.site.people(1).await.remove(0);
        engine.accounts.seen_on(again.member, "a").await.unwrap();
        again.enter(event).await;
        party.catch_up().await;
        let text = event.to_string();
        let form: Vec<_> = FORM.iter().copied().chain([("event", text.as_str())]).collect();
        assert_eq!(again.change(&format!("/events/{event}/result"), "fill-claim", &form).await.status(), 303);
        event
    };
    new(&anothers).await;
    assert_eq!(entrants(&party.creator, party.event).await, nothing);
    // At another of theirs.
    let second = new(&party.creator).await;
    assert_eq!(entrants(&party.creator, party.event).await, [(true, true), (false, false), (false, false)]);
    assert_eq!(entrants(&party.creator, second).await, [(true, true)]);
    let table = party.creator.get(&format!("/creator/events/{second}")).await.text().await.unwrap();
    assert!(table.contains("다른 이벤트 당첨자와 같은 기기") && table.contains("다른 이벤트 당첨자와 같은 연락처"));
    for page in [format!("/events/{second}"), format!("/events/{second}/board"), format!("/events/{second}/entries/1")]
    {
        assert!(!one.get(&page).await.text().await.unwrap().contains("다른 이벤트 당첨자"), "{page}");
    }
    // The same account twice is no duplicate.
    let third = make_event(engine, party.creator.member, Span::ZERO, 1).await;
    other.enter(third).await;
    party.catch_up().await;
    assert_eq!(entrants(&party.creator, third).await, [(false, false)]);
}

/// So many entries of an event that opened, each with a prize and an address of its own.
async fn fill_up(party: &Party, entries: i64) {
    let (series, id, none) = match party.site.engine.db.dialect() {
        Dialect::Sqlite => (
            "with recursive n (n) as (select 1 union all select n + 1 from n where n < $2)",
            "cast(printf('%016d', n) as blob)",
            "x'00'",
        ),
        Dialect::Postgres => {
            ("with n (n) as (select generate_series(1, $2))", "lpad(to_hex(n), 32, '0')::uuid", "'\\x00'::bytea")
        }
    };
    let mut tx = party.site.engine.db.begin(Lane::Other).await.unwrap();
    for text in [
        format!(
            "{series} insert into entries (event_id, rank, member_id, entered_at, state, salt)
             select $1, n, {id}, n, 'won', {none} from n"
        ),
        format!(
            "{series} insert into claims (event_id, rank, place, member_id, state, first_at, given_at, due_at)
             select $1, n, n, {id}, 'filled', 0, 0, 0 from n"
        ),
        format!(
            "{series} insert into deliveries (event_id, rank, name, phone, postcode, address, detail)
             select $1, n, '수달', cast(n as text), '04524', '세종대로 ' || n, '' from n"
        ),
    ] {
        // Once a test: the text outlives it.
        let text: &'static str = Box::leak(text.into_boxed_str());
        tx.sql(text).bind(party.event).bind(entries).run().await.unwrap();
    }
    tx.commit().await.unwrap();
}

both!(a_large_table_is_read_and_sent_a_page_at_a_time_and_once_at_a_time, "multi_thread");
async fn a_large_table_is_read_and_sent_a_page_at_a_time_and_once_at_a_time(on: On) {
    const ENTRIES: i64 = 10_000;
    let party = party(on, 2, 0).await;
    fill_up(&party, ENTRIES).await;
    let table = |file: &str| format!("/events/{}/table/{file}", party.event);
    // Nobody wrote the same as another, which is found out without comparing all with all.
    let started = Instant::now();
    let mut first = party.creator.get(&table("entrants.csv")).await;
    assert_eq!(first.status(), 200);
    let mut text = first.chunk().await.unwrap().expect("it begins before it is read").to_vec();
    for file in ["entrants.csv", "entrants.xlsx"] {
        assert_eq!(party.creator.get(&table(file)).await.status(), 429, "one at a time");
    }
    while let Some(chunk) = first.chunk().await.unwrap() {
        text.extend(chunk);
    }
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines as i64, ENTRIES + 1);
    eventually("the next may be had", async || party.creator.get(&table("entrants.csv")).await.status() == 200).await;
    // Whoever goes away in the middle may come back.
    let gone = async || party.creator.get(&table("entrants.csv")).await.status().as_u16();
    eventually("and again", async || gone().await == 200).await;
    let mut sheet = None;
    eventually("and as a workbook", async || {
        let answer = party.creator.get(&table("entrants.xlsx")).await;
        let there = answer.status() == 200;
        if there {
            sheet = Some(answer.bytes().await.unwrap());
        }
        there
    })
    .await;
    let book = calamine::open_workbook_from_rs(std::io::Cursor::new(sheet.unwrap()));
    let mut book: calamine::Xlsx<_> = book.unwrap();
    assert_eq!(book.worksheet_range_at(0).unwrap().unwrap().height() as i64, ENTRIES + 1);
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
}

both!(ones_own_is_found_at_once_however_many_events_wait_to_be_followed);
async fn ones_own_is_found_at_once_however_many_events_wait_to_be_followed(on: On) {
    let site = Site::start(on).await;
    let event = site.event(-SECOND, 3).await;
    let person = site.people(1).await.remove(0);
    // Of these nothing can be written, so that those behind them wait as well.
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    for n in 1..=100 {
        let waits = "insert into tallies (event_id, total, last_at, next_sequence, cancelled) values ($1, 1, 0, 1, $2)";
        tx.sql(waits).bind(EventId(uuid::Uuid::from_u128(n))).bind(false).run().await.unwrap();
    }
    tx.commit().await.unwrap();
    person.enter(event).await;
    assert_eq!(site.engine.giveaways.unlisted(person.member).await.unwrap(), [(event, 1)]);
}
