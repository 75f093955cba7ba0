//! What is sold as cards: price, how long, how many are left, and a heart.

use crate::{
    boot::lang,
    components::{kind_name, words},
    features::wishes::Heart,
    later::later,
    live::Ticker,
    paths,
    texts::Lang,
};
use leptos::prelude::*;
use model::{EventState, HOUR, Kind, MINUTE, SaleCard, Span, Time, sales::WISHES_COUNTED};

/// How many cards a phone shows at once: their pictures are not waited for.
const FIRST: usize = 2;

/// What is sold, in order, each an item of a list.
#[component]
pub fn SaleCards(
    /// In order.
    cards: Vec<SaleCard>,
    /// The page's clock.
    ticker: Ticker,
) -> impl IntoView {
    let tile = |(i, sale): (usize, SaleCard)| {
        later(move || view! { <li class="sale"><Tile sale ticker later={i >= FIRST} /></li> })
    };
    cards.into_iter().enumerate().map(tile).collect_view()
}

/// "45% 14,850원" with the list price struck through.
pub fn price_text(price: i64, list_price: i64, discount: i64) -> impl IntoView {
    let t = lang();
    let off = (discount > 0).then(|| view! { <em>{t.percent_off(discount)}</em>" " });
    let was = (discount > 0).then(|| {
        view! { " "<s><span class="visually-hidden">{t.list_price_was()}" "</span>{t.price(list_price)}</s> }
    });
    view! { <span class="price">{off}<b>{t.price(price)}</b>{was}</span> }
}

/// How long is left, in the largest unit that says enough.
fn about(left: Span) -> String {
    let t = lang();
    if left >= HOUR { t.about_hours(left / HOUR) } else { t.about_minutes((left / MINUTE).max(1)) }
}

/// When it opens, or how long it is open: what stands on the picture at `at`.
fn standing(sale: &SaleCard, now: Time, at: Time) -> String {
    let t = lang();
    let moments = &sale.event.moments;
    let (opens, closes) = (moments.opens_at, moments.closes_at);
    if let EventState::Cancelled | EventState::Suspended = sale.event.state {
        return t.event_state(sale.event.state).to_owned();
    }
    if at < opens {
        let left = opens - at;
        let o = opens.civil();
        return match left < HOUR {
            true => t.countdown(left).0,
            false if opens.day() == now.day() => format!("{:02}:{:02}", o.hour, o.minute),
            false => t.moment(opens),
        };
    }
    if at < closes { t.time_left(about(closes - at)) } else { t.is_over().to_owned() }
}

/// How many of its kind: "300개".
fn units(t: Lang, kind: Kind, count: u64) -> String {
    match kind {
        Kind::Deal => t.units_deal(count),
        Kind::Ticket => t.units_ticket(count),
        Kind::Giveaway => t.places(count),
    }
}

/// How many of a sale are left, and how many are being paid for: those may come back.
pub fn left(t: Lang, kind: Kind, left: u64, paying: u64) -> String {
    let paying = (paying > 0).then(|| t.being_paid(units(t, kind, paying)));
    let left = match (left, kind) {
        (0, _) if paying.is_some() => None,
        (0, Kind::Ticket) => Some(t.sold_out_ticket().to_owned()),
        (0, _) => Some(t.sold_out().to_owned()),
        (left, Kind::Ticket) => Some(t.left_ticket(left)),
        (left, _) => Some(t.left_deal(left)),
    };
    left.into_iter().chain(paying).collect::<Vec<_>>().join(" · ")
}

/// The same of a card, which knows how quickly the last one went.
pub fn left_of(t: Lang, sale: &SaleCard) -> String {
    let kind = sale.event.kind;
    match sale.gone_in.filter(|_| sale.is_sold_out()) {
        None => left(t, kind, sale.left, sale.paying),
        Some(span) if kind == Kind::Ticket => t.sold_out_ticket_in(t.took(span)),
        Some(span) => t.sold_out_in(t.took(span)),
    }
}

/// What is said of how many there are.
fn stock(sale: &SaleCard) -> String {
    let t = lang();
    let (kind, capacity) = (sale.event.kind, sale.event.capacity);
    match sale.event.state {
        EventState::Scheduled | EventState::Draft => units(t, kind, capacity),
        EventState::Cancelled => t.event_cancelled().to_owned(),
        EventState::Suspended => t.event_suspended().to_owned(),
        _ if kind == Kind::Giveaway => t.entered_of(sale.event.total, capacity),
        EventState::Open | EventState::Full => left_of(t, sale),
        _ if sale.left == 0 => left_of(t, sale),
        EventState::Closed | EventState::Settled if sale.left == capacity => t.is_over().to_owned(),
        EventState::Closed | EventState::Settled => {
            t.sold_of(capacity.saturating_sub(sale.left + sale.paying), units(t, kind, capacity))
        }
    }
}

#[component]
fn Tile(sale: SaleCard, ticker: Ticker, later: bool) -> impl IntoView {
    let t = lang();
    let event = sale.event.clone();
    let now = ticker.at;
    let sold = event.kind != Kind::Giveaway && sale.is_sold_out();
    let moments = sale.clone();
    // At first what the server said, as whoever takes it over finds it.
    let chip = Memo::new(move |before: Option<&String>| {
        let at = ticker.seconds.get();
        standing(&moments, now, if before.is_none() { now } else { at })
    });
    let live = matches!(event.state, EventState::Open | EventState::Full) && !sold;
    let picture = match &event.card {
        Some(source) => {
            let source = source.clone();
            view! { <img src=source alt="" loading=later.then_some("lazy") width="320" height="320" /> }.into_any()
        }
        None => view! { <span class="nopic" aria-hidden="true">{kind_name(event.kind)}</span> }.into_any(),
    };
    let held = sale.held.clone().map(|(place, at)| {
        view! { <small class="held">{t.day_and_time(at, now)}" · "{place}</small> }
    });
    let price = match event.kind {
        Kind::Giveaway => view! { <span class="price"><b>{kind_name(Kind::Giveaway)}</b></span> }.into_any(),
        _ => price_text(sale.price, sale.list_price, sale.discount).into_any(),
    };
    let part = (sale.left * 100 / event.capacity.max(1)).to_string();
    let bar = (live && event.kind == Kind::Deal).then(|| {
        view! {
            <svg class="stock" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect width="100" height="4" rx="2" />
                <rect class="full" width=part height="4" rx="2" />
            </svg>
        }
    });
    let wished = RwSignal::new(sale.wished);
    // With the reader's own as they see it now.
    let others = sale.wishes - u64::from(sale.wished).min(sale.wishes);
    let wishes = move || {
        let count = others + u64::from(wished.get());
        let more = if count >= WISHES_COUNTED { "+" } else { "" };
        (count > 0).then(|| format!(" · {}{more}", t.wishes(count)))
    };
    let class = if live { "chip live" } else { "chip" };
    let stock = stock(&sale);
    let left = words(move || format!("{stock}{}", wishes().unwrap_or_default()));
    view! {
        <a class="card" href=paths::room(event.id)>
            <span class="pic" class:sold=sold>{picture}<em class=class inner_html=words(move || chip.get()) /></span>
            <strong>{event.title.clone()}</strong>
            {price}
            {held}
            {bar}
            <small inner_html=left />
        </a>
        <Heart event=event.id title=event.title wished />
    }
}
