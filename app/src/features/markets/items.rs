//! `/admin/items`: the catalogue's items, newest first or by how their name begins.

#[cfg(feature = "ssr")]
use crate::{
    api::Reader,
    page::{Asked, Read},
};
use crate::{boot::lang, components::next_page, features::administration::AdminTabs, head, paths, texts::number};
use leptos::prelude::*;
use model::{Item, Page};

/// What the page shows: how many there are, some of them, and what was looked for.
type Shown = (u64, Page<Item>, String);

/// Reads them.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Shown> {
    let Reader { engine, actor, .. } = &asked.reader;
    let (_, count) = engine.markets.counts(actor).await?;
    let find = asked.query("find").unwrap_or_default().to_owned();
    let items = engine.markets.items(actor, &find, asked.cursor("before").as_ref()).await?;
    Ok((count, items, find))
}

/// The admin's list.
pub fn view((count, Page { rows, next }, find): Shown) -> impl IntoView {
    let t = lang();
    head::title(t.items());
    let more = next_page(next.map(|next| paths::admin_items(&next)));
    let empty = rows.is_empty().then(|| view! { <p class="none">{t.no_items_here()}</p> });
    let rows = rows
        .into_iter()
        .map(|item| {
            let address = paths::correct_item(item.id);
            view! {
                <tr>
                    <th scope="row"><a href=address>{item.name}</a></th>
                    <td data-label=t.item_category_label()>{t.item_category(item.category)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="admin">
            <AdminTabs page=paths::ADMIN_ITEMS />
            <h1>{t.items()}" "{number(count)}</h1>
            <form method="get" action=paths::ADMIN_ITEMS role="search" class="tools">
                <input name="find" type="search" aria-label=t.find_item_named() placeholder=t.find_item_named() value=find />
                <button class="btn small">{t.find()}</button>
            </form>
            {empty}
            <table>
                <thead><tr><th scope="col">{t.items()}</th><th scope="col">{t.item_category_label()}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {more}
        </section>
    }
}
