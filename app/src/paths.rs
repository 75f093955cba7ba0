//! Every address of the site that is not a change, written once: pages and files. Names say where one comes to.

#[cfg(feature = "ssr")]
use crate::texts::Lang;
use model::{
    AddressId, Came, Category, Coordinates, Cursor, DealsQuery, EntrantsQuery, EventId, ItemCategory, ItemId, Kind,
    MarketId, MemberId, OrderNumber, PartyId, PaymentId, PictureId, SandboxId, Stage, TicketId, TicketsQuery,
    addresses::FoundAddress,
    administration::{AuditAction, AuditQuery, Listed, MembersQuery, MembersShown},
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
/// What the reader is called, and their picture.
pub const MY_PROFILE: &str = "/my/profile";
/// The reader's address book.
pub const ADDRESSES: &str = "/my/addresses";
/// The tokens of the reader's own programs.
pub const TOKENS: &str = "/my/tokens";
/// What programs can ask for, to be read by people.
pub const API: &str = "/api";
/// Where a member sets out to connect Kakao.
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
pub const CHANNELS: &str = "/notices/delivery";
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
/// For admins: what waits.
pub const ADMIN: &str = "/admin";
/// For admins: members.
pub const MEMBERS: &str = "/admin/members";
/// For admins: everybody's events.
pub const ADMIN_EVENTS: &str = "/admin/events";
/// For admins: orders, and money that did not arrive.
pub const ADMIN_ORDERS: &str = "/admin/orders";
/// For admins: everybody's parties.
pub const ADMIN_PARTIES: &str = "/admin/parties";
/// For admins: items of the catalogue.
pub const ADMIN_ITEMS: &str = "/admin/items";
/// For admins: what was done to others.
pub const AUDIT: &str = "/admin/audit";
/// Signing in.
pub const SIGN_IN: &str = "/sign-in";
/// In the query of the sign-in: whoever comes there has signed up.
pub const JOINED: &str = "joined";
/// How the reader signs in, what they agreed to, and what is kept of them.
pub const ACCOUNT: &str = "/my/account";
/// What is kept of the reader, as a file.
pub const MY_DATA: &str = "/my/data.json";
/// Before the reader leaves.
pub const LEAVE: &str = "/my/leave";
/// The terms of use.
pub const TERMS: &str = "/terms";
/// What is kept of people, and why.
pub const PRIVACY: &str = "/privacy";
/// Where a link leads that makes an admin.
pub const ADMIN_JOIN: &str = "/admin/join";
/// Where a link to set another password is asked for.
pub const FORGOT: &str = "/forgot";
/// The same, once that was done.
pub const FORGOT_SENT: &str = "/forgot?sent=yes";
/// Where such a link leads.
pub const NEW_PASSWORD: &str = "/forgot/new";
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

/// A member's picture.
pub fn face(picture: PictureId) -> String {
    format!("/pictures/{picture}/face.jpg")
}

/// A member's picture beside their name.
pub fn face_small(picture: PictureId) -> String {
    format!("/pictures/{picture}/face-small.jpg")
}

/// The address book with one of its addresses to be changed.
pub fn edit_address(id: AddressId) -> String {
    format!("{}#new", with(ADDRESSES, &[("edit", &id.to_string())]))
}

/// The address book with a road address that was found, for a new address or for the one that is being changed.
pub fn found_address(found: &FoundAddress, editing: Option<AddressId>) -> String {
    let edit = editing.map(|id| id.to_string()).unwrap_or_default();
    let found = [("postcode", found.postcode.as_str()), ("address", found.address.as_str()), ("edit", edit.as_str())];
    format!("{}#new", with(ADDRESSES, &found))
}

/// Road addresses that may be meant by what is being typed.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
pub fn address_suggestions(typed: &str) -> String {
    with("/my/addresses/suggestions", &[("q", typed)])
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

/// A party with what was said in it before, from where its lines go on.
pub fn older_party_lines(party: PartyId, before: &Cursor) -> String {
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

/// A page of an event's chat, from where its lines go on.
pub fn older_chat(event: EventId, before: &Cursor) -> String {
    format!("/events/{event}/messages?before={before}")
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

/// For admins: the members that a query asks for.
pub fn members(query: &MembersQuery) -> String {
    let show = if query.show == MembersShown::All { "" } else { query.show.name() };
    with(MEMBERS, &[("show", show), ("find", &query.find), ("before", &text(query.before.as_ref()))])
}

/// For admins: a member.
pub fn admin_member(member: MemberId) -> String {
    format!("{MEMBERS}/{member}")
}

/// For admins: everybody's events, or parties, from where a page goes on; `page` is its address.
pub fn admin_listed(page: &str, listed: Listed, after: Option<&Cursor>) -> String {
    let show = if listed == Listed::All { "" } else { listed.name() };
    with(page, &[("show", show), ("after", &text(after))])
}

/// For admins: an order.
pub fn admin_order(number: &OrderNumber) -> String {
    format!("{ADMIN_ORDERS}/{number}")
}

/// For admins: money that did not arrive, from where a page goes on.
pub fn admin_refunds(after: &Cursor) -> String {
    with(ADMIN_ORDERS, &[("after", &after.to_string())])
}

/// For admins: items from where a page goes on.
pub fn admin_items(before: &Cursor) -> String {
    with(ADMIN_ITEMS, &[("before", &before.to_string())])
}

/// For admins: a single item.
pub fn correct_item(item: ItemId) -> String {
    format!("{ADMIN_ITEMS}/{item}")
}

/// For admins: what was done to others, as a query asks for it.
pub fn audit(query: &AuditQuery) -> String {
    let member = |member: Option<MemberId>| member.map(|member| member.to_string()).unwrap_or_default();
    let action = query.action.map_or("", AuditAction::name);
    with(
        AUDIT,
        &[
            ("by", &member(query.by)),
            ("member", &member(query.member)),
            ("action", action),
            ("before", &text(query.before.as_ref())),
        ],
    )
}

/// The link that makes an admin of the first who opens it. In the query: paths stand in logs.
pub fn admin_link(token: &str) -> String {
    with(ADMIN_JOIN, &[("token", token)])
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

/// Lines of an event's chat, from where they go on.
pub fn chat_before(event: EventId, before: &Cursor) -> String {
    format!("/events/{event}/chat?before={before}")
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

/// What a home screen has of the site.
#[cfg(feature = "ssr")]
pub fn manifest(lang: Lang) -> String {
    with("/manifest.webmanifest", &[("lang", lang.code())])
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

/// A version of a document at an address.
pub fn document(path: &str, version: u32) -> String {
    with(path, &[("version", &version.to_string())])
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

/// What of a page's query makes it another page for everybody; all else is about how its reader came there.
#[cfg(feature = "ssr")]
const TELLING: [&str; 9] = ["day", "show", "category", "after", "before", "from", "item", "kind", "q"];

/// The one address of a page, of all by which it is found.
#[cfg(feature = "ssr")]
pub fn canonical(here: &str) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let is_telling = |part: &&str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        TELLING.contains(&name) && !value.is_empty()
    };
    let parts: Vec<_> = query.split('&').filter(is_telling).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

#[cfg(test)]
mod tests;
