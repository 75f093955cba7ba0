//! `/my/account`: how the reader signs in, what they agreed to, what is kept of them to take along, and the way out.

use super::functions::{AcceptTerms, ConfirmKakao, DisconnectKakao, SetMarketing};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{Icon, OpenOutside},
    forms::{ChangeForm, Field, FormError, FormState, Tick},
    head, paths,
};
use leptos::prelude::*;
use model::{
    terms::Consents,
    ways::{KakaoFailure, KakaoWay, WaysIn},
};

/// Reads what the reader agreed to, how they sign in, whether mail is sent here, and why connecting Kakao came to nothing a moment ago.
///
/// # Errors
/// For visitors; the database's.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(Consents, WaysIn, bool, Option<KakaoFailure>)> {
    let (accounts, channels) = (&asked.reader.engine.accounts, &asked.reader.engine.channels);
    let consents = accounts.consents(&asked.reader.actor).await?;
    let ways = accounts.ways_in(&asked.reader.actor, asked.reader.newcomer.as_deref()).await?;
    let failed = asked.query(paths::KAKAO_FAILED).and_then(KakaoFailure::named);
    Ok((consents, ways, channels.sends_mail(), failed))
}

/// The page of the reader's account.
pub fn view((consents, ways, mailed, failed): (Consents, WaysIn, bool, Option<KakaoFailure>)) -> impl IntoView {
    let t = lang();
    head::title(t.my_account());
    let failed = failed.filter(|_| ways.kakao != KakaoWay::Off);
    view! {
        <section class="narrow account">
            <h1>{t.my_account()}</h1>
            {failed.map(|why| view! { <p class="banner bad" role="alert">{t.kakao_failure(why)}</p> })}
            <Agreed consents />
            <Ways ways mailed />
            <h2>{t.my_data()}</h2>
            <p class="note">{t.my_data_hint()}</p>
            <OpenOutside />
            <p><a class="btn" href=paths::MY_DATA download="">{t.my_data_download()}</a></p>
            <h2>{t.leave_title()}</h2>
            <p class="note">{t.leave_site_hint()}</p>
            <p><a class="btn small ghost" href=paths::LEAVE>{t.leave_look()}</a></p>
        </section>
    }
}

/// What the reader agreed to, and to agree to what changed since.
#[component]
fn Agreed(consents: Consents) -> impl IntoView {
    let t = lang();
    let (due, accepts) = (consents.due(), FormState::of::<AcceptTerms>());
    let due = due.then(|| {
        view! {
            <p class="banner" role="status">{t.terms_changed_hint()}</p>
            <ChangeForm state=accepts class="claim">
                <Tick form=accepts name="terms" label=t.agree_terms() required=true />
                <button class="btn go">{t.terms_accept()}</button>
            </ChangeForm>
        }
    });
    let since = consents.marketing_at.map(|at| view! { <p class="note">{t.consent_since(t.moment(at))}</p> });
    view! {
        {due}
        <h2>{t.consents()}</h2>
        <ul class="consents">
            <li><a href=paths::TERMS>{t.terms()}</a><small>{t.consent_version(u64::from(consents.terms))}</small></li>
            <li><a href=paths::PRIVACY>{t.privacy()}</a><small>{t.consent_version(u64::from(consents.privacy))}</small></li>
        </ul>
        <ChangeForm state={FormState::of::<SetMarketing>()} class="masked">
            <label class="consent"><input type="checkbox" name="marketing" value="yes" checked=consents.marketing /><span>{t.agree_marketing()}</span></label>
            <button class="btn small ghost">{t.save()}</button>
            {since}
        </ChangeForm>
    }
}

/// How the reader signs in, and their programs.
#[component]
fn Ways(ways: WaysIn, mailed: bool) -> impl IntoView {
    let t = lang();
    let by_password = ways.by_password();
    let WaysIn { email, password, kakao } = ways;
    let email = email.unwrap_or_else(|| t.ways_no_email().to_owned());
    // Without either there is nothing that an email would be for, as its page says.
    let change =
        (password || mailed).then(|| view! { <a class="btn small ghost" href=paths::EMAIL>{t.change_email()}</a> });
    let password_line = match (by_password, password) {
        (true, _) => t.ways_password(),
        (false, true) => t.ways_password_alone(),
        (false, false) => t.ways_no_password(),
    };
    view! {
        <h2>{t.ways_in()}</h2>
        <ul class="signed-in">
            <li>
                <p><strong>{t.email()}</strong><small>{email}</small></p>
                {change}
            </li>
            <li>
                <p><strong>{t.password()}</strong><small>{password_line}</small></p>
                {password.then(|| view! { <a class="btn small ghost" href=paths::DEVICES>{t.change_password()}</a> })}
            </li>
            <Kakao kakao by_password />
        </ul>
        {(kakao == KakaoWay::ToConfirm).then(|| view! { <Confirm /> })}
        <p class="aside"><a href=paths::TOKENS>{t.tokens()}</a></p>
    }
}

/// That it is the reader who came back from Kakao.
#[component]
fn Confirm() -> impl IntoView {
    let t = lang();
    let form = FormState::of::<ConfirmKakao>();
    view! {
        <ChangeForm state=form class="claim">
            <p class="note">{t.kakao_confirm_hint()}</p>
            <Field form name="password" kind="password" label=t.password_now() autocomplete="current-password" required=true />
            <button class="btn go">{t.kakao_join()}</button>
        </ChangeForm>
    }
}

/// Whether the reader signs in by Kakao, and the other way round.
#[component]
fn Kakao(kakao: KakaoWay, by_password: bool) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<DisconnectKakao>();
    let (line, action) = match kakao {
        KakaoWay::Off => return ().into_any(),
        KakaoWay::Free => (
            t.ways_kakao_free().to_owned(),
            view! { <a class="btn small kakao" href=paths::KAKAO_CONNECT rel="nofollow"><Icon name="bubble" />{t.kakao_connect()}</a> }
                .into_any(),
        ),
        KakaoWay::ToConfirm => (t.ways_kakao_free().to_owned(), ().into_any()),
        KakaoWay::Connected(since) if by_password => (
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
