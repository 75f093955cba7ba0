//! Events, made by the engine or by the creator's form.

use super::{Person, Site, client};
use engine::{Engine, accounts::Actor, events::Pictures};
use model::{Category, EventDraft, EventId, HOUR, MINUTE, MemberId, Offer, Prize, PrizeKind, RequestId, Span, Time};
use reqwest::multipart::Form;
use std::io::Cursor;

pub async fn make_event(engine: &Engine, creator: MemberId, opens_in: Span, capacity: u64) -> EventId {
    let opens_at = engine.clock.now() + opens_in;
    engine
        .events
        .create(&Actor::host(creator), request(), draft(opens_at, capacity), Pictures::default())
        .await
        .unwrap()
}

pub fn request() -> RequestId {
    RequestId(uuid::Uuid::from_bytes(engine::ids::random()))
}

pub fn draft(opens_at: Time, capacity: u64) -> EventDraft {
    EventDraft {
        title: "따끈한 겨울 머그".into(),
        summary: "손으로 빚은 머그".into(),
        description: "**머그** <script>alert(1)</script>".into(),
        category: Category::Living,
        opens_at,
        closes_at: opens_at + HOUR,
        entry_code: None,
        rules: String::new(),
        offer: Offer::Giveaway {
            prizes: vec![Prize { name: "머그".into(), kind: PrizeKind::Goods, winners: capacity }],
        },
    }
}

/// The form of an event that opens in an hour, with these fields instead of the usual ones.
pub fn form(site: &Site, changes: &[(&'static str, &str)]) -> Form {
    let opens = site.engine.clock.now() + HOUR;
    let mut fields = vec![
        ("request", request().to_string()),
        ("title", "따끈한 겨울 머그".to_owned()),
        ("summary", "손으로 빚은 머그".to_owned()),
        ("category", "living".to_owned()),
        ("prize_name", "머그".to_owned()),
        ("prize_kind", "goods".to_owned()),
        ("prize_winners", "10".to_owned()),
        ("opens_at", opens.to_local()),
        ("closes_at", (opens + 10 * MINUTE).to_local()),
        ("description", "**머그**".to_owned()),
        ("rules", String::new()),
        ("entry_code", String::new()),
        ("save", "publish".to_owned()),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, (*value).to_owned()));
    }
    fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value))
}

/// Sends it as a new event.
pub async fn send(person: &Person, form: Form) -> reqwest::Response {
    send_to(person, "/creator/new", form).await
}

/// Sends it to a page of an event that is there.
pub async fn send_to(person: &Person, path: &str, form: Form) -> reqwest::Response {
    let (function, form) = match path.strip_prefix("/creator/events/").and_then(|path| path.strip_suffix("/edit")) {
        Some(event) => ("edit-event", form.text("event", event.to_owned())),
        None => ("create-event", form),
    };
    let request = client().post(format!("http://{}{path}?do={function}", person.address)).multipart(form);
    request.header("cookie", person.cookie()).header("accept", "text/html").send().await.unwrap()
}

/// A small picture.
pub fn png() -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(64, 48).write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}
