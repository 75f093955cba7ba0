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
    markets::{AreaMap, MAP_KM, at_offset, distance, offset},
};

/// Where one may look from without saying where one lives: Korean and English name, degrees north and east.
pub(super) const PLACES: [(&str, &str, f64, f64); 18] = [
    ("서울 시청", "Seoul", 37.5663, 126.9779),
    ("서울 성수", "Seongsu", 37.5446, 127.0559),
    ("서울 강남", "Gangnam", 37.4979, 127.0276),
    ("인천", "Incheon", 37.4563, 126.7052),
    ("수원", "Suwon", 37.2636, 127.0286),
    ("성남 분당", "Bundang", 37.3827, 127.1189),
    ("고양 일산", "Ilsan", 37.6584, 126.7698),
    ("춘천", "Chuncheon", 37.8813, 127.7298),
    ("강릉", "Gangneung", 37.7519, 128.8761),
    ("대전", "Daejeon", 36.3504, 127.3845),
    ("청주", "Cheongju", 36.6424, 127.4890),
    ("전주", "Jeonju", 35.8242, 127.1480),
    ("광주", "Gwangju", 35.1595, 126.8526),
    ("여수", "Yeosu", 34.7604, 127.6622),
    ("대구", "Daegu", 35.8714, 128.6014),
    ("울산", "Ulsan", 35.5384, 129.3114),
    ("부산", "Busan", 35.1796, 129.0756),
    ("제주", "Jeju", 33.4996, 126.5312),
];

/// The coast as we draw it, roughly: degrees north and east, around the mainland with the northern edge, and around Jeju.
static COAST: [&[(f64, f64)]; 2] = [
    &[
        (37.78, 126.55),
        (37.98, 126.95),
        (38.28, 127.20),
        (38.33, 127.80),
        (38.61, 128.36),
        (38.20, 128.60),
        (37.78, 128.95),
        (37.43, 129.18),
        (37.00, 129.42),
        (36.50, 129.44),
        (36.08, 129.40),
        (36.05, 129.57),
        (35.65, 129.48),
        (35.45, 129.38),
        (35.15, 129.20),
        (35.04, 129.00),
        (35.05, 128.75),
        (34.75, 128.70),
        (34.80, 128.38),
        (34.88, 128.05),
        (34.70, 127.75),
        (34.80, 127.50),
        (34.48, 127.30),
        (34.50, 127.00),
        (34.30, 126.55),
        (34.60, 126.28),
        (34.85, 126.36),
        (35.15, 126.32),
        (35.42, 126.42),
        (35.65, 126.48),
        (35.97, 126.62),
        (36.32, 126.50),
        (36.72, 126.13),
        (37.00, 126.45),
        (36.95, 126.85),
        (37.22, 126.66),
        (37.45, 126.58),
        (37.64, 126.42),
    ],
    &[
        (33.30, 126.16),
        (33.47, 126.30),
        (33.54, 126.60),
        (33.50, 126.93),
        (33.36, 126.90),
        (33.24, 126.60),
        (33.22, 126.27),
    ],
];
/// The middle of the map of the country, and how far it reaches to either side, in metres.
const COUNTRY: (Coordinates, f64) = (Coordinates { latitude: 35.9, longitude: 127.8 }, 312_000.0);

/// Half of a drawing's side.
const SIDE: f64 = 180.0;
/// Names that are nearer to one another would lie on one another.
const APART: f64 = 22.0;
/// How far the point goes with an arrow key, in metres; ten times as far with Shift.
const STEP: f64 = 100.0;

/// Where something is drawn.
type Spot = (f64, f64);

/// Where a place is drawn on a map around another that reaches so far.
fn spot(centre: Coordinates, reach: f64, at: Coordinates) -> Spot {
    let (east, north) = offset(centre, at);
    (east / reach * SIDE, -north / reach * SIDE)
}

/// The part of the drawing that is nearer to each of the spots than to any other.
fn areas(spots: &[Spot]) -> Vec<Vec<Spot>> {
    let area = |own: &Spot| {
        let mut area = vec![(-SIDE, -SIDE), (SIDE, -SIDE), (SIDE, SIDE), (-SIDE, SIDE)];
        for other in spots.iter().filter(|other| *other != own) {
            let (across, down) = (other.0 - own.0, other.1 - own.1);
            let (x, y) = ((own.0 + other.0) / 2.0, (own.1 + other.1) / 2.0);
            // How far beyond the line between the two.
            let beyond = |spot: &Spot| (spot.0 - x) * across + (spot.1 - y) * down;
            let mut cut = Vec::with_capacity(area.len() + 1);
            for (at, from) in area.iter().enumerate() {
                let to = &area[(at + 1) % area.len()];
                let (one, two) = (beyond(from), beyond(to));
                if one <= 0.0 {
                    cut.push(*from);
                }
                if (one < 0.0 && two > 0.0) || (one > 0.0 && two < 0.0) {
                    let part = one / (one - two);
                    cut.push((from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part));
                }
            }
            area = cut;
        }
        area
    };
    spots.iter().map(area).collect()
}

fn points(area: &[Spot]) -> String {
    area.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

fn is_drawn((x, y): Spot) -> bool {
    x.abs() < SIDE - 4.0 && y.abs() < SIDE - 4.0
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

#[cfg(test)]
mod tests {
    use super::*;

    fn size(area: &[Spot]) -> f64 {
        let next = area.iter().cycle().skip(1);
        area.iter().zip(next).map(|(one, two)| one.0 * two.1 - two.0 * one.1).sum::<f64>() / 2.0
    }

    #[test]
    fn areas_cover_the_map_once_and_each_has_its_middle() {
        let spots = [(0.0, 0.0), (100.0, 20.0), (-50.0, 120.0), (30.0, -170.0), (300.0, 300.0), (-90.0, -90.0)];
        let areas = areas(&spots);
        let all: f64 = areas.iter().map(|area| size(area)).sum();
        assert!((all - 4.0 * SIDE * SIDE).abs() < 1e-6, "{all}");
        for (spot, area) in spots.iter().zip(&areas).filter(|(spot, _)| is_drawn(**spot)) {
            // On the same side of every edge.
            let inside = area
                .iter()
                .zip(area.iter().cycle().skip(1))
                .all(|(one, two)| (two.0 - one.0) * (spot.1 - one.1) - (two.1 - one.1) * (spot.0 - one.0) > 0.0);
            assert!(inside, "{spot:?} in {area:?}");
        }
        assert_eq!(super::areas(&[(0.0, 0.0)])[0].len(), 4);
    }

    #[test]
    fn every_place_is_within_the_country() {
        for (name, _, latitude, longitude) in PLACES {
            let spot = spot(COUNTRY.0, COUNTRY.1, Coordinates { latitude, longitude });
            assert!(is_drawn(spot), "{name} at {spot:?}");
        }
        for (latitude, longitude) in COAST.iter().copied().flatten() {
            let spot = spot(COUNTRY.0, COUNTRY.1, Coordinates { latitude: *latitude, longitude: *longitude });
            assert!(is_drawn(spot), "{spot:?}");
        }
    }
}
