//! Parts of the server by themselves, as far as they can be looked at without one.

mod background;
mod drawing;
mod renders;
mod wire;

use axum::http::{HeaderMap, HeaderValue};
use clap::Args;
use engine::{notices::After, pages::Listing};
use futures::FutureExt;
use model::{
    EntryError, Error, EventId, MemberId, Span, TicketId, Time, Wish,
    sales::{TicketState, TicketView},
};
use server::{
    config::{Config, Secret, has_secret},
    inside::*,
};
use std::{collections::VecDeque, fs, net::IpAddr, time::Duration};
use tokio::time::Instant;
use uuid::Uuid;

#[tokio::test]
async fn one_member_has_two_and_all_together_what_memory_has_room_for() {
    let uploads = Uploads::new(Duration::from_millis(50));
    let member = |n: u128| MemberId(Uuid::from_u128(n));
    let mut kept = Vec::new();
    for _ in 0..2 {
        kept.push(uploads.take(member(1), 11 << 20).await.unwrap());
    }
    assert_eq!(uploads.take(member(1), 1).await.err(), Some(Error::TooMany { retry_after: 10 }));
    for n in 2..8 {
        kept.push(uploads.take(member(n), 11 << 20).await.unwrap());
    }
    assert_eq!(uploads.take(member(9), 11 << 20).await.err(), Some(Error::Busy), "after waiting in vain");
    let (waited, ()) = tokio::join!(uploads.take(member(9), 11 << 20), async { drop(kept.pop()) });
    assert!(waited.is_ok());
}

#[test]
fn one_address_does_not_have_all_site_maps() {
    let maps = Sitemaps::default();
    let address = |last| IpAddr::from([192, 0, 2, last]);
    let mut sent = Vec::new();
    for n in 0..8 {
        sent.push(maps.take(address(n / 2)).unwrap());
    }
    assert_eq!(maps.take(address(0)).err(), Some(Error::TooMany { retry_after: 10 }));
    assert_eq!(maps.take(address(9)).err(), Some(Error::Busy));
    sent.pop();
    assert!(maps.take(address(9)).is_ok());
}

#[test]
fn moments_are_koreas_to_the_millisecond() {
    // 20:00:00.084 in Korea, as spreadsheet programs write it.
    let at = Time::from_civil(2026, 11, 25, 20, 0, 0).unwrap() + Span::from_micros(84_999);
    assert_eq!(moment(at), "2026-11-25 20:00:00.084");
    assert!((serial(at) - (46_351.0 + (20.0 * 3600.0 + 0.084) / 86_400.0)).abs() < 1e-9, "{}", serial(at));
    assert_eq!(seconds(Span::from_micros(1_234_567_999)), 1234.567);
}

#[test]
fn no_cell_is_a_formula() {
    assert_eq!(quoted("=1+1"), "'=1+1");
    assert_eq!(quoted("@SUM(A1)"), "'@SUM(A1)");
    assert_eq!(quoted("-수달"), "'-수달");
    assert_eq!(quoted("＝1+1"), "'＝1+1");
    assert_eq!(quoted("\t=1"), "'\t=1");
    assert_eq!(quoted("\r=1"), "\"'\r=1\"");
    assert_eq!(quoted("서울, \"중구\""), "\"서울, \"\"중구\"\"\"");
    assert_eq!(quoted("수달"), "수달");
}

#[test]
fn names_are_read_by_every_browser() {
    let header = disposition("attachment", "2026-11-25-겨울-머그-참여자.xlsx");
    let expected = "attachment; filename=\"2026-11-25-.xlsx\"; filename*=UTF-8''2026-11-25-%EA%B2%A8%EC%9A%B8-\
        %EB%A8%B8%EA%B7%B8-%EC%B0%B8%EC%97%AC%EC%9E%90.xlsx";
    assert_eq!(header.to_str().unwrap(), expected.replace("-.xlsx\"", ".xlsx\""));
    assert_eq!(
        disposition("inline", "a\"b\r\n;%.png"),
        "inline; filename=\"ab.png\"; filename*=UTF-8''a%22b%0D%0A%3B%25.png"
    );
}

