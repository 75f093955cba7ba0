//! `/my/leave`: what is erased and what is kept, before somebody leaves.

use super::functions::Leave;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState, Tick},
    head, paths,
    texts::Lang,
};
use leptos::prelude::*;
use model::leaving::{Blocker, Fate, KeptView, LeavingView};

/// Reads what becomes of what is kept, and what is to be ended before.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<LeavingView> {
    Ok(asked.reader.engine.personal.leaving(&asked.reader.actor, asked.lang.code()).await?)
}

/// What is to be ended, and where.
fn blocker(t: Lang, blocker: Blocker) -> (&'static str, &'static str) {
    match blocker {
        Blocker::OwnEvents => (t.blocked_by_events(), paths::CREATOR_EVENTS),
        Blocker::Sales => (t.blocked_by_sales(), paths::SALES),
        Blocker::Payout => (t.blocked_by_payout(), paths::SALES),
        Blocker::Hours => (t.blocked_by_hours(), paths::SLOTS),
        Blocker::Orders => (t.blocked_by_orders(), paths::MY_ORDERS),
        Blocker::Tickets => (t.blocked_by_tickets(), paths::MY_TICKETS),
        Blocker::Parties => (t.blocked_by_parties(), paths::MY_PARTIES),
        Blocker::LastAdmin => (t.blocked_by_admin(), paths::MEMBERS),
    }
}

/// The page before somebody leaves.
pub fn view(LeavingView { blockers, kept, password }: LeavingView) -> impl IntoView {
    let t = lang();
    head::title(t.leave_title());
    let form = FormState::of::<Leave>();
    let lists = [(Fate::Erased, t.fate_erased()), (Fate::Anonymous, t.fate_anonymous()), (Fate::Kept, t.fate_kept())]
        .map(|(fate, title)| {
            let of_fate = kept.iter().filter(|kept| kept.fate == fate).cloned();
            let items = of_fate.map(|kept| view! { <Item kept /> }).collect_view();
            view! { <h2>{title}</h2><ul class="kept">{items}</ul> }
        })
        .collect_view();
    let end = if blockers.is_empty() {
        let password = password.then(|| {
            view! { <Field form name="password" kind="password" label=t.password_now() autocomplete="current-password" required=true /> }
        });
        view! {
            <ChangeForm state=form class="claim">
                {password}
                <Tick form name="sure" label=t.leave_sure() required=true />
                <button class="btn go">{t.leave_do()}</button>
            </ChangeForm>
        }
        .into_any()
    } else {
        let items = blockers
            .into_iter()
            .map(|what| {
                let (text, to) = blocker(t, what);
                view! { <li><a href=to>{text}</a></li> }
            })
            .collect_view();
        view! {
            <p class="banner bad" role="status">{t.leave_blocked()}</p>
            <ul class="kept">{items}</ul>
        }
        .into_any()
    };
    view! {
        <section class="narrow leaving">
            <h1>{t.leave_title()}</h1>
            <p class="sub">{t.leave_site_hint()}</p>
            {lists}
            <h2>{t.leave_before()}</h2>
            <p class="note">{t.my_data_hint()}" "<a href=paths::ACCOUNT>{t.my_data()}</a></p>
            {end}
        </section>
    }
}

/// Something that is kept, and why.
#[component]
fn Item(kept: KeptView) -> impl IntoView {
    let KeptView { name, why, .. } = kept;
    view! { <li>{name}{(!why.is_empty()).then(|| view! { <small>{why}</small> })}</li> }
}
