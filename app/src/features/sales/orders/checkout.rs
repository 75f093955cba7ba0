//! `/events/{id}/checkout`: how many, beforehand; the line while one waits; and paying, when it is one's turn.

use super::{
    functions::{ChooseUnits, LeaveLine, PayOrder},
    parts::left,
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::words,
    features::{
        addresses::{WhereTo, functions::SaveAddress},
        payments::Ways,
        sales::refunds::refund_table,
        sellers::Imprint,
    },
    forms::{ChangeForm, Field, FormState},
    head,
    live::{Ticker, read_again_at, read_again_every, read_again_unless, read_again_when_told},
    paths,
    texts::{Lang, number, seconds_ms},
};
use leptos::{html, prelude::*};
use model::{
    AddressBook, Entry, EntryError, EntryState, Error, EventId, EventState, Kind, LinePlace, Minutes, Offer,
    PaymentState, PaymentView, SECOND, Span, Time,
    sales::{OrderEvent, OrderState, OrderStep, OrderView, SaleView},
};

/// Reads where the reader stands in a sale.
///
/// # Errors
/// As [`engine::pages::Pages::sale`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<SaleView> {
    let event = asked.named("id")?;
    let mut sale = asked.reader.engine.pages.sale(event, &asked.reader.actor).await?;
    // Whoever began to pay may still have it sent elsewhere.
    if asked.query("change").is_some() {
        sale.payment = None;
    }
    Ok(sale)
}

/// The page of the line and checkout.
pub fn view(sale: SaleView) -> impl IntoView {
    let t = lang();
    let title = sale.event.title.clone();
    let room = paths::room(sale.event.id);
    head::title(format!("{} · {title}", t.checkout()));
    let ticker = Ticker::start(sale.now);
    let practice = sale.sandbox.then(|| view! { <p class="banner" role="note"><b>{t.no_money_moves()}</b></p> });
    let business = sale.business.clone().map(|business| view! { <Imprint t business /> });
    let body = match &sale.entry {
        None => view! { <Beforehand sale=sale.clone() /> }.into_any(),
        Some(entry) => match standing(entry, sale.order.as_ref()) {
            EntryState::Standby | EntryState::Given => {
                view! { <Waiting sale=sale.clone() entry=*entry ticker /> }.into_any()
            }
            EntryState::Checkout => view! { <Paying sale=sale.clone() entry=*entry ticker /> }.into_any(),
            state => view! { <Over sale=sale.clone() state /> }.into_any(),
        },
    };
    view! {
        <section class="narrow checkout">
            <h1><a href=room.clone()>{title}</a></h1>
            {practice}
            {body}
            {business}
            <p class="aside"><a href=room>{t.see_room()}</a></p>
        </section>
    }
}

/// Where the reader stands: what became of the order in checkout, which its entry follows a moment later.
fn standing(entry: &Entry, order: Option<&OrderView>) -> EntryState {
    let Some(order) = order.filter(|_| entry.state == EntryState::Checkout) else { return entry.state };
    match order.line.state {
        OrderState::AwaitingPayment => EntryState::Checkout,
        OrderState::Cancelled => match order.history.last() {
            Some(OrderStep { what: OrderEvent::Expired, .. }) => EntryState::Expired,
            _ => EntryState::Left,
        },
        OrderState::Refunded => EntryState::Refunded,
        _ => EntryState::Paid,
    }
}

/// How many of its kind: "2개", "2장".
fn units(t: Lang, kind: Kind, count: u32) -> String {
    if kind == Kind::Ticket { t.count_tickets(u64::from(count)) } else { t.count_pieces(u64::from(count)) }
}