#[test]
fn places_are_counted_by_network_and_given_back() {
    let networks = Networks::new(2);
    let v6 = |site: u16, network: u16, host: u16| IpAddr::from([0x2001, 0xdb8, site, network, 0, 0, 0, host]);
    let both = [networks.take(v6(1, 1, 1)), networks.take(v6(1, 1, 2))];
    assert!(both.iter().all(Option::is_some) && networks.take(v6(1, 1, 3)).is_none(), "of one customer");
    let site: Vec<_> = (2..9).filter_map(|network| networks.take(v6(1, network, 1))).collect();
    assert_eq!(site.len(), 6, "of one site");
    assert!(networks.take(v6(2, 1, 1)).is_some());
    drop(both);
    assert!(networks.take(v6(1, 1, 3)).is_some());
    drop(site);
    let v4 = |last: u8| IpAddr::from([192, 0, 2, last]);
    let kept = [networks.take(v4(1)), networks.take(v4(1)), networks.take(v4(2))];
    assert!(kept.iter().all(Option::is_some) && networks.take(v4(1)).is_none());
    drop(kept);
    assert!(networks.is_empty(), "nothing is left behind");
}

#[test]
fn nobody_is_sent_elsewhere() {
    assert_eq!(local_path(Some("/events/1?x=2")), "/events/1?x=2");
    for foreign in
        ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nSet-Cookie: x=y", "/\t/evil.example"]
    {
        assert_eq!(local_path(Some(foreign)), "/", "{foreign}");
    }
}

#[test]
fn a_forwarded_header_is_read_from_the_right_whatever_stands_before() {
    let headers = |lines: &[&[u8]]| {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line).unwrap());
        }
        headers
    };
    let ours: IpAddr = [203, 0, 113, 9].into();
    for lines in [
        &[&b"203.0.113.9"[..]][..],
        &[b"\xff\xfe, 203.0.113.9"],
        &[b"10.0.0.1,,\x80 , 203.0.113.9 "],
        &["수달".as_bytes(), b"203.0.113.9"],
    ] {
        assert_eq!(forwarded(&headers(lines), 1), Some(ours), "{lines:?}");
    }
    assert_eq!(forwarded(&headers(&[b"\xff, 203.0.113.9", b"10.0.0.2"]), 2), Some(ours));
    assert_eq!(forwarded(&headers(&[b"203.0.113.9"]), 2), None, "fewer proxies than there should be");
    assert_eq!(forwarded(&headers(&[b"203.0.113.9, \xff"]), 1), None);
    assert_eq!(forwarded(&headers(&[b"203.0.113.9"]), 0), None);
}

#[test]
fn who_asks_from_this_machine_names_it_and_is_passed_on_by_nobody_else() {
    let is_here = |lines: &[(&'static str, &str)], address: &str, proxies: usize| {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(*name, HeaderValue::from_str(line).unwrap());
        }
        is_local(&headers, address.parse().unwrap(), proxies)
    };
    for host in ["localhost:3000", "LOCALHOST", "127.0.0.1:3000", "127.5.9.59", "[::1]:3000"] {
        assert!(is_here(&[("host", host)], "127.0.0.1", 0) && is_here(&[("host", host)], "::1", 0), "{host}");
        assert!(!is_here(&[("host", host)], "203.0.113.9", 0), "{host} of another machine");
    }
    for host in ["59.example", "127.0.0.1.59.example:3000", "localhost.59.example", "192.0.2.59", "[::2]", "", "::1"] {
        assert!(!is_here(&[("host", host)], "127.0.0.1", 0), "{host}");
    }
    assert!(!is_here(&[], "127.0.0.1", 0));
    let host = ("host", "localhost:3000");
    for name in ["forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"] {
        assert!(!is_here(&[host, (name, "127.0.0.1")], "127.0.0.1", 0), "{name}");
    }
    // Past proxies of ours, and none beside.
    let passed = ("x-forwarded-for", "127.0.0.1");
    assert!(is_here(&[host, passed], "127.0.0.1", 1) && is_here(&[host, passed, passed], "127.0.0.1", 2));
    assert!(!is_here(&[host, ("x-forwarded-for", "203.0.113.9, 127.0.0.1")], "127.0.0.1", 1), "by a tunnel");
    assert!(!is_here(&[host], "127.0.0.1", 1) && !is_here(&[host, passed], "203.0.113.9", 1));
}

