//! What texts say, and that all of them are said.

use app::texts::{Lang, number, ratio, seconds_ms};
use model::{
    DAY, EntryError, FieldError, HOUR, MICROSECOND, MILLISECOND, MINUTE, Notice, NoticeLine, PartyId, RequestId,
    SECOND, Span, Time, parties::PartyNews,
};

#[test]
fn numbers_and_times() {
    assert_eq!([number(0), number(999), number(6012), number(1_234_567)], ["0", "999", "6,012", "1,234,567"]);
    let range = |min, max| Lang::Ko.field_error(&FieldError::OutOfRange { min, max });
    assert_eq!(range(-90, 90), "−90에서 90 사이로 적어 주세요.");
    assert_eq!(range(100, 100_000_000), "100에서 100,000,000 사이로 적어 주세요.");
    assert_eq!(seconds_ms(Span::from_micros(84_999)), "0.084");
    assert_eq!(seconds_ms(61 * SECOND), "61.000");
    assert_eq!(ratio(1284, 100), "12.8");
    let early = |us| Lang::Ko.error(&EntryError::TooEarly { early: Span::from_micros(us) }.into());
    assert_eq!(early(212_001), "213 ms 빨랐어요");
    assert_eq!(early(37_442_000), "37.442초 빨랐어요");
    assert_eq!(Lang::Ko.duration(444 * SECOND), "7분 24초");
}

#[test]
fn a_day_of_another_year_says_which() {
    let at = |year, month, day| Time::from_civil(year, month, day, 0, 0, 0).unwrap();
    let now = at(2026, 12, 31);
    assert_eq!(Lang::Ko.date(at(2026, 1, 2), now), "1월 2일");
    assert_eq!(Lang::Ko.date(at(2027, 1, 2), now), "2027년 1월 2일");
    assert_eq!(Lang::En.date(at(2025, 1, 2), now), "2025/1/2");
}

#[test]
fn countdowns() {
    let countdown = |span| Lang::Ko.countdown(span);
    assert_eq!(countdown(444 * SECOND + Span::from_micros(412_999)), ("07:24".into(), ".412".into()));
    assert_eq!(countdown(3661 * SECOND).0, "1:01:01");
    assert_eq!(countdown(Span::from_micros(-5)), ("00:00".into(), ".000".into()));
    // Days first, then the clock.
    assert_eq!(countdown((2587 * 3600 + 38 * 60 + 40) * SECOND).0, "107일 19:38:40");
    assert_eq!([countdown(DAY).0, countdown(DAY - MICROSECOND).0], ["1일 00:00:00", "23:59:59"]);
}

#[test]
fn how_quickly_all_went_is_said_to_a_tenth_below_a_minute() {
    let [ko, en] = [Lang::Ko, Lang::En];
    let seconds = [4_299 * MILLISECOND, MINUTE - MICROSECOND, 21 * MILLISECOND].map(|span| ko.took(span));
    assert_eq!(seconds, ["4.2초", "59.9초", "0.1초"]);
    assert_eq!([192 * SECOND, 2 * HOUR + 5 * MINUTE].map(|span| ko.took(span)), ["3분 12초", "2시간 5분"]);
    let span = 4_200 * MILLISECOND;
    assert_eq!(ko.sold_out_in(ko.took(span)), "4.2초 만에 모두 나갔어요");
    assert_eq!(ko.sold_out_ticket_in(ko.took(span)), "4.2초 만에 매진됐어요");
    assert_eq!(en.sold_out_in(en.took(span)), "All gone in 4.2 s");
    assert_eq!(en.sold_out_ticket_in(en.took(MINUTE)), "Sold out in 1 min 0 s");
}

