//! `/my/favourites`: the markets and items that the reader marked.

use super::{Favourite, Marked};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, head, paths};
use leptos::prelude::*;
use model::Favourites;

/// Reads what the reader marked.
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
    let markets = markets
        .into_iter()
        .map(|market| {
            view! {
                <li class="marked">
                    <a href=paths::market(market.id, None)><b>{market.name.clone()}</b><small>{t.market_kind(market.kind)}" · "{market.address}</small></a>
                    <Favourite of=Marked::Market(market.id) name=market.name marked=true />
                </li>
            }
        })
        .collect_view();
    let items = items
        .into_iter()
        .map(|item| {
            view! {
                <li class="marked">
                    <a href=paths::parties_of(item.id)><b>{item.name.clone()}</b><small>{t.item_category(item.category)}</small></a>
                    <Favourite of=Marked::Item(item.id) name=item.name marked=true />
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="notices parties favourites">
            <div class="head"><h1>{t.my_favourites()}</h1><a class="btn small" href=paths::PARTIES>{t.parties()}</a></div>
            <div class="halves">
                <div><h2>{t.markets()}</h2>{no_markets}<ul>{markets}</ul></div>
                <div><h2>{t.items()}</h2>{no_items}<ul>{items}</ul></div>
            </div>
        </section>
    }
}
