//! `/events/{id}/result`: what a click came to, and where the prize goes.

use super::functions;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::Share,
    features::{addresses::WhereTo, rooms::page::result_class},
    forms::{ChangeForm, FormError, FormState, Tick},
    head, paths,
    texts::{number, seconds_ms},
};
use leptos::prelude::*;
use model::{AddressBook, Claim, ClaimState, EntryState, EventState, EventView, PrizeKind};

/// Reads the reader's entry of an event with what they won.
///
/// # Errors
/// As [`engine::pages::Pages::result`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(EventView, Option<Claim>, AddressBook)> {
    let (id, reader) = (asked.named("id")?, &asked.reader);
    let (view, claim) = reader.engine.pages.result(id, &reader.actor).await?;
    let is_asked = claim.as_ref().is_some_and(|claim| claim.state == ClaimState::Offered);
    let book = match is_asked {
        true => reader.engine.addresses.book(&reader.actor).await?,
        false => AddressBook::default(),
    };
    Ok((view, claim, book))
}

/// The result's page.
pub fn view((view, claim, book): (EventView, Option<Claim>, AddressBook)) -> impl IntoView {
    let t = lang();
    let id = view.card.id;
    let room = paths::room(id);
    let Some(entry) = view.mine else {
        head::title(t.result());
        return view! {
            <section class="empty"><h1>{t.result_none()}</h1><a class="btn" href=room>{t.see_room()}</a></section>
        }
        .into_any();
    };
    let late = claim.as_ref().is_some_and(|claim| claim.state == ClaimState::Offered && claim.due_at <= view.now);
    // It expires in a moment.
    let state = if late { EntryState::Expired } else { entry.state };
    let class = result_class(state, view.card.state);
    let words = match (&claim, state) {
        _ if view.card.state == EventState::Cancelled => t.called_off_with_result().to_owned(),
        (Some(claim), EntryState::Won) => t.won_prize(claim.place, &claim.prize),
        (_, EntryState::Won) => t.won().to_owned(),
        (_, EntryState::Standby) => t.standby(view.waitlist.number(entry.rank, view.card.capacity)),
        (_, EntryState::Lost) => t.lost().to_owned(),
        (_, EntryState::Disqualified) => t.disqualified().to_owned(),
        (_, state) => t.entry_state(state).to_owned(),
    };
    let title = view.card.title.clone();
    head::title(format!("{} · {title}", t.result()));
    let shared = t.shared_result(entry.rank, t.after(seconds_ms(entry.since_open)), &title);
    let form = claim.map(|claim| view! { <Prize claim view=view.clone() book /> });
    view! {
        <section class="narrow result-page">
            <h1><a href=room.clone()>{title}</a></h1>
            <section class=class>
                <p class="rank">{number(entry.rank)}<small>{t.rank_suffix()}</small></p>
                <p class="time">
                    <b>{t.after(seconds_ms(entry.since_open))}</b>
                    <i>{t.received_at(entry.entered_at.clock_ms())}</i>
                </p>
                <p class="words"><b>{words}</b>" "{t.you_are(entry.rank, view.card.total.max(entry.rank))}</p>
            </section>
            {form}
            <Share path=paths::entry(id, entry.rank) title=shared />
            <p class="aside"><a href=paths::board_at(id, entry.rank)>{t.see_board()}</a>" · "<a href=room>{t.see_room()}</a></p>
        </section>
    }
    .into_any()
}

/// The form while it is asked for, afterwards what became of it.
#[component]
fn Prize(claim: Claim, view: EventView, book: AddressBook) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<functions::FillClaim>();
    let said = match claim.state {
        ClaimState::Offered if claim.due_at > view.now => {
            let Claim { prize, kind, due_at, .. } = claim;
            let goods = kind == PrizeKind::Goods;
            return view! {
                <ChangeForm state=form class="claim">
                    <input type="hidden" name="event" value=view.card.id.to_string() />
                    <h2>{t.claim_title(prize)}</h2>
                    <p class="sub">{t.claim_until(t.moment(due_at))}</p>
                    <WhereTo form book given=None goods save=true />
                    <Tick form name="consent" label=t.consent_delivery(view.card.creator) required=true />
                    <button class="btn go">{t.send_form()}</button>
                </ChangeForm>
            }
            .into_any();
        }
        ClaimState::Offered | ClaimState::Expired => t.claim_expired(),
        ClaimState::Filled => t.claim_filled(),
        ClaimState::Sent => t.claim_sent(),
        ClaimState::Withdrawn => t.claim_withdrawn(),
    };
    let model::Delivery { name, phone, address, detail, .. } = claim.delivery;
    let written = matches!(claim.state, ClaimState::Filled | ClaimState::Sent) && !name.is_empty();
    let written = written.then(|| view! { <p class="note">{format!("{name} · {phone} {address} {detail}")}</p> });
    view! { <FormError form /><p class="banner" role="status">{said}</p>{written} }.into_any()
}
