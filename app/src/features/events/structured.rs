//! What an event is, for programs that look for such things (schema.org, as JSON-LD): an event that one goes to, a product with its
//! offer, or what is given away here.

use crate::{
    boot::{Boot, boot},
    head, paths,
};
use model::{EventState, EventView, Offer, Time, sales::price_each};
use serde_json::{Value, json};

/// Says on an event's page what it is. Of a draft nobody but its creator is to know, and what is stopped nobody is to find.
pub fn tell(view: &EventView) {
    if !matches!(view.card.state, EventState::Draft | EventState::Suspended) {
        head::structured(&of(&boot(), view));
    }
}

fn of(boot: &Boot, view: &EventView) -> Value {
    let (card, origin) = (&view.card, &boot.origin);
    let address = format!("{origin}{}", paths::room(card.id));
    let picture = view.banner.clone().unwrap_or_else(|| paths::preview(Some(card.id), boot.lang));
    let creator = json!({
        "@type": "Organization",
        "name": card.creator,
        "url": format!("{origin}{}", paths::creator(view.host, None)),
    });
    let offer = json!({
        "@type": "Offer",
        "url": address,
        "price": price_each(&view.offer),
        "priceCurrency": "KRW",
        "availability": availability(card.state),
        "validFrom": card.moments.opens_at.iso(),
        "validThrough": card.moments.closes_at.iso(),
        "seller": creator,
    });
    let mut about = json!({
        "@context": "https://schema.org",
        "name": card.title,
        "description": view.summary,
        "image": [format!("{origin}{picture}")],
        "url": address,
        "offers": offer,
    });
    let (kind, more) = match &view.offer {
        Offer::Deal { .. } => ("Product", json!({ "category": boot.lang.category(card.category) })),
        Offer::Ticket { place, address: road, starts_at, .. } => {
            let location = json!({ "@type": "Place", "name": place, "address": road });
            ("Event", at(location, "Offline", *starts_at, card.state, &creator))
        }
        Offer::Giveaway { .. } => {
            let location = json!({ "@type": "VirtualLocation", "url": address });
            let mut more = at(location, "Online", card.moments.opens_at, card.state, &creator);
            more["endDate"] = card.moments.closes_at.iso().into();
            more["isAccessibleForFree"] = true.into();
            ("Event", more)
        }
    };
    about["@type"] = kind.into();
    if let (Value::Object(about), Value::Object(more)) = (&mut about, more) {
        about.extend(more);
    }
    about
}

/// Where and when something is.
fn at(location: Value, how: &str, starts_at: Time, state: EventState, creator: &Value) -> Value {
    let status = if state == EventState::Cancelled { "EventCancelled" } else { "EventScheduled" };
    json!({
        "location": location,
        "eventAttendanceMode": format!("https://schema.org/{how}EventAttendanceMode"),
        "eventStatus": format!("https://schema.org/{status}"),
        "startDate": starts_at.iso(),
        "organizer": creator,
    })
}

/// Whether one comes by it now.
fn availability(state: EventState) -> &'static str {
    match state {
        EventState::Draft | EventState::Scheduled => "https://schema.org/PreOrder",
        EventState::Open => "https://schema.org/InStock",
        EventState::Full | EventState::Closed | EventState::Settled => "https://schema.org/SoldOut",
        EventState::Suspended => "https://schema.org/OutOfStock",
        EventState::Cancelled => "https://schema.org/Discontinued",
    }
}