/// Before one has entered: how many a press is to mean.
#[component]
fn Beforehand(sale: SaleView) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<ChooseUnits>();
    let open = matches!(sale.event.state, EventState::Scheduled | EventState::Open | EventState::Full);
    let how_many = open.then(|| how_many(t, form, &sale));
    let form = open.then(|| {
        view! {
            <ChangeForm state=form class="choice">
                <input type="hidden" name="event" value=sale.event.id.to_string() />
                {how_many}
                <label class="consent">
                    <input type="checkbox" name="fewer" value="yes" checked=sale.wish.fewer />
                    <span>{t.fewer_would_do()}</span>
                </label>
                <p class="note">{t.choice_hint()}</p>
                <button class="btn go">{t.choose()}</button>
            </ChangeForm>
        }
    });
    let over = (!open).then(|| {
        let is_stopped = sale.event.state == EventState::Suspended;
        view! { <p class="sub">{if is_stopped { t.event_suspended() } else { t.sale_over() }}</p> }
    });
    let address = (open && sale.event.kind == Kind::Deal).then(|| view! { <Address book=sale.addresses.clone() /> });
    view! { <p class="sub">{t.not_entered()}</p>{form}{address}{over} }
}

/// How many a field says, as keyboards write it; 0 where that is no number, and the most there is where it is a larger one. The server
/// reads some more, by tables that the browser is spared.
fn count(typed: &str) -> u32 {
    let narrow = |c| match c {
        '\u{FF10}'..='\u{FF19}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    };
    let is_written = |c: &char| !matches!(c, ',' | '，') && !c.is_whitespace();
    let digits: String = typed.chars().filter(is_written).map(narrow).collect();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().unwrap_or(if is_number { u32::MAX } else { 0 })
}

/// A field for how many, with a press for one more or one fewer beside it, and what so many cost, or that they are too many. Without
/// scripts it is the field alone, under which stands what one costs.
fn how_many(t: Lang, form: FormState, sale: &SaleView) -> impl IntoView + use<> {
    let (kind, limit, price) = (sale.event.kind, sale.limit, sale.price);
    let value = form.value("quantity").unwrap_or_else(|| sale.wish.quantity.to_string());
    let (typed, input) = (RwSignal::new(value.clone()), NodeRef::<html::Input>::new());
    let in_field = |typed: &String| count(typed);
    let step = move |by: i32| {
        let to = typed.with_untracked(in_field).saturating_add_signed(by).clamp(1, limit.max(1)).to_string();
        if let Some(input) = input.get_untracked() {
            input.set_value(&to);
        }
        typed.set(to);
    };
    // Said and not made so: whoever comes to the end by the keyboard stays where they are.
    let fewest = move || (typed.with(in_field) <= 1).then_some("true");
    let most = move || (typed.with(in_field) >= limit).then_some("true");
    let up_to = if kind == Kind::Ticket { t.at_most_ticket(limit.into()) } else { t.at_most_deal(limit.into()) };
    let too_many = up_to.clone();
    let said = move || match typed.with(in_field) {
        0 => String::new(),
        many if many <= limit => format!("{} · {}", units(t, kind, many), t.price(price.saturating_mul(many.into()))),
        _ => too_many.clone(),
    };
    let refused = move || form.error.with(|error| matches!(error, Some(Error::Entry(EntryError::Quantity))));
    let wrong = Signal::derive(move || typed.with(in_field) > limit || refused());
    let each = if price > 0 { format!("{} · ", t.won_each(price as u64)) } else { String::new() };
    view! {
        <div class="stepper">
            <button type="button" aria-label=t.one_fewer() aria-disabled=fewest on:click=move |_| step(-1)>"−"</button>
            <Field form name="quantity" label=t.how_many() hint=format!("{each}{} {up_to}", t.term_limit()) inputmode="numeric"
                required=true value typed wrong input />
            <button type="button" aria-label=t.one_more() aria-disabled=most on:click=move |_| step(1)>"+"</button>
            <output for="quantity" class="by-scripts" inner_html=words(said) />
        </div>
    }
}

/// Where goods go, known before it is one's turn.
#[component]
fn Address(book: AddressBook) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<SaveAddress>();
    view! {
        <ChangeForm state=form class="claim">
            <h2>{t.where_to()}</h2>
            <p class="note">{t.where_to_hint()}</p>
            <WhereTo form book given=None goods=true save=false />
            <button class="btn">{t.save_address()}</button>
        </ChangeForm>
    }
}

