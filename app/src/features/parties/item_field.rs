//! A field for an item, which suggests some while its name is typed: by how it begins, or by initial consonants.

use crate::{
    boot::lang,
    components::{Asked, Choice, Combobox},
    texts::Lang,
};
use leptos::prelude::*;
use model::Item;

/// What is suggested for what was typed.
#[cfg(feature = "hydrate")]
async fn suggested(text: String, t: Lang, address: Callback<Item, String>) -> Option<Vec<Choice>> {
    let found = crate::api::fetch::<Vec<Item>>(&crate::paths::items(&text)).await.ok()?;
    let choice = |item: Item| Choice {
        title: vec![model::search::Piece { text: item.name.clone(), hit: false }],
        note: t.item_category(item.category).to_owned(),
        href: address.run(item),
    };
    Some(found.into_iter().map(choice).collect())
}

#[cfg(not(feature = "hydrate"))]
async fn suggested(_: String, _: Lang, _: Callback<Item, String>) -> Option<Vec<Choice>> {
    None
}

/// A field called `find`. Each suggestion leads to an address; without scripts it is sent with its form.
#[component]
pub(super) fn ItemField(
    /// What it starts with.
    value: String,
    /// Where an item leads.
    address: Callback<Item, String>,
    /// Whether the browser insists on it.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let t = lang();
    let ask = Callback::new(move |text: String| Box::pin(suggested(text, t, address)) as Asked);
    view! {
        <div class="field combo">
            <label for="find">{t.find_item()}</label>
            <Combobox name="find" value required described="find-note" list="items" list_label=t.items()
                how_many=Lang::items_found ask />
            <p class="note" id="find-note">{t.find_item_hint()}</p>
        </div>
    }
}
