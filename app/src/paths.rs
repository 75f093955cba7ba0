//! Every address of the site that is not a change, written once: pages and files. Names say where one comes to.

#[cfg(feature = "ssr")]
use crate::texts::Lang;
use model::{
    Came, Category, Coordinates, Cursor, DealsQuery, EntrantsQuery, EventId, ItemCategory, ItemId, Kind, MarketId,
    MemberId, OrderNumber, PartyId, PaymentId, SandboxId, Stage, TicketId, TicketsQuery,
    parties::NearbyQuery,
    reviews::ReviewsQuery,
    search::{FoundKind, FoundState, SearchQuery},
    sellers::Show,
    slots::SlotsQuery,
    ways::KakaoFailure,
};

/// The home page.
pub const HOME: &str = "/";
/// The reader's own page.
pub const MY: &str = "/my";
/// Where the reader is signed in, and their password.
pub const DEVICES: &str = "/my/devices";
/// How the reader signs in.
pub const ACCOUNT: &str = "/my/account";
/// The tokens of the reader's own programs.
pub const TOKENS: &str = "/my/tokens";
/// What programs can ask for, to be read by people.
pub const API: &str = "/api";
/// Where they set out to connect Kakao.
pub const KAKAO_CONNECT: &str = "/my/account/kakao";
/// Time deals of today.
pub const DEALS: &str = "/deals";
/// Tickets for what is to come.
pub const TICKETS: &str = "/tickets";
/// The reader's orders.
pub const MY_ORDERS: &str = "/my/orders";
/// The reader's tickets.
pub const MY_TICKETS: &str = "/my/tickets";
/// The search.
pub const SEARCH: &str = "/search";
/// What the reader wishes for.
pub const WISHES: &str = "/my/wishes";
/// Parties of neighbours, around home.
pub const PARTIES: &str = "/parties";
/// The form for a new party.
pub const NEW_PARTY: &str = "/parties/new";
/// The reader's parties.
pub const MY_PARTIES: &str = "/my/parties";
/// The reader's phone.
pub const MY_PHONE: &str = "/my/phone";
/// What the reader hears of.
pub const SUBSCRIPTIONS: &str = "/my/subscriptions";
/// The markets and items that the reader marked.
pub const FAVOURITES: &str = "/my/favourites";
/// Where to say from where one looks.
pub const WHERE: &str = "/parties/where";
/// What the reader is told.
pub const NOTICES: &str = "/notices";
/// What the reader is told of.
pub const NOTICE_SETTINGS: &str = "/notices/settings";
/// What is told as it happens.
pub const NOTICE_STREAM: &str = "/notices/stream";
/// Where the reader is told of them outside the site.
pub const DELIVERY: &str = "/notices/delivery";
/// A creator's own events.
pub const CREATOR_EVENTS: &str = "/creator";
/// How a creator presents themselves.
pub const CREATOR_PROFILE: &str = "/creator/profile";
/// What a creator sold, and what comes of it.
pub const SALES: &str = "/creator/sales";
/// The business that a creator sells as.
pub const BUSINESS: &str = "/creator/business";
/// A creator's own servers that are told of their events.
pub const WEBHOOKS: &str = "/creator/webhooks";
/// The calendar of hours for deals.
pub const SLOTS: &str = "/creator/slots";
/// The form for a new event.
pub const NEW_EVENT: &str = "/creator/new";
/// For admins: reported lines.
pub const REPORTS: &str = "/admin/reports";
/// For admins: reviews that were reported.
pub const REPORTED_REVIEWS: &str = "/admin/reviews";
/// For admins: what members say against their penalties.
pub const APPEALS: &str = "/admin/appeals";
/// For admins: lists of markets and items.
pub const MARKET_LISTS: &str = "/admin/markets";
/// For admins: what happens by itself.
pub const JOBS: &str = "/admin/jobs";
/// For admins: what came of hours.
pub const SLOT_INCOME: &str = "/admin/slots";
/// For admins: members and events.
pub const MEMBERS: &str = "/admin/members";
/// Signing in.
pub const SIGN_IN: &str = "/sign-in";
/// In the query of the sign-in: whoever comes there has signed up.
pub const JOINED: &str = "joined";
/// Where whoever comes from Kakao and is nobody here yet says that they have an account.
pub const KAKAO_JOIN: &str = "/sign-in/kakao/join";
/// And that they have none.
pub const KAKAO_NEW: &str = "/sign-in/kakao/new";
/// In the query of pages that one sets out from: why signing in by Kakao came to nothing.
pub const KAKAO_FAILED: &str = "kakao";
/// Signing up.
pub const SIGN_UP: &str = "/sign-up";
/// The live socket.
pub const LIVE: &str = "/live";

