//! What pages of events read and change.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
#[cfg(feature = "ssr")]
use crate::paths;
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use engine::{
    demo::CROWD_LIMIT,
    events::{ChangedEvent, EventForm, NewEvent},
};
use leptos::prelude::*;
use model::{CreatorView, Cursor, EventCard, EventStart, Home, MyEvents, Page, Revision, Stage};
#[cfg(feature = "ssr")]
use model::{Crop, EventId};
use server_fn::codec::GetUrl;

/// The home page.
#[server(endpoint = "home", input = GetUrl)]
pub async fn load_home() -> Result<Home, PageError> {
    let reader = reader();
    let mut home = reader.engine.events.home().await?;
    for card in home.next.iter_mut().chain(&mut home.open) {
        card.present = reader.engine.rooms.present(card.id);
    }
    Ok(home)
}

/// The reader's own events of a stage, from where a page goes on.
#[server(endpoint = "my-events", input = GetUrl)]
pub async fn load_my_events(stage: Stage, before: Option<Cursor>) -> Result<MyEvents, PageError> {
    let reader = reader();
    Ok(reader.engine.events.of_creator(&reader.actor, stage, before.as_ref()).await?)
}

/// A creator with what they published, from where a page goes on.
#[server(endpoint = "creator", input = GetUrl)]
pub async fn load_creator(id: String, before: Option<Cursor>) -> Result<CreatorView, PageError> {
    let engine = reader().engine;
    let id = id.parse().map_err(|_| model::Error::NotFound)?;
    Ok(engine.pages.creator(id, before.as_ref()).await?)
}

/// What was changed of an event, from where a page goes on.
#[server(endpoint = "changes", input = GetUrl)]
pub async fn load_changes(id: String, before: Option<Cursor>) -> Result<(EventCard, Page<Revision>), PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| model::Error::NotFound)?;
    let card = reader.engine.events.view(id, &reader.actor).await?.card;
    let revisions = reader.engine.events.revisions(id, before.as_ref()).await?;
    Ok((card, revisions))
}

/// What the form for a new event starts with.
#[server(endpoint = "new-event", input = GetUrl)]
pub async fn load_new_event(like: Option<String>) -> Result<EventStart, PageError> {
    let reader = reader();
    let like = like.map(|like| like.parse()).transpose().map_err(|_| model::Error::NotFound)?;
    Ok(reader.engine.events.start(&reader.actor, like).await?)
}

/// What the form for changing one of the reader's own events starts with.
#[server(endpoint = "editing", input = GetUrl)]
pub async fn load_editing(id: String) -> Result<EventStart, PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| model::Error::NotFound)?;
    Ok(reader.engine.events.editing(&reader.actor, id).await?)
}

change! { CreateEvent: Creator, pages: ["/creator/new"], said: saved, files: PICTURE }

/// Makes an event, or a draft of one. Sending it twice makes one.
#[server(endpoint = "create-event", protocol = Change, input_derive = ())]
pub async fn create_event(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    let (picture, typed) = (form.file("picture"), typed(&form));
    let publish = form.text("save") == "publish";
    let request = form.named("request").map_err(|_| model::Error::Malformed)?;
    let like = form.named("like").ok();
    let new = NewEvent { request, like, publish, crop: crop(&form), picture };
    Ok(written(engine.events.write_new(&actor, &engine.pictures, &typed, new).await?, publish))
}

change! { EditEvent: Creator, pages: ["/creator/events/:id/edit"], said: saved, files: PICTURE }

/// Changes an event by the same form, as far as it may still change.
#[server(endpoint = "edit-event", protocol = Change, input_derive = ())]
pub async fn edit_event(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    let (picture, typed) = (form.file("picture"), typed(&form));
    let publish = form.text("save") == "publish";
    let event: EventId = form.named("event")?;
    let changed = ChangedEvent { event, publish, crop: crop(&form), picture };
    engine.events.write_changed(&actor, &engine.pictures, &typed, changed).await?;
    Ok(written(event, publish))
}

/// The largest picture of an event, in bytes.
const PICTURE: usize = 10 << 20;

/// Where to go on from an event that was written.
#[cfg(feature = "ssr")]
fn written(event: EventId, publish: bool) -> Done {
    Done::to(if publish { paths::room(event) } else { paths::edit_event(event) })
}

#[cfg(feature = "ssr")]
fn crop(form: &Form) -> Crop {
    Crop::of(form.text("crop_x"), form.text("crop_y"), form.text("crop_zoom"))
}

#[cfg(feature = "ssr")]
fn typed(form: &Form) -> EventForm {
    let text = |name| form.text(name).to_owned();
    let (mut kinds, mut winners) = (form.texts("prize_kind"), form.texts("prize_winners"));
    let mut next = || (kinds.next().unwrap_or_default().to_owned(), winners.next().unwrap_or_default().to_owned());
    let prizes = form.texts("prize_name").map(|name| {
        let (kind, winners) = next();
        (name.to_owned(), kind, winners)
    });
    EventForm {
        title: text("title"),
        summary: text("summary"),
        description: text("description"),
        category: text("category"),
        opens_at: text("opens_at"),
        closes_at: text("closes_at"),
        entry_code: text("entry_code"),
        rules: text("rules"),
        prizes: prizes.collect(),
        last_winners: text("last_winners"),
    }
}

change! { CancelEvent: Creator, pages: ["/events/:id"], said: called_off }

/// Calls an event off.
#[server(endpoint = "cancel-event", protocol = Change, input_derive = ())]
pub async fn cancel_event(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let event: EventId = form.named("event")?;
    engine.events.cancel(&actor, event, form.text("reason")).await?;
    Ok(Done::to(paths::room(event)))
}

change! { SendCrowd: Creator, pages: ["/creator"], said: crowd_sent }

/// Sends simulated people into the next event of a demonstration.
#[server(endpoint = "send-crowd", protocol = Change, input_derive = ())]
pub async fn send_crowd(form: Form) -> Result<Done, PageError> {
    let Reader { actor, demo, .. } = reader();
    let people = form.text("people").parse().unwrap_or(300).clamp(1, CROWD_LIMIT);
    let progress = demo.ok_or(model::Error::NotFound)?.send_crowd(&actor, people).await?;
    Ok(Done::to(paths::room(progress.event)))
}
