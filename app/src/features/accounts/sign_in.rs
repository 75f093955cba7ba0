//! `/sign-in`.

use super::kakao::{KakaoButton, KakaoOffer};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{Carried, boot, lang},
    forms::{Field, FormError, FormState},
    head, paths,
};
use leptos::prelude::*;

/// Where to go on after signing in: what was typed says it when the page is shown again.
pub(super) fn next(form: FormState, asked: String) -> String {
    form.value("next").unwrap_or(asked)
}

/// Reads where to go on, whether the reader has just signed up, and what there is of Kakao.
///
/// # Errors
/// None: it always can be shown.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(String, bool, Option<KakaoOffer>)> {
    let next = asked.query("next").unwrap_or(paths::HOME).to_owned();
    Ok((next, asked.query(paths::JOINED).is_some(), super::kakao::offered(&asked)))
}

/// The sign-in page.
pub fn view((asked, joined, offer): (String, bool, Option<KakaoOffer>)) -> impl IntoView {
    let t = lang();
    head::title(t.sign_in());
    let form = FormState::plain(paths::SIGN_IN);
    let next = next(form, asked);
    let sign_up = paths::sign_up(&next);
    let boot = boot();
    if let (Some(_), Some(carried)) = (&boot.viewer, &boot.carried) {
        return view! { <CarriedOn carried=carried.clone() /> }.into_any();
    }
    let (carries, kakao) = (boot.carried.is_some(), paths::kakao(&next));
    let carried = boot.carried.map(|Carried { to, text, .. }| {
        view! {
            <p class="banner">{t.carried_hint()}</p>
            <input type="hidden" name="to" value=to />
            <input type="hidden" name="carried" value=text />
        }
    });
    view! {
        <section class="narrow">
            <h1>{t.welcome_back()}</h1>
            {joined.then(|| view! { <p class="banner">{t.joined_hint()}</p> })}
            <KakaoButton offer to=kakao carried=carries />
            <form method="post" action=paths::SIGN_IN>
                <FormError form />
                <input type="hidden" name="next" value=next />
                {carried}
                <Field form name="email" label=t.email() inputmode="email" autocomplete="username" required=true />
                <Field form name="password" label=t.password() kind="password" autocomplete="current-password" required=true />
                <button class="btn go">{t.sign_in()}</button>
            </form>
            <p class="aside"><a href=paths::FORGOT>{t.forgot()}</a></p>
            <p class="aside">{t.no_account()}" "<a href=sign_up>{t.sign_up()}</a></p>
        </section>
    }
    .into_any()
}

/// What was typed by somebody who had to sign in first goes on to where it was meant for, when they say so.
#[component]
fn CarriedOn(carried: Carried) -> impl IntoView {
    let t = lang();
    let field = |(name, value): (String, String)| view! { <input type="hidden" name=name value=value /> };
    let fields = carried.typed.into_iter().map(field).collect_view();
    view! {
        <section class="narrow">
            <h1>{t.carried_title()}</h1>
            <form method="post" action=carried.to enctype="multipart/form-data">
                {fields}
                <button class="btn go">{t.carried_on()}</button>
            </form>
        </section>
    }
}
