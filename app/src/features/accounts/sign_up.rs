//! `/sign-up`.

use super::{
    kakao::{KakaoButton, KakaoOffer},
    sign_in::next,
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{Field, FormError, FormState, Tick},
    head, paths,
};
use leptos::prelude::*;

/// Reads where to go on, a nickname that nobody has yet, and what there is of Kakao.
///
/// # Errors
/// As [`engine::accounts::Accounts::suggest_nickname`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(String, String, Option<KakaoOffer>)> {
    let next = asked.query("next").unwrap_or(paths::HOME).to_owned();
    Ok((next, asked.reader.engine.accounts.suggest_nickname().await?, super::kakao::offered(&asked)))
}

/// The sign-up page.
pub fn view((asked, suggestion, offer): (String, String, Option<KakaoOffer>)) -> impl IntoView {
    let t = lang();
    head::title(t.sign_up());
    let form = FormState::plain(paths::SIGN_UP);
    let next = next(form, asked);
    let (sign_in, kakao) = (paths::sign_in(&next), paths::kakao(&next));
    view! {
        <section class="narrow">
            <h1>{t.welcome()}</h1>
            <KakaoButton offer to=kakao />
            <form method="post" action=paths::SIGN_UP>
                <FormError form />
                <input type="hidden" name="next" value=next />
                <Field form name="email" label=t.email() inputmode="email" autocomplete="username" required=true />
                <Field
                    form
                    name="password"
                    label=t.password()
                    hint=t.password_hint()
                    kind="password"
                    autocomplete="new-password"
                    required=true
                />
                <Field
                    form
                    name="nickname"
                    label=t.nickname()
                    hint=t.nickname_hint()
                    autocomplete="nickname"
                    maxlength=20
                    required=true
                    value=suggestion
                />
                <Tick form name="terms" label=t.agree_terms() required=true />
                <p class="note"><a href=paths::TERMS>{t.terms()}</a>" · "<a href=paths::PRIVACY>{t.privacy()}</a></p>
                <Tick form name="adult" label=t.agree_age() required=true />
                <Tick form name="marketing" label=t.agree_marketing() />
                <button class="btn go">{t.sign_up()}</button>
            </form>
            <p class="aside">{t.have_account()}" "<a href=sign_in>{t.sign_in()}</a></p>
        </section>
    }
}
