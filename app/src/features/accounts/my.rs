//! `/my`: the reader's own page.

use super::functions::{SetMasked, SignOut};
use crate::{
    boot::{Viewer, boot, lang},
    features::giveaways::Entries,
    forms::{ChangeForm, FormState},
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The reader's own page.
#[component]
pub fn My() -> impl IntoView {
    let t = lang();
    let body = match boot().viewer {
        Some(viewer) => view! {
            <div class="head">
                <h1>{t.hello(viewer.nickname.clone())}</h1>
                <ChangeForm state={FormState::of::<SignOut>()}><button class="btn small ghost">{t.sign_out()}</button></ChangeForm>
            </div>
            {viewer.admin.then(|| view! { <p class="aside"><a href=paths::REPORTS>{t.admin()}</a></p> })}
            <Masked viewer=viewer.clone() />
            <Entries />
        }
        .into_any(),
        None => view! {
            <h1>{t.my()}</h1>
            <p class="sub">{t.signed_out_my()}</p>
            <a class="btn go" href=paths::sign_in(paths::MY) rel="external">{t.sign_in()}</a>
            <p class="aside">{t.no_account()}" "<a href=paths::sign_up(paths::MY) rel="external">{t.sign_up()}</a></p>
        }
        .into_any(),
    };
    view! {
        <Title text=t.my() />
        <section class="narrow">{body}</section>
    }
}

/// The name that boards show.
#[component]
fn Masked(viewer: Viewer) -> impl IntoView {
    let t = lang();
    let masked = viewer.board_name != viewer.nickname;
    let shown = t.masked_now(viewer.board_name);
    view! {
        <ChangeForm state={FormState::of::<SetMasked>()} class="masked">
            <label class="consent"><input type="checkbox" name="masked" value="yes" checked=masked /><span>{t.masked()}</span></label>
            <button class="btn small ghost">{t.save()}</button>
            <p class="note">{shown}</p>
        </ChangeForm>
    }
}
