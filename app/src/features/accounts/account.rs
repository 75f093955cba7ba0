//! `/my/account`: how the reader signs in.

use super::functions::DisconnectKakao;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::Icon,
    forms::{ChangeForm, FormError, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::ways::{KakaoFailure, KakaoWay, WaysIn};

/// Reads how the reader signs in, and why connecting Kakao came to nothing a moment ago.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(WaysIn, Option<KakaoFailure>)> {
    let ways = asked.reader.engine.accounts.ways_in(&asked.reader.actor).await?;
    Ok((ways, asked.query(paths::KAKAO_FAILED).and_then(KakaoFailure::named)))
}

/// The page of how the reader signs in.
pub fn view((ways, failed): (WaysIn, Option<KakaoFailure>)) -> impl IntoView {
    let t = lang();
    head::title(t.ways_in());
    let WaysIn { email, password, kakao } = ways;
    let failed = failed.filter(|_| kakao != KakaoWay::Off);
    let email = email.unwrap_or_else(|| t.ways_no_email().to_owned());
    let password_line = if password { t.ways_password() } else { t.ways_no_password() };
    view! {
        <section class="narrow">
            <h1>{t.ways_in()}</h1>
            {failed.map(|why| view! { <p class="banner bad" role="alert">{t.kakao_failure(why)}</p> })}
            <ul class="signed-in">
                <li><p><strong>{t.email()}</strong><small>{email}</small></p></li>
                <li>
                    <p><strong>{t.password()}</strong><small>{password_line}</small></p>
                    {password.then(|| view! { <a class="btn small ghost" href=paths::DEVICES>{t.change_password()}</a> })}
                </li>
                <Kakao kakao password />
            </ul>
            <p class="aside"><a href=paths::TOKENS>{t.tokens()}</a></p>
        </section>
    }
}

/// Whether the reader signs in by Kakao, and the other way round.
#[component]
fn Kakao(kakao: KakaoWay, password: bool) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<DisconnectKakao>();
    let (line, action) = match kakao {
        KakaoWay::Off => return ().into_any(),
        KakaoWay::Free => (
            t.ways_kakao_free().to_owned(),
            view! { <a class="btn small kakao" href=paths::KAKAO_CONNECT rel="nofollow"><Icon name="bubble" />{t.kakao_connect()}</a> }
                .into_any(),
        ),
        KakaoWay::Connected(since) if password => (
            t.ways_kakao_since(t.moment(since)),
            view! { <ChangeForm state=form><button class="btn small ghost">{t.kakao_disconnect()}</button></ChangeForm> }.into_any(),
        ),
        // There would be no way in left.
        KakaoWay::Connected(since) => (
            t.ways_kakao_since(t.moment(since)),
            view! { <FormError form /><span class="chip over">{t.ways_only()}</span> }.into_any(),
        ),
    };
    view! { <li><p><strong>{t.kakao()}</strong><small>{line}</small></p>{action}</li> }.into_any()
}