/// The deals that a query asks for.
pub fn deals(query: &DealsQuery) -> String {
    let day = query.day.map(|day| day.to_local()[..10].to_owned()).unwrap_or_default();
    let (show, after) = (if query.ended { "ended" } else { "" }, text(query.after.as_ref()));
    let category = query.category.map_or("", Category::name);
    with(DEALS, &[("day", &day), ("show", show), ("category", category), ("after", &after)])
}

/// The tickets that a query asks for.
pub fn tickets(query: &TicketsQuery) -> String {
    let (show, after) = (if query.past { "past" } else { "" }, text(query.after.as_ref()));
    with(TICKETS, &[("show", show), ("category", query.category.map_or("", Category::name)), ("after", &after)])
}

/// What is found by a query.
pub fn search(query: &SearchQuery) -> String {
    let (kind, state) = (query.kind.map_or("", FoundKind::name), query.state.map_or("", FoundState::name));
    with(SEARCH, &[("q", &query.text), ("kind", kind), ("state", state), ("after", &text(query.after.as_ref()))])
}

/// What may be meant by what is being typed.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
pub fn suggestions(typed: &str) -> String {
    with("/search/suggestions", &[("q", typed)])
}

/// The reader's wishes from where a page goes on.
pub fn wishes(before: &Cursor) -> String {
    with(WISHES, &[("before", &before.to_string())])
}

/// The parties that a query asks for; around the reader's home without saying where that is.
pub fn parties(query: &NearbyQuery, home: bool) -> String {
    let at = |degrees: f64| if home { String::new() } else { degrees.to_string() };
    let (latitude, longitude) = (at(query.around.latitude), at(query.around.longitude));
    let (km, after) = (query.km.to_string(), text(query.after.as_ref()));
    let category = query.category.map_or("", ItemCategory::name);
    let item = query.item.map(|item| item.to_string()).unwrap_or_default();
    let market = query.market.map(|market| market.to_string()).unwrap_or_default();
    let open = if query.open { "yes" } else { "" };
    with(
        PARTIES,
        &[
            ("lat", &latitude),
            ("lng", &longitude),
            ("km", &km),
            ("item", &item),
            ("category", category),
            ("market", &market),
            ("open", open),
            ("after", &after),
        ],
    )
}

/// Parties around a place.
pub fn parties_around(at: Coordinates) -> String {
    with(PARTIES, &[("lat", &at.latitude.to_string()), ("lng", &at.longitude.to_string())])
}

/// Parties that buy an item, around home.
pub fn parties_of(item: ItemId) -> String {
    with(PARTIES, &[("item", &item.to_string())])
}

/// A map around a place, to say from where one looks.
pub fn look_around(at: Coordinates) -> String {
    with(WHERE, &[("lat", &at.latitude.to_string()), ("lng", &at.longitude.to_string())])
}

/// Items whose name begins as was typed.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
pub fn items(find: &str) -> String {
    with("/items", &[("find", find)])
}

/// A market, from where the list of its parties goes on.
pub fn market(market: MarketId, after: Option<&Cursor>) -> String {
    let after = text(after);
    with(&format!("/markets/{market}"), &[("after", &after)])
}

/// The form for a new party that buys an item.
pub fn new_party_of(item: ItemId) -> String {
    with(NEW_PARTY, &[("item", &item.to_string())])
}

/// The reader's phone, to be confirmed before they go on to a party.
pub fn phone_for(party: PartyId) -> String {
    with(MY_PHONE, &[("party", &party.to_string())])
}

/// A party.
pub fn party(party: PartyId) -> String {
    format!("/parties/{party}")
}

/// The picture of a party's receipt, for its members.
pub fn party_receipt(party: PartyId) -> String {
    format!("/parties/{party}/receipt.jpg")
}

/// A party with what was said in it before a line.
pub fn older_party_lines(party: PartyId, before: u64) -> String {
    format!("/parties/{party}?before={before}#chat")
}

/// The reader's parties, from where a page goes on.
pub fn my_parties(before: &Cursor) -> String {
    with(MY_PARTIES, &[("before", &before.to_string())])
}

/// The form for a new event of a kind.
pub fn new_event(kind: Kind) -> String {
    with(NEW_EVENT, &[("kind", kind.name())])
}

