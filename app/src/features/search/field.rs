//! The box: a form that leads to the search's page. With scripts it suggests while one types.

use crate::{
    boot::lang,
    components::{Asked, Choice, Combobox},
    paths,
    texts::Lang,
};
use leptos::prelude::*;
use model::search::SearchQuery;
#[cfg(feature = "hydrate")]
use model::{
    HOUR, Kind, MINUTE,
    search::{FoundKind, Lead, Stands, Suggestion},
};

/// Where a suggestion leads.
#[cfg(feature = "hydrate")]
fn address(suggestion: &Suggestion) -> String {
    match suggestion.lead {
        Lead::Search => {
            let text = suggestion.title.iter().map(|piece| piece.text.as_str()).collect();
            paths::search(&SearchQuery { text, ..SearchQuery::default() })
        }
        Lead::Event(event) => paths::room(event),
        Lead::Party(party) => paths::party(party),
        Lead::Creator(creator) => paths::creator(creator, None),
        Lead::Market(market) => paths::market(market, None),
        Lead::Item(item) => paths::parties_of(item),
    }
}

/// What sort of thing it is, and where it stands.
#[cfg(feature = "hydrate")]
fn note(suggestion: &Suggestion, t: Lang) -> String {
    let Some(kind) = suggestion.kind else { return t.search_term().to_owned() };
    let name = t.found_kind(kind);
    let sold = if kind == FoundKind::Ticket { Kind::Ticket } else { Kind::Deal };
    let stands = match suggestion.stands {
        None => return name.to_owned(),
        Some(Stands::Soon { opens_at, now }) if opens_at - now < HOUR => {
            t.search_opens_in(t.about_minutes(((opens_at - now) / MINUTE).max(1)))
        }
        Some(Stands::Soon { opens_at: at, now } | Stands::Meets { from: at, now }) => t.moment_told(at, now),
        Some(Stands::Entered { total, capacity }) => t.entered_of(total, capacity),
        Some(Stands::Left { left, paying }) => crate::features::sales::left(t, sold, left, paying),
        Some(Stands::Over) => t.is_over().to_owned(),
    };
    format!("{name} · {stands}")
}

/// What is suggested for what was typed.
#[cfg(feature = "hydrate")]
async fn suggested(text: String, t: Lang) -> Option<Vec<Choice>> {
    let found = crate::api::fetch::<Vec<Suggestion>>(&paths::suggestions(&text)).await.ok()?;
    let choice = |suggestion: Suggestion| Choice {
        href: address(&suggestion),
        note: note(&suggestion, t),
        title: suggestion.title,
    };
    Some(found.into_iter().map(choice).collect())
}

#[cfg(not(feature = "hydrate"))]
async fn suggested(_: String, _: Lang) -> Option<Vec<Choice>> {
    None
}

/// The box, which keeps what was chosen beside the words.
#[component]
pub fn SearchField(
    /// What it starts with.
    query: SearchQuery,
) -> impl IntoView {
    let t = lang();
    let kept = |name: &'static str, value: &'static str| {
        (!value.is_empty()).then(|| view! { <input type="hidden" name=name value=value /> })
    };
    let (kind, state) = (query.kind.map_or("", |kind| kind.name()), query.state.map_or("", |state| state.name()));
    let ask = Callback::new(move |text: String| Box::pin(suggested(text, t)) as Asked);
    view! {
        <form class="search combo" role="search" action=paths::SEARCH>
            <Combobox name="q" value=query.text label=t.search() placeholder=t.search_hint() enterkeyhint="search"
                list="suggestions" list_label=t.search_suggestions() how_many=Lang::search_suggested ask>
                {kept("kind", kind)}
                {kept("state", state)}
                <button class="btn small">{t.search_do()}</button>
            </Combobox>
        </form>
    }
}
