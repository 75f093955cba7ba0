//! `/creator/slots`: the calendar on which creators book hours for their deals, what they have yet to pay for, and the hours they have.

use super::functions::{BookHours, GiveBackHour, GiveUpHours, PayBooking};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{next_page, words},
    features::payments::Ways,
    forms::{ChangeForm, FormState},
    head,
    live::{Ticker, read_again_at, read_again_every},
    paths,
    texts::Lang,
};
use leptos::prelude::*;
use model::{
    DAY, HOUR, Kind, Page, PaymentState, PaymentView, SECOND, Time, Won,
    slots::{Cell, HORIZON, Hour, OwnHour, SlotsPage, SlotsQuery, Terms, Unpaid, runs},
};

/// Hours of a day.
const HOURS: i64 = 24;

/// Reads a week of the calendar, with the creator's own hours.
///
/// # Errors
/// For a query that names no day; as [`engine::slots::Slots::page`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<SlotsPage> {
    let query = SlotsQuery::of(asked.query("day"), asked.query("show"), asked.cursor("after"))?;
    Ok(asked.reader.engine.slots.page(&asked.reader.actor, query).await?)
}

/// The page.
pub fn view(page: SlotsPage) -> impl IntoView {
    let t = lang();
    head::title(t.slots());
    let ticker = Ticker::start(page.now);
    let Terms { price: Won(price), most } = page.terms;
    let sold = if price > 0 { t.hour_price(price as u64, most.into()) } else { t.hour_free(most.into()) };
    let practice =
        (page.sandbox && price > 0).then(|| view! { <p class="banner" role="note">{t.no_money_moves()}</p> });
    let closed = (!page.may_sell).then(|| {
        view! { <p class="banner" role="note">{t.error_business_needed()}" "<a href=paths::BUSINESS>{t.to_business()}</a></p> }
    });
    let nobody = (!page.open).then(|| view! { <p class="banner bad" role="note">{t.error_no_provider()}</p> });
    let unpaid = page.unpaid.clone().map(|unpaid| view! { <Paying unpaid now=page.now ticker /> });
    let own = view! { <Own query=page.query.clone() own=page.own.clone() now=page.now /> };
    view! {
        <section class="slots">
            <div class="head"><h1>{t.slots()}</h1><a class="btn small ghost" href=paths::new_event(Kind::Deal)>{t.open_a_deal()}</a></div>
            <p class="sub">{sold}</p>
            <p class="sub">{t.slots_hint()}</p>
            {practice}
            {closed}
            {nobody}
            {unpaid}
            <div class="two-parts"><Week page />{own}</div>
        </section>
    }
}

