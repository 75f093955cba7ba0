//! `/forgot`: asking for a link to set another password.

use super::functions::AskPasswordLink;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;

/// Reads whether mail is sent here, and whether a link was asked for a moment ago.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(bool, bool)> {
    Ok((asked.reader.engine.channels.sends_mail(), asked.query("sent").is_some()))
}

/// The page: it says the same whether somebody has the address or not.
pub fn view((available, sent): (bool, bool)) -> impl IntoView {
    let t = lang();
    head::title(t.forgot_title());
    let form = FormState::of::<AskPasswordLink>();
    let body = match (available, sent) {
        (false, _) => view! { <p class="banner">{t.forgot_unavailable()}</p> }.into_any(),
        (true, true) => view! {
            <p class="banner" role="status">{t.forgot_sent()}</p>
            <p class="aside"><a href=paths::FORGOT>{t.forgot_again()}</a></p>
        }
        .into_any(),
        (true, false) => view! {
            <p class="sub">{t.forgot_hint()}</p>
            <ChangeForm state=form>
                <input type="hidden" name="lang" value=t.code() />
                <Field form name="email" label=t.email() inputmode="email" autocomplete="username" required=true />
                <button class="btn go">{t.forgot_send()}</button>
            </ChangeForm>
        }
        .into_any(),
    };
    view! {
        <section class="narrow">
            <h1>{t.forgot_title()}</h1>
            {body}
            <p class="aside"><a href=paths::SIGN_IN>{t.sign_in()}</a></p>
        </section>
    }
}
