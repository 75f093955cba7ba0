//! A map of our own: districts as areas around their middles, the included markets, and a point that one places on it. Every area and
//! every market is a link, for whoever has no scripts; with them the point goes where one presses, or by the arrow keys.

use crate::{boot::lang, paths};
use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    html,
    prelude::*,
};
use model::{
    Coordinates,
    drawing::map::{COAST, COUNTRY, PLACES, Spot, areas, is_drawn, spot},
    markets::{AreaMap, MAP_KM, at_offset, distance, offset},
};

/// Names that are nearer to one another would lie on one another.
const APART: f64 = 22.0;
/// How far the point goes with an arrow key, in metres; ten times as far with Shift.
const STEP: f64 = 100.0;

fn points(area: &[Spot]) -> String {
    area.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

/// The country: each city leads to the map around it.
#[component]
pub(super) fn Country() -> impl IntoView {
    let korean = lang().code() == "ko";
    let (centre, reach) = COUNTRY;
    let mut cities: Vec<(&str, Coordinates, Spot)> = Vec::new();
    for (ko, en, latitude, longitude) in PLACES {
        let at = Coordinates { latitude, longitude };
        let spot = spot(centre, reach, at);
        if cities.iter().all(|(_, _, (x, y))| (x - spot.0).hypot(y - spot.1) > APART) {
            cities.push((if korean { ko } else { en }, at, spot));
        }
    }
    let areas = areas(&cities.iter().map(|(_, _, spot)| *spot).collect::<Vec<_>>());
    let cities = cities
        .into_iter()
        .zip(areas)
        .map(|((name, at, (x, y)), area)| {
            view! {
                <a href=paths::look_around(at)>
                    <polygon points=points(&area) clip-path="url(#coast)" />
                    <text x=format!("{x:.1}") y=format!("{y:.1}")>{name}</text>
                </a>
            }
        })
        .collect_view();
    let coast = || {
        COAST.iter().map(move |line| {
            let line: Vec<_> = line
                .iter()
                .map(|(latitude, longitude)| {
                    spot(centre, reach, Coordinates { latitude: *latitude, longitude: *longitude })
                })
                .collect();
            view! { <polygon points=points(&line) /> }
        })
    };
    view! {
        <div class="map">
            <svg viewBox="-180 -180 360 360" role="group" aria-label=lang().map_of_country()>
                <clipPath id="coast">{coast().collect_view()}</clipPath>
                <g class="coast">{coast().collect_view()}</g>
                {cities}
            </svg>
        </div>
    }
}

/// The districts and markets around a place, and the point that was placed.
#[component]
pub(super) fn Around(map: AreaMap, point: RwSignal<Coordinates>) -> impl IntoView {
    let t = lang();
    let AreaMap { centre, districts, markets } = map;
    let reach = f64::from(MAP_KM) * 1_000.0;
    let spots: Vec<Spot> = districts.iter().map(|district| spot(centre, reach, district.at)).collect();
    let link = |at: Coordinates| paths::look_around(at);
    let areas = districts
        .into_iter()
        .zip(areas(&spots))
        .zip(spots)
        .filter(|((_, area), _)| area.len() > 2)
        .map(|((district, area), (x, y))| {
            let short = district.name.rsplit(' ').next().unwrap_or_default().to_owned();
            let name = is_drawn((x, y)).then(|| view! { <text x=format!("{x:.1}") y=format!("{y:.1}")>{short}</text> });
            view! { <a href=link(district.at) aria-label=district.name><polygon points=points(&area) />{name}</a> }
        })
        .collect_view();
    // A name where there is room for it; the nearest to the middle have theirs first.
    let mut named: Vec<Spot> = Vec::new();
    let markets = markets
        .into_iter()
        .map(|market| (spot(centre, reach, market.at), market))
        .filter(|(spot, _)| is_drawn(*spot))
        .map(|((x, y), market)| {
            let room = named.iter().all(|(other_x, other_y)| (x - other_x).abs() > 70.0 || (y - other_y).abs() > 13.0);
            let name = room.then(|| view! { <text class="market" x=format!("{x:.1}") y=format!("{:.1}", y - 7.0)>{market.name.clone()}</text> });
            if room {
                named.push((x, y));
            }
            view! {
                <a href=link(market.at) aria-label=market.name.clone()>
                    <rect class="market" x=format!("{:.1}", x - 4.0) y=format!("{:.1}", y - 4.0) width="8" height="8" rx="2" />{name}
                </a>
            }
        })
        .collect_view();
    let moved = move |by: Spot| {
        let (east, north) = offset(centre, point.get_untracked());
        let within = |metres: f64| metres.clamp(-reach, reach);
        point.set(at_offset(centre, (within(east + by.0), within(north + by.1))));
    };
    let key = move |event: KeyboardEvent| {
        let step = if event.shift_key() { STEP * 10.0 } else { STEP };
        let by = match event.key().as_str() {
            "ArrowUp" => (0.0, step),
            "ArrowDown" => (0.0, -step),
            "ArrowLeft" => (-step, 0.0),
            "ArrowRight" => (step, 0.0),
            _ => return,
        };
        event.prevent_default();
        moved(by);
    };
    let here = move || {
        let (x, y) = spot(centre, reach, point.get());
        format!("translate({x:.1} {y:.1})")
    };
    let frame = NodeRef::<html::Div>::new();
    view! {
        <div class="map" node_ref=frame tabindex="0" role="application" aria-label=t.map_keys() aria-describedby="point" on:keydown=key
            on:click=move |event| place(&event, frame, centre, reach, point)>
            <svg viewBox="-180 -180 360 360">
                {areas}
                {markets}
                <g class="point" transform=here><circle r="9" /><circle class="middle" r="3" /></g>
            </svg>
        </div>
    }
}

/// Places the point where one pressed. By the keyboard a link goes where it leads.
#[cfg(feature = "hydrate")]
fn place(event: &MouseEvent, frame: NodeRef<html::Div>, centre: Coordinates, reach: f64, point: RwSignal<Coordinates>) {
    let Some(frame) = frame.get_untracked().filter(|_| event.detail() > 0) else { return };
    event.prevent_default();
    let frame = frame.get_bounding_client_rect();
    let part = |at: i32, from: f64, side: f64| ((f64::from(at) - from) / side.max(1.0) * 2.0 - 1.0).clamp(-1.0, 1.0);
    let east = part(event.client_x(), frame.left(), frame.width()) * reach;
    let north = -part(event.client_y(), frame.top(), frame.height()) * reach;
    point.set(at_offset(centre, (east, north)));
}

#[cfg(not(feature = "hydrate"))]
fn place(_: &MouseEvent, _: NodeRef<html::Div>, _: Coordinates, _: f64, _: RwSignal<Coordinates>) {}

/// The nearest of some places, and how many metres it is away.
pub(super) fn nearest<'a>(
    point: Coordinates,
    places: impl Iterator<Item = (&'a str, Coordinates)>,
) -> Option<(&'a str, f64)> {
    places.map(|(name, at)| (name, distance(point, at))).min_by(|(_, one), (_, other)| one.total_cmp(other))
}
