//! `/parties/where`: from where one looks, by an address, by where the browser is, or by a point on a map. Nobody else is told.

use super::{
    card::away,
    functions::SetHome,
    map::{Around, Country, nearest},
    nearby::Places,
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    components::words,
    features::markets::AddMarket,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
#[cfg(feature = "ssr")]
use engine::limits::Searcher;
use leptos::prelude::*;
use model::{
    Coordinates, MarketKind,
    markets::{AreaMap, Place},
};
use serde::{Deserialize, Serialize};

/// What the page shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Look {
    /// What was typed of an address, and the places that may be meant.
    find: String,
    found: Vec<Place>,
    /// The map around the place that was chosen, or around home; nothing while there is none.
    map: Option<AreaMap>,
}

/// Reads the map around what the address names, else around the reader's home.
///
/// # Errors
/// [`model::Error::NotFound`] for an address that names no place; as [`engine::markets::Markets::find_places`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Look> {
    let engine = &asked.reader.engine;
    let find: String = asked.query("find").unwrap_or_default().chars().take(120).collect();
    let who = match asked.reader.actor.member() {
        Some(member) => Some(Searcher::Member(member)),
        None => asked.reader.address.map(Searcher::Address),
    };
    let found = engine.markets.find_places(who, &find).await?;
    let typed = super::nearby::place_in(&asked)?;
    // The very place, or the only one.
    let one = found.first().filter(|place| place.exact || found.len() == 1).map(|place| place.at);
    let centre = match typed.or(one) {
        Some(centre) => Some(centre),
        None => engine.parties.home(&asked.reader.actor).await?,
    };
    let map = match centre {
        Some(centre) => Some(engine.markets.map(centre).await?),
        None => None,
    };
    Ok(Look { find, found, map })
}

/// The page.
pub fn view(Look { find, found, map }: Look) -> impl IntoView {
    let t = lang();
    head::title(t.where_title());
    let none = (found.is_empty() && !find.is_empty()).then(|| view! { <p class="none">{t.no_districts()}</p> });
    let found = found
        .into_iter()
        .map(|place| view! { <li><a href=paths::look_around(place.at)>{place.address}</a></li> })
        .collect_view();
    let body = match map {
        Some(map) => view! { <Placing map /> }.into_any(),
        None => view! { <p class="sub">{t.map_choose()}</p><Country /> }.into_any(),
    };
    view! {
        <section class="notices parties look">
            <h1>{t.where_title()}</h1>
            <p class="sub">{t.home_hint()}</p>
            <div class="halves">
                <div>
                    <Locate />
                    <form method="get" action=paths::WHERE class="claim">
                        <div class="field">
                            <label for="find">{t.where_address()}</label>
                            <input id="find" name="find" value=find autocomplete="street-address" required=true />
                        </div>
                        <button class="btn small">{t.look_up()}</button>
                    </form>
                    {none}
                    <ul class="found">{found}</ul>
                    <h2>{t.where_places()}</h2>
                    <Places />
                </div>
                <div>{body}</div>
            </div>
        </section>
    }
}

