//! `/my/subscriptions`: what the reader hears of.

use super::functions::{AddKeyword, RemoveKeyword, SaveCategories};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::opens_text,
    features::markets::{
        Favourite, Marked,
        favourites::{MarkedItems, MarkedMarkets},
    },
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Category, EventCard, Favourites, Subscriptions, Time,
    subscriptions::{KEYWORD_LENGTH, MOST_KEYWORDS},
};

/// Reads what the reader hears of.
///
/// # Errors
/// As [`engine::subscriptions::Subscriptions::of`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Subscriptions> {
    Ok(asked.reader.engine.subscriptions.of(&asked.reader.actor).await?)
}

/// The page of subscriptions.
pub fn view(subscriptions: Subscriptions) -> impl IntoView {
    let t = lang();
    head::title(t.my_subscriptions());
    let Subscriptions { wishes, wished, categories, keywords, favourites, now } = subscriptions;
    view! {
        <section class="notices parties favourites subscriptions">
            <div class="head"><h1>{t.my_subscriptions()}</h1><a class="btn small" href=paths::NOTICE_SETTINGS>{t.notices_and_settings()}</a></div>
            <p class="sub">{t.subscriptions_hint()}</p>
            <div class="halves">
                <div>
                    <Categories chosen=categories />
                    <Keywords keywords />
                </div>
                <div>
                    <Wished cards=wishes wished now />
                    <Marks favourites />
                </div>
            </div>
        </section>
    }
}

/// Every category with a box, saved all at once.
#[component]
fn Categories(chosen: Vec<Category>) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<SaveCategories>();
    let boxes = Category::ALL
        .into_iter()
        .map(|category| {
            let checked = chosen.contains(&category);
            view! {
                <label class="consent">
                    <input type="checkbox" name="category" value=category.name() checked=checked />
                    <span>{t.category(category)}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <h2 id="categories">{t.alert_categories()}</h2>
        <p class="note">{t.alert_categories_hint()}</p>
        <ChangeForm state=form class="categories" label=t.alert_categories()>
            <div class="boxes">{boxes}</div>
            <button class="btn small">{t.save()}</button>
        </ChangeForm>
    }
}

/// The keywords, each with a button that takes it back, and a field for another.
#[component]
fn Keywords(keywords: Vec<String>) -> impl IntoView {
    let t = lang();
    let (count, most) = (keywords.len(), MOST_KEYWORDS);
    let none = keywords.is_empty().then(|| view! { <p class="none">{t.no_keywords()}</p> });
    let rows = keywords
        .into_iter()
        .enumerate()
        .map(|(at, keyword)| {
            let name = t.remove_keyword(&keyword);
            let form = FormState::keyed::<RemoveKeyword>(at);
            view! {
                <li>
                    <span>{keyword.clone()}</span>
                    <ChangeForm state=form>
                        <input type="hidden" name="keyword" value=keyword />
                        <button aria-label=name>"✕"</button>
                    </ChangeForm>
                </li>
            }
        })
        .collect_view();
    let form = FormState::of::<AddKeyword>();
    let add = (count < most).then(|| {
        view! {
            <ChangeForm state=form class="add-keyword">
                <Field form name="keyword" label=t.new_keyword() hint=t.new_keyword_hint() required=true maxlength={KEYWORD_LENGTH.1 as u32} />
                <button class="btn small">{t.add_keyword()}</button>
            </ChangeForm>
        }
    });
    view! {
        <h2>{t.alert_keywords()}" "<small>{t.of_most(count, most)}</small></h2>
        {none}
        <ul class="tags keywords">{rows}</ul>
        {add}
    }
}

/// The newest wishes, each with a heart that takes it back, and the way to all of them.
#[component]
fn Wished(cards: Vec<EventCard>, wished: u64, now: Time) -> impl IntoView {
    let t = lang();
    let none = cards.is_empty().then(|| view! { <p class="none">{t.no_wishes()}</p> });
    let rows = cards
        .into_iter()
        .map(|card| {
            view! {
                <li class="marked">
                    <a href=paths::room(card.id)><b>{card.title.clone()}</b><small>{opens_text(card.moments.opens_at, now)}</small></a>
                    <Favourite of=Marked::Event(card.id) name=card.title marked=true />
                </li>
            }
        })
        .collect_view();
    let all = (wished > 0).then(|| view! { <a class="btn small" href=paths::WISHES>{t.all_wishes(wished)}</a> });
    view! {
        <h2>{t.my_wishes()}</h2>
        <p class="note">{t.wishes_hint()}</p>
        {none}
        <ul>{rows}</ul>
        {all}
    }
}

/// Markets and items, each with a heart that takes it back.
#[component]
fn Marks(favourites: Favourites) -> impl IntoView {
    let t = lang();
    let Favourites { markets, items } = favourites;
    let none = (markets.is_empty() && items.is_empty()).then(|| view! { <p class="none">{t.no_favourites()}</p> });
    view! {
        <h2>{t.my_favourites()}</h2>
        {none}
        <ul><MarkedMarkets markets /><MarkedItems items /></ul>
    }
}
