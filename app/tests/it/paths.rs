//! What addresses say, held against the table of pages.

use app::paths::{Examples, SEARCH, canonical, deals, entrants, page_of, parties, search, sign_in, sign_up, tickets};
use model::{
    Category, Coordinates, DealsQuery, EntrantsQuery, EventId, ItemCategory, TicketsQuery,
    parties::NearbyQuery,
    search::{FoundKind, SearchQuery},
};

#[test]
fn a_page_has_one_address() {
    assert_eq!(canonical("/sign-in?next=/my%3Fa=b&joined=yes"), "/sign-in");
    assert_eq!(canonical("/deals?utm_source=x&day=2026-11-27&category="), "/deals?day=2026-11-27");
    assert_eq!(canonical("/parties?lat=37.5&lng=127.25&km=3"), "/parties", "from where somebody looks is theirs");
    assert_eq!(canonical("/"), "/");
}

#[test]
fn what_stands_in_a_query_stays_one_value() {
    assert_eq!(sign_in("/my?came=won&before=1#x"), "/sign-in?next=/my%3Fcame%3Dwon%26before%3D1%23x");
    assert_eq!(sign_up("/events/01"), "/sign-up?next=/events/01");
    let event = EventId(uuid::Uuid::nil());
    let query = EntrantsQuery { winners: true, backwards: false, find: "수 달%&+".into(), after: None };
    let address = entrants(event, &query);
    assert!(address.ends_with("?show=winners&order=first&find=%EC%88%98%20%EB%8B%AC%25%26%2B"), "{address}");
}

#[test]
fn around_home_nobody_reads_where_that_is() {
    let at = Coordinates { latitude: 37.5, longitude: 127.25 };
    let query = NearbyQuery { category: Some(ItemCategory::Sauces), open: true, ..NearbyQuery::around(at, 3).unwrap() };
    assert_eq!(parties(&query, true), "/parties?km=3&category=sauces&open=yes");
    assert_eq!(parties(&query, false), "/parties?lat=37.5&lng=127.25&km=3&category=sauces&open=yes");
}

#[test]
fn shelves_say_what_they_hold() {
    let day = model::Time::from_civil(2026, 11, 27, 0, 0, 0);
    let query = DealsQuery { day, category: Some(Category::Food), ..DealsQuery::default() };
    assert_eq!(deals(&query), "/deals?day=2026-11-27&category=food");
    assert_eq!(deals(&DealsQuery::default()), "/deals");
    assert_eq!(tickets(&TicketsQuery { past: true, ..TicketsQuery::default() }), "/tickets?show=past");
}

#[test]
fn what_is_looked_for_stays_what_was_typed() {
    let query = SearchQuery { text: "1+1 & 수달".into(), kind: Some(FoundKind::Deal), ..SearchQuery::default() };
    assert_eq!(search(&query), "/search?q=1%2B1%20%26%20%EC%88%98%EB%8B%AC&kind=deal");
    assert_eq!(search(&SearchQuery::default()), SEARCH);
}

#[test]
fn a_form_comes_back_to_its_page() {
    assert_eq!(page_of("/creator/events/x", "?show=winners&do=send-prize&form=7"), "/creator/events/x?show=winners");
    assert_eq!(page_of("/my", "do=sign-out"), "/my");
    assert_eq!(page_of("/events/x/enter", ""), "/events/x", "a press that was refused shows the room");
    assert_eq!(page_of("//evil.example/", ""), "/evil.example/");
    assert_eq!(page_of("/", ""), "/");
}

mod routes {
    use super::*;

    /// The patterns of all pages.
    fn patterns() -> Vec<&'static str> {
        app::features::PAGES.iter().flat_map(|page| page.patterns).copied().collect()
    }

    fn matches(pattern: &'static str, path: &str) -> bool {
        app::page::fits(pattern, path).is_some()
    }

    #[test]
    fn every_form_is_on_pages_that_there_are() {
        let patterns = patterns();
        for change in app::forms::Declaration::all() {
            for page in change.pages {
                assert!(patterns.contains(page), "{} on {page}, among {patterns:?}", change.name());
            }
        }
    }

    #[test]
    fn every_page_has_one_route_and_every_route_leads_to_a_page() {
        let (pages, files): (Vec<_>, Vec<_>) = Examples::all().map(|of| (of.pages, of.files)).unzip();
        let (pages, files) = (pages.concat(), files.concat());
        let patterns = patterns();
        let path = |page: &str| page.split(['?', '#']).next().unwrap_or_default().to_owned();
        assert!(patterns.len() > 15, "{patterns:?}");
        for page in &pages {
            // Where a pattern is the very address, it goes before those with names in them.
            let exact = patterns.iter().any(|pattern| *pattern == path(page));
            let fits = |pattern: &&&'static str| matches(pattern, &path(page)) && (!exact || **pattern == path(page));
            let hits = patterns.iter().filter(fits).count();
            assert_eq!(hits, 1, "{page} among {patterns:?}");
        }
        // Files and sockets are no pages.
        for file in &files {
            assert!(!patterns.iter().any(|pattern| matches(pattern, &path(file))), "{file}");
        }
        let unnamed: Vec<_> =
            patterns.iter().filter(|pattern| !pages.iter().any(|page| matches(pattern, &path(page)))).collect();
        assert!(unnamed.is_empty(), "no address leads to {unnamed:?}");
    }

    /// The name of the address that a line declares.
    fn declared(line: &str) -> Option<&str> {
        let constant = line.strip_prefix("pub const ").filter(|rest| rest.contains("= \"/"));
        let name = constant.or_else(|| line.strip_prefix("pub fn "))?;
        name.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next()
    }

    #[test]
    fn every_address_has_an_example() {
        let mut count = 0;
        let features = crate::sources("app/src/features");
        for (file, source) in features.iter().filter(|(file, _)| file.ends_with("paths.rs")) {
            let (addresses, examples) = source.split_once("\nexamples! {\n").unwrap_or((source.as_str(), ""));
            let named: Vec<_> =
                examples.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').collect();
            for name in addresses.lines().filter_map(declared) {
                assert!(named.contains(&name), "{name} of {} has no example", file.display());
                count += 1;
            }
        }
        assert!(count > 100, "{count} addresses");
    }
}
