//! `/parties/new`: first what is bought, then where and on which terms.

use super::{
    card::away,
    functions::MakeParty,
    item_field::ItemField,
    name::{Blocked, WhyBlocked},
    phones::PhoneFirst,
    terms::Terms,
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::{boot, lang},
    features::markets::AddAMarket,
    forms::{ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::Error;
use model::{Item, Market, RequestId};
use serde::{Deserialize, Serialize};

/// Markets that may be chosen, and how far around home they are looked for.
#[cfg(feature = "ssr")]
const MARKETS: usize = 30;

/// What the form starts with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Start {
    /// What was looked for.
    find: String,
    /// What was found.
    found: Vec<Item>,
    /// What was chosen.
    item: Option<Item>,
    /// Markets around home, with their distance in metres.
    markets: Vec<(Market, u32)>,
    /// Whether the reader said where they live.
    home: bool,
    /// Whether they have confirmed a phone.
    phone: bool,
    /// Whether they have too many penalties.
    blocked: bool,
    request: RequestId,
}

/// Reads items that were looked for, and markets around home.
///
/// # Errors
/// [`Error::NotFound`] for no such item; the database may fail.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Start> {
    let engine = &asked.reader.engine;
    let actor = &asked.reader.actor;
    let item = match asked.query("item") {
        Some(id) => Some(engine.markets.item(id.parse().map_err(|_| Error::NotFound)?).await?),
        None => None,
    };
    let find = asked.query("find").unwrap_or_default().chars().take(60).collect::<String>();
    let found = engine.markets.suggest(&find).await?;
    let home = engine.parties.home(actor).await?;
    let markets = match home {
        Some(home) => engine.markets.near(home, 10, MARKETS).await?,
        None => Vec::new(),
    };
    let phone = match actor.member() {
        Some(member) => engine.parties.has_phone(member).await?,
        None => false,
    };
    let blocked = engine.parties.standing(actor).await?.is_blocked();
    let request = RequestId(engine::ids::new_id(engine.clock.now()));
    Ok(Start { find, found, item, markets, home: home.is_some(), phone, blocked, request })
}

/// The form.
pub fn view(start: Start) -> impl IntoView {
    let t = lang();
    head::title(t.new_party());
    let body = if boot().viewer.is_none() {
        view! { <a class="btn go" href=paths::sign_in(paths::NEW_PARTY)>{t.sign_in()}</a> }.into_any()
    } else if start.blocked {
        view! { <Blocked /> }.into_any()
    } else if !start.phone {
        view! { <p class="sub">{t.phone_why()}</p><a class="btn go" href=paths::MY_PHONE>{t.phone_first()}</a> }
            .into_any()
    } else if !start.home {
        view! { <p class="sub">{t.home_first()}</p><a class="btn go" href=paths::WHERE>{t.say_where()}</a> }.into_any()
    } else if start.markets.is_empty() {
        view! { <p class="sub">{t.no_markets()}</p><AddAMarket /><a class="btn go" href=paths::WHERE>{t.say_where()}</a> }.into_any()
    } else {
        match start.item.clone() {
            Some(item) => view! { <Form start item /> }.into_any(),
            None => view! { <Find start /> }.into_any(),
        }
    };
    view! { <section class="narrow parties"><h1>{t.new_party()}</h1>{body}</section> }
}

/// What is to be bought.
#[component]
fn Find(start: Start) -> impl IntoView {
    let t = lang();
    let none = (start.found.is_empty() && !start.find.is_empty()).then(|| view! { <p class="none">{t.no_items()}</p> });
    let found = start
        .found
        .into_iter()
        .map(|item| view! { <li><a href=paths::new_party_of(item.id)>{item.name}<small>{t.item_category(item.category)}</small></a></li> })
        .collect_view();
    view! {
        <form method="get" action=paths::NEW_PARTY class="claim">
            <ItemField value=start.find address=Callback::new(|item: Item| paths::new_party_of(item.id)) required=true />
            <button class="btn go">{t.look_up()}</button>
        </form>
        {none}
        <ul class="found">{found}</ul>
    }
}

#[component]
fn Form(start: Start, item: Item) -> impl IntoView {
    let t = lang();
    let form = FormState::of::<MakeParty>();
    let chosen = form.value("market");
    let request = form.value("request").unwrap_or_else(|| start.request.to_string());
    let markets = start
        .markets
        .into_iter()
        .map(|(market, metres)| {
            let id = market.id.to_string();
            let selected = chosen.as_ref() == Some(&id);
            view! { <option value=id selected=selected>{market.name}" · "{away(metres)}" · "{market.address}</option> }
        })
        .collect_view();
    view! {
        <p class="sub"><b>{item.name}</b>" "<a href=paths::NEW_PARTY>{t.another_item()}</a></p>
        <ChangeForm state=form class="claim">
            <input type="hidden" name="request" value=request />
            <input type="hidden" name="item" value=item.id.to_string() />
            <div class="choice">
                <label for="market">{t.party_market()}</label>
                <select id="market" name="market">{markets}</select>
                <a class="link" href=paths::WHERE>{t.market_missing()}</a>
            </div>
            <Terms form />
            <button class="btn go">{t.make_party()}</button>
            <PhoneFirst form />
            <WhyBlocked form />
        </ChangeForm>
        <AddAMarket />
    }
}