/// The event with its room.
pub fn room(event: EventId) -> String {
    format!("/events/{event}")
}

/// The chat in an event's room.
pub fn chat(event: EventId) -> String {
    format!("/events/{event}#chat")
}

/// The board of an event from its first rank.
pub fn board(event: EventId) -> String {
    format!("/events/{event}/board")
}

/// The page of the board on which a rank stands.
pub fn board_at(event: EventId, rank: u64) -> String {
    format!("/events/{event}/board?from={rank}")
}

/// One entry, for everybody.
pub fn entry(event: EventId, rank: u64) -> String {
    format!("/events/{event}/entries/{rank}")
}

/// What the reader's own click came to.
pub fn result(event: EventId) -> String {
    format!("/events/{event}/result")
}

/// The line and checkout of a sale.
pub fn checkout(event: EventId) -> String {
    format!("/events/{event}/checkout")
}

/// The same, with the form for where it goes once more, though its payment was begun.
pub fn checkout_again(event: EventId) -> String {
    format!("/events/{event}/checkout?change=yes")
}

/// One of the reader's orders.
pub fn order(number: &OrderNumber) -> String {
    format!("/orders/{number}")
}

/// What was paid for an order, to print.
pub fn receipt(number: &OrderNumber) -> String {
    format!("/orders/{number}/receipt")
}

/// The reader's orders, from where a page goes on.
pub fn my_orders(before: &Cursor) -> String {
    with(MY_ORDERS, &[("before", &before.to_string())])
}

/// The reader's tickets, from where a page goes on.
pub fn my_tickets(after: &Cursor) -> String {
    with(MY_TICKETS, &[("after", &after.to_string())])
}

/// A ticket's code, to show at the gate.
pub fn ticket_qr(ticket: TicketId) -> String {
    format!("/tickets/{ticket}/qr.svg")
}

/// A ticket as an entry of a calendar.
pub fn ticket_calendar(ticket: TicketId) -> String {
    format!("/tickets/{ticket}/calendar.ics")
}

/// What was changed of an event.
pub fn changes(event: EventId) -> String {
    format!("/events/{event}/changes")
}

/// What was changed of it before.
pub fn older_changes(event: EventId, next: &Cursor) -> String {
    format!("/events/{event}/changes?before={next}")
}

/// An event to pass on.
pub fn share(event: EventId) -> String {
    format!("/events/{event}/share")
}

/// A page of an event's chat: its lines before a number.
pub fn older_chat(event: EventId, number: u64) -> String {
    format!("/events/{event}/messages?before={number}")
}

/// For whoever looks after an event's chat: who may not speak there.
pub fn muted(event: EventId) -> String {
    format!("/creator/events/{event}/muted")
}

/// The same from where a page goes on.
pub fn more_muted(event: EventId, before: &Cursor) -> String {
    with(&muted(event), &[("before", &before.to_string())])
}

/// The admin's reported lines from where a page goes on.
pub fn reports(after: &Cursor) -> String {
    with(REPORTS, &[("after", &after.to_string())])
}

/// The admin's markets from where a page goes on.
pub fn market_lists(before: &Cursor) -> String {
    with(MARKET_LISTS, &[("before", &before.to_string())])
}

/// For admins: a single market.
pub fn correct_market(market: MarketId) -> String {
    format!("{MARKET_LISTS}/{market}")
}

/// The reviews of an event that a query asks for.
pub fn reviews(event: EventId, query: &ReviewsQuery) -> String {
    let (order, after) = (query.order.name(), text(query.after.as_ref()));
    with(&format!("/events/{event}/reviews"), &[("order", order), ("after", &after)])
}

/// The reviews of everything that somebody sells, as a query asks for.
pub fn seller_reviews(seller: MemberId, query: &ReviewsQuery) -> String {
    let (order, after) = (query.order.name(), text(query.after.as_ref()));
    with(&format!("/creators/{seller}/reviews"), &[("order", order), ("after", &after)])
}

/// For admins: reviews that were reported, or those that are hidden, from where a page goes on.
pub fn reported_reviews(hidden: bool, after: Option<&Cursor>) -> String {
    let show = if hidden { "hidden" } else { "" };
    with(REPORTED_REVIEWS, &[("show", show), ("after", &text(after))])
}

/// A creator's own sale over time.
pub fn sale_curves(event: EventId) -> String {
    format!("/creator/events/{event}/sale")
}

