//! `/my/account/email`: another email; with `?token=…`, by the link that was sent to it.

use super::functions::{ChangeEmail, ConfirmEmail};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::ways::{EmailStep, WaysIn};

/// Reads which email the reader has, whether mail is sent here, and how far they are.
///
/// # Errors
/// For visitors; the database's.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(WaysIn, bool, EmailStep)> {
    let (actor, channels, accounts) =
        (&asked.reader.actor, &asked.reader.engine.channels, &asked.reader.engine.accounts);
    let ways = accounts.ways_in(actor, None).await?;
    let step = match asked.query("token") {
        Some(token) => match channels.email_of_link(actor, token).await {
            Ok(email) => EmailStep::Confirm { token: token.to_owned(), email },
            Err(engine::Error::Refused(wrong)) => EmailStep::Wrong(wrong),
            Err(fault) => return Err(fault.into()),
        },
        None if asked.query("sent").is_some() => EmailStep::Sent,
        None if asked.query("done").is_some() => EmailStep::Done,
        None if ways.password => EmailStep::Ask,
        None => EmailStep::Prove,
    };
    Ok((ways, channels.sends_mail(), step))
}

/// The page: it says the same whether somebody has the address or not.
pub fn view((ways, mailed, step): (WaysIn, bool, EmailStep)) -> impl IntoView {
    let t = lang();
    head::title(t.change_email());
    let WaysIn { email, .. } = ways;
    let (asks, confirms) = (FormState::of::<ChangeEmail>(), FormState::of::<ConfirmEmail>());
    let again = || view! { <p class="aside"><a href=paths::EMAIL>{t.email_again()}</a></p> };
    let body = match step {
        EmailStep::Prove if mailed && email.is_some() => view! {
            <p class="banner">{t.email_prove()}</p>
            <a class="btn go" href=paths::FORGOT>{t.forgot_send()}</a>
        }
        .into_any(),
        EmailStep::Prove => view! { <p class="banner">{t.email_needs_mail()}</p> }.into_any(),
        EmailStep::Ask => {
            let hint = if mailed { t.change_email_mailed() } else { t.change_email_at_once() };
            view! {
                <p class="note">{hint}" "{t.change_password_hint()}</p>
                <ChangeForm state=asks class="claim">
                    <input type="hidden" name="lang" value=t.code() />
                    <Field form=asks name="email" label=t.email_new() inputmode="email" autocomplete="email" required=true />
                    <Field form=asks name="password" kind="password" label=t.password_now() autocomplete="current-password" required=true />
                    <button class="btn go">{t.change_email()}</button>
                </ChangeForm>
            }
            .into_any()
        }
        EmailStep::Sent => view! { <p class="banner" role="status">{t.email_sent()}</p>{again()} }.into_any(),
        EmailStep::Done => view! { <p class="banner" role="status">{t.email_done()}</p>{again()} }.into_any(),
        EmailStep::Confirm { token, email } => view! {
            <p class="banner">{t.email_confirm(email)}</p>
            <p class="note">{t.change_password_hint()}</p>
            <ChangeForm state=confirms>
                <input type="hidden" name="lang" value=t.code() />
                <input type="hidden" name="token" value=token />
                <button class="btn go">{t.change_email()}</button>
            </ChangeForm>
        }
        .into_any(),
        EmailStep::Wrong(wrong) => view! {
            <p class="banner bad" role="alert">{t.error(&wrong)}</p>
            {again()}
        }
        .into_any(),
    };
    view! {
        <section class="narrow">
            <h1>{t.change_email()}</h1>
            {email.map(|email| view! { <p class="sub">{t.email_now(email)}</p> })}
            {body}
            <p class="aside"><a href=paths::ACCOUNT>{t.my_account()}</a></p>
        </section>
    }
}