/// In the line: one's number, exactly how many are ahead, and about how long.
#[component]
fn Waiting(sale: SaleView, entry: Entry, ticker: Ticker) -> impl IntoView {
    let t = lang();
    let given = entry.state == EntryState::Given;
    let place = sale.place.unwrap_or(LinePlace { number: 1, ahead: 0, ahead_units: 0 });
    let (stands, told) = (RwSignal::new((place, sale.minutes)), RwSignal::new(false));
    follow(sale.event.id, given, stands, told);
    read_again_unless(told, place.ask_again());
    // That it is their turn, also where no socket gets through.
    read_again_when_told();
    let minutes = move || match stands.get().1 {
        Some(minutes) => t.line_minutes(u64::from(minutes.from), u64::from(minutes.to)),
        None => t.line_unknown().to_owned(),
    };
    // What is heard of it: each half minute, since steps may come each second.
    let half_minute = Memo::new(move |_| ticker.seconds.get().since(Time(0)) / (30 * SECOND));
    let heard = move || {
        half_minute.track();
        let (place, _) = stands.get_untracked();
        format!("{}{}, {}", number(place.number), t.line_suffix(), t.line_ahead(place.ahead))
    };
    let hint = if given {
        t.line_given(units(t, sale.event.kind, entry.units))
    } else {
        t.line_standby(units(t, sale.event.kind, entry.quantity))
    };
    view! {
        <section class="line" aria-live="polite">
            <p class="eyebrow">{t.line_title()}</p>
            <p class="visually-hidden" inner_html=words(heard) />
            <p class="rank" aria-live="off">
                <span inner_html=words(move || number(stands.get().0.number)) /><small>{t.line_suffix()}</small>
            </p>
            <p class="words" aria-live="off">
                <b inner_html=words(move || t.line_ahead(stands.get().0.ahead)) />" · "
                <span inner_html=words(minutes) />
            </p>
            <p class="sub">{hint}</p>
            <p class="note">{t.line_kept()}</p>
        </section>
        <Leave event=sale.event.id label=t.leave_line() />
    }
}

/// Takes in each step of the line as it is told, for as long as the page is there.
#[cfg(feature = "hydrate")]
fn follow(event: EventId, given: bool, stands: RwSignal<(LinePlace, Option<Minutes>)>, told: RwSignal<bool>) {
    use crate::api::Changed;
    use model::live::{ToBrowser, ToServer};
    let Changed(changed) = expect_context();
    let connected = RwSignal::new(false);
    // Only a place that was told makes asking needless: not that something answers there.
    Effect::new(move |_| {
        if !connected.get() {
            told.set(false);
        }
    });
    let came = move |message| {
        match message {
            ToBrowser::Line { place: Some(place), minutes, .. } => {
                stands.set((place, minutes));
                told.set(true);
            }
            // It is their turn, or they do not wait any more: read soon. Should that be lost, the page asks on.
            ToBrowser::Line { .. } => {
                // At once where they were nearly there. The end of a sale is told to everybody in the same second, and a page
                // that a node answered which lags behind is told anew as soon as it is there.
                let near = told.get_untracked() && stands.with_untracked(|(place, _)| place.ahead < 10);
                told.set(false);
                let wait = if near { 0 } else { 1_000 + (js_sys::Math::random() * 2_000.0) as u64 };
                let read = move || {
                    // Unless that has happened by now.
                    if told.try_get_untracked() == Some(false) {
                        changed.update(|count| *count += 1);
                    }
                };
                set_timeout(read, std::time::Duration::from_millis(wait));
            }
            // They are signed out, or cannot be told for now.
            ToBrowser::Refused { .. } => told.set(false),
            _ => {}
        }
        None
    };
    Effect::new(move |_| crate::live::follow(connected, move || vec![ToServer::FollowLine { event, given }], came));
}

