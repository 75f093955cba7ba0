//! What pages of accounts read and change.

#[cfg(feature = "ssr")]
use crate::paths;
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    boot::Theme,
    forms::Effect,
    texts::Lang,
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{Error, Mode};

change! { SignOut: Anyone, pages: ["/my"], said: signed_out, whole }

/// Signs this device out.
#[server(endpoint = "sign-out", protocol = Change, input_derive = ())]
pub async fn sign_out(form: Form) -> Result<Done, PageError> {
    let _ = form;
    let Reader { engine, token, .. } = reader();
    if let Some(token) = token {
        engine.accounts.sessions.end(&token).await?;
    }
    Ok(Done::to(paths::HOME).with(Effect::SignOut))
}

change! { EndDevice: SignedIn, pages: ["/my/devices"], said: device_ended }

/// Signs the member out on the `device` of theirs.
#[server(endpoint = "end-device", protocol = Change, input_derive = ())]
pub async fn end_device(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.accounts.sessions.end_device(&actor, form.text("device")).await?;
    Ok(Done::here())
}

change! { EndOtherDevices: SignedIn, pages: ["/my/devices"], said: devices_ended }

/// Signs the member out everywhere but here.
#[server(endpoint = "end-other-devices", protocol = Change, input_derive = ())]
pub async fn end_other_devices(_form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, token, .. } = reader();
    let token = token.ok_or(Error::SignedOut)?;
    engine.accounts.sessions.end_others(&actor, &token).await?;
    Ok(Done::here())
}

change! { ChangePassword: SignedIn, pages: ["/my/devices"], said: password_changed, whole }

/// Replaces today's `password` by the `new_password`, and signs the member out everywhere but here.
#[server(endpoint = "change-password", protocol = Change, input_derive = ())]
pub async fn change_password(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, token, address, .. } = reader();
    let (token, address) = (token.ok_or(Error::SignedOut)?, address.ok_or(Error::Malformed)?);
    let typed = (form.text("password"), form.text("new_password"));
    let token = engine.accounts.change_password(&actor, &token, typed, address).await?;
    Ok(Done::to(paths::DEVICES).with(Effect::SignIn(token.to_string())))
}

change! { DisconnectKakao: SignedIn, pages: ["/my/account"], said: kakao_disconnected }

/// The member signs in by Kakao no more.
#[server(endpoint = "disconnect-kakao", protocol = Change, input_derive = ())]
pub async fn disconnect_kakao(_form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.accounts.disconnect_kakao(&actor).await?;
    Ok(Done::here())
}

change! { SetMode: SignedIn, pages: [], said: mode_set, whole }

/// Toggles shopper and creator; the first switch leads to the creator profile.
#[server(endpoint = "set-mode", protocol = Change, input_derive = ())]
pub async fn set_mode(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let mode = match form.text("mode") {
        "creator" => Mode::Creator,
        "shopper" => Mode::Shopper,
        _ => return Err(Error::Malformed.into()),
    };
    if mode == Mode::Creator && !actor.signed_in()?.creator {
        return Ok(Done::to(paths::CREATOR_PROFILE).with(Effect::SayNothing));
    }
    engine.accounts.set_mode(&actor, mode).await?;
    Ok(Done::to(if mode == Mode::Creator { paths::CREATOR_EVENTS } else { paths::HOME }))
}

change! { SetMasked: SignedIn, pages: ["/my"], said: saved, whole }

/// Masks the member's nickname on boards, or shows it whole again.
#[server(endpoint = "set-masked", protocol = Change, input_derive = ())]
pub async fn set_masked(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.naming.set_masked(&actor, form.ticked("masked")).await?;
    Ok(Done::here())
}

change! { SetPreferences: Anyone, pages: [], said: saved, whole }

/// Remembers language and theme in this browser.
#[server(endpoint = "set-preferences", protocol = Change, input_derive = ())]
pub async fn set_preferences(form: Form) -> Result<Done, PageError> {
    let mut done = Done::here();
    if let Some(language) = Lang::ALL.into_iter().find(|language| language.code() == form.text("language")) {
        done = done.with(Effect::Remember("language", language.code()));
    }
    if let Some(theme) = Theme::ALL.into_iter().find(|theme| theme.name() == form.text("theme")) {
        done = done.with(Effect::Remember("theme", theme.name()));
    }
    Ok(done)
}

change! { SaveProfile: Active, pages: ["/creator/profile"], said: saved, whole }

/// Writes the creator profile and switches to creator mode.
#[server(endpoint = "save-profile", protocol = Change, input_derive = ())]
pub async fn save_profile(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let [name, introduction, links] = ["name", "introduction", "links"].map(|field| form.text(field));
    engine.accounts.set_profile(&actor, name, introduction, links).await?;
    Ok(Done::to(paths::CREATOR_EVENTS))
}
