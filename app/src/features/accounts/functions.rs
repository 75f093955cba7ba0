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
use model::{Crop, Error, Mode};

change! { SignOut: Anyone, pages: ["/my"], fields: [], said: signed_out, whole }

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

change! { EndDevice: SignedIn, pages: ["/my/devices"], fields: ["device"], said: device_ended }

/// Signs the member out on the `device` of theirs.
#[server(endpoint = "end-device", protocol = Change, input_derive = ())]
pub async fn end_device(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.accounts.sessions.end_device(&actor, form.text("device")).await?;
    Ok(Done::here())
}

change! { EndOtherDevices: SignedIn, pages: ["/my/devices"], fields: [], said: devices_ended }

/// Signs the member out everywhere but here.
#[server(endpoint = "end-other-devices", protocol = Change, input_derive = ())]
pub async fn end_other_devices(_form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, token, .. } = reader();
    let token = token.ok_or(Error::SignedOut)?;
    engine.accounts.sessions.end_others(&actor, &token).await?;
    Ok(Done::here())
}

change! { ChangePassword: SignedIn, pages: ["/my/devices"], fields: ["password", "new_password", "kakao"], said: password_changed, whole }

/// Replaces today's `password` by the `new_password`, signs the member out everywhere but here, and disconnects `kakao` where that is ticked.
#[server(endpoint = "change-password", protocol = Change, input_derive = ())]
pub async fn change_password(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, token, address, .. } = reader();
    let (token, address) = (token.ok_or(Error::SignedOut)?, address.ok_or(Error::Malformed)?);
    let typed = (form.text("password"), form.text("new_password"));
    let token = engine.accounts.change_password(&actor, &token, typed, form.ticked("kakao"), address).await?;
    Ok(Done::to(paths::DEVICES).with(Effect::SignIn(token.to_string())))
}

change! { AskPasswordLink: Anyone, pages: ["/forgot"], fields: ["email", "lang"], said: forgot_asked }

/// Has a link to set another password sent to an `email`, if an account has it; in the language `lang`.
#[server(endpoint = "ask-password-link", protocol = Change, input_derive = ())]
pub async fn ask_password_link(form: Form) -> Result<Done, PageError> {
    let Reader { engine, address, .. } = reader();
    let address = address.ok_or(Error::Malformed)?;
    engine.channels.ask_password_link(form.text("email"), form.lang(), address).await?;
    // The page says it, for as long as somebody needs who looks for the letter.
    Ok(Done::to(paths::FORGOT_SENT).with(Effect::SayNothing))
}

change! { SetPassword: Anyone, pages: ["/forgot/new"], fields: ["token", "new_password"], said: password_set }

/// Sets a `new_password` by the `token` of a link, and signs its member out everywhere, or in here alone where they have no email to sign in by.
#[server(endpoint = "set-password", protocol = Change, input_derive = ())]
pub async fn set_password(form: Form) -> Result<Done, PageError> {
    let Reader { engine, token: before, address, .. } = reader();
    let address = address.ok_or(Error::Malformed)?;
    let (link, new) = (form.text("token"), form.text("new_password"));
    let begun = engine.accounts.set_password(link, new, before.as_ref(), address).await?;
    let Some(begun) = begun else { return Ok(Done::to(paths::SIGN_IN)) };
    // They have no email yet to sign in by.
    Ok(Done::to(paths::EMAIL).with(Effect::SignIn(begun.to_string())).with(Effect::SayNothing))
}

change! { ChangeEmail: Active, pages: ["/my/account/email"], fields: ["email", "password", "lang"], said: saved, whole }

/// Gives the member another `email`, with their `password`: by a link that is sent there in the language `lang`, or at once where no mail is
/// sent.
#[server(endpoint = "change-email", protocol = Change, input_derive = ())]
pub async fn change_email(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, token, address, .. } = reader();
    let (token, address) = (token.ok_or(Error::SignedOut)?, address.ok_or(Error::Malformed)?);
    let typed = (form.text("email"), form.text("password"));
    // The page says what comes next, for as long as somebody needs.
    if engine.channels.sends_mail() {
        engine.channels.ask_another_email(&engine.accounts, &actor, typed, form.lang(), address).await?;
        return Ok(Done::to(paths::EMAIL_SENT).with(Effect::SayNothing));
    }
    let token = engine.accounts.change_email(&actor, &token, typed, address).await?;
    Ok(Done::to(paths::EMAIL_DONE).with(Effect::SignIn(token.to_string())).with(Effect::SayNothing))
}

change! { ConfirmEmail: Active, pages: ["/my/account/email"], fields: ["token", "lang"], said: email_changed, whole }

/// The member has the email from now on that the `token` of a link is for; the one before is told so in the language `lang`.
#[server(endpoint = "confirm-email", protocol = Change, input_derive = ())]
pub async fn confirm_email(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, token, .. } = reader();
    let session = token.ok_or(Error::SignedOut)?;
    let (link, lang) = (form.text("token"), form.lang());
    let begun = engine.channels.follow_email_link(&engine.accounts, &actor, &session, link, lang).await?;
    Ok(Done::to(paths::ACCOUNT).with(Effect::SignIn(begun.to_string())))
}

