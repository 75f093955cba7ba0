//! `/notices/delivery`: where the reader is told outside the site.

use super::functions::{RemovePushEndpoint, SetMailNotices};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::channels::{ChannelSettings, Device, MailState};

/// Reads how the reader is told.
///
/// # Errors
/// As [`engine::channels::Channels::settings`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<ChannelSettings> {
    Ok(asked.reader.engine.channels.settings(&asked.reader.actor).await?)
}

/// The page of it.
pub fn view(settings: ChannelSettings) -> impl IntoView {
    let t = lang();
    head::title(t.channels());
    view! {
        <section class="narrow channels">
            <div class="head">
                <h1>{t.channels()}</h1>
                <div class="tools"><a class="btn small ghost" href=paths::NOTICE_SETTINGS>{t.notice_settings()}</a><a class="btn small ghost" href=paths::NOTICES>{t.notices()}</a></div>
            </div>
            <p class="sub">{t.delivery_quiet()}</p>
            <Places settings />
        </section>
    }
}

/// The places where the reader is told: this browser, others, and mail.
#[component]
pub fn Places(
    /// How they are told.
    settings: ChannelSettings,
) -> impl IntoView {
    let t = lang();
    let ChannelSettings { push_key, devices, mail } = settings;
    let here = match push_key {
        Some(key) => view! { <ThisBrowser push_key=key /> }.into_any(),
        None => view! { <p class="note">{t.push_unavailable()}</p> }.into_any(),
    };
    let listed = (!devices.is_empty()).then(|| {
        let devices = devices.into_iter().map(|device| view! { <OneDevice device /> }).collect_view();
        view! { <h3>{t.devices()}</h3><ul class="devices">{devices}</ul> }
    });
    let mail = mail.map(|(email, state)| view! { <Mail email state /> });
    view! {
        <h2>{t.push()}</h2>
        {here}
        {listed}
        {mail}
    }
}

/// Whether this browser tells the reader, and the buttons for it. `public/push.js` shows what is so: nothing of it can be known here.
#[component]
fn ThisBrowser(push_key: String) -> impl IntoView {
    let t = lang();
    view! {
        <div class="push" data-push=push_key data-lang=t.code()>
            <p class="note" data-when="unsupported" hidden=true>{t.push_unsupported()}</p>
            <p class="note" data-when="install" hidden=true>{t.push_install()}</p>
            <p class="note" data-when="denied" hidden=true>{t.push_denied()}</p>
            <p class="note" data-when="failed" role="alert" hidden=true>{t.push_failed()}</p>
            <p data-when="on" role="status" hidden=true>{t.push_on()}</p>
            <p class="tools">
                <button type="button" class="btn go" data-when="off" data-act="on" hidden=true>{t.push_here()}</button>
                <button type="button" class="btn small ghost" data-when="on" data-act="off" hidden=true>{t.push_off()}</button>
            </p>
            <p class="note without-scripts">{t.push_scripts()}</p>
            <script src="/push.js" defer=true></script>
        </div>
    }
}

/// A browser that tells the reader.
#[component]
fn OneDevice(device: Device) -> impl IntoView {
    let t = lang();
    let id = device.id.to_string();
    let label = if device.label.is_empty() { t.device().to_owned() } else { device.label };
    let reached = device.reached_at.map(|at| view! { <small>{t.device_reached(t.moment(at))}</small> });
    let name = t.device_remove_which(label.clone());
    view! {
        <li data-device=device.mark>
            <p><b>{label}</b></p>
            <small>{t.device_since(t.moment(device.since))}</small>
            {reached}
            <ChangeForm state={FormState::keyed::<RemovePushEndpoint>(&id)} class="tools">
                <input type="hidden" name="device" value=id.clone() />
                <button class="btn small ghost" aria-label=name>{t.device_remove()}</button>
            </ChangeForm>
        </li>
    }
}

/// Whether the reader is told by mail.
#[component]
fn Mail(email: String, state: MailState) -> impl IntoView {
    let t = lang();
    let (says, on, label, class) = match state {
        MailState::Off => (t.mail_is_off(email), "yes", t.mail_on(), "btn"),
        MailState::Asked => (t.mail_is_asked(email), "yes", t.mail_again(), "btn small ghost"),
        MailState::On => (t.mail_is_on(email), "", t.mail_off(), "btn small ghost"),
    };
    view! {
        <h2>{t.mail()}</h2>
        <p role="status">{says}</p>
        <ChangeForm state={FormState::of::<SetMailNotices>()} class="tools">
            <input type="hidden" name="on" value=on />
            <input type="hidden" name="lang" value=t.code() />
            <button class=class>{label}</button>
        </ChangeForm>
    }
}
