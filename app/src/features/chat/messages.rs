//! `/events/{id}/messages`: what was said in a room before, fifty lines at a time; for whoever has no scripts to scroll back.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, components::face, head, paths};
use leptos::prelude::*;
use model::{
    Cursor, EventId,
    live::{CHAT_ON_ARRIVAL, ChatLine, Said},
};
use serde::{Deserialize, Serialize};

/// Lines of a room's chat.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Messages {
    event: EventId,
    title: String,
    /// Oldest first.
    lines: Vec<ChatLine>,
    /// Number of the newest line of all.
    newest: u64,
}

/// Reads the lines, from where the address says that they go on.
///
/// # Errors
/// [`model::Error::NotFound`] for an address that is none of this page;
/// as [`engine::events::Events::view`] and [`engine::chat::Chat::lines`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Messages> {
    let (event, reader) = (asked.named("id")?, &asked.reader);
    let view = reader.engine.events.view(event, &reader.actor).await?;
    let lines = reader.engine.chat.lines(event, asked.cursor("before").as_ref()).await?;
    let newest = reader.engine.chat.newest(event).await?;
    Ok(Messages { event, title: view.card.title, lines, newest })
}

/// The page of those lines.
pub fn view(messages: Messages) -> impl IntoView {
    let t = lang();
    let Messages { event, title, lines, newest } = messages;
    head::title(format!("{} · {title}", t.chat()));
    let numbers = lines.first().zip(lines.last()).map(|(first, last)| (first.number, last.number));
    let link = |before: u64, text| {
        let address = paths::older_chat(event, &Cursor::of(&before));
        view! { <a class="btn small" href=address>{text}</a> }
    };
    let older = numbers.filter(|(first, _)| *first > 1).map(|(first, _)| link(first, t.chat_older()));
    let newer = numbers.filter(|(_, last)| *last < newest);
    let newer = newer.map(|(_, last)| link(last + 1 + CHAT_ON_ARRIVAL as u64, t.chat_newer()));
    let empty = lines.is_empty().then(|| view! { <p class="none">{t.no_older_lines()}</p> });
    let rows = lines
        .into_iter()
        .map(|line| match line.said {
            Said::Hidden => view! { <li class="none">{t.hidden_line()}</li> }.into_any(),
            Said::Member { nickname, picture, creator, text } => {
                let host = creator.then(|| view! { <em class="host">{t.chat_host()}</em> });
                view! { <li>{face(&nickname, picture)}<b>{nickname}</b>{host}" "<span>{text}</span></li> }.into_any()
            }
            Said::Room { state } => view! { <li class="sys">{t.said_by_room(state)}</li> }.into_any(),
        })
        .collect_view();
    view! {
        <section class="narrow chat messages">
            <p class="eyebrow">{t.chat()}</p>
            <h1><a href=paths::chat(event)>{title}</a></h1>
            {empty}
            <ol>{rows}</ol>
            <nav class="pages">{older}{newer}<a class="btn small ghost" href=paths::chat(event)>{t.see_room()}</a></nav>
        </section>
    }
}
