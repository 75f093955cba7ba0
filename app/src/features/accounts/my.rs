//! `/my`: the reader's own page.

use super::functions::{SetMasked, SignOut};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{Viewer, boot, lang},
    components::face,
    features::giveaways::Entries,
    forms::{ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{Came, MyEntries};

/// Reads what the reader entered; nothing for whoever is signed out.
///
/// # Errors
/// As [`engine::pages::Pages::my_entries`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Option<(Came, MyEntries)>> {
    let reader = &asked.reader;
    if reader.actor.signed_in().is_err() {
        return Ok(None);
    }
    let came = asked.query("came").map(Came::named).unwrap_or_default();
    let before = asked.cursor("before");
    Ok(Some((came, reader.engine.pages.my_entries(&reader.actor, came, before.as_ref()).await?)))
}

/// The reader's own page.
pub fn view(own: Option<(Came, MyEntries)>) -> impl IntoView {
    let t = lang();
    head::title(t.my());
    let body = match boot().viewer.zip(own) {
        Some((viewer, (came, entries))) => view! {
            <div class="head">
                <h1>{face(&viewer.nickname, viewer.picture)}{t.hello(viewer.nickname.clone())}</h1>
                <ChangeForm state={FormState::of::<SignOut>()}><button class="btn small ghost">{t.sign_out()}</button></ChangeForm>
            </div>
            {viewer.admin.then(|| view! { <p class="aside"><a href=paths::ADMIN>{t.admin()}</a></p> })}
            <nav class="shortcuts" aria-label=t.my()>
                <a href=paths::MY_ORDERS>{t.my_orders()}</a>
                <a href=paths::MY_TICKETS>{t.my_tickets()}</a>
                <a href=paths::WISHES>{t.my_wishes()}</a>
                <a href=paths::MY_PARTIES>{t.my_parties()}</a>
                <a href=paths::FAVOURITES>{t.my_favourites()}</a>
                <a href=paths::SUBSCRIPTIONS>{t.my_subscriptions()}</a>
                {viewer.creator.then(|| view! { <a href=paths::CREATOR_EVENTS>{t.my_events()}</a> })}
            </nav>
            <Masked viewer=viewer.clone() />
            <Entries came entries />
            <p class="aside">
                <a href=paths::MY_PROFILE>{t.my_profile()}</a>" · "<a href=paths::ADDRESSES>{t.my_addresses()}</a>" · "
                <a href=paths::DEVICES>{t.my_devices()}</a>" · "<a href=paths::ACCOUNT>{t.my_account()}</a>
            </p>
        }
        .into_any(),
        None => view! {
            <h1>{t.my()}</h1>
            <p class="sub">{t.signed_out_my()}</p>
            <a class="btn go" href=paths::sign_in(paths::MY)>{t.sign_in()}</a>
            <p class="aside">{t.no_account()}" "<a href=paths::sign_up(paths::MY)>{t.sign_up()}</a></p>
        }
        .into_any(),
    };
    view! { <section class="narrow">{body}</section> }
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
