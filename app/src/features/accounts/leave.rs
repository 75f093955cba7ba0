//! `/my/leave`: what is erased and what is kept, before somebody leaves.

use super::functions::Leave;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::Icon,
    forms::{ChangeForm, Field, FormError, FormState, Tick},
    head, paths,
    texts::Lang,
};
use leptos::prelude::*;
use model::{
    leaving::{Blocker, Fate, KeptView, LeavingView, Proof},
    ways::KakaoFailure,
};

/// Reads what becomes of what is kept, what is to be ended before, and why it came to nothing at Kakao a moment ago.
///
/// # Errors
/// For visitors; the database's.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(LeavingView, Option<KakaoFailure>)> {
    let (personal, waits_under) = (&asked.reader.engine.personal, asked.reader.newcomer.as_deref());
    let leaving = personal.leaving(&asked.reader.actor, waits_under, asked.lang.code()).await?;
    let failed = asked.query(paths::KAKAO_FAILED).and_then(KakaoFailure::named);
    Ok((leaving, failed))
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
pub fn view((leaving, failed): (LeavingView, Option<KakaoFailure>)) -> impl IntoView {
    let t = lang();
    head::title(t.leave_title());
    let LeavingView { blockers, kept, proof } = leaving;
    let lists = [(Fate::Erased, t.fate_erased()), (Fate::Anonymous, t.fate_anonymous()), (Fate::Kept, t.fate_kept())]
        .map(|(fate, title)| {
            let of_fate = kept.iter().filter(|kept| kept.fate == fate).cloned();
            let items = of_fate.map(|kept| view! { <Item kept /> }).collect_view();
            view! { <h2>{title}</h2><ul class="kept">{items}</ul> }
        })
        .collect_view();
    let end = if blockers.is_empty() {
        view! { <End proof failed /> }.into_any()
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

/// The end of it, by whoever shows that it is they.
#[component]
fn End(proof: Proof, failed: Option<KakaoFailure>) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<Leave>();
    let proof = match proof {
        Proof::Password => view! {
            <Field form name="password" kind="password" label=t.password_now() autocomplete="current-password" required=true />
        }
        .into_any(),
        Proof::Shown => view! {
            <p class="banner" role="status">{t.leave_proved()}</p>
            // Who took longer than that is told so by the form.
            <p class="aside"><a href=paths::KAKAO_LEAVE rel="nofollow">{t.leave_prove_again()}</a></p>
        }
        .into_any(),
        Proof::Kakao => {
            return view! {
                <FormError form />
                {failed.map(|why| view! { <p class="banner bad" role="alert">{t.kakao_failure(why)}</p> })}
                <p class="note">{t.leave_prove()}</p>
                <a class="btn kakao" href=paths::KAKAO_LEAVE rel="nofollow"><Icon name="bubble" />{t.leave_prove_do()}</a>
            }
            .into_any();
        }
        Proof::Link => {
            return view! {
                <FormError form />
                <p class="banner">{t.leave_by_link()}</p>
                <p><a class="btn go" href=paths::FORGOT>{t.forgot_send()}</a></p>
            }
            .into_any();
        }
        Proof::Shared | Proof::None => {
            let why = if proof == Proof::Shared { t.leave_shared() } else { t.leave_no_proof() };
            return view! { <FormError form /><p class="banner bad">{why}</p> }.into_any();
        }
    };
    view! {
        <ChangeForm state=form class="claim">
            {proof}
            <Tick form name="sure" label=t.leave_sure() required=true />
            <button class="btn go">{t.leave_do()}</button>
        </ChangeForm>
    }
    .into_any()
}

/// Something that is kept, and why.
#[component]
fn Item(kept: KeptView) -> impl IntoView {
    let KeptView { name, why, .. } = kept;
    view! { <li>{name}{(!why.is_empty()).then(|| view! { <small>{why}</small> })}</li> }
}
