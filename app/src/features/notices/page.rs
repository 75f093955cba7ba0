//! `/notices`: what the reader is told.

use super::functions;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{Icon, next_page},
    forms::{ChangeForm, FormState},
    head,
    live::read_again_when_told,
    paths,
    texts::Lang,
};
use leptos::prelude::*;
use model::{
    EventId, Notice, NoticeLine, Notices, Page,
    notices::{HoursNews, OrderNews, SaleNews},
    parties::PartyNews,
    reviews::ReviewsQuery,
    sellers::Show,
};

/// Reads the reader's notices.
///
/// # Errors
/// As [`engine::notices::Notices::of`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Notices> {
    let before = asked.cursor("before");
    Ok(asked.reader.engine.notices.of(&asked.reader.actor, before.as_ref()).await?)
}

/// The notices' page.
pub fn view(notices: Notices) -> impl IntoView {
    let t = lang();
    head::title(t.notices());
    read_again_when_told();
    let Notices { lines: Page { rows: lines, next }, unread } = notices;
    let any_read = lines.iter().any(|line| line.read);
    let empty = lines.is_empty().then(|| view! { <p class="none">{t.no_notices()}</p> });
    let read_all = (unread > 0).then(
        || view! { <ChangeForm state={FormState::of::<functions::ReadNotices>()}><button class="btn small">{t.read_all()}</button></ChangeForm> },
    );
    let delete = any_read.then(|| {
        view! { <ChangeForm state={FormState::of::<functions::DeleteReadNotices>()}><button class="btn small ghost">{t.delete_read()}</button></ChangeForm> }
    });
    let more = next_page(next.map(|next| paths::notices(&next)));
    let lines = lines.into_iter().map(|line| view! { <Line line /> }).collect_view();
    view! {
        <section class="notices">
            <div class="head">
                <h1>{t.notices()}</h1>
                <div class="tools">{read_all}{delete}<a class="btn small ghost" href=paths::NOTICE_SETTINGS>{t.notice_settings()}</a></div>
            </div>
            <p class="aside"><a href=paths::SUBSCRIPTIONS>{t.my_subscriptions()}</a></p>
            {empty}
            <ul>{lines}</ul>
            {more}
        </section>
    }
}

