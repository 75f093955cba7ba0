//! `/my/wishes`: what the reader wishes for.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, components::next_page, features::sales::SaleCards, head, live::Ticker, paths};
use leptos::prelude::*;
use model::{Page, Wishes};

/// Reads what the reader wishes for.
///
/// # Errors
/// As [`engine::events::Events::wishes_of`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Wishes> {
    let before = asked.cursor("before");
    Ok(asked.reader.engine.events.wishes_of(&asked.reader.actor, before.as_ref()).await?)
}

/// The page of wishes.
pub fn view(wishes: Wishes) -> impl IntoView {
    let t = lang();
    head::title(t.my_wishes());
    let Wishes { cards: Page { rows, next }, now } = wishes;
    let ticker = Ticker::start(now);
    let empty = rows.is_empty().then(|| {
        view! {
            <section class="empty">
                <p>{t.no_wishes()}</p>
                <a class="btn small" href=paths::DEALS>{t.see_today()}</a>
            </section>
        }
    });
    let more = next_page(next.map(|next| paths::wishes(&next)));
    view! {
        <div class="head"><h1>{t.my_wishes()}</h1></div>
        <ul class="cards sales"><SaleCards cards=rows ticker /></ul>
        {empty}
        {more}
    }
}
