//! `/creator/profile`: how a creator presents themselves.

use super::functions;
use crate::{
    api,
    boot::{boot, lang},
    components::Skeleton,
    forms::{Area, ChangeForm, Field, FormState},
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The creator profile.
#[component]
pub fn CreatorProfile() -> impl IntoView {
    let t = lang();
    let form = FormState::of::<functions::SaveProfile>();
    let boot = boot();
    if boot.viewer.is_none() {
        return view! {
            <Title text=t.profile_title() />
            <section class="empty">
                <h1>{t.profile_title()}</h1>
                <p>{t.error_signed_out()}</p>
                <a class="btn go" href=paths::sign_in(paths::CREATOR_PROFILE) rel="external">{t.sign_in()}</a>
            </section>
        }
        .into_any();
    }
    let profile = api::read(|| (), |()| functions::load_profile());
    view! {
        <Title text=t.profile_title() />
        <section class="narrow">
            <h1>{t.profile_title()}</h1>
            <p class="sub">{t.profile_hint()}</p>
            <Suspense fallback=|| view! { <Skeleton /> }>
                {move || Suspend::new(async move {
                    let (name, introduction, links) = profile.await.unwrap_or_default();
                    view! {
                        <ChangeForm state=form>
                            <Field form name="name" label=t.profile_name() required=true maxlength=50 value=name />
                            <Area form name="introduction" label=t.profile_introduction() value=introduction />
                            <Area form name="links" label=t.profile_links() rows=3 value=links />
                            <button class="btn go">{t.save()}</button>
                        </ChangeForm>
                    }
                })}
            </Suspense>
        </section>
    }
    .into_any()
}
