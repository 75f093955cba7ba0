//! `/forgot/new?token=…`: another password, by a link.

use super::functions::SetPassword;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::Error;

/// Reads what stands in the link, and why it cannot be used if it cannot.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(String, Option<Error>)> {
    let token = asked.query("token").unwrap_or_default().to_owned();
    let wrong = match asked.reader.engine.accounts.check_link(&token).await {
        Ok(()) => None,
        Err(engine::Error::Refused(wrong)) => Some(wrong),
        Err(fault) => return Err(fault.into()),
    };
    Ok((token, wrong))
}

/// The page that a link leads to.
pub fn view((token, wrong): (String, Option<Error>)) -> impl IntoView {
    let t = lang();
    head::title(t.set_password());
    let form = FormState::of::<SetPassword>();
    let body = match wrong {
        Some(wrong) => view! {
            <p class="banner bad" role="alert">{t.error(&wrong)}</p>
            <p class="aside"><a href=paths::FORGOT>{t.forgot_again()}</a></p>
        }
        .into_any(),
        None => view! {
            <p class="sub">{t.set_password_hint()}</p>
            <ChangeForm state=form>
                <input type="hidden" name="token" value=token />
                <Field form name="new_password" kind="password" label=t.password_new() hint=t.password_hint() autocomplete="new-password" required=true />
                <button class="btn go">{t.set_password()}</button>
            </ChangeForm>
        }
        .into_any(),
    };
    view! {
        <section class="narrow">
            <h1>{t.set_password()}</h1>
            {body}
        </section>
    }
}
