//! `/my/favourites`: the markets and items that the reader marked.

use super::{Favourite, Marked};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, head, paths};
use leptos::prelude::*;
use model::{Favourites, Item, Market};

/// Reads what the reader marked.
///
/// # Errors
/// As [`engine::markets::Markets::favourites`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Favourites> {
    Ok(asked.reader.engine.markets.favourites(&asked.reader.actor).await?)
}

/// The page of what the reader marked.
pub fn view(Favourites { markets, items }: Favourites) -> impl IntoView {
    let t = lang();
    head::title(t.my_favourites());
    let none = |any: bool| (!any).then(|| view! { <p class="none">{t.no_favourites()}</p> });
    let (no_markets, no_items) = (none(!markets.is_empty()), none(!items.is_empty()));
    view! {
        <section class="notices parties favourites">
            <div class="head"><h1>{t.my_favourites()}</h1><a class="btn small" href=paths::PARTIES>{t.parties()}</a></div>
            <div class="halves">
                <div><h2>{t.markets()}</h2>{no_markets}<ul><MarkedMarkets markets /></ul></div>
                <div><h2>{t.items()}</h2>{no_items}<ul><MarkedItems items /></ul></div>
            </div>
        </section>
    }
}

/// Markets that the reader marked, each with a heart that takes it back.
#[component]
pub fn MarkedMarkets(
    /// Marked last first.
    markets: Vec<Market>,
) -> impl IntoView {
    let t = lang();
    let row = |market: Market| {
        view! {
            <li class="marked">
                <a href=paths::market(market.id, None)><b>{market.name.clone()}</b><small>{t.market_kind(market.kind)}" · "{market.address}</small></a>
                <Favourite of=Marked::Market(market.id) name=market.name marked=true />
            </li>
        }
    };
    markets.into_iter().map(row).collect_view()
}

/// Items that the reader marked, each with a heart that takes it back.
#[component]
pub fn MarkedItems(
    /// Marked last first.
    items: Vec<Item>,
) -> impl IntoView {
    let t = lang();
    let row = |item: Item| {
        view! {
            <li class="marked">
                <a href=paths::parties_of(item.id)><b>{item.name.clone()}</b><small>{t.item_category(item.category)}</small></a>
                <Favourite of=Marked::Item(item.id) name=item.name marked=true />
            </li>
        }
    };
    items.into_iter().map(row).collect_view()
}
