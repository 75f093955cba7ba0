//! Around every page: the demonstration's strip, the header with the menu and its toggle, the footer.

use super::{Mark, face, words};
use crate::{
    boot::{Theme, boot},
    features::accounts::{SetMode, SetPreferences},
    forms::{ChangeForm, FormState},
    later::still,
    paths,
    texts::Lang,
};
use leptos::prelude::*;
use model::Mode;

/// The path of an address.
fn path(here: &str) -> &str {
    here.split('?').next().unwrap_or_default()
}

/// One-click sign-in on demonstration instances.
#[component]
pub fn DemoStrip() -> impl IntoView {
    let boot = boot();
    let t = boot.lang;
    let next = path(&boot.here).to_owned();
    let has_admin = boot.demo_admin;
    let strip = move || {
        let admin = has_admin.then(|| view! { <button name="as" value="admin">{t.demo_admin()}</button> });
        view! {
            <aside class="demo-strip">
                <span>{t.demo_strip()}</span>
                <form method="post" action="/demo/sign-in">
                    <input type="hidden" name="next" value=next />
                    <button name="as" value="shopper">{t.demo_shopper()}</button>
                    <button name="as" value="creator">{t.demo_creator()}</button>
                    <button name="as" value="neighbour">{t.demo_neighbour()}</button>
                    <button name="as" value="seller">{t.demo_seller()}</button>
                    {admin}
                </form>
            </aside>
        }
    };
    boot.demo.then(|| still(strip))
}

/// Leads to terms that are others than those that the reader accepted.
#[component]
pub fn TermsStrip() -> impl IntoView {
    let boot = boot();
    let t = boot.lang;
    let due = boot.viewer.is_some_and(|viewer| viewer.terms_due) && path(&boot.here) != paths::ACCOUNT;
    due.then(|| view! { <aside class="terms-strip" aria-label=t.terms()>{t.terms_changed()}" "<a href=paths::ACCOUNT>{t.terms_changed_look()}</a></aside> })
}

/// Says that times are Korea's to whoever's browser keeps another time; only scripts know.
#[component]
pub fn ZoneNote() -> impl IntoView {
    let t = boot().lang;
    let elsewhere = RwSignal::new(false);
    // As it was rendered at first: the server does not know.
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        const KOREA: f64 = -9.0 * 60.0;
        elsewhere.set(js_sys::Date::new_0().get_timezone_offset() != KOREA);
    });
    move || elsewhere.get().then(|| view! { <p class="zone">{t.korea_time()}</p> })
}

/// The header with the sign, where to go, the mode toggle and who is signed in.
#[component]
pub fn Header() -> impl IntoView {
    let boot = boot();
    let t = boot.lang;
    let next = path(&boot.here).to_owned();
    let mode = boot.viewer.as_ref().map_or(Mode::Shopper, |viewer| viewer.mode);
    let pressed = move |which: Mode| if mode == which { "true" } else { "false" };
    let account = match boot.viewer {
        Some(viewer) => {
            let face = face(&viewer.nickname, viewer.picture);
            view! { <a class="who" href=paths::MY>{face}{viewer.nickname}</a> }.into_any()
        }
        None => view! { <a class="who" href=paths::sign_in(&next)>{t.sign_in()}</a> }.into_any(),
    };
    view! {
        <header class="top">
            <a class="brand" href=paths::HOME><Mark /><span class="word" lang="ko">{t.site()}</span></a>
            <Menu />
            <a class="find" href=paths::SEARCH aria-label=t.search()><Icon name="search" /></a>
            <ChangeForm state={FormState::of::<SetMode>()} class="toggle" label=t.mode()>
                <button name="mode" value="shopper" aria-pressed=pressed(Mode::Shopper)>{t.shopper()}</button>
                <button name="mode" value="creator" aria-pressed=pressed(Mode::Creator)>{t.creator()}</button>
            </ChangeForm>
            {account}
        </header>
    }
}

/// Where to go: tabs at the bottom edge of phones, in the header of wider screens.
#[component]
fn Menu() -> impl IntoView {
    let boot = boot();
    let t = boot.lang;
    let here = path(&boot.here).to_owned();
    // A room keeps its bottom edge for the button.
    let in_room =
        here.starts_with("/events/") && !["/board", "/result", "/checkout"].iter().any(|page| here.ends_with(page));
    let unread = boot.viewer.map_or(0, |viewer| viewer.unread);
    let to = |address: &'static str, icon: &'static str, name: &'static str| {
        let on = here.strip_prefix(address).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        // Also where there are none: the script that follows notices writes here.
        let count = (address == paths::NOTICES).then(|| {
            let count = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
            let label = if unread > 0 { t.notices_unread(unread) } else { String::new() };
            view! {
                <b data-unread=unread.to_string() aria-hidden="true" hidden={unread == 0} inner_html=words(move || count.clone()) />
                <span data-unread-label="" class="visually-hidden" inner_html=words(move || label.clone()) />
            }
        });
        view! { <a class=icon href=address aria-current=on.then_some("page")><Icon name=icon />{name}{count}</a> }
    };
    view! {
        <nav class="tabbar" class:hidden=in_room aria-label=t.main_menu()>
            {to(paths::HOME, "home", t.home())}
            {to(paths::DEALS, "clock", t.deals())}
            {to(paths::TICKETS, "ticket", t.tickets())}
            {to(paths::PARTIES, "pin", t.parties())}
            {to(paths::CREATOR_EVENTS, "spark", t.creator())}
            {to(paths::NOTICES, "bell", t.notices())}
            {to(paths::MY, "person", t.my())}
        </nav>
    }
}

/// Under every page: how it looks, and its language.
#[component]
pub fn Footer() -> impl IntoView {
    let boot = boot();
    let t = boot.lang;
    let (other, other_name) = match t {
        Lang::Ko => ("en", "English"),
        Lang::En => ("ko", "한국어"),
    };
    let theme_name = |theme| match theme {
        Theme::System => t.theme_system(),
        Theme::Light => t.theme_light(),
        Theme::Dark => t.theme_dark(),
    };
    let themes = Theme::ALL
        .map(|theme| {
            let pressed = if boot.theme == theme { "true" } else { "false" };
            view! { <button name="theme" value=theme.name() aria-pressed=pressed>{theme_name(theme)}</button> }
        })
        .collect_view();
    view! {
        <footer class="foot">
            <ChangeForm state={FormState::of::<SetPreferences>()}>
                <div role="group" aria-label=t.theme()>{themes}</div>
                <button name="language" value=other lang=other>{other_name}</button>
            </ChangeForm>
            <p><a href=paths::TERMS>{t.terms()}</a>" · "<a href=paths::PRIVACY>{t.privacy()}</a></p>
        </footer>
    }
}

/// A drawing of the sprite in `public/icons.svg`.
#[component]
pub fn Icon(
    /// Its id there.
    name: &'static str,
) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><use href=format!("/icons.svg#{name}") /></svg> }
}
