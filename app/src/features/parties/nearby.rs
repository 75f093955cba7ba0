//! `/parties`: parties around home, or around where one looks: drawn, and as a list.

use super::{card::Card, functions::SetHome, item_field::ItemField};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    components::next_page,
    forms::{ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Coordinates, Item, ItemCategory, Market, Page,
    drawing::map::PLACES,
    parties::{Dot, NearbyParties, NearbyQuery, RADII},
};
#[cfg(feature = "ssr")]
use model::{Error, MarketId, markets::degrees};
use serde::{Deserialize, Serialize};

/// Markets that the list can be limited to.
#[cfg(feature = "ssr")]
const MARKETS: usize = 40;

/// What the page shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Around {
    /// Nothing while nobody said where from.
    nearby: Option<NearbyParties>,
    /// Whether that is the reader's home.
    home: bool,
    choices: Choices,
}

/// What the list can be limited to, and is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Choices {
    /// What was typed of an item, and the items that it may be.
    find: String,
    found: Vec<Item>,
    /// The item that was chosen.
    item: Option<Item>,
    /// Markets around, and the one that was chosen.
    markets: Vec<Market>,
}

/// Where the address says to look from.
///
/// # Errors
/// [`Error::NotFound`] for what is no place.
#[cfg(feature = "ssr")]
pub(super) fn place_in(asked: &Asked) -> Result<Option<Coordinates>, Error> {
    let typed = asked.query("lat").zip(asked.query("lng"));
    let place = typed.map(|(latitude, longitude)| {
        let [latitude, longitude] = [degrees(latitude, 90), degrees(longitude, 180)];
        latitude.and_then(|latitude| Ok(Coordinates { latitude, longitude: longitude? })).map_err(|_| Error::NotFound)
    });
    place.transpose()
}

/// Reads the parties around what the address names, else around the reader's home.
///
/// # Errors
/// [`Error::NotFound`] for what the address names and is not there, and for a cursor of another list; the database may fail.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Around> {
    let (parties, markets) = (&asked.reader.engine.parties, &asked.reader.engine.markets);
    let typed = place_in(&asked)?;
    let saved = parties.home(&asked.reader.actor).await?;
    let Some(around) = typed.or(saved) else {
        return Ok(Around { nearby: None, home: false, choices: Choices::default() });
    };
    let km = asked.query("km").map_or(Ok(10), |km| km.parse().map_err(|_| Error::NotFound))?;
    let category = asked.query("category").map(|name| ItemCategory::named(name).ok_or(Error::NotFound)).transpose()?;
    let market: Option<MarketId> =
        asked.query("market").map(|id| id.parse().map_err(|_| Error::NotFound)).transpose()?;
    let mut choices = Choices {
        find: asked.query("find").unwrap_or_default().chars().take(60).collect(),
        markets: markets.near(around, km, MARKETS).await?.into_iter().map(|(market, _)| market).collect(),
        ..Choices::default()
    };
    if let Some(id) = asked.query("item").filter(|_| choices.find.is_empty()) {
        choices.item = Some(markets.item(id.parse().map_err(|_| Error::NotFound)?).await?);
    }
    let mut found = markets.suggest(&choices.find).await?;
    // What was typed is the name of one.
    let exact = found.len() == 1 || found.first().is_some_and(|item| item.name == choices.find.trim());
    if exact {
        choices.item = Some(found.remove(0));
        choices.find.clear();
    } else {
        choices.found = found;
    }
    if let Some(market) = market
        && !choices.markets.iter().any(|near| near.id == market)
    {
        choices.markets.push(markets.market(market).await?);
    }
    let query = NearbyQuery {
        item: choices.item.as_ref().map(|item| item.id),
        category,
        market,
        open: asked.query("open").is_some(),
        after: asked.cursor("after"),
        ..NearbyQuery::around(around, km)?
    };
    Ok(Around { nearby: Some(parties.nearby(query).await?), home: typed.is_none(), choices })
}

/// The neighbourhood.
pub fn view(Around { nearby, home, choices }: Around) -> impl IntoView {
    let t = lang();
    head::title(t.parties());
    let body = match nearby {
        Some(nearby) => view! { <Nearby nearby home choices /> }.into_any(),
        None => view! {
            <section class="empty"><p>{t.where_first()}</p><a class="btn go" href=paths::WHERE>{t.say_where()}</a></section>
            <h2>{t.look_from()}</h2>
            <Places />
        }
        .into_any(),
    };
    view! {
        <section class="notices parties around">
            <div class="head"><h1>{t.parties()}</h1>
                <nav class="tools">
                    <a class="btn small" href=paths::NEW_PARTY>{t.new_party()}</a>
                    <a class="btn small ghost" href=paths::MY_PARTIES>{t.my_parties()}</a>
                </nav>
            </div>
            {body}
        </section>
    }
}