/// The admin's appeals from where a page goes on.
pub fn appeals(after: &Cursor) -> String {
    with(APPEALS, &[("after", &after.to_string())])
}

/// Lines of an event's chat before a number.
pub fn chat_before(event: EventId, number: u64) -> String {
    format!("/events/{event}/chat?before={number}")
}

/// One of the reader's own events as it goes.
pub fn pulse(event: EventId) -> String {
    format!("/events/{event}/pulse")
}

/// Where the button is pressed.
pub fn enter(event: EventId) -> String {
    format!("/events/{event}/enter")
}

/// An event's address as a QR code; `form` is `svg` or `png`.
pub fn qr(event: EventId, form: &str) -> String {
    format!("/events/{event}/qr.{form}")
}

/// Where a payment is approved, as a QR code for another device.
pub fn payment_qr(payment: PaymentId) -> String {
    format!("/payments/{payment}/qr.svg")
}

/// Where a payment is approved at the sandbox.
pub fn sandbox(payment: SandboxId) -> String {
    format!("/sandbox/pay/{payment}")
}

/// The picture that is drawn of an event, or of the site, for other sites to show.
#[cfg(feature = "ssr")]
pub fn preview(event: Option<EventId>, lang: Lang) -> String {
    let page = event.map(room).unwrap_or_default();
    format!("{page}/preview.png?lang={}", lang.code())
}

/// The creator's table of entrants as a file; `form` is `csv` or `xlsx`.
pub fn table(event: EventId, form: &str) -> String {
    format!("/events/{event}/table/entrants.{form}")
}

/// The creator's own event: who entered, and where their prizes go.
pub fn creator_event(event: EventId) -> String {
    format!("/creator/events/{event}")
}

/// The entrants that a query asks for.
pub fn entrants(event: EventId, query: &EntrantsQuery) -> String {
    let show = if query.winners { "winners" } else { "all" };
    let order = if query.backwards { "last" } else { "first" };
    let after = text(query.after.as_ref());
    with(&creator_event(event), &[("show", show), ("order", order), ("find", &query.find), ("after", &after)])
}

/// What a creator sold, from where a page of it goes on.
pub fn sales(before: &Cursor) -> String {
    with(SALES, &[("before", &before.to_string())])
}

/// The week of hours, and of a creator's own, that a query asks for.
pub fn slots(query: &SlotsQuery) -> String {
    let day = query.day.map(|day| day.to_local()[..10].to_owned()).unwrap_or_default();
    with(
        SLOTS,
        &[("day", &day), ("show", if query.past { "past" } else { "" }), ("after", &text(query.after.as_ref()))],
    )
}

/// A creator's statements as a file; `form` is `csv` or `xlsx`.
pub fn statements(form: &str) -> String {
    format!("/creator/sales/statements.{form}")
}

/// The orders of a creator's own sale, from where a page goes on.
pub fn sold_orders(event: EventId, show: Show, after: Option<&Cursor>) -> String {
    with(&format!("/creator/events/{event}/orders"), &[("show", show.name()), ("after", &text(after))])
}

/// The same as a file; `form` is `csv` or `xlsx`.
pub fn orders_table(event: EventId, form: &str) -> String {
    format!("/events/{event}/orders/orders.{form}")
}

/// The form for changing an event.
pub fn edit_event(event: EventId) -> String {
    format!("/creator/events/{event}/edit")
}

/// The form for an event like another.
pub fn event_like(event: EventId) -> String {
    format!("{NEW_EVENT}?like={event}")
}

/// A creator's own events of a stage, from where a page goes on.
pub fn creator_stage(stage: Stage, before: Option<&Cursor>) -> String {
    let before = text(before);
    with(CREATOR_EVENTS, &[("stage", stage.name()), ("before", &before)])
}

/// A creator as everybody sees them, with their events from where a page goes on.
pub fn creator(member: MemberId, before: Option<&Cursor>) -> String {
    let before = text(before);
    with(&format!("/creators/{member}"), &[("before", &before)])
}

/// The reader's own entries, from where a page goes on.
pub fn my_entries(came: Came, before: Option<&Cursor>) -> String {
    let before = text(before);
    with(MY, &[("came", came.name()), ("before", &before)])
}

/// The reader's notices from where a page goes on.
pub fn notices(before: &Cursor) -> String {
    with(NOTICES, &[("before", &before.to_string())])
}

/// Signing in, to go on to another address of the site.
pub fn sign_in(next: &str) -> String {
    with(SIGN_IN, &[("next", next)])
}

