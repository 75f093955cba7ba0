//! `/my/parties`: the reader's parties with their role, how they stand, and why.

use super::{card::Card, functions::AppealPenalty, name::Name};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    components::next_page,
    forms::{Area, ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Page, PartyId,
    parties::{AppealState, MyParties, MyParty, Penalty},
};

/// Reads the reader's parties.
///
/// # Errors
/// As [`engine::parties::Parties::mine`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<MyParties> {
    Ok(asked.reader.engine.parties.mine(&asked.reader.actor, asked.cursor("before").as_ref()).await?)
}

/// The page of the reader's parties.
pub fn view(MyParties { parties: Page { rows, next }, standing, penalties, .. }: MyParties) -> impl IntoView {
    let t = lang();
    head::title(t.my_parties());
    let empty = rows.is_empty().then(|| {
        view! { <section class="empty"><p>{t.no_own_parties()}</p><a class="btn small" href=paths::PARTIES>{t.parties()}</a></section> }
    });
    let unread = RwSignal::new(rows.iter().map(|row| (row.card.id, row.unread)).collect::<Vec<_>>());
    follow(unread);
    let rows = rows
        .into_iter()
        .map(|MyParty { card, leader, mine, .. }| {
            let role = if leader { t.leader() } else { t.member_state(mine) };
            let (id, state) = (card.id, t.party_state(card.state));
            let lines =
                move || unread.with(|all| all.iter().find(|(party, _)| *party == id).map_or(0, |(_, lines)| *lines));
            let note = Signal::derive(move || match lines() {
                0 => format!("{role} · {state}"),
                lines => format!("{role} · {state} {}", t.unread_lines(lines)),
            });
            view! { <Card card note /> }
        })
        .collect_view();
    let more = next_page(next.map(|next| paths::my_parties(&next)));
    let blocked =
        standing.is_blocked().then(|| view! { <p class="banner bad" role="status">{t.error_penalty_blocked()}</p> });
    // As others see the reader.
    let badge = standing.badge();
    let name = boot().viewer.clone().filter(|_| badge.is_some()).map(|viewer| {
        let meaning = if standing.is_blocked() { t.badge_ghost() } else { t.badge_star() };
        view! { <p class="sub"><Name nickname=viewer.nickname badge />" · "{meaning}</p> }
    });
    // Those of whom only an email says that the reader is the same count, and what they are for is nobody's to read.
    let listed = penalties.iter().filter(|penalty| penalty.counts).count() as u64;
    let former = u64::from(standing.penalties).saturating_sub(listed);
    let any = !penalties.is_empty() || former > 0;
    let former = (former > 0).then(|| view! { <p class="note">{t.former_penalties(former)}</p> });
    let penalties = penalties.into_iter().map(|penalty| view! { <Marked penalty /> }).collect_view();
    let marked = any.then(|| {
        view! { <h2>{t.penalties()}</h2><p class="note">{t.penalties_hint()}</p>{former}<ul>{penalties}</ul> }
    });
    view! {
        <section class="notices parties">
            <div class="head"><h1>{t.my_parties()}</h1><a class="btn small" href=paths::NEW_PARTY>{t.new_party()}</a></div>
            {name}{blocked}{empty}
            <ul>{rows}</ul>
            {more}
            {marked}
        </section>
    }
}

/// Keeps how many lines are unread true while they are looked at.
#[cfg(feature = "hydrate")]
fn follow(unread: RwSignal<Vec<(PartyId, u64)>>) {
    use model::live::{ToBrowser, ToServer};
    let connected = RwSignal::new(false);
    let came = move |message| {
        if let ToBrowser::PartiesUnread { unread: newer } = message {
            // Those of a later page of the list stay as they were read.
            unread.update(|all| {
                for (party, lines) in all.iter_mut() {
                    if let Some((_, newer)) = newer.iter().find(|(newer, _)| newer == party) {
                        *lines = *newer;
                    }
                }
            });
        }
        None
    };
    Effect::new(move |_| crate::live::follow(connected, || vec![ToServer::FollowUnread], came));
}

#[cfg(not(feature = "hydrate"))]
fn follow(_: RwSignal<Vec<(PartyId, u64)>>) {}

/// A penalty, and what one may say against it.
#[component]
fn Marked(penalty: Penalty) -> impl IntoView {
    let t = lang();
    let state = match penalty.state {
        AppealState::None => "",
        AppealState::Open => t.appeal_open(),
        AppealState::Refused => t.appeal_refused(),
        AppealState::Granted => t.appeal_granted(),
    };
    let form = FormState::keyed::<AppealPenalty>(penalty.party);
    let appeal = (penalty.counts && penalty.state == AppealState::None).then(|| {
        view! {
            <details open=form.was_refused()>
                <summary>{t.appeal()}</summary>
                <ChangeForm state=form class="claim">
                    <input type="hidden" name="party" value=penalty.party.to_string() />
                    <Area form name="appeal" label=t.appeal_text() rows=3 />
                    <button class="btn small">{t.appeal()}</button>
                </ChangeForm>
            </details>
        }
    });
    let answer = (!penalty.answer.is_empty()).then(|| view! { <p>{penalty.answer.clone()}</p> });
    view! {
        <li>
            <a href=paths::party(penalty.party)>{penalty.item}</a>" · "{t.penalty_kind(penalty.kind)}
            {(!penalty.counts).then(|| view! { " · " {t.counts_no_more()} })}
            <small>{t.moment(penalty.at)}" "{state}</small>
            {answer}{appeal}
        </li>
    }
}
