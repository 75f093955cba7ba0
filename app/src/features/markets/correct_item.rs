//! `/admin/items/{id}`: an admin corrects an item of the catalogue.

use super::functions::CorrectItem;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    features::administration::AdminTabs,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{Item, ItemCategory};

/// Reads it.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Item> {
    // Who may not see it is told so, whether or not it is there.
    asked.reader.actor.admin()?;
    Ok(asked.reader.engine.markets.item(asked.named("id")?).await?)
}

/// The admin's form.
pub fn view(item: Item) -> impl IntoView {
    let t = lang();
    head::title(item.name.clone());
    let form = FormState::of::<CorrectItem>();
    let chosen = form.value("category").unwrap_or_else(|| item.category.name().to_owned());
    let categories = ItemCategory::ALL
        .iter()
        .map(|category| {
            let selected = chosen == category.name();
            view! { <option value=category.name() selected=selected>{t.item_category(*category)}</option> }
        })
        .collect_view();
    let title = item.name.clone();
    view! {
        <section class="narrow">
            <AdminTabs page=paths::ADMIN_ITEMS />
            <h1>{title}</h1>
            <p><a class="link" href=paths::parties_of(item.id)>{t.market_parties()}</a></p>
            <h2>{t.correct_item()}</h2>
            <p class="note">{t.correct_item_hint()}</p>
            <ChangeForm state=form>
                <input type="hidden" name="item" value=item.id.to_string() />
                <div class="choice">
                    <label for="category">{t.item_category_label()}</label>
                    <select id="category" name="category">{categories}</select>
                </div>
                <Field form name="name" label=t.party_item() value=item.name required=true maxlength=60 />
                <Field form name="reason" label=t.why_correct() hint=t.why_correct_hint() required=true maxlength=200 />
                <button class="btn">{t.correct_item()}</button>
            </ChangeForm>
        </section>
    }
}