/// Places that one may look from at once.
#[component]
pub(super) fn Places() -> impl IntoView {
    let korean = lang().code() == "ko";
    let places = PLACES
        .iter()
        .map(|(ko, en, latitude, longitude)| {
            let at = Coordinates { latitude: *latitude, longitude: *longitude };
            view! { <a href=paths::parties_around(at)>{if korean { *ko } else { *en }}</a> }
        })
        .collect_view();
    view! { <nav class="places" aria-label=lang().look_from()>{places}</nav> }
}

#[component]
fn Nearby(nearby: NearbyParties, home: bool, choices: Choices) -> impl IntoView {
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
    let more = next_page(next.map(|next| address(&NearbyQuery { after: Some(next), ..query.clone() })));
    let limited = query.item.is_some() || query.category.is_some() || query.market.is_some() || query.open;
    let empty = (total == 0).then(|| {
        let all = NearbyQuery { item: None, category: None, market: None, open: false, after: None, ..query.clone() };
        match limited {
            true => view! { <section class="empty"><p>{t.no_parties_limited()}</p><a class="btn small" href=address(&all)>{t.all_parties()}</a></section> }.into_any(),
            false => view! { <section class="empty"><p>{t.no_parties()}</p><a class="btn small" href=paths::NEW_PARTY>{t.new_party()}</a></section> }.into_any(),
        }
    });
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
            </ChangeForm>
        }
    });
    let cards = rows.into_iter().map(|card| view! { <Card card /> }).collect_view();
    view! {
        <p class="sub">{t.parties_within(total, u64::from(query.km))}</p>
        <div class="bar">
            <nav class="seg" aria-label=t.how_far()>
                {radii}
                <a href=address(&open) aria-current=query.open.then_some("true")>{t.only_open()}</a>
            </nav>
            <Filters query=query.clone() home choices />
        </div>
        <div class="halves">
            <div class="drawn">
                <Radar dots km=query.km />
                <div class="tools">
                    <a class="btn small ghost" href=paths::WHERE>{t.look_from()}</a>
                    {own}
                </div>
                <p class="note">{t.home_hint()}</p>
            </div>
            <div>
                {empty}
                <ul>{cards}</ul>
                {more}
            </div>
        </div>
    }
}

/// What the list is limited to beside the distance: an item, a category, a market.
#[component]
fn Filters(query: NearbyQuery, home: bool, choices: Choices) -> impl IntoView {
    let t = lang();
    let Choices { find, found, item, markets } = choices;
    let query = NearbyQuery { after: None, ..query };
    let to = {
        let query = query.clone();
        move |item: Option<Item>| paths::parties(&NearbyQuery { item: item.map(|item| item.id), ..query.clone() }, home)
    };
    let looking = !find.is_empty();
    let is_open = looking || query.item.is_some() || query.category.is_some() || query.market.is_some();
    let place = (!home).then(|| {
        let Coordinates { latitude, longitude } = query.around;
        view! {
            <input type="hidden" name="lat" value=latitude.to_string() />
            <input type="hidden" name="lng" value=longitude.to_string() />
        }
    });
    let chosen = item.map(|item| {
        let (id, without) = (item.id.to_string(), to(None));
        view! {
            <p class="picked"><b>{item.name}</b>" "<a class="link" href=without>{t.any_item()}</a></p>
            <input type="hidden" name="item" value=id />
        }
    });
    let none = (looking && found.is_empty()).then(|| view! { <p class="none">{t.no_items()}</p> });
    let which = found
        .into_iter()
        .map(|item| {
            let (name, category) = (item.name.clone(), t.item_category(item.category));
            view! { <li><a href=to(Some(item))>{name}<small>{category}</small></a></li> }
        })
        .collect_view();
    let field = chosen.is_none().then(|| {
        let to = to.clone();
        view! { <ItemField value=find address=Callback::new(move |item| to(Some(item))) /> }
    });
    let categories = ItemCategory::ALL
        .iter()
        .map(|category| {
            let selected = query.category == Some(*category);
            view! { <option value=category.name() selected=selected>{t.item_category(*category)}</option> }
        })
        .collect_view();
    let markets = markets
        .into_iter()
        .map(|market| {
            let selected = query.market == Some(market.id);
            view! { <option value=market.id.to_string() selected=selected>{market.name}</option> }
        })
        .collect_view();
    view! {
        <details class="filters" open=is_open>
            <summary>{t.filters()}</summary>
            <form method="get" action=paths::PARTIES>
                {place}
                <input type="hidden" name="km" value=query.km.to_string() />
                {query.open.then(|| view! { <input type="hidden" name="open" value="yes" /> })}
                {chosen}{field}{none}
                <ul class="found">{which}</ul>
                <div class="field">
                    <label for="category">{t.item_shelf()}</label>
                    <select id="category" name="category"><option value="">{t.any_shelf()}</option>{categories}</select>
                </div>
                <div class="field">
                    <label for="market">{t.party_market()}</label>
                    <select id="market" name="market"><option value="">{t.any_market()}</option>{markets}</select>
                </div>
                <button class="btn small">{t.show_those()}</button>
            </form>
        </details>
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
            // As it is written: the number stands by itself in it.
            let label = t.free_shares(dot.left);
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