/// What a notice says, and the address of what it tells of.
pub fn said(t: Lang, line: &NoticeLine) -> (String, Option<String>) {
    // As on the day on which it was written: outside of pages nobody says what day it is.
    let when = |at| t.moment_told(at, line.at);
    let (id, title) = line.event.clone().unzip();
    let title = title.unwrap_or_default();
    let mut elsewhere = None;
    let (text, page): (_, fn(EventId) -> String) = match line.notice.clone() {
        Notice::Won { due_at } => (t.notice_won(title, when(due_at)), paths::result),
        Notice::FormDue { due_at } => (t.notice_due(title, when(due_at)), paths::result),
        Notice::Expired => (t.notice_expired(title), paths::result),
        Notice::Sent => (t.notice_sent(title), paths::result),
        Notice::Disqualified { reason } => (t.notice_disqualified(title, reason), paths::room),
        Notice::Changed => (t.notice_changed(title), paths::changes),
        Notice::YourTurn { due_at } => (t.notice_your_turn(title, when(due_at)), paths::checkout),
        Notice::HoldOver => (t.notice_hold_over(title), paths::checkout),
        Notice::Paid { amount } => (t.notice_paid(title, amount as u64), paths::checkout),
        Notice::Cancelled { reason } => (t.notice_cancelled(title, reason), paths::room),
        Notice::Opens { opens_at, hours } => {
            let text = match hours {
                0..=1 => t.notice_opens_in_hour(title, when(opens_at)),
                2..=23 => t.notice_opens_in_hours(title, hours, when(opens_at)),
                _ => t.notice_opens_in_day(title, when(opens_at)),
            };
            (text, paths::room)
        }
        Notice::NewEvent { opens_at } => (t.notice_new_event(title, when(opens_at)), paths::room),
        Notice::HoldEnding { due_at } => (t.notice_hold_ending(title, when(due_at)), paths::checkout),
        Notice::Order { order, news } => {
            elsewhere = order.as_ref().map(paths::order);
            let text = match news {
                OrderNews::Shipped { carrier, tracking } => t.notice_shipped(title, t.carrier(carrier), tracking),
                OrderNews::Delivered => t.notice_delivered(title),
                OrderNews::CalledOff { reason, amount } => t.notice_called_off(title, reason, amount as u64),
                OrderNews::ReturnAsked { reason } => {
                    elsewhere = id.map(|event| paths::sold_orders(event, Show::Returns, None));
                    t.notice_return_asked(title, reason)
                }
                OrderNews::ReturnAccepted { answer } => t.notice_return_accepted(title, answer),
                OrderNews::ReturnRefused { answer } => t.notice_return_refused(title, answer),
                OrderNews::ReturnReceived { amount } => t.notice_return_received(title, amount as u64),
                OrderNews::Preparing => t.notice_preparing(title),
                OrderNews::Unpaid => t.notice_unpaid(title),
                OrderNews::GivenBack { amount } => t.notice_all_back(title, amount as u64),
            };
            (text, paths::checkout)
        }
        Notice::Reviewed { stars } => {
            elsewhere = id.map(|event| paths::reviews(event, &ReviewsQuery::default()));
            (t.notice_reviewed(title, stars), paths::room)
        }
        Notice::ReviewAnswered => {
            elsewhere = id.map(|event| paths::reviews(event, &ReviewsQuery::default()));
            (t.notice_review_answered(title), paths::room)
        }
        Notice::Sale { news } => {
            elsewhere = id.map(|event| paths::sold_orders(event, Show::All, None));
            let text = match news {
                SaleNews::Orders { count } => t.notice_orders(count, title),
                SaleNews::GivenBack { count } => t.notice_given_back(count, title),
                SaleNews::SoldOut => t.notice_sold_out(title),
            };
            (text, paths::room)
        }
        Notice::Hours { news } => {
            elsewhere = Some(paths::SLOTS.to_owned());
            let text = match news {
                HoursNews::Lapsed { first, count } => t.notice_hours_lapsed(count, when(first)),
                HoursNews::Unused { first, count, until } => t.notice_hours_unused(count, when(first), when(until)),
            };
            (text, paths::room)
        }
        Notice::Party { party, item, news } => {
            elsewhere = Some(match news {
                // Why, and what one may say against it.
                PartyNews::Marked(_) | PartyNews::Decided { .. } => paths::MY_PARTIES.to_owned(),
                _ => paths::party(party),
            });
            (t.party_news(item, news), paths::room)
        }
        Notice::WebhookOff { host } => {
            elsewhere = Some(paths::WEBHOOKS.to_owned());
            (t.notice_webhook_off(host), paths::room)
        }
        Notice::PartyChat { party, item, lines } => {
            elsewhere = Some(paths::party(party));
            (t.party_chat_unread(lines, item), paths::room)
        }
        Notice::Warned { reason } => (t.notice_warned(reason), paths::room),
        Notice::Suspended { reason } => (t.notice_suspended(title, reason), paths::room),
        Notice::Readmitted => (t.notice_readmitted(title), paths::room),
    };
    (text, elsewhere.or(id.map(page)))
}

/// One of them. Opened by a form while it is unread: that is what marks it as read.
#[component]
fn Line(line: NoticeLine) -> impl IntoView {
    let t = lang();
    let (text, address) = said(t, &line);
    let (id, unread) = (line.id.to_string(), !line.read);
    let what = if unread {
        let id = id.clone();
        view! {
            <ChangeForm state={FormState::keyed::<functions::OpenNotice>(&id)}>
                <input type="hidden" name="notice" value=id.clone() />
                <button>{text}<span class="visually-hidden">{t.notice_unread()}</span></button>
            </ChangeForm>
        }
        .into_any()
    } else {
        view! { <a href=address>{text}</a> }.into_any()
    };
    view! {
        <li class:unread=unread>
            {what}
            <small>{t.moment(line.at)}</small>
            <ChangeForm state={FormState::keyed::<functions::DeleteNotice>(&id)} class="gone">
                <input type="hidden" name="notice" value=id.clone() />
                <button aria-label=t.delete_notice()><Icon name="close" /></button>
            </ChangeForm>
        </li>
    }
}
