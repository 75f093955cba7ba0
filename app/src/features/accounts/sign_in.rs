//! `/sign-in`, `/sign-up`.

use crate::{
    api,
    boot::{FormState, lang},
    components::{Field, FormError, Tick},
    features::accounts::functions,
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Where to go on after signing in.
fn next(form: &FormState) -> String {
    form.value("next")
        .or_else(|| use_query_map().with_untracked(|query| query.get("next")))
        .unwrap_or_else(|| paths::HOME.into())
}

/// The sign-in page.
#[component]
pub fn SignIn() -> impl IntoView {
    let t = lang();
    let form = FormState::of(paths::SIGN_IN);
    let next = next(&form);
    let sign_up = paths::sign_up(&next);
    view! {
        <Title text=t.sign_in() />
        <section class="narrow">
            <h1>{t.welcome_back()}</h1>
            <form method="post" action="/sign-in">
                <FormError form=form.clone() />
                <input type="hidden" name="next" value=next />
                <Field form=form.clone() name="email" label=t.email() kind="email" autocomplete="username" required=true />
                <Field form name="password" label=t.password() kind="password" autocomplete="current-password" required=true />
                <button class="btn go">{t.sign_in()}</button>
            </form>
            <p class="aside">{t.no_account()}" "<a href=sign_up>{t.sign_up()}</a></p>
        </section>
    }
}

/// The sign-up page.
#[component]
pub fn SignUp() -> impl IntoView {
    let t = lang();
    let form = StoredValue::new(FormState::of(paths::SIGN_UP));
    let next = next(&form.get_value());
    let sign_in = paths::sign_in(&next);
    let suggestion = api::read(|| (), |()| functions::suggest_nickname());
    view! {
        <Title text=t.sign_up() />
        <section class="narrow">
            <h1>{t.welcome()}</h1>
            <form method="post" action="/sign-up">
                <FormError form=form.get_value() />
                <input type="hidden" name="next" value=next />
                <Field form=form.get_value() name="email" label=t.email() kind="email" autocomplete="username" required=true />
                <Field
                    form=form.get_value()
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
                                form=form.get_value()
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
                <Tick form=form.get_value() name="terms" label=t.agree_terms() required=true />
                <Tick form=form.get_value() name="adult" label=t.agree_age() required=true />
                <Tick form=form.get_value() name="marketing" label=t.agree_marketing() />
                <button class="btn go">{t.sign_up()}</button>
            </form>
            <p class="aside">{t.have_account()}" "<a href=sign_in>{t.sign_in()}</a></p>
        </section>
    }
}