#[test]
fn no_log_has_links_of_letters() {
    assert_eq!([logged("/mail/stop/token"), logged("/events/59")], ["/mail/", "/events/59"]);
}

#[test]
fn a_secret_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("smtp");
    fs::write(&path, "smtps://otter:word@mail.example\n").unwrap();
    let read = format!("@{}", path.display()).parse::<Secret>().unwrap();
    assert_eq!((read.0.as_str(), format!("{read:?}")), ("smtps://otter:word@mail.example", "***".to_owned()));
    assert_eq!("word".parse::<Secret>().unwrap().0, "word");
    assert!(format!("@{}", folder.path().join("nowhere").display()).parse::<Secret>().is_err());
}

#[test]
fn a_secret_on_the_command_line_is_seen() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>().into_iter();
    assert!(has_secret(words("fiftynine serve --smtp-url smtp://x")) && has_secret(words("fiftynine --sms-key=x")));
    assert!(!has_secret(words("fiftynine serve --demo --smtp-urls x --addr 127.0.0.1:3000")));
    // A file is named there, and not what stands in it.
    assert!(!has_secret(words("fiftynine serve --smtp-url @/run/secrets/smtp --sms-key=@sms")));
    // Whatever is not shown is one, but the address of a bucket.
    let options = Config::augment_args(clap::Command::new("fiftynine"));
    let hidden: Vec<&str> = options
        .get_arguments()
        .filter(|option| option.is_hide_env_values_set())
        .filter_map(clap::Arg::get_long)
        .filter(|name| *name != "pictures")
        .collect();
    assert!(hidden.len() > 10, "{hidden:?}");
    for name in hidden {
        assert!(has_secret(words(&format!("fiftynine serve --{name} x"))), "{name}");
    }
}

#[test]
fn another_page_comes_with_another_worker() {
    let [one, same, other] = ["a{}", "a{}", "b{}"].map(Offline::new);
    assert_eq!(one.worker(), same.worker());
    assert_ne!(one.worker(), other.worker());
    let worker = String::from_utf8(one.worker().to_vec()).unwrap();
    assert!(!worker.contains(WORKER_VERSION) && worker.contains("const VERSION = \""));
}

#[test]
fn a_socket_that_rests_is_small() {
    let bytes = socket_at_rest();
    assert!(bytes < 2500, "{bytes} bytes");
}

#[test]
fn a_body_that_keeps_coming_has_longer_but_not_for_ever() {
    let began = Instant::now();
    let after = |seconds| began + Duration::from_secs(seconds);
    assert_eq!(deadline(began, began, 0), after(10), "nothing came");
    assert_eq!(deadline(began, after(25), 100), after(30), "a letter now and then");
    assert_eq!(deadline(began, after(60), 10 << 20), after(70), "a picture that comes");
    assert_eq!(deadline(began, after(60), 240 << 10), after(60), "one that came too slowly");
    assert_eq!(deadline(began, after(599), usize::MAX), after(600));
}

#[test]
fn the_oldest_ends_for_the_newest_and_nothing_is_left_behind() {
    let streams = Streams::default();
    let (one, another) = (MemberId(Uuid::from_u128(1)), MemberId(Uuid::from_u128(2)));
    let other = streams.open(another);
    let mut open: VecDeque<_> = (0..STREAMS).map(|_| streams.open(one)).collect();
    assert!(open.iter().all(|place| place.over().now_or_never().is_none()));
    open.push_back(streams.open(one));
    assert!(open[0].over().now_or_never().is_some(), "the oldest");
    assert!(open.iter().skip(1).all(|place| place.over().now_or_never().is_none()));
    // Whoever closed one has room again.
    drop(open.remove(3));
    open.push_back(streams.open(one));
    assert!(open.iter().skip(1).all(|place| place.over().now_or_never().is_none()));
    assert!(other.over().now_or_never().is_none(), "another's are another's");
    drop((open, other));
    assert!(streams.is_empty());
}

