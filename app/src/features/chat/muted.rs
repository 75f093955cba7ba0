//! `/creator/events/{id}/muted`: who may not speak in an event's room, for its creator and for admins.

use super::functions;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::next_page,
    forms::{ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{Cursor, EventId, MutedMember, Page};

/// Reads who may not speak.
///
/// # Errors
/// As [`engine::chat::Chat::muted`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(EventId, String, Page<MutedMember>)> {
    let (event, reader) = (asked.named("id")?, &asked.reader);
    let muted = reader.engine.chat.muted(&reader.actor, event, asked.cursor("before").as_ref()).await?;
    let view = reader.engine.events.view(event, &reader.actor).await?;
    Ok((event, view.card.title, muted))
}

/// The list of them.
pub fn view((event, title, Page { rows, next }): (EventId, String, Page<MutedMember>)) -> impl IntoView {
    let t = lang();
    head::title(format!("{} · {title}", t.muted()));
    let empty = rows.is_empty().then(|| view! { <p class="none">{t.muted_nobody()}</p> });
    let more = next_page(next.map(|next: Cursor| paths::more_muted(event, &next)));
    let rows = rows
        .into_iter()
        .map(|muted| {
            let member = muted.member.to_string();
            view! {
                <li>
                    <p><b>{muted.nickname.unwrap_or_else(|| "***".into())}</b></p>
                    <small>{t.muted_since(t.moment(muted.at))}</small>
                    <ChangeForm state={FormState::keyed::<functions::UnmuteMember>(&member)} class="tools">
                        <input type="hidden" name="event" value=event.to_string() />
                        <input type="hidden" name="member" value=member.clone() />
                        <button class="btn small">{t.unmute_member()}</button>
                    </ChangeForm>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="notices">
            <p class="eyebrow">{t.muted()}</p>
            <h1><a href=paths::chat(event)>{title}</a></h1>
            {empty}
            <ul>{rows}</ul>
            {more}
        </section>
    }
}
