//! `/creator/profile`: how a creator presents themselves.

use super::functions;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    forms::{Area, ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;

/// What a profile says: name, introduction, links one a line.
type Profile = (String, String, String);

/// Reads the reader's own profile; nothing for whoever is signed out.
///
/// # Errors
/// As [`engine::accounts::Accounts::profile`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Option<Profile>> {
    let Ok(session) = asked.reader.actor.signed_in() else { return Ok(None) };
    let profile = asked.reader.engine.accounts.profile(session.member).await?;
    Ok(Some(profile.map(|p| (p.name, p.introduction, p.links.join("\n"))).unwrap_or_default()))
}

/// The creator profile.
pub fn view(profile: Option<Profile>) -> impl IntoView {
    let t = lang();
    head::title(t.profile_title());
    let Some((name, introduction, links)) = profile else {
        return view! {
            <section class="empty">
                <h1>{t.profile_title()}</h1>
                <p>{t.error_signed_out()}</p>
                <a class="btn go" href=paths::sign_in(paths::CREATOR_PROFILE)>{t.sign_in()}</a>
            </section>
        }
        .into_any();
    };
    let form = FormState::of::<functions::SaveProfile>();
    view! {
        <section class="narrow">
            <h1>{t.profile_title()}</h1>
            <p class="sub">{t.profile_hint()}</p>
            <ChangeForm state=form>
                <Field form name="name" label=t.profile_name() required=true maxlength=50 value=name />
                <Area form name="introduction" label=t.profile_introduction() hint=t.profile_introduction_hint() value=introduction />
                <Area form name="links" label=t.profile_links() rows=3 value=links />
                <button class="btn go">{t.save()}</button>
            </ChangeForm>
        </section>
    }
    .into_any()
}