#[test]
fn what_is_no_number_is_read_anew() {
    assert_eq!((after(None), after(Some(""))), (After::Now, After::Now));
    assert_eq!(after(Some("7")), After::Number(7));
    for forged in ["-1", "7 ", "0x7", "일", "18446744073709551616", "?", "1,2"] {
        assert_eq!(after(Some(forged)), After::Unknown, "{forged}");
    }
    for _ in 0..100 {
        assert!((1_000..5_000).contains(&comes_back().as_millis()));
    }
}

#[test]
fn a_stream_that_rests_is_small() {
    let bytes = stream_at_rest();
    assert!(bytes < 1500, "{bytes} bytes");
}

#[test]
fn a_form_may_say_how_many_and_what_is_no_number_is_refused() {
    let form = |body: &str| wish(&serde_urlencoded::from_str::<Vec<(String, String)>>(body).unwrap());
    for nothing in ["", "code=59", "quantity=", "fewer=on"] {
        assert_eq!(form(nothing), Ok(None), "{nothing}");
    }
    assert_eq!(form("quantity=2"), Ok(Some(Wish { quantity: 2, fewer: false })));
    for fewer in ["on", "true", "1"] {
        let body = format!("code=59&fewer={fewer}&quantity=+3");
        assert_eq!(form(&body), Ok(Some(Wish { quantity: 3, fewer: true })));
    }
    assert_eq!(form("quantity=2&fewer=false"), Ok(Some(Wish { quantity: 2, fewer: false })));
    for bad in ["quantity=two", "quantity=-1", "quantity=1.5", "quantity=4294967296"] {
        assert_eq!(form(bad), Err(EntryError::Quantity.into()), "{bad}");
    }
    // What is none or too many, whoever knows the limit says.
    assert_eq!(form("quantity=0"), Ok(Some(Wish { quantity: 0, fewer: false })));
}

#[test]
fn a_calendar_reads_it() {
    let ticket = TicketView {
        id: TicketId(Uuid::nil()),
        order: None,
        event: EventId(Uuid::nil()),
        title: "겨울 밤, 재즈; 넷이서".repeat(4),
        place: ("소극장".into(), "서울 성동구 1".into()),
        starts_at: Time::from_civil(2026, 11, 28, 19, 0, 0).unwrap(),
        number: 1,
        state: TicketState::Valid,
        code: String::new(),
    };
    let file = calendar(&ticket, "https://59.example/events/1", Time(0));
    assert!(file.contains("\r\nDTSTART:20261128T100000Z\r\nDTEND:20261128T120000Z\r\n"), "{file}");
    assert!(file.lines().all(|line| line.len() <= CALENDAR_LINE), "{file}");
    let whole = file.replace("\r\n ", "");
    assert!(whole.contains("SUMMARY:겨울 밤\\, 재즈\\; 넷이서"), "{whole}");
    assert!(whole.starts_with("BEGIN:VCALENDAR\r\n") && whole.ends_with("END:VCALENDAR\r\n"));
}

fn at(year: i64, month: i64) -> Time {
    Time::from_civil(year, month, 1, 0, 0, 0).unwrap()
}

#[test]
fn every_month_has_a_file() {
    assert_eq!(months(at(2025, 11), at(2026, 2)), [(2026, 2), (2026, 1), (2025, 12), (2025, 11)]);
    assert_eq!(months(at(1990, 1), at(2026, 2)).len(), MONTHS);
    for (year, month) in months(at(2025, 11), at(2026, 2)) {
        let Ok(Some(Listing::Events { from, until })) = listing(&format!("events-{year:04}-{month:02}.xml")) else {
            panic!("{year}-{month}")
        };
        assert_eq!(from, at(year, month));
        assert_eq!(until, if month == 12 { at(year + 1, 1) } else { at(year, month + 1) });
    }
}

#[test]
fn what_is_no_file_is_not_there() {
    for file in [
        "",
        "pages",
        "pages.xml.gz",
        "events-.xml",
        "events-2026-13.xml",
        "events-99999999-01.xml",
        "events-9999-12.xml",
        "a/b.xml",
    ] {
        assert_eq!(listing(file), Err(Error::NotFound), "{file}");
    }
}
