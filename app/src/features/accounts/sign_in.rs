//! `/sign-in`, `/sign-up`.

use crate::{
    api,
    boot::{Carried, boot, lang},
    features::accounts::functions,
    forms::{Field, FormError, FormState, Tick},
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Where to go on after signing in.
fn next(form: FormState) -> String {
    form.value("next")
        .or_else(|| use_query_map().with_untracked(|query| query.get("next")))
        .unwrap_or_else(|| paths::HOME.into())
}

/// The sign-in page.
#[component]
pub fn SignIn() -> impl IntoView {
    let t = lang();
    let form = FormState::plain(paths::SIGN_IN);
    let next = next(form);
    let sign_up = paths::sign_up(&next);
    let boot = boot();
    if let (Some(_), Some(carried)) = (&boot.viewer, &boot.carried) {
        return view! { <CarriedOn carried=carried.clone() /> }.into_any();
    }
    let carried = boot.carried.map(|Carried { to, text, .. }| {
        view! {
            <p class="banner">{t.carried_hint()}</p>
            <input type="hidden" name="to" value=to />
            <input type="hidden" name="carried" value=text />
        }
    });
    let joined = use_query_map().with_untracked(|query| query.get(paths::JOINED).is_some());
    view! {
        <Title text=t.sign_in() />
        <section class="narrow">
            <h1>{t.welcome_back()}</h1>
            {joined.then(|| view! { <p class="banner">{t.joined_hint()}</p> })}
            <form method="post" action=paths::SIGN_IN>
                <FormError form />
                <input type="hidden" name="next" value=next />
                {carried}
                <Field form name="email" label=t.email() kind="email" autocomplete="username" required=true />
                <Field form name="password" label=t.password() kind="password" autocomplete="current-password" required=true />
                <button class="btn go">{t.sign_in()}</button>
            </form>
            <p class="aside">{t.no_account()}" "<a href=sign_up>{t.sign_up()}</a></p>
        </section>
    }
    .into_any()
}

/// What was typed by somebody who had to sign in first goes on to where it was meant for, when they say so.
#[component]
fn CarriedOn(carried: Carried) -> impl IntoView {
    let t = lang();
    let field = |(name, value): (String, String)| view! { <input type="hidden" name=name value=value /> };
    let fields = carried.typed.into_iter().map(field).collect_view();
    view! {
        <Title text=t.sign_in() />
        <section class="narrow">
            <h1>{t.carried_title()}</h1>
            <form method="post" action=carried.to enctype="multipart/form-data">
                {fields}
                <button class="btn go">{t.carried_on()}</button>
            </form>
        </section>
    }
}

/// The sign-up page.
#[component]
pub fn SignUp() -> impl IntoView {
    let t = lang();
    let form = FormState::plain(paths::SIGN_UP);
    let next = next(form);
    let sign_in = paths::sign_in(&next);
    let suggestion = api::read(|| (), |()| functions::suggest_nickname());
    view! {
        <Title text=t.sign_up() />
        <section class="narrow">
            <h1>{t.welcome()}</h1>
            <form method="post" action=paths::SIGN_UP>
                <FormError form />
                <input type="hidden" name="next" value=next />
                <Field form name="email" label=t.email() kind="email" autocomplete="username" required=true />
                <Field
                    form
                    name="password"
                    label=t.password()
                    hint=t.password_hint()
                    kind="password"
                    autocomplete="new-password"
                    required=true
                />
                <Suspense>
                    {move || Suspend::new(async move {
                        let value = suggestion.await.unwrap_or_default();
                        view! {
                            <Field
                                form
                                name="nickname"
                                label=t.nickname()
                                hint=t.nickname_hint()
                                autocomplete="nickname"
                                maxlength=20
                                required=true
                                value
                            />
                        }
                    })}
                </Suspense>
                <Tick form name="terms" label=t.agree_terms() required=true />
                <Tick form name="adult" label=t.agree_age() required=true />
                <Tick form name="marketing" label=t.agree_marketing() />
                <button class="btn go">{t.sign_up()}</button>
            </form>
            <p class="aside">{t.have_account()}" "<a href=sign_in>{t.sign_in()}</a></p>
        </section>
    }
}
