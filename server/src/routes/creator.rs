//! The creator's forms: profile, an event with its picture, cancelling.

use crate::{
    AppState,
    cookies::Anyone,
    pages,
    reply::{self, Refusal},
};
use axum::{
    Form,
    extract::{Multipart, Path, State, multipart::MultipartRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use engine::{
    Engine,
    accounts::{Actor, Session},
    events,
};
use model::{Crop, Error, EventId, FieldError, FormErrors, Phase, RequestId};
use serde::Deserialize;
use std::sync::Arc;

/// The profile form.
#[derive(Deserialize)]
pub struct ProfileForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    introduction: String,
    #[serde(default)]
    links: String,
}

/// Writes the creator profile and switches to creator mode.
pub async fn profile(
    State(state): State<AppState>,
    Anyone(session): Anyone,
    headers: HeaderMap,
    Form(form): Form<ProfileForm>,
) -> Response {
    let Some(session) = session else {
        return reply::see_other("/sign-in?next=/creator/profile", &[]);
    };
    match state.engine.accounts.set_profile(&Actor::Member(session), &form.name, &form.introduction, &form.links).await
    {
        Ok(()) => reply::see_other("/creator", &[]),
        Err(error) => {
            let typed = [("name", form.name), ("introduction", form.introduction), ("links", form.links)];
            let typed = typed.map(|(name, value)| (name.to_owned(), value)).to_vec();
            pages::refused_form(&state, &headers, "/creator/profile", error.public(), typed).await
        }
    }
}

/// Makes an event from the creator's form. Sending it twice makes one.
pub async fn create(
    State(state): State<AppState>,
    Anyone(session): Anyone,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    write(&state, session, &headers, "/creator/new", None, form).await
}

/// Changes an event by the same form.
pub async fn edit(
    State(state): State<AppState>,
    Path(event): Path<EventId>,
    Anyone(session): Anyone,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    write(&state, session, &headers, &format!("/creator/events/{event}/edit"), Some(event), form).await
}

/// Makes an event, or changes one: the form on `page` says what.
async fn write(
    state: &AppState,
    session: Option<Arc<Session>>,
    headers: &HeaderMap,
    page: &str,
    event: Option<EventId>,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let Some(session) = session else {
        return reply::see_other(&format!("/sign-in?next={page}"), &[]);
    };
    let (fields, picture, read) = match form {
        Ok(form) => read(form).await,
        Err(_) => (Vec::new(), None, Err(Error::Malformed)),
    };
    let written = match read {
        Ok(()) => write_event(state, &session, event, &fields, picture).await,
        Err(error) => Err(error),
    };
    match written {
        Ok(place) if reply::wants_json(headers) => reply::json(StatusCode::OK, &serde_json::json!({ "place": place })),
        Ok(place) => reply::see_other(&place, &[]),
        Err(error) if reply::wants_json(headers) => Refusal(error).into_response(),
        Err(error) => pages::refused_form(state, headers, page, error, fields).await,
    }
}

type Fields = Vec<(String, String)>;

/// Reads the whole form as far as it can be read, so that what was typed is shown again.
async fn read(mut form: Multipart) -> (Fields, Option<Vec<u8>>, Result<(), Error>) {
    let (mut fields, mut picture, mut typed) = (Vec::new(), None, 0);
    let too_large = || {
        let mut errors = FormErrors::default();
        errors.add("picture", FieldError::TooLarge);
        errors.into_result()
    };
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return (fields, picture, Ok(())),
            Err(error) if error.status() == 413 => return (fields, None, too_large()),
            Err(_) => return (fields, None, Err(Error::Malformed)),
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name == "picture" {
            match field.bytes().await {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => picture = Some(bytes.to_vec()),
                Err(error) if error.status() == 413 => return (fields, None, too_large()),
                Err(_) => return (fields, None, Err(Error::Malformed)),
            }
        } else {
            match field.text().await {
                Ok(text) => {
                    typed += name.len() + text.len();
                    if typed > super::FORM_LIMIT {
                        return (fields, None, Err(Error::TooLarge));
                    }
                    fields.push((name, text));
                }
                Err(_) => return (fields, None, Err(Error::Malformed)),
            }
        }
    }
}

