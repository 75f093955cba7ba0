//! `/markets/{id}`: a market with the parties that meet there.

use super::{Favourite, Marked};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::next_page,
    features::parties::{Card, away},
    head, paths,
};
use leptos::prelude::*;
use model::{Market, Page, parties::PartyCard};
use serde::{Deserialize, Serialize};

/// What the page shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Shown {
    market: Market,
    /// Whether the reader marked it.
    marked: bool,
    /// How many metres it is from where the reader lives; for them alone.
    metres: Option<u32>,
    /// Parties to come.
    parties: Page<PartyCard>,
}

/// Reads a market.
///
/// # Errors
/// [`model::Error::NotFound`] for no such market, and for a cursor of another list; the database may fail.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Shown> {
    let (engine, actor) = (&asked.reader.engine, &asked.reader.actor);
    let market = engine.markets.market(asked.named("id")?).await?;
    let (marked, _) = engine.markets.are_favourites(actor, market.id, None).await?;
    let home = engine.parties.home(actor).await?;
    let metres = home.map(|home| model::markets::distance(home, market.at) as u32);
    let parties = engine.parties.at_market(market.id, asked.cursor("after").as_ref()).await?;
    Ok(Shown { market, marked, metres, parties })
}

/// The page of a market.
pub fn view(Shown { market, marked, metres, parties: Page { rows, next } }: Shown) -> impl IntoView {
    let t = lang();
    let id = market.id;
    head::title(market.name.clone());
    let empty = rows.is_empty().then(|| {
        view! { <section class="empty"><p>{t.no_market_parties()}</p><a class="btn small" href=paths::NEW_PARTY>{t.new_party()}</a></section> }
    });
    let cards = rows.into_iter().map(|card| view! { <Card card /> }).collect_view();
    let more = next_page(next.map(|next| paths::market(id, Some(&next))));
    let made_up = market.demonstration.then(|| view! { <p class="note">{t.market_made_up()}</p> });
    let away = metres.map(|metres| view! { <div><dt>{t.market_away()}</dt><dd>{away(metres)}</dd></div> });
    view! {
        <section class="notices parties market">
            <p class="eyebrow">{t.market_kind(market.kind)}</p>
            <div class="head"><h1>{market.name.clone()}</h1></div>
            <dl class="sum">
                <div><dt>{t.market_address()}</dt><dd>{market.address}</dd></div>
                {away}
            </dl>
            {made_up}
            <div class="tools">
                <Favourite of=Marked::Market(id) name=t.favourite_market().to_owned() marked />
                <a class="btn small ghost" href=paths::parties_around(market.at)>{t.parties_around_market()}</a>
            </div>
            <h2>{t.market_parties()}</h2>
            {empty}
            <ul>{cards}</ul>
            {more}
        </section>
    }
}
