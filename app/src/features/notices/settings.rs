//! `/notices/settings`: of which kinds the reader is told.

use super::functions;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::notices::Settings;

/// Reads what the reader chose.
///
/// # Errors
/// As [`engine::notices::Notices::settings`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Settings> {
    Ok(asked.reader.engine.notices.settings(&asked.reader.actor).await?)
}

/// The page of what one is told of.
pub fn view(settings: Settings) -> impl IntoView {
    let t = lang();
    head::title(t.notice_settings_title());
    let kinds = settings.kinds.into_iter().map(|(kind, is_on)| {
        view! {
            <label class="consent">
                <input type="checkbox" name="on" value=kind.name() checked=is_on />
                <span>{t.notice_kind(kind)}</span>
            </label>
        }
    });
    let kinds = kinds.collect_view();
    view! {
        <section class="notices choices">
            <div class="head">
                <h1>{t.notice_settings_title()}</h1>
                <div class="tools">
                    <a class="btn small ghost" href=paths::CHANNELS>{t.channels()}</a>
                    <a class="btn small ghost" href=paths::NOTICES>{t.notices()}</a>
                </div>
            </div>
            <ChangeForm state={FormState::of::<functions::SetNotices>().by_itself()} class="form">
                <p class="note" id="told-of">{t.notice_settings_hint()}</p>
                <div role="group" aria-labelledby="told-of">{kinds}</div>
                <button class="btn">{t.save()}</button>
            </ChangeForm>
        </section>
    }
}