#[cfg(not(feature = "hydrate"))]
fn follow(_: EventId, _: bool, _: RwSignal<(LinePlace, Option<Minutes>)>, _: RwSignal<bool>) {}

/// One's turn: until when, for how much, where to.
#[component]
fn Paying(sale: SaleView, entry: Entry, ticker: Ticker) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<PayOrder>();
    let due_at = entry.due_at().unwrap_or_default();
    let paying = sale.order.as_ref().is_some_and(|order| order.paying);
    let approving = sale.payment.clone().filter(|payment| payment.state == PaymentState::Prepared && !paying);
    if paying || approving.is_some() || due_at <= sale.now {
        read_again_every(2 * SECOND);
    } else {
        read_again_at(due_at, ticker);
    }
    let amount = sale.price.saturating_mul(i64::from(entry.units));
    let refunds = match sale.offer {
        Offer::Ticket { refunds, .. } => Some(refund_table(t, refunds)),
        _ => None,
    };
    // What is left of the time that the order gave.
    let held = sale.order.as_ref().map_or(SECOND, |order| due_at - order.line.at).max(SECOND) / SECOND;
    let time_left = move || ((due_at - ticker.seconds.get()).max(Span::ZERO) / SECOND).to_string();
    let picture = sale.event.card.clone().map(|source| view! { <img src=source alt="" width="64" height="64" /> });
    let delivery = sale.order.as_ref().map(|order| order.delivery.clone()).filter(|to| !to.name.is_empty());
    let goods = sale.event.kind == Kind::Deal;
    let form_view = if paying {
        let state = sale.payment.as_ref().map_or(PaymentState::Confirming, |payment| payment.state);
        view! { <p class="banner" role="status">{t.payment_state(state, None)}</p> }.into_any()
    } else if !sale.open {
        view! { <p class="banner bad" role="alert">{t.error_no_provider()}</p> }.into_any()
    } else if let Some(payment) = approving {
        view! { <Approving payment event=sale.event.id amount due_at /> }.into_any()
    } else {
        let heading = goods.then(|| view! { <h2>{t.where_to()}</h2> });
        view! {
            <ChangeForm state=form class="claim">
                <input type="hidden" name="event" value=sale.event.id.to_string() />
                {heading}
                <WhereTo form book=sale.addresses.clone() given=delivery goods save=goods />
                <Ways ways=sale.ways.clone() />
                <button class="btn go">{t.pay(amount as u64)}</button>
                <button class="btn ghost wide-only" name="how" value="phone">{t.pay_by_phone()}</button>
                <p class="note">{t.leave_while_unpaid()}</p>
            </ChangeForm>
        }
        .into_any()
    };
    view! {
        <section class="deadline">
            <p class="eyebrow">{t.your_turn()}</p>
            <p class="clock" translate="no" inner_html=words(move || left(due_at - ticker.seconds.get())) />
            <progress max=held.to_string() value=time_left aria-hidden="true"></progress>
            <p class="note">{t.held_until(due_at.clock())}</p>
            <p class="note">{number(entry.rank)}{t.rank_suffix()}" · "{t.after(seconds_ms(entry.since_open))}</p>
        </section>
        <div class="bought">
            {picture}
            <p><b>{sale.event.title.clone()}</b><small>{units(t, sale.event.kind, entry.units)}" × "{t.in_won(sale.price as u64)}</small></p>
        </div>
        <dl class="sum">
            <div><dt>{t.sum()}</dt><dd><b>{t.in_won(amount as u64)}</b></dd></div>
        </dl>
        {refunds}
        <Failed payment=sale.payment.clone() />
        {form_view}
        {(!paying).then(|| view! { <Leave event=sale.event.id label=t.leave_checkout() /> })}
    }
}