/// A week, every hour of it: on a phone the day that is chosen.
#[component]
fn Week(page: SlotsPage) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<BookHours>();
    let (day, monday, now) = (page.day(), page.monday, page.now);
    let at = |day: Time| paths::slots(&SlotsQuery { day: Some(day), ..SlotsQuery::default() });
    let before = (monday > now).then(|| view! { <a class="link" href=at(monday - 7 * DAY)>"‹ "{t.week_before()}</a> });
    let after = (monday + 7 * DAY <= now + HORIZON)
        .then(|| view! { <a class="link" href=at(monday + 7 * DAY)>{t.week_after()}" ›"</a> });
    // For a deal that opens months from now.
    let date = |at: Time| at.to_local()[..10].to_owned();
    let jump = view! {
        <form class="tools" method="get" action=paths::SLOTS>
            <input type="date" name="day" value=date(day) min=date(now) max=date(now + HORIZON) required=true aria-label=t.day_to_show() />
            <button class="btn small ghost">{t.go_to_day()}</button>
        </form>
    };
    let days: Vec<Time> = (0..7).map(|ahead| monday + ahead * DAY).collect();
    let strip = days
        .iter()
        .map(|one| {
            let c = one.civil();
            let on = (*one == day).then_some("date");
            view! { <a href=at(*one) aria-current=on>{t.weekday(c.weekday)}<b>{c.day}</b></a> }
        })
        .collect_view();
    let names = days
        .iter()
        .map(|one| {
            let c = one.civil();
            view! { <th scope="col" class:on={*one == day}>{t.weekday(c.weekday)}" "{c.day}</th> }
        })
        .collect_view();
    let typed = form.values("hour");
    let chosen = RwSignal::new(typed.len() as u64);
    let can_book = page.may_sell && page.open && page.unpaid.is_none();
    let cells = page.week.clone();
    let cell = |number: i64, hour: i64| {
        let at = Hour::of(monday + (number * HOURS + hour) * HOUR);
        let cell = cells.get((number * HOURS + hour) as usize).copied().unwrap_or(Cell::Closed);
        let said = |class: &'static str, words: &'static str| view! { <span class=class>{words}</span> }.into_any();
        let shown = match cell {
            Cell::Free(left) if can_book => {
                let value = at.to_string();
                let label = format!("{}, {}", t.hours((at.start(), at.end()), now), t.places_left(left.into()));
                let checked = typed.contains(&value);
                view! {
                    <label class="free">
                        <input type="checkbox" name="hour" value=value checked=checked aria-label=label />
                        <span>{t.places_left(left.into())}</span>
                    </label>
                }
                .into_any()
            }
            Cell::Free(left) => view! { <span class="free">{t.places_left(left.into())}</span> }.into_any(),
            Cell::Full => said("full", t.hour_is_full()),
            Cell::Closed => view! {
                <span class="closed"><span aria-hidden="true">"–"</span><span class="visually-hidden">{t.hour_is_closed()}</span></span>
            }
            .into_any(),
            Cell::Held => said("held", t.hour_is_held()),
            Cell::Mine => said("mine", t.hour_is_mine()),
            Cell::Used => said("mine", t.hour_has_deal()),
        };
        view! { <td class:on={days[number as usize] == day}>{shown}</td> }
    };
    let rows = (0..HOURS)
        .map(|hour| {
            let cells = (0..7).map(|number| cell(number, hour)).collect_view();
            view! { <tr><th scope="row">{format!("{hour:02}:00")}</th>{cells}</tr> }
        })
        .collect_view();
    let price = page.terms.price.0 as u64;
    let sum = move || match chosen.get() {
        0 => t.choose_hours().to_owned(),
        count => t.hours_chosen(count, count * price),
    };
    let choose = move |event: leptos::ev::Event| {
        let more = event_target_checked(&event);
        chosen.update(|count| *count = if more { *count + 1 } else { count.saturating_sub(1) });
    };
    let book = can_book.then(|| {
        view! {
            <p class="note" aria-live="polite" inner_html=words(sum) />
            <button class="btn go">{t.book_hours()}</button>
        }
    });
    view! {
        <div class="week">
            <div class="row"><h2>{t.date(monday, now)}"–"{t.date(monday + 6 * DAY, now)}</h2><span>{before}" "{after}</span></div>
            {jump}
            <nav class="days" aria-label=t.days_label()>{strip}</nav>
            <ChangeForm state=form>
                <input type="hidden" name="request" value=page.request.to_string() />
                <table class="hours" on:change=choose>
                    <thead><tr><th scope="col"><span class="visually-hidden">{t.hour_column()}</span></th>{names}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                {book}
            </ChangeForm>
        </div>
    }
}

/// What is set aside until it is paid for.
#[component]
fn Paying(unpaid: Unpaid, now: Time, ticker: Ticker) -> impl IntoView {
    let t = lang();
    let Unpaid { id, hours, amount: Won(amount), until, paying, payment, ways } = unpaid;
    let amount = amount as u64;
    let approving = payment.clone().filter(|payment| payment.state == PaymentState::Prepared && !paying);
    if paying || approving.is_some() || until <= now {
        read_again_every(2 * SECOND);
    } else {
        read_again_at(until, ticker);
    }
    let lines = runs(&hours.into_iter().collect())
        .into_iter()
        .map(|run| view! { <div><dt>{t.hours(run, now)}</dt><dd></dd></div> })
        .collect_view();
    let declined = payment.as_ref().and_then(|payment| {
        let decline = payment.decline?;
        Some(view! { <p class="banner bad" role="alert">{t.payment_state(payment.state, Some(decline))}</p> })
    });
    let (pay, give_up) = (FormState::of::<PayBooking>(), FormState::of::<GiveUpHours>());
    let way = if paying {
        let state = payment.map_or(PaymentState::Confirming, |payment| payment.state);
        view! { <p class="banner" role="status">{t.payment_state(state, None)}</p> }.into_any()
    } else if let Some(payment) = approving {
        view! { <Approving payment amount until /> }.into_any()
    } else {
        view! {
            <ChangeForm state=pay class="claim">
                <input type="hidden" name="lang" value=t.code() />
                <input type="hidden" name="booking" value=id.to_string() />
                <Ways ways />
                <button class="btn go">{t.pay(amount)}</button>
                <button class="btn ghost wide-only" name="how" value="phone">{t.pay_by_phone()}</button>
            </ChangeForm>
        }
        .into_any()
    };
    let give_up = (!paying).then(|| {
        view! {
            <details class="leave">
                <summary>{t.give_hours_up()}</summary>
                <ChangeForm state=give_up>
                    <input type="hidden" name="booking" value=id.to_string() />
                    <p class="note">{t.give_hours_up_hint()}</p>
                    <button class="btn small ghost">{t.give_hours_up()}</button>
                </ChangeForm>
            </details>
        }
    });
    view! {
        <section class="checkout unpaid">
            <section class="deadline">
                <p class="eyebrow">{t.hours_waiting()}</p>
                <p class="clock" translate="no" inner_html=words(move || t.countdown(until - ticker.seconds.get()).0) />
                <p class="note">{t.held_until(until.clock())}</p>
            </section>
            <dl class="sum">
                {lines}
                <div><dt>{t.sum()}</dt><dd><b>{t.in_won(amount)}</b></dd></div>
            </dl>
            {declined}
            {way}
            {give_up}
        </section>
    }
}

