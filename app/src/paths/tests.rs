//! What addresses say, held against the table of pages.

use super::*;

#[cfg(feature = "ssr")]
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

#[cfg(feature = "ssr")]
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
        crate::features::PAGES.iter().flat_map(|page| page.patterns).copied().collect()
    }

    fn matches(pattern: &'static str, path: &str) -> bool {
        crate::page::fits(pattern, path).is_some()
    }
    #[test]
    fn every_form_is_on_pages_that_there_are() {
        let patterns = patterns();
        for change in crate::forms::Declaration::all() {
            for page in change.pages {
                assert!(patterns.contains(page), "{} on {page}, among {patterns:?}", change.name());
            }
        }
    }

    #[test]
    fn every_page_has_one_route_and_every_route_leads_to_a_page() {
        let (event, member) = (EventId(uuid::Uuid::nil()), MemberId(uuid::Uuid::nil()));
        let page = Cursor::of(&7);
        let number: OrderNumber = "D261126000001".parse().unwrap();
        let pages = [
            HOME.into(),
            MY.into(),
            DEVICES.into(),
            ADDRESSES.into(),
            MY_PROFILE.into(),
            DEALS.into(),
            deals(&DealsQuery {
                day: Some(model::Time(0)),
                ended: true,
                category: Some(Category::Food),
                after: Some(page.clone()),
            }),
            TICKETS.into(),
            tickets(&TicketsQuery { past: true, category: None, after: Some(page.clone()) }),
            WISHES.into(),
            checkout(event),
            order(&number),
            receipt(&number),
            MY_ORDERS.into(),
            my_orders(&page),
            MY_TICKETS.into(),
            my_tickets(&page),
            wishes(&page),
            PARTIES.into(),
            parties(&NearbyQuery::around(Coordinates { latitude: 37.5, longitude: 127.0 }, 3).unwrap(), false),
            parties_of(ItemId(uuid::Uuid::nil())),
            WHERE.into(),
            look_around(Coordinates { latitude: 37.5, longitude: 127.0 }),
            market(MarketId(uuid::Uuid::nil()), Some(&page)),
            FAVOURITES.into(),
            SUBSCRIPTIONS.into(),
            NEW_PARTY.into(),
            new_party_of(ItemId(uuid::Uuid::nil())),
            party(PartyId(uuid::Uuid::nil())),
            older_party_lines(PartyId(uuid::Uuid::nil()), &page),
            MY_PARTIES.into(),
            my_parties(&page),
            MY_PHONE.into(),
            phone_for(PartyId(uuid::Uuid::nil())),
            new_event(Kind::Deal),
            NOTICES.into(),
            NOTICE_SETTINGS.into(),
            CHANNELS.into(),
            "/mail/stop/token".into(),
            CREATOR_EVENTS.into(),
            CREATOR_PROFILE.into(),
            BUSINESS.into(),
            SALES.into(),
            sales(&page),
            SLOTS.into(),
            slots(&SlotsQuery { day: Some(model::Time(0)), past: true, after: Some(page.clone()) }),
            SLOT_INCOME.into(),
            WEBHOOKS.into(),
            sold_orders(event, Show::Returns, Some(&page)),
            NEW_EVENT.into(),
            REPORTS.into(),
            JOBS.into(),
            REPORTED_REVIEWS.into(),
            reported_reviews(true, Some(&page)),
            reviews(event, &ReviewsQuery { after: Some(page.clone()), ..ReviewsQuery::default() }),
            seller_reviews(member, &ReviewsQuery::default()),
            sale_curves(event),
            APPEALS.into(),
            appeals(&page),
            MARKET_LISTS.into(),
            market_lists(&page),
            correct_market(MarketId(uuid::Uuid::nil())),
            SEARCH.into(),
            search(&SearchQuery { text: "/a?b#c".into(), after: Some(page.clone()), ..SearchQuery::default() }),
            MEMBERS.into(),
            ADMIN.into(),
            members(&MembersQuery { find: "/a?b#c".into(), before: Some(page.clone()), ..MembersQuery::default() }),
            admin_member(member),
            ADMIN_EVENTS.into(),
            ADMIN_PARTIES.into(),
            admin_listed(ADMIN_EVENTS, Listed::Cancelled, Some(&page)),
            ADMIN_ORDERS.into(),
            admin_order(&number),
            admin_refunds(&page),
            ADMIN_ITEMS.into(),
            admin_items(&page),
            correct_item(ItemId(uuid::Uuid::nil())),
            AUDIT.into(),
            audit(&AuditQuery { by: Some(member), before: Some(page.clone()), ..AuditQuery::default() }),
            admin_link("token"),
            SIGN_IN.into(),
            SIGN_UP.into(),
            ACCOUNT.into(),
            TOKENS.into(),
            kakao_not_connected(KakaoFailure::Away),
            KAKAO_JOIN.into(),
            KAKAO_NEW.into(),
            kakao_failed("/my?came=won#x", KakaoFailure::Over),
            LEAVE.into(),
            TERMS.into(),
            document(PRIVACY, 1),
            FORGOT.into(),
            FORGOT_SENT.into(),
            NEW_PASSWORD.into(),
            room(event),
            chat(event),
            board(event),
            board_at(event, 101),
            entry(event, 7),
            result(event),
            changes(event),
            older_changes(event, &page),
            share(event),
            older_chat(event, &page),
            muted(event),
            more_muted(event, &page),
            reports(&page),
            enter(event),
            creator_event(event),
            entrants(
                event,
                &EntrantsQuery { find: "/a?b#c".into(), after: Some(page.clone()), ..EntrantsQuery::default() },
            ),
            edit_event(event),
            event_like(event),
            creator_stage(Stage::Live, Some(&page)),
            creator(member, Some(&page)),
            my_entries(Came::Won, Some(&page)),
            notices(&page),
            sign_in("/my?came=won#x"),
            sign_up("/my"),
            sandbox(SandboxId(uuid::Uuid::nil())),
        ];
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
        for file in [
            qr(event, "svg"),
            payment_qr(PaymentId(uuid::Uuid::nil())),
            ticket_qr(TicketId(uuid::Uuid::nil())),
            ticket_calendar(TicketId(uuid::Uuid::nil())),
            table(event, "csv"),
            orders_table(event, "csv"),
            statements("xlsx"),
            chat_before(event, &page),
            pulse(event),
            items("올리브"),
            party_receipt(PartyId(uuid::Uuid::nil())),
            MY_DATA.into(),
            LIVE.into(),
            kakao("/my"),
            KAKAO_CONNECT.into(),
            API.into(),
            preview(Some(event), Lang::Ko),
            preview(None, Lang::En),
            manifest(Lang::Ko),
        ] {
            assert!(!patterns.iter().any(|pattern| matches(pattern, &path(&file))), "{file}");
        }
        let unnamed: Vec<_> =
            patterns.iter().filter(|pattern| !pages.iter().any(|page| matches(pattern, &path(page)))).collect();
        assert!(unnamed.is_empty(), "no address leads to {unnamed:?}");
    }
}