/// Once the buyer began to pay: where it is approved, by the camera of a phone or here. The page goes on by itself.
#[component]
fn Approving(payment: PaymentView, event: EventId, amount: i64, due_at: Time) -> impl IntoView {
    let t = lang();
    let here =
        payment.link.map(|link| view! { <a class="btn go" href=link rel="nofollow">{t.pay_here(amount as u64)}</a> });
    view! {
        <section class="approving" role="status">
            <p class="wide-only"><b>{t.scan_to_pay()}</b></p>
            <img class="code wide-only" src=paths::payment_qr(payment.id) width="200" height="200" alt=t.payment_code() />
            <p class="note">{t.approve_until(payment.expires_at.min(due_at).clock())}</p>
            {here}
            <a class="btn small ghost" href=paths::checkout_again(event)>{t.change_delivery()}</a>
        </section>
    }
}

/// Why the payment that was tried came to nothing, and that no money stays behind.
#[component]
fn Failed(payment: Option<PaymentView>) -> impl IntoView {
    let t = lang();
    let words = |payment: PaymentView| match payment.refunded.0 {
        _ if payment.decline.is_some() => Some(t.payment_state(payment.state, payment.decline).to_owned()),
        // It was taken after its time was over.
        1.. => Some(t.paid_too_late(payment.refunded.0 as u64)),
        _ => None,
    };
    payment.and_then(words).map(|words| view! { <p class="banner bad" role="alert">{words}</p> })
}

#[component]
fn Leave(event: EventId, label: &'static str) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<LeaveLine>();
    view! {
        <details class="leave">
            <summary>{label}</summary>
            <ChangeForm state=form>
                <input type="hidden" name="event" value=event.to_string() />
                <p class="note">{t.leave_hint()}</p>
                <button class="btn small ghost">{label}</button>
            </ChangeForm>
        </details>
    }
}

/// What became of it.
#[component]
fn Over(sale: SaleView, state: EntryState) -> impl IntoView {
    let t = lang();
    let had_order = sale.order.is_some();
    // Its order is a moment behind.
    let order = sale.order.filter(|order| order.line.number.is_some());
    if sale.entry.is_some_and(|entry| entry.state != state) || state == EntryState::Paid && order.is_none() {
        read_again_every(SECOND);
    }
    let words = match state {
        EntryState::Refunded => t.all_given_back(),
        // Nobody was late, and nobody is next.
        _ if sale.event.state == EventState::Cancelled => t.event_cancelled(),
        EntryState::Paid => t.bought(),
        EntryState::Expired if had_order => t.hold_expired(),
        // Their turn never came.
        EntryState::Expired | EntryState::Lost => t.sale_over(),
        EntryState::Left => t.you_left(),
        state => t.entry_state(state),
    };
    let link = order.and_then(|order| {
        let number = order.line.number?;
        let words = if order.line.state == OrderState::Cancelled { t.see_order() } else { t.to_order() };
        Some(view! { <a class="btn go" href=paths::order(&number)>{words}</a> })
    });
    let again = sale.entry.is_some_and(|entry| Entry { state, ..entry }.may_join_again())
        && matches!(sale.event.state, EventState::Open | EventState::Full);
    let again = again.then(|| {
        let code = sale.has_code.then(|| {
            view! {
                <label for="code">{t.entry_code()}</label>
                <input id="code" name="code" placeholder=t.entry_code_hint() autocomplete="off" required />
            }
        });
        view! {
            <form class="choice" method="post" action=paths::enter(sale.event.id)>
                <p class="sub">{t.join_again()}</p>
                {code}
                <button class="btn">{t.join()}</button>
            </form>
        }
    });
    view! {
        <section class="result"><p class="words"><b>{words}</b></p></section>
        <Failed payment=sale.payment />
        {again}
        {link}
    }
}