/// Where the payment that was begun is approved: by the camera of a phone, or here.
#[component]
fn Approving(payment: PaymentView, amount: u64, until: Time) -> impl IntoView {
    let t = lang();
    let here = payment.link.map(|link| view! { <a class="btn go" href=link rel="nofollow">{t.pay_here(amount)}</a> });
    view! {
        <section class="approving" role="status">
            <p class="wide-only"><b>{t.scan_to_pay()}</b></p>
            <img class="code wide-only" src=paths::payment_qr(payment.id) width="200" height="200" alt=t.payment_code() />
            <p class="note">{t.approve_until(payment.expires_at.min(until).clock())}</p>
            {here}
        </section>
    }
}

/// The hours that the creator has.
#[component]
fn Own(query: SlotsQuery, own: Page<OwnHour>, now: Time) -> impl IntoView {
    let t = lang();
    let Page { rows, next } = own;
    let tab = |past: bool, words: &'static str| {
        let href = paths::slots(&SlotsQuery { past, after: None, ..query.clone() });
        view! { <a class="tab" href=href aria-current=(past == query.past).then_some("true")>{words}</a> }
    };
    let tabs = view! { {tab(false, t.hours_to_come())}{tab(true, t.hours_over())} };
    let empty = rows.is_empty().then(|| view! { <p class="none">{t.no_hours()}</p> });
    let rows = rows.into_iter().map(|own| line(t, own, now)).collect_view();
    let more = next_page(next.map(|next| paths::slots(&SlotsQuery { after: Some(next), ..query.clone() })));
    view! {
        <section class="own-hours">
            <h2>{t.my_hours()}</h2>
            <nav class="tabs" aria-label=t.my_hours()>{tabs}</nav>
            {empty}
            <ul>{rows}</ul>
            {more}
            <p class="note">{t.deal_hours_hint()}</p>
        </section>
    }
}

fn line(t: Lang, own: OwnHour, now: Time) -> impl IntoView {
    let OwnHour { booking, hour, price: Won(price), given_back, deal, may_give_back } = own;
    let state = match (given_back, deal) {
        (Some(_), _) => view! { <em class="chip off">{t.hour_was_given_back()}</em> }.into_any(),
        (None, Some((event, title))) => view! { <a class="link" href=paths::room(event)>{title}</a> }.into_any(),
        (None, None) if may_give_back => view! { <small>{t.hour_without_deal()}</small> }.into_any(),
        (None, None) => view! { <small>{t.hour_without_deal()}" · "{t.hour_kept()}</small> }.into_any(),
    };
    let back = may_give_back.then(|| {
        let form = FormState::keyed::<GiveBackHour>(format!("{booking}-{}", hour.start().0));
        view! {
            <details class="leave">
                <summary>{t.give_hour_back()}</summary>
                <ChangeForm state=form>
                    <input type="hidden" name="booking" value=booking.to_string() />
                    <input type="hidden" name="hour" value=hour.to_string() />
                    <p class="note">{t.give_hour_back_hint(price as u64)}</p>
                    <button class="btn small ghost">{t.give_hour_back()}" · "{t.hours((hour.start(), hour.end()), now)}</button>
                </ChangeForm>
            </details>
        }
    });
    view! { <li><b>{t.hours((hour.start(), hour.end()), now)}</b>{state}{back}</li> }
}
