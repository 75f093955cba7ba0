//! `/admin/join?token=…`: the link that makes an admin of whoever opens it first.

use super::functions::BecomeAdmin;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    forms::{ChangeForm, FormState},
    head,
};
use leptos::prelude::*;

/// Reads what stands in the link, and whether it can still be used.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(String, bool)> {
    let token = asked.query("token").unwrap_or_default().to_owned();
    let stands = match asked.reader.engine.administration.check_link(&asked.reader.actor, &token).await {
        Ok(()) => true,
        Err(engine::Error::Refused(model::Error::NotFound)) => false,
        Err(fault) => return Err(fault.into()),
    };
    Ok((token, stands))
}

/// One button, and whom it makes an admin.
pub fn view((token, stands): (String, bool)) -> impl IntoView {
    let t = lang();
    head::title(t.admin_join());
    let body = match boot().viewer.filter(|_| stands) {
        Some(viewer) => view! {
            <p class="note">{t.admin_join_hint(viewer.nickname)}</p>
            <ChangeForm state={FormState::of::<BecomeAdmin>()}>
                <input type="hidden" name="token" value=token />
                <button class="btn go">{t.admin_join()}</button>
            </ChangeForm>
        }
        .into_any(),
        None => view! { <p class="banner bad" role="alert">{t.error_admin_link()}</p> }.into_any(),
    };
    view! {
        <section class="narrow">
            <h1>{t.admin_join()}</h1>
            {body}
        </section>
    }
}