/// Where somebody sets out to sign in by Kakao, to go on to another address of the site.
pub fn kakao(next: &str) -> String {
    with("/sign-in/kakao", &[("next", next)])
}

/// Signing in, where that did not come to anything.
pub fn kakao_failed(next: &str, why: KakaoFailure) -> String {
    with(SIGN_IN, &[("next", next), (KAKAO_FAILED, why.name())])
}

/// How the reader signs in, where connecting Kakao did not come to anything.
pub fn kakao_not_connected(why: KakaoFailure) -> String {
    with(ACCOUNT, &[(KAKAO_FAILED, why.name())])
}

/// Signing up, to go on to another address of the site.
pub fn sign_up(next: &str) -> String {
    with(SIGN_UP, &[("next", next)])
}

fn text(cursor: Option<&Cursor>) -> String {
    cursor.map(Cursor::to_string).unwrap_or_default()
}

/// A path with those parameters that are not empty.
fn with(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(if address.len() == path.len() { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        encode(value, &mut address);
    }
    address
}

/// Writes a value into a query: percent-encoded but for what RFC 3986 leaves unreserved, and `/`, which stays readable.
fn encode(value: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            into.push(byte.into());
        } else {
            into.push('%');
            into.push(HEX[usize::from(byte >> 4)].into());
            into.push(HEX[usize::from(byte & 15)].into());
        }
    }
}

/// The page at an address, without the form that was sent there: what is answered to a press is the room's page, and nothing
/// leads to another site, however many slashes an address begins with.
pub fn page_of(path: &str, query: &str) -> String {
    let path = path.trim_start_matches('/');
    let path = path.strip_suffix("/enter").filter(|page| page.starts_with("events/")).unwrap_or(path);
    let of_a_form = |part: &&str| part.starts_with("do=") || part.starts_with("form=");
    let parts = query.trim_start_matches('?').split('&').filter(|part| !part.is_empty() && !of_a_form(part));
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { format!("/{path}") } else { format!("/{path}?{}", parts.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let query =
            NearbyQuery { category: Some(ItemCategory::Sauces), open: true, ..NearbyQuery::around(at, 3).unwrap() };
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
        assert_eq!(
            page_of("/creator/events/x", "?show=winners&do=send-prize&form=7"),
            "/creator/events/x?show=winners"
        );
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
                ACCOUNT.into(),
                TOKENS.into(),
                kakao_not_connected(KakaoFailure::Away),
                KAKAO_JOIN.into(),
                KAKAO_NEW.into(),
                kakao_failed("/my?came=won#x", KakaoFailure::Over),
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
                older_party_lines(PartyId(uuid::Uuid::nil()), 7),
                MY_PARTIES.into(),
                my_parties(&page),
                MY_PHONE.into(),
                phone_for(PartyId(uuid::Uuid::nil())),
                new_event(Kind::Deal),
                NOTICES.into(),
                NOTICE_SETTINGS.into(),
                DELIVERY.into(),
                "/mail/stop/token".into(),
                CREATOR_EVENTS.into(),
                CREATOR_PROFILE.into(),
                BUSINESS.into(),
                SALES.into(),
                sales(&page),
                SLOTS.into(),
                slots(&SlotsQuery { day: Some(model::Time(0)), past: true, after: Some(page.clone()) }),
                WEBHOOKS.into(),
                SLOT_INCOME.into(),
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
                SIGN_IN.into(),
                SIGN_UP.into(),
                room(event),
                chat(event),
                board(event),
                board_at(event, 101),
                entry(event, 7),
                result(event),
                changes(event),
                older_changes(event, &page),
                share(event),
                older_chat(event, 7),
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
                let fits =
                    |pattern: &&&'static str| matches(pattern, &path(page)) && (!exact || **pattern == path(page));
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
                chat_before(event, 7),
                pulse(event),
                items("올리브"),
                party_receipt(PartyId(uuid::Uuid::nil())),
                LIVE.into(),
                kakao("/my"),
                KAKAO_CONNECT.into(),
                API.into(),
                preview(Some(event), Lang::Ko),
                preview(None, Lang::En),
            ] {
                assert!(!patterns.iter().any(|pattern| matches(pattern, &path(&file))), "{file}");
            }
            let unnamed: Vec<_> =
                patterns.iter().filter(|pattern| !pages.iter().any(|page| matches(pattern, &path(page)))).collect();
            assert!(unnamed.is_empty(), "no address leads to {unnamed:?}");
        }
    }
}