/// The map around a place with the point on it, and what may be done with that.
#[component]
fn Placing(map: AreaMap) -> impl IntoView {
    let t = lang();
    let point = RwSignal::new(map.centre);
    let around = StoredValue::new(map.clone());
    let said = move || {
        around.with_value(|map| {
            let point = point.get();
            let district = nearest(point, map.districts.iter().map(|district| (district.name.as_str(), district.at)));
            let market = nearest(point, map.markets.iter().map(|market| (market.name.as_str(), market.at)));
            let near = district.map(|(name, _)| t.point_near(name.to_owned())).unwrap_or_default();
            match market {
                Some((name, metres)) => format!("{near} · {name} {}", away(metres as u32)),
                None => near,
            }
        })
    };
    // A few metres are precise enough.
    let rounded = move || {
        let Coordinates { latitude, longitude } = point.get();
        let [latitude, longitude] = [latitude, longitude].map(|degrees| (degrees * 1e4).round() / 1e4);
        Coordinates { latitude, longitude }
    };
    let home = boot().viewer.is_some().then(|| {
        view! {
            <ChangeForm state={FormState::of::<SetHome>()}>
                <input type="hidden" name="latitude" value=map.centre.latitude.to_string() prop:value=move || rounded().latitude.to_string() />
                <input type="hidden" name="longitude" value=map.centre.longitude.to_string() prop:value=move || rounded().longitude.to_string() />
                <button class="btn go">{t.set_home()}</button>
            </ChangeForm>
        }
    });
    let form = FormState::of::<AddMarket>();
    let kinds = MarketKind::ALL
        .iter()
        .map(|kind| {
            let selected = form.value("kind").as_deref() == Some(kind.name());
            view! { <option value=kind.name() selected=selected>{t.market_kind(*kind)}</option> }
        })
        .collect_view();
    let refused = form.error.get_untracked().is_some();
    let add = boot().viewer.is_some().then(|| {
        view! {
            <details open=refused>
                <summary>{t.add_market_here()}</summary>
                <ChangeForm state=form class="claim">
                    <input type="hidden" name="latitude" value=map.centre.latitude.to_string() prop:value=move || rounded().latitude.to_string() />
                    <input type="hidden" name="longitude" value=map.centre.longitude.to_string() prop:value=move || rounded().longitude.to_string() />
                    <Field form name="name" label=t.market_name() required=true maxlength=50 />
                    <div class="field"><label for="kind">{t.market_sort()}</label><select id="kind" name="kind">{kinds}</select></div>
                    <Field form name="address" label=t.market_road() hint=t.add_market_here_hint() required=true maxlength=120 />
                    <button class="btn small">{t.save()}</button>
                </ChangeForm>
            </details>
        }
    });
    view! {
        <Around map=around.get_value() point />
        <p class="sub" id="point" role="status" inner_html=words(said) />
        <p class="note">{t.map_hint()}</p>
        <div class="placed">
            {home}
            <a class="btn ghost" href=move || paths::parties_around(rounded())>{t.look_from_here()}</a>
            <a class="link" href=move || paths::look_around(rounded())>{t.map_centre()}</a>
        </div>
        {add}
    }
}

/// Asks the browser where it is, once somebody presses: it asks them in turn.
#[component]
fn Locate() -> impl IntoView {
    let t = lang();
    let said = RwSignal::new(String::new());
    view! {
        <button type="button" class="btn small" on:click=move |_| locate(said)>{t.where_am_i()}</button>
        <p class="note" role="status" inner_html=words(move || match said.get() {
            said if said.is_empty() => t.where_am_i_hint().to_owned(),
            said => said,
        }) />
    }
}

#[cfg(feature = "hydrate")]
fn locate(said: RwSignal<String>) {
    use js_sys::Reflect;
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};
    let t = lang();
    let failed = move || {
        said.try_set(t.where_unknown().to_owned());
    };
    let found = Closure::once_into_js(move |position: JsValue| {
        let of = |value: &JsValue, name: &str| Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED);
        let place = of(&position, "coords");
        let degrees = |name: &str| of(&place, name).as_f64().map(|degrees| (degrees * 1e4).round() / 1e4);
        match degrees("latitude").zip(degrees("longitude")) {
            Some((latitude, longitude)) => {
                let _ = window().location().assign(&paths::look_around(Coordinates { latitude, longitude }));
            }
            None => failed(),
        }
    });
    // Whoever does not want to be found may choose otherwise.
    let refused = Closure::once_into_js(move |_: JsValue| failed());
    said.set(t.where_looking().to_owned());
    let asked = window().navigator().geolocation().and_then(|browser| {
        browser.get_current_position_with_error_callback(found.unchecked_ref(), Some(refused.unchecked_ref()))
    });
    if asked.is_err() {
        said.set(t.where_unknown().to_owned());
    }
}

#[cfg(not(feature = "hydrate"))]
fn locate(_: RwSignal<String>) {}
