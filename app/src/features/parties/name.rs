//! Who somebody is inside parties, and what keeps them from others.

use crate::{boot::lang, forms::FormState, paths};
use leptos::prelude::*;
use model::{Error, PartyError, parties::Badge};

/// A nickname with what stands beside it: whoever has done a party without a penalty, and whoever has too many of them.
#[component]
pub(super) fn Name(nickname: String, badge: Option<Badge>) -> impl IntoView {
    let t = lang();
    let badge = badge.map(|badge| match badge {
        Badge::Star => view! { " "<span role="img" aria-label=t.badge_star()>"⭐"</span> },
        Badge::Ghost => view! { " "<span role="img" aria-label=t.badge_ghost()>"👻"</span> },
    });
    view! { <bdi>{nickname}</bdi>{badge} }
}

/// What whoever has too many penalties reads in the place of a form.
#[component]
pub(super) fn Blocked() -> impl IntoView {
    let t = lang();
    view! {
        <p class="banner bad" role="status">{t.error_penalty_blocked()}</p>
        <a class="btn go" href=paths::MY_PARTIES>{t.why_blocked()}</a>
    }
}

/// The way to why, and to an appeal, under a form that was refused for that.
#[component]
pub(super) fn WhyBlocked(form: FormState) -> impl IntoView {
    let t = lang();
    move || {
        let blocked = form.error.with(|error| *error == Some(Error::Party(PartyError::Blocked)));
        blocked.then(|| view! { <a class="btn go" href=paths::MY_PARTIES>{t.why_blocked()}</a> })
    }
}