change! { SetMarketing: SignedIn, pages: ["/my/account"], fields: ["marketing"], said: saved }

/// The member may be sent news, or no longer: `marketing`.
#[server(endpoint = "set-marketing", protocol = Change, input_derive = ())]
pub async fn set_marketing(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.accounts.set_marketing(&actor, form.ticked("marketing")).await?;
    Ok(Done::here())
}

change! { AcceptTerms: SignedIn, pages: ["/my/account"], fields: ["terms"], said: terms_accepted, whole }

/// The member accepts `terms` and privacy policy as they are today.
#[server(endpoint = "accept-terms", protocol = Change, input_derive = ())]
pub async fn accept_terms(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.accounts.accept_terms(&actor, form.ticked("terms")).await?;
    Ok(Done::here())
}

change! { Leave: SignedIn, pages: ["/my/leave"], fields: ["password", "sure"], said: leave_done, whole }

/// Ends the member's account: their `password` once more, or that they came from Kakao a moment ago, and that they are `sure`.
#[server(endpoint = "leave", protocol = Change, input_derive = ())]
pub async fn leave(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, newcomer, address, .. } = reader();
    let address = address.ok_or(Error::Malformed)?;
    let shown = (form.text("password"), newcomer.as_deref());
    engine.personal.leave(&actor, shown, form.ticked("sure"), address).await?;
    Ok(Done::to(paths::HOME).with(Effect::SignOut))
}

change! { ConfirmKakao: SignedIn, pages: ["/my/account"], fields: ["password"], said: kakao_connected }

/// The member who came back from Kakao signs in by it from now on: their `password` once more.
#[server(endpoint = "confirm-kakao", protocol = Change, input_derive = ())]
pub async fn confirm_kakao(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, newcomer, address, .. } = reader();
    let address = address.ok_or(Error::Malformed)?;
    engine.accounts.confirm_kakao(&actor, newcomer.as_deref(), form.text("password"), address).await?;
    Ok(Done::here())
}

change! { DisconnectKakao: SignedIn, pages: ["/my/account"], fields: [], said: kakao_disconnected }

/// The member signs in by Kakao no more.
#[server(endpoint = "disconnect-kakao", protocol = Change, input_derive = ())]
pub async fn disconnect_kakao(_form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.accounts.disconnect_kakao(&actor).await?;
    Ok(Done::here())
}

change! { SetMode: SignedIn, pages: [], fields: ["mode"], said: mode_set, whole }

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

change! { SetMasked: SignedIn, pages: ["/my"], fields: ["masked"], said: saved, whole }

/// Masks the member's nickname on boards, or shows it whole again.
#[server(endpoint = "set-masked", protocol = Change, input_derive = ())]
pub async fn set_masked(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.naming.set_masked(&actor, form.ticked("masked")).await?;
    Ok(Done::here())
}

/// The largest picture, in bytes.
const PICTURE: usize = 10 << 20;

change! { SetNickname: Active, pages: ["/my/profile"], fields: ["nickname"], said: nickname_changed, whole }

/// Calls the member by another `nickname`.
#[server(endpoint = "set-nickname", protocol = Change, input_derive = ())]
pub async fn set_nickname(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.naming.set_nickname(&actor, form.text("nickname")).await?;
    Ok(Done::here())
}

change! { SetPicture: Active, pages: ["/my/profile"], fields: ["picture" file, "crop_x", "crop_y", "crop_zoom"], said: picture_set, files: PICTURE }

/// Shows the member by a `picture`.
#[server(endpoint = "set-picture", protocol = Change, input_derive = ())]
pub async fn set_picture(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    let crop = Crop::of(form.text("crop_x"), form.text("crop_y"), form.text("crop_zoom"));
    engine.naming.set_picture(&actor, &engine.pictures, form.file("picture"), crop).await?;
    Ok(Done::here())
}

change! { RemovePicture: SignedIn, pages: ["/my/profile"], fields: [], said: picture_removed }

/// Shows the member without a picture.
#[server(endpoint = "remove-picture", protocol = Change, input_derive = ())]
pub async fn remove_picture(_form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.naming.remove_picture(&actor, &engine.pictures).await?;
    Ok(Done::here())
}

change! { SetPreferences: Anyone, pages: [], fields: ["language", "theme"], said: saved, whole }

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

change! { SaveProfile: Active, pages: ["/creator/profile"], fields: ["name", "introduction", "links"], said: saved, whole }

/// Writes the creator profile and switches to creator mode; whoever becomes a creator by it goes on in another session.
#[server(endpoint = "save-profile", protocol = Change, input_derive = ())]
pub async fn save_profile(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, token, .. } = reader();
    let [name, introduction, links] = ["name", "introduction", "links"].map(|field| form.text(field));
    let begun = engine.accounts.set_profile(&actor, name, introduction, links, token.as_ref()).await?;
    let done = Done::to(paths::CREATOR_EVENTS);
    Ok(match begun {
        Some(begun) => done.with(Effect::SignIn(begun.to_string())),
        None => done,
    })
}
