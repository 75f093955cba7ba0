//! What pages of events change.

use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    forms::{FormField, form_fields},
    paths,
};
#[cfg(feature = "ssr")]
use engine::{
    demo::CROWD_LIMIT,
    events::{ChangedEvent, EventForm, NewEvent, SaleForm},
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{Crop, EventId};

/// The fields of an event, whether there is one already or not.
#[cfg(feature = "ssr")]
const EVENT: &[FormField] = form_fields![
    "title", "summary", "description", "category", "opens_at", "closes_at", "entry_code", "rules",
    "prize_name"*, "prize_kind"*, "prize_winners"*, "last_winners",
    "kind", "list_price", "discount", "stock", "delivery", "detail"*, "place", "address", "coordinates", "starts_at", "seats",
    "price", "refund"*, "limit", "minutes", "at_once", "confirmed",
    "picture" file, "crop_x", "crop_y", "crop_zoom", "details"* file, "save"
];

change! { CreateEvent: Creator, pages: ["/creator/new"], fields: ["request", "like"] + EVENT, said: saved, files: PICTURES }

/// Makes an event, or a draft of one. Sending it twice makes one.
#[server(endpoint = "create-event", protocol = Change, input_derive = ())]
pub async fn create_event(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    let (picture, details, typed) = (form.file("picture"), form.files("details"), typed(&form));
    let publish = form.text("save") == "publish";
    let request = form.named("request").map_err(|_| model::Error::Malformed)?;
    let like = form.named("like").ok();
    let new = NewEvent { request, like, publish, crop: crop(&form), picture, details };
    Ok(written(engine.events.write_new(&actor, &engine.pictures, &typed, new).await?, publish))
}

change! { EditEvent: Creator, pages: ["/creator/events/:id/edit"], fields: ["event"] + EVENT, said: saved, files: PICTURES }

/// Changes an event by the same form, as far as it may still change.
#[server(endpoint = "edit-event", protocol = Change, input_derive = ())]
pub async fn edit_event(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    let (picture, details, typed) = (form.file("picture"), form.files("details"), typed(&form));
    let publish = form.text("save") == "publish";
    let event: EventId = form.named("event")?;
    let changed = ChangedEvent { event, publish, crop: crop(&form), picture, details };
    engine.events.write_changed(&actor, &engine.pictures, &typed, changed).await?;
    Ok(written(event, publish))
}

/// The pictures of an event, all together, in bytes: what phones make, one for its card and some that show it in detail.
const PICTURES: usize = 32 << 20;

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
        sale: SaleForm {
            kind: text("kind"),
            list_price: text("list_price"),
            discount: text("discount"),
            stock: text("stock"),
            delivery: text("delivery"),
            details: form.texts("detail").map(str::to_owned).collect(),
            place: text("place"),
            address: text("address"),
            coordinates: text("coordinates"),
            starts_at: text("starts_at"),
            seats: text("seats"),
            price: text("price"),
            refunds: form.texts("refund").map(str::to_owned).collect(),
            limit: text("limit"),
            minutes: text("minutes"),
            at_once: text("at_once"),
            confirmed: text("confirmed"),
        },
    }
}

change! { CancelEvent: Creator, pages: ["/events/:id"], fields: ["event", "reason"], said: called_off }

/// Calls an event off.
#[server(endpoint = "cancel-event", protocol = Change, input_derive = ())]
pub async fn cancel_event(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let event: EventId = form.named("event")?;
    engine.events.cancel(&actor, event, form.text("reason")).await?;
    Ok(Done::to(paths::room(event)))
}

change! { SendCrowd: Creator, pages: ["/creator"], fields: ["people"], said: crowd_sent }

/// Sends simulated people into the next event of a demonstration.
#[server(endpoint = "send-crowd", protocol = Change, input_derive = ())]
pub async fn send_crowd(form: Form) -> Result<Done, PageError> {
    let Reader { actor, demo, .. } = reader();
    let people = form.text("people").parse().unwrap_or(300).clamp(1, CROWD_LIMIT);
    let progress = demo.ok_or(model::Error::NotFound)?.send_crowd(&actor, people).await?;
    Ok(Done::to(paths::room(progress.event)))
}
