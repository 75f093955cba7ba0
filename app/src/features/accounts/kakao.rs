//! Signing in by Kakao: the button, and `/sign-in/kakao/join`, where whoever is nobody here yet says who they are.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::Icon,
    forms::{Field, FormError, FormState, Tick},
    head, paths,
};
use leptos::prelude::*;
use model::ways::{KakaoFailure, Newcomer};
use serde::{Deserialize, Serialize};

/// That one signs in by Kakao here, and why it came to nothing a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KakaoOffer {
    /// Why.
    pub failed: Option<KakaoFailure>,
}

/// What there is of it for whoever asks; nothing where it is not configured.
#[cfg(feature = "ssr")]
pub(super) fn offered(asked: &Asked) -> Option<KakaoOffer> {
    let offered = asked.reader.engine.accounts.has_kakao();
    offered.then(|| KakaoOffer { failed: asked.query(paths::KAKAO_FAILED).and_then(KakaoFailure::named) })
}

/// Leads to Kakao. A link and no form: what answers a form leads to no other site.
#[component]
pub(super) fn KakaoButton(
    /// What there is of it.
    offer: Option<KakaoOffer>,
    /// Where they set out.
    to: String,
    /// Whether something was typed that does not go on by this way.
    #[prop(optional)]
    carried: bool,
) -> impl IntoView {
    let t = lang();
    offer.map(|KakaoOffer { failed }| {
        view! {
            {failed.map(|why| view! { <p class="banner bad" role="alert">{t.kakao_failure(why)}</p> })}
            <a class="btn kakao" href=to rel="nofollow"><Icon name="bubble" />{t.kakao_sign_in()}</a>
            {carried.then(|| view! { <p class="note">{t.kakao_carries_nothing()}</p> })}
            <p class="or">{t.kakao_or()}</p>
        }
    })
}

/// Reads who waits to say who they are.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Newcomer> {
    Ok(asked.reader.engine.accounts.newcomer(asked.reader.newcomer.as_deref()).await?)
}

/// Where somebody says whether they have an account: first what is more likely.
pub fn view(newcomer: Newcomer) -> impl IntoView {
    let t = lang();
    head::title(t.kakao_title());
    let (join, new) = (FormState::plain(paths::KAKAO_JOIN), FormState::plain(paths::KAKAO_NEW));
    let Newcomer { email, known, nickname } = newcomer;
    let hint = match (&email, known) {
        (Some(email), true) => t.kakao_known(email.clone()),
        (Some(email), false) => t.kakao_email(email.clone()),
        (None, _) => t.kakao_no_email().to_owned(),
    };
    let joining = view! { <Join form=join email=email.filter(|_| known).unwrap_or_default() /> };
    let signing_up = view! { <SignUp form=new nickname known /> };
    let refused = |form: FormState| form.error.get_untracked().is_some();
    let body = match known {
        true => view! {
            {joining}
            <details open=refused(new)><summary>{t.kakao_not_mine()}</summary>{signing_up}</details>
        }
        .into_any(),
        false => view! {
            {signing_up}
            <details open=refused(join)><summary>{t.kakao_have_account()}</summary>{joining}</details>
        }
        .into_any(),
    };
    view! {
        <section class="narrow newcomer">
            <h1>{t.kakao_title()}</h1>
            <p class="sub">{hint}</p>
            {body}
        </section>
    }
}

/// An account that is there already.
#[component]
fn Join(form: FormState, email: String) -> impl IntoView {
    let t = lang();
    view! {
        <form method="post" action=paths::KAKAO_JOIN>
            <p class="note">{t.kakao_join_hint()}</p>
            <FormError form />
            <Field form name="email" label=t.email() inputmode="email" autocomplete="username" required=true value=email />
            <Field form name="password" label=t.password() kind="password" autocomplete="current-password" required=true />
            <button class="btn go">{t.kakao_join()}</button>
        </form>
    }
}

/// A new account.
#[component]
fn SignUp(form: FormState, nickname: String, known: bool) -> impl IntoView {
    let t = lang();
    view! {
        <form method="post" action=paths::KAKAO_NEW>
            {known.then(|| view! { <p class="note">{t.kakao_without_email()}</p> })}
            <FormError form />
            <Field form name="nickname" label=t.nickname() hint=t.nickname_hint() autocomplete="nickname" maxlength=20 required=true value=nickname />
            <Tick form name="terms" label=t.agree_terms() required=true />
            <Tick form name="adult" label=t.agree_age() required=true />
            <Tick form name="marketing" label=t.agree_marketing() />
            <button class="btn go">{t.sign_up()}</button>
        </form>
    }
}
