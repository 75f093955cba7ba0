//! `/notices`: what the reader is told.

use super::functions;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    EventId, Notice, NoticeLine, Notices, Page,
    notices::{OrderNews, SaleNews},
    parties::News,
    reviews::ReviewsQuery,
    sellers::Show,
};

/// Reads the reader's notices.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Notices> {
    let before = asked.cursor("before");
    Ok(asked.reader.engine.notices.of(&asked.reader.actor, before.as_ref()).await?)
}

/// The notices' page.
pub fn view(notices: Notices) -> impl IntoView {
    let t = lang();
    head::title(t.notices());
    let Notices { lines: Page { rows: lines, next }, unread } = notices;
    let any_read = lines.iter().any(|line| line.read);
    let empty = lines.is_empty().then(|| view! { <p class="none">{t.no_notices()}</p> });
    let read_all = (unread > 0).then(
        || view! { <ChangeForm state={FormState::of::<functions::ReadNotices>()}><button class="btn small">{t.read_all()}</button></ChangeForm> },
    );
    let delete = any_read.then(|| {
        view! { <ChangeForm state={FormState::of::<functions::DeleteReadNotices>()}><button class="btn small ghost">{t.delete_read()}</button></ChangeForm> }
    });
    let more = next
        .map(|next| view! { <nav class="pages"><a class="btn small" href=paths::notices(&next)>{t.more()}</a></nav> });
    let lines = lines.into_iter().map(|line| view! { <Line line /> }).collect_view();
    view! {
        <section class="notices">
            <div class="head"><h1>{t.notices()}</h1><div class="tools">{read_all}{delete}</div></div>
            {empty}
            <ul>{lines}</ul>
            {more}
        </section>
    }
}

#[component]
fn Line(line: NoticeLine) -> impl IntoView {
    let t = lang();
    let (id, title) = line.event.unzip();
    let title = title.unwrap_or_default();
    let mut elsewhere = None;
    let (text, page): (_, fn(EventId) -> String) = match line.notice {
        Notice::Won { due_at } => (t.notice_won(title, t.moment(due_at)), paths::result),
        Notice::FormDue { due_at } => (t.notice_due(title, t.moment(due_at)), paths::result),
        Notice::Expired => (t.notice_expired(title), paths::result),
        Notice::Sent => (t.notice_sent(title), paths::result),
        Notice::Disqualified { reason } => (t.notice_disqualified(title, reason), paths::room),
        Notice::Changed => (t.notice_changed(title), paths::changes),
        Notice::YourTurn { due_at } => (t.notice_your_turn(title, t.moment(due_at)), paths::checkout),
        Notice::HoldOver => (t.notice_hold_over(title), paths::checkout),
        Notice::Paid { amount } => (t.notice_paid(title, amount as u64), paths::checkout),
        Notice::Cancelled { reason } => (t.notice_cancelled(title, reason), paths::room),
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
        Notice::Party { party, item, news } => {
            elsewhere = Some(match news {
                // Why, and what one may say against it.
                News::Marked(_) | News::Decided { .. } => paths::MY_PARTIES.to_owned(),
                _ => paths::party(party),
            });
            (t.party_news(item, news), paths::room)
        }
        Notice::PartyChat { party, item, lines } => {
            elsewhere = Some(paths::party(party));
            (t.party_chat_unread(lines, item), paths::room)
        }
    };
    let address = elsewhere.or(id.map(page));
    view! {
        <li class:unread=!line.read>
            <a href=address>{text}</a>
            <small>{t.moment(line.at)}</small>
        </li>
    }
}
