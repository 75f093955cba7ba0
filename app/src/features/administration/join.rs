//! `/admin/join?token=…`: the link that makes an admin of whoever opens it first.

use super::functions::BecomeAdmin;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, FormState},
    head,
};
use leptos::prelude::*;

/// Reads whether the link can still be used.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<String> {
    let token = asked.query("token").unwrap_or_default().to_owned();
    asked.reader.engine.administration.check_link(&asked.reader.actor, &token).await?;
    Ok(token)
}

/// One button.
pub fn view(token: String) -> impl IntoView {
    let t = lang();
    head::title(t.admin_join());
    view! {
        <section class="narrow">
            <h1>{t.admin_join()}</h1>
            <p class="note">{t.admin_join_hint()}</p>
            <ChangeForm state={FormState::of::<BecomeAdmin>()}>
                <input type="hidden" name="token" value=token />
                <button class="btn go">{t.admin_join()}</button>
            </ChangeForm>
        </section>
    }
}
