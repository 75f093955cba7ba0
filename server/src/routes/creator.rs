//! The creator's forms: profile, new event with its picture, cancelling.

use crate::{AppState, cookies::Anyone, pages, reply};
use axum::{
    Form,
    extract::{Multipart, Path, State, multipart::MultipartRejection},
    http::HeaderMap,
    response::Response,
};
use engine::{events, members::Session};
use model::{Error, EventId, FieldError, FormErrors, RequestId};
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
    match state.engine.members.set_profile(session.member, &form.name, &form.introduction, &form.links).await {
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
    let Some(session) = session else {
        return reply::see_other("/sign-in?next=/creator/new", &[]);
    };
    let (fields, picture, read) = match form {
        Ok(form) => read(form).await,
        Err(_) => (Vec::new(), None, Err(Error::Malformed)),
    };
    let made = match read {
        Ok(()) => make(&state, &session, &fields, picture).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(event) => reply::see_other(&format!("/events/{event}"), &[]),
        Err(error) => pages::refused_form(&state, &headers, "/creator/new", error, fields).await,
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

async fn make(
    state: &AppState,
    session: &Arc<Session>,
    fields: &Fields,
    picture: Option<Vec<u8>>,
) -> Result<EventId, Error> {
    if !session.creator {
        return Err(Error::Forbidden);
    }
    if session.suspended {
        return Err(Error::Suspended);
    }
    let value = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let all = |name: &str| fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect::<Vec<_>>();
    let request: RequestId = value("request").parse().map_err(|_| Error::Malformed)?;
    let (names, kinds, winners) = (all("prize_name"), all("prize_kind"), all("prize_winners"));
    let prizes = names
        .into_iter()
        .enumerate()
        .map(|(i, name)| (name, kinds.get(i).cloned().unwrap_or_default(), winners.get(i).cloned().unwrap_or_default()))
        .collect();
    let form = events::EventForm {
        title: value("title"),
        summary: value("summary"),
        description: value("description"),
        category: value("category"),
        opens_at: value("opens_at"),
        closes_at: value("closes_at"),
        entry_code: value("entry_code"),
        rules: value("rules"),
        prizes,
    };
    let now = state.engine.clock.now();
    let draft = form.check(now)?;
    state.engine.limits.creation(session.member)?;
    let pictures = match picture {
        Some(bytes) => state.engine.pictures.save(bytes, now).await.map_err(engine::Error::public)?,
        None => events::Pictures::default(),
    };
    state.engine.events.create(session.member, request, draft, pictures).await.map_err(engine::Error::public)
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
        state.engine.events.cancel(session.member, event, &form.reason).await.map_err(engine::Error::public)
    };
    match cancelled.await {
        Ok(()) => reply::see_other(&format!("/events/{id}"), &[]),
        Err(error) => {
            let typed = vec![("reason".to_owned(), form.reason)];
            pages::refused_form(&state, &headers, &format!("/events/{id}"), error, typed).await
        }
    }
}