/// Does what the form says; where to go on.
async fn write_event(
    state: &AppState,
    session: &Arc<Session>,
    event: Option<EventId>,
    fields: &Fields,
    picture: Option<Vec<u8>>,
) -> Result<String, Error> {
    let actor = &Actor::Member(session.clone());
    actor.creator()?;
    let engine = &state.engine;
    let value = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default();
    let form = event_form(fields);
    let now = engine.clock.now();
    // Before a picture is looked at.
    let phase = match event {
        Some(event) => engine.events.check_edit(actor, event, &form).await.map_err(engine::Error::public)?,
        None => form.check(now).map(|_| Phase::New)?,
    };
    engine.limits.creation(session.member).await?;
    // Once people have come for it, it keeps the picture they came for.
    let picture = picture.filter(|_| phase != Phase::Opened);
    let crop = Crop::of(value("crop_x"), value("crop_y"), value("crop_zoom"));
    let (pictures, uploaded) = match (picture, value("like").parse()) {
        (Some(bytes), _) => (Some(engine.pictures.save(bytes, crop, now).await.map_err(engine::Error::public)?), true),
        (None, Ok(like)) => (Some(engine.events.pictures(actor, like).await.map_err(engine::Error::public)?), false),
        (None, Err(_)) => (None, false),
    };
    let publish = value("save") != "draft";
    let written = write_row(engine, actor, event, fields, &form, pictures.clone(), publish).await;
    if let Some(pictures) = pictures.filter(|_| uploaded) {
        // The form was refused, or sent before: nobody will see this upload.
        let seen = match &written {
            Ok(event) => engine.events.pictures(actor, *event).await.map_or(true, |shown| shown == pictures),
            Err(engine::Error::Refused(_)) => false,
            // It may have been written nevertheless.
            Err(_) => true,
        };
        if !seen {
            engine.pictures.remove(&pictures).await;
        }
    }
    let event = written.map_err(engine::Error::public)?;
    Ok(if publish { format!("/events/{event}") } else { format!("/creator/events/{event}/edit") })
}

/// Makes the event, or changes it.
async fn write_row(
    engine: &Engine,
    actor: &Actor,
    event: Option<EventId>,
    fields: &Fields,
    form: &events::EventForm,
    pictures: Option<events::Pictures>,
    publish: bool,
) -> Result<EventId, engine::Error> {
    let Some(event) = event else {
        let request = fields.iter().find(|(name, _)| name == "request").map(|(_, value)| value.parse::<RequestId>());
        let request = request.and_then(Result::ok).ok_or(Error::Malformed)?;
        let (draft, pictures) = (form.check(engine.clock.now())?, pictures.unwrap_or_default());
        return if publish {
            engine.events.create(actor, request, draft, pictures).await
        } else {
            engine.events.create_draft(actor, request, draft, pictures).await
        };
    };
    engine.events.edit(actor, event, form, pictures, publish).await?;
    Ok(event)
}

fn event_form(fields: &Fields) -> events::EventForm {
    let all = |name: &str| fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect::<Vec<_>>();
    let value = |name: &str| all(name).into_iter().next().unwrap_or_default();
    let (names, kinds, winners) = (all("prize_name"), all("prize_kind"), all("prize_winners"));
    let prizes = names
        .into_iter()
        .enumerate()
        .map(|(i, name)| (name, kinds.get(i).cloned().unwrap_or_default(), winners.get(i).cloned().unwrap_or_default()))
        .collect();
    events::EventForm {
        title: value("title"),
        summary: value("summary"),
        description: value("description"),
        category: value("category"),
        opens_at: value("opens_at"),
        closes_at: value("closes_at"),
        entry_code: value("entry_code"),
        rules: value("rules"),
        prizes,
        last_winners: value("last_winners"),
    }
}

/// The form that calls an event off.
#[derive(Deserialize)]
pub struct CancelForm {
    #[serde(default)]
    reason: String,
}

/// Calls an event off.
pub async fn cancel(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Anyone(session): Anyone,
    headers: HeaderMap,
    Form(form): Form<CancelForm>,
) -> Response {
    let Some(session) = session else {
        return reply::see_other("/sign-in?next=/creator", &[]);
    };
    let cancelled = async {
        let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
        state.engine.events.cancel(&Actor::Member(session), event, &form.reason).await.map_err(engine::Error::public)
    };
    match cancelled.await {
        Ok(()) => reply::see_other(&format!("/events/{id}"), &[]),
        Err(error) => {
            let typed = vec![("reason".to_owned(), form.reason)];
            pages::refused_form(&state, &headers, &format!("/events/{id}"), error, typed).await
        }
    }
}