#[test]
fn hours_are_said_as_people_say_them() {
    let at = |day, hour| Time::from_civil(2026, 11, day, hour, 0, 0).unwrap();
    let now = at(1, 0);
    assert_eq!(Lang::Ko.hours((at(27, 20), at(27, 22)), now), "11월 27일 20:00–22:00");
    assert_eq!(Lang::Ko.hours((at(27, 20), at(28, 0)), now), "11월 27일 20:00–24:00");
    assert_eq!(Lang::En.hours((at(27, 23), at(28, 1)), now), "11/27 23:00–11/28 01:00");
    let a_year_before = now - 365 * DAY;
    assert_eq!(Lang::Ko.hours((at(27, 20), at(27, 22)), a_year_before), "2026년 11월 27일 20:00–22:00");
    assert_eq!(Lang::Ko.day_and_time(at(27, 19), now), "11월 27일(금) 19:00");
    assert_eq!(Lang::En.day_and_time(at(27, 19), a_year_before), "Fri 2026/11/27, 19:00");
}

/// The name that a text begins with.
fn name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

#[test]
fn every_text_is_said_somewhere() {
    // Every source that may name a text.
    let all = ["app/src", "server/src"].map(crate::sources).concat();
    // By a page, and by what a change says when it is done.
    let said: std::collections::HashSet<&str> = [".", "Lang::", "said: "]
        .into_iter()
        .flat_map(|sign| all.iter().flat_map(move |(_, source)| source.match_indices(sign).map(move |at| (source, at))))
        .map(|(source, (at, sign))| name(&source[at + sign.len()..]))
        .collect();
    let mut count = 0;
    let has_texts =
        |path: &std::path::Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("texts"));
    for (path, source) in all.iter().filter(|(path, _)| has_texts(path)) {
        for texts in source.split("\ntexts! {\n").skip(1) {
            let lines = texts.split("\n}").next().unwrap_or_default().lines();
            let names = lines.filter_map(|line| line.strip_prefix("    ")).map(name).filter(|name| !name.is_empty());
            for name in names {
                assert!(said.contains(name), "{name} of {} is said nowhere", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 1000, "{count} texts");
    assert!(all.iter().any(|(path, _)| path.ends_with("texts_of_kakao.rs") && has_texts(path)));
}

#[test]
fn a_party_is_called_off_for_a_reason_or_because_too_few_are_left() {
    let said = |lang, reason: &str| {
        let notice = Notice::Party {
            party: PartyId(uuid::Uuid::nil()),
            item: "사과".into(),
            news: PartyNews::Cancelled { reason: reason.into() },
        };
        let id = RequestId(uuid::Uuid::nil());
        let line = NoticeLine { id, number: 1, at: Time(0), notice, event: None, read: false };
        app::features::notices::page::said(lang, &line).0
    };
    assert_eq!(said(Lang::En, "비"), "“사과” was called off. 비");
    assert_eq!(said(Lang::En, ""), "“사과” was called off: too few members are left.");
    assert_eq!(said(Lang::Ko, ""), "‘사과’ 파티는 남은 인원이 모자라 취소됐어요.");
}

#[test]
fn one_is_not_many() {
    let [ko, en] = [Lang::Ko, Lang::En];
    assert_eq!([0, 1, 2].map(|n| en.notices_unread(n)), ["0 unread notices", "1 unread notice", "2 unread notices"]);
    assert_eq!([1, 2].map(|n| ko.notices_unread(n)), ["읽지 않은 알림 1개", "읽지 않은 알림 2개"]);
    assert_eq!([en.places(1), en.places(12_000)], ["1 place", "12,000 places"]);
    // The number that decides need not be the first.
    assert_eq!(en.entered_of(2, 1), "2 entered · 1 place");
    assert_eq!(en.entered_of(1, 2), "1 entered · 2 places");
    assert_eq!(en.prizes_counts(1, 2, 3), "1 form due · 2 to be sent · 3 sent");
    assert_eq!([en.duration(DAY), en.duration(2 * DAY)], ["1 day", "2 days"]);
    assert_eq!(en.field_error(&FieldError::TooShort { min: 1 }), "At least 1 character.");
}
