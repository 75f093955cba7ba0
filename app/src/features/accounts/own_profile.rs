//! `/my/profile`: what the reader is called, and their picture.

use super::functions::{RemovePicture, SetNickname, SetPicture};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    features::pictures::{Picked, PicturePicker},
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::profile::OwnProfile;

/// Reads the reader's own profile.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<OwnProfile> {
    Ok(asked.reader.engine.accounts.own_profile(&asked.reader.actor).await?)
}

/// The page of the profile.
pub fn view(profile: OwnProfile) -> impl IntoView {
    let t = lang();
    head::title(t.my_profile());
    view! {
        <section class="narrow profile">
            <h1>{t.my_profile()}</h1>
            <p class="sub">{t.my_profile_hint()}</p>
            <Picture profile=profile.clone() />
            <Nickname profile />
            <p class="aside"><a href=paths::ADDRESSES>{t.my_addresses()}</a>" · "<a href=paths::MY_PHONE>{t.my_phone()}</a>" · "<a href=paths::DEVICES>{t.my_devices()}</a>" · "<a href=paths::MY>{t.my()}</a></p>
        </section>
    }
}

/// The picture that there is, and the form for another.
#[component]
fn Picture(profile: OwnProfile) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<SetPicture>();
    let has = profile.picture.is_some();
    let now = match profile.picture {
        Some(picture) => view! {
            <p><img class="face large" src=paths::face(picture) alt=t.my_picture() width="120" height="120" /></p>
            <details class="leave">
                <summary>{t.remove_picture()}</summary>
                <ChangeForm state={FormState::of::<RemovePicture>()}>
                    <p class="note">{t.remove_picture_hint()}</p>
                    <button class="btn small">{t.remove_picture()}</button>
                </ChangeForm>
            </details>
        }
        .into_any(),
        None => view! { <p class="none">{t.no_picture()}</p> }.into_any(),
    };
    let words = if has { t.change_picture() } else { t.add_picture() };
    let picked = Picked::new(None);
    let again = form.error.get_untracked().is_some().then(|| t.picture_again());
    view! {
        <h2>{t.my_picture()}</h2>
        {now}
        <ChangeForm state=form class="claim" upload=true>
            <PicturePicker picked form again shape=(1, 1) label=words hint=t.my_picture_hint() required=true />
            <button class="btn">{words}</button>
        </ChangeForm>
    }
}

/// The nickname: a form, or from when it may be changed.
#[component]
fn Nickname(profile: OwnProfile) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<SetNickname>();
    let body = match profile.kept_until() {
        Some(until) => view! {
            <p><b>{profile.nickname}</b></p>
            <p class="note">{t.nickname_kept_until(t.moment_told(until, profile.now))}</p>
        }
        .into_any(),
        None => view! {
            <ChangeForm state=form class="claim">
                <Field form name="nickname" label=t.new_nickname() hint=t.new_nickname_hint() autocomplete="nickname" maxlength=20
                    required=true value=profile.nickname />
                <button class="btn">{t.change_nickname()}</button>
            </ChangeForm>
        }
        .into_any(),
    };
    view! { <h2>{t.nickname()}</h2>{body} }
}
