//! `/my/devices`: where the reader is signed in, and another password.

use super::functions::{ChangePassword, EndDevice, EndOtherDevices};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{ChangeForm, Field, FormState, Tick},
    head, paths,
};
use leptos::prelude::*;
use model::{
    devices::SignedInDevice,
    ways::{KakaoWay, WaysIn},
};

/// Reads where the reader is signed in, and by what.
///
/// # Errors
/// As [`engine::accounts::Sessions::devices`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(Vec<SignedInDevice>, WaysIn)> {
    let (reader, accounts) = (&asked.reader, &asked.reader.engine.accounts);
    let devices = accounts.sessions.devices(&reader.actor, reader.token.as_ref()).await?;
    Ok((devices, accounts.ways_in(&reader.actor, None).await?))
}

/// The page of the reader's devices.
pub fn view((devices, ways): (Vec<SignedInDevice>, WaysIn)) -> impl IntoView {
    let t = lang();
    let has_password = ways.password;
    // Whoever has no other way in keeps that one.
    let by_kakao = ways.by_password() && matches!(ways.kakao, KakaoWay::Connected(_));
    head::title(t.my_devices());
    let others = devices.iter().any(|device| !device.here).then(|| {
        view! {
            <ChangeForm state={FormState::of::<EndOtherDevices>()} class="tools">
                <button class="btn small">{t.devices_sign_out()}</button>
            </ChangeForm>
            <p class="note">{t.devices_tokens_stay()}" "<a class="link" href=paths::TOKENS>{t.tokens()}</a></p>
        }
    });
    let devices = devices.into_iter().map(|device| view! { <Device device /> }).collect_view();
    let form = FormState::of::<ChangePassword>();
    view! {
        <section class="narrow">
            <h1>{t.my_devices()}</h1>
            <p class="sub">{t.devices_hint()}</p>
            <ul class="signed-in">{devices}</ul>
            {others}
            {has_password.then(|| view! {
                <h2>{t.change_password()}</h2>
                <p class="note">{t.change_password_hint()}</p>
                <ChangeForm state=form class="claim">
                    <Field form name="password" kind="password" label=t.password_now() autocomplete="current-password" required=true />
                    <Field form name="new_password" kind="password" label=t.password_new() hint=t.password_hint() autocomplete="new-password" required=true />
                    {by_kakao.then(|| view! { <Tick form name="kakao" label=t.change_password_kakao() /> })}
                    <button class="btn go">{t.change_password()}</button>
                </ChangeForm>
            })}
            {(!has_password).then(|| view! { <p class="note">{t.devices_no_password()}</p> })}
        </section>
    }
}

#[component]
fn Device(device: SignedInDevice) -> impl IntoView {
    let t = lang();
    let SignedInDevice { id, name, since, used, here } = device;
    let name = if name.is_empty() { t.device_unknown().to_owned() } else { name };
    let label = t.device_sign_out(name.clone());
    let end = match here {
        true => view! { <span class="chip over">{t.device_here()}</span> }.into_any(),
        false => view! {
            <ChangeForm state={FormState::keyed::<EndDevice>(&id)}>
                <input type="hidden" name="device" value=id.clone() />
                <button class="btn small ghost" aria-label=label>{t.sign_out()}</button>
            </ChangeForm>
        }
        .into_any(),
    };
    view! {
        <li>
            <p><strong>{name}</strong><small>{t.signed_in_since(t.moment(since), t.moment(used))}</small></p>
            {end}
        </li>
    }
}
