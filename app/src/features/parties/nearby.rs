//! `/parties`: parties around home, or around where one looks: drawn, and as a list.

use super::{card::Card, functions::SetHome};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    forms::{ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Coordinates, Page,
    parties::{Dot, NearbyParties, NearbyQuery, RADII},
};
#[cfg(feature = "ssr")]
use model::{Error, ItemCategory, markets::degrees};
use serde::{Deserialize, Serialize};

/// Where one may look from without saying where one lives: Korean and English name, degrees north and east.
const PLACES: [(&str, &str, f64, f64); 18] = [
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

/// What the page shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Around {
    /// Nothing while nobody said where from.
    nearby: Option<NearbyParties>,
    /// Whether that is the reader's home.
    home: bool,
}

/// Reads the parties around what the address names, else around the reader's home.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Around> {
    let parties = &asked.reader.engine.parties;
    let typed = asked.query("lat").zip(asked.query("lng"));
    let typed = typed
        .map(|(latitude, longitude)| {
            let [latitude, longitude] = [degrees(latitude, 90), degrees(longitude, 180)];
            latitude
                .and_then(|latitude| Ok(Coordinates { latitude, longitude: longitude? }))
                .map_err(|_| Error::NotFound)
        })
        .transpose()?;
    let saved = parties.home(&asked.reader.actor).await?;
    let Some(around) = typed.or(saved) else { return Ok(Around { nearby: None, home: false }) };
    let km = asked.query("km").map_or(Ok(10), |km| km.parse().map_err(|_| Error::NotFound))?;
    let category = asked.query("category").map(|name| ItemCategory::named(name).ok_or(Error::NotFound)).transpose()?;
    let query = NearbyQuery {
        category,
        open: asked.query("open").is_some(),
        after: asked.cursor("after"),
        ..NearbyQuery::around(around, km)?
    };
    Ok(Around { nearby: Some(parties.nearby(query).await?), home: typed.is_none() })
}

/// The neighbourhood.
pub fn view(Around { nearby, home }: Around) -> impl IntoView {
    let t = lang();
    head::title(t.parties());
    let body = nearby.map(|nearby| view! { <Nearby nearby home /> });
    let places = PLACES
        .iter()
        .map(|(korean, english, latitude, longitude)| {
            let at = Coordinates { latitude: *latitude, longitude: *longitude };
            let name = if t.code() == "ko" { *korean } else { *english };
            view! { <a href=paths::parties_around(at)>{name}</a> }
        })
        .collect_view();
    view! {
        <section class="notices parties">
            <div class="head"><h1>{t.parties()}</h1>
                <nav class="tools">
                    <a class="btn small" href=paths::NEW_PARTY>{t.new_party()}</a>
                    <a class="btn small ghost" href=paths::MY_PARTIES>{t.my_parties()}</a>
                </nav>
            </div>
            {body}
            <h2>{t.look_from()}</h2>
            <nav class="places">{places}</nav>
        </section>
    }
}

#[component]
fn Nearby(nearby: NearbyParties, home: bool) -> impl IntoView {
    let t = lang();
    let NearbyParties { query, total, cards: Page { rows, next }, dots, .. } = nearby;
    // Of one's home nothing stands in an address.
    let address = move |query: &NearbyQuery| paths::parties(query, home);
    let radii = RADII
        .map(|km| {
            let asked = NearbyQuery { km, after: None, ..query.clone() };
            view! { <a href=address(&asked) aria-current=(km == query.km).then_some("true")>{format!("{km}km")}</a> }
        })
        .collect_view();
    let open = NearbyQuery { open: !query.open, after: None, ..query.clone() };
    let more = next.map(|next| {
        let href = address(&NearbyQuery { after: Some(next), ..query.clone() });
        view! { <nav class="pages"><a class="btn small" href=href>{t.more()}</a></nav> }
    });
    let empty = (total == 0).then(|| view! { <p class="none">{t.no_parties()}</p> });
    let signed_in = boot().viewer.is_some();
    let Coordinates { latitude, longitude } = query.around;
    let own = signed_in.then(|| {
        let (latitude, longitude, label) = match home {
            true => (String::new(), String::new(), t.forget_home()),
            false => (latitude.to_string(), longitude.to_string(), t.set_home()),
        };
        view! {
            <ChangeForm state={FormState::of::<SetHome>()} class="tools">
                <input type="hidden" name="latitude" value=latitude />
                <input type="hidden" name="longitude" value=longitude />
                <button class="btn small ghost">{label}</button>
                <small>{t.home_hint()}</small>
            </ChangeForm>
        }
    });
    let cards = rows.into_iter().map(|card| view! { <Card card /> }).collect_view();
    view! {
        <p class="sub">{t.parties_within(total, u64::from(query.km))}</p>
        <nav class="seg" aria-label=t.how_far()>
            {radii}
            <a href=address(&open) aria-current=query.open.then_some("true")>{t.only_open()}</a>
        </nav>
        <Radar dots km=query.km />
        {empty}
        <ul>{cards}</ul>
        {more}
        {own}
    }
}

/// How far from the middle a distance is drawn: what is near has more room.
fn drawn(metres: f64) -> f64 {
    const RINGS: [(f64, f64); 5] = [(0.0, 0.0), (1_000.0, 28.0), (3_000.0, 62.0), (5_000.0, 98.0), (10_000.0, 146.0)];
    let between = RINGS.windows(2).find(|pair| metres <= pair[1].0);
    between.map_or(RINGS[4].1, |pair| {
        let ((from, inner), (to, outer)) = (pair[0], pair[1]);
        inner + (metres - from) / (to - from) * (outer - inner)
    })
}

/// Parties by direction and distance, each with the shares that it has left.
#[component]
fn Radar(dots: Vec<Dot>, km: u32) -> impl IntoView {
    let t = lang();
    let rings = RADII
        .map(|ring| {
            let radius = drawn(f64::from(ring) * 1_000.0);
            view! {
                <circle class="ring" class:on=ring == km cx="195" cy="160" r=radius.to_string() />
                <text class="ring" x="199" y=(160.0 - radius + 13.0).to_string()>{format!("{ring}km")}</text>
            }
        })
        .collect_view();
    // The nearest last, on top of the others.
    let dots = dots
        .into_iter()
        .rev()
        .map(|dot| {
            let (east, north) = (f64::from(dot.east), f64::from(dot.north));
            let metres = east.hypot(north);
            let part = if metres > 0.0 { drawn(metres) / metres } else { 0.0 };
            let [x, y] = [195.0 + east * part, 160.0 - north * part].map(|place| format!("{place:.1}"));
            let label = t.shares_left(u64::from(dot.left));
            view! {
                <a href=paths::party(dot.party) aria-label=label>
                    <circle class="dot" class:full=dot.left == 0 cx=x.clone() cy=y.clone() r="10" />
                    <text class="dot" x=x y=y dy="4">{dot.left}</text>
                </a>
            }
        })
        .collect_view();
    view! {
        <svg class="radar" viewBox="0 0 390 318" role="group" aria-label=t.drawn_parties()>
            {rings}
            {dots}
            <circle class="here" cx="195" cy="160" r="6" />
        </svg>
    }
}
