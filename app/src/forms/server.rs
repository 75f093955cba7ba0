//! The server's side of a change: the form is read within its limits, after the right was asked.

use super::{Change, Declaration, Declared, Done, Form, FormField, TEXT_LIMIT};
use crate::{
    api::{PageError, reader},
    page::fits,
};
use axum::{
    Json,
    body::{Body, HttpBody},
    extract::{FromRequest, Multipart},
    http::{HeaderValue, Method, Request, Response, StatusCode, header},
    response::IntoResponse,
};
use model::{Error, FieldError, FormErrors};
use server_fn::{Protocol, axum::AxumServerFnBackend, client::Client};
use std::{future::poll_fn, pin::Pin};

/// A declared function, in the list of all.
pub struct Registered(pub &'static Declaration);

server_fn::inventory::collect!(Registered);

impl Declaration {
    /// Every function that changes something.
    pub fn all() -> impl Iterator<Item = &'static Declaration> {
        server_fn::inventory::iter::<Registered>.into_iter().map(|registered| registered.0)
    }

    /// The function at a fixed address.
    pub fn at(path: &str) -> Option<&'static Declaration> {
        Declaration::all().find(|declaration| declaration.path == path)
    }

    /// The function of a name.
    pub fn named(name: &str) -> Option<&'static Declaration> {
        Declaration::all().find(|declaration| declaration.name() == name)
    }

    /// All fields that it reads.
    pub fn fields(&self) -> impl Iterator<Item = &'static FormField> + use<> {
        self.reads.iter().copied().flatten()
    }

    /// Whether a page may hold its form.
    pub fn is_on(&self, page: &str) -> bool {
        self.pages.is_empty() || self.pages.iter().any(|pattern| fits(pattern, page).is_some())
    }
}

/// What a call came to, beside its JSON: for whoever answers a form that was sent without scripts.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What it came to.
    pub done: Result<Done, Error>,
    /// What was typed, to be shown again: never passwords, and no files.
    pub typed: Vec<(String, String)>,
}

impl<F, C> Protocol<F, Done, C, AxumServerFnBackend, PageError> for Change
where
    F: Declared + From<Form> + Send,
    C: Client<PageError>,
{
    const METHOD: Method = Method::POST;

    async fn run_server<B, R>(request: Request<Body>, body: B) -> Result<Response<Body>, PageError>
    where
        B: Fn(F) -> R + Send,
        R: Future<Output = Result<Done, PageError>> + Send,
    {
        let declaration = F::DECLARATION;
        let may = reader().actor.may(declaration.right);
        if let Err(error) = may {
            return Ok(answer(Outcome { done: Err(error), typed: Vec::new() }));
        }
        let (form, read) = Form::read(request, Some(declaration)).await;
        let typed = form.fields.iter().filter(|(name, _)| !name.contains("password")).cloned().collect();
        let done = match read {
            Ok(()) => body(F::from(form)).await.map_err(|error| error.0),
            Err(error) => Err(error),
        };
        Ok(answer(Outcome { done, typed }))
    }

    async fn run_client(_: &str, _: F) -> Result<Done, PageError> {
        Err(PageError(Error::Internal))
    }
}

fn answer(outcome: Outcome) -> Response<Body> {
    let mut response = match &outcome.done {
        Ok(done) => Json(done).into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = (status, Json(error)).into_response();
            if let Some(seconds) = error.retry_after() {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
    };
    response.extensions_mut().insert(outcome);
    response
}

impl Form {
    /// Reads a whole form as far as it can be read, so that what was typed is shown again: urlencoded, multipart or JSON. Files come
    /// with it only for a function that takes them.
    ///
    /// # Errors
    /// With the form as far as it was read: [`Error::TooLarge`], [`Error::Malformed`].
    pub async fn read(request: Request<Body>, declaration: Option<&'static Declaration>) -> (Form, Result<(), Error>) {
        let files = declaration.map_or(0, |declaration| declaration.files);
        let (form, read) = read(request, files).await;
        (Form { declaration, ..form }, read)
    }

    /// Name and value of each field.
    pub fn into_fields(self) -> Vec<(String, String)> {
        self.fields
    }
}

/// The same, of any function's form. `files` is how many bytes of files may come with it.
async fn read(request: Request<Body>, files: usize) -> (Form, Result<(), Error>) {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "multipart/form-data" => read_multipart(request, files).await,
        kind => {
            let mut form = Form::default();
            let (mut bytes, all) = up_to(request.into_body(), TEXT_LIMIT).await;
            let too_large = if all { Ok(()) } else { Err(Error::TooLarge) };
            let fields = if kind == "application/json" {
                // Half of an object says nothing.
                if bytes.is_empty() || !all { Ok(Vec::new()) } else { read_json(&bytes) }
            } else {
                if !all {
                    // Of the field in which it became too large nobody knows where it would have ended.
                    let last = bytes.iter().rposition(|byte| *byte == b'&').unwrap_or_default();
                    bytes.truncate(last);
                }
                read_urlencoded(&bytes)
            };
            let read = fields.map(|fields| form.fields = fields).and(too_large);
            (form, read)
        }
    }
}

/// As much of a body as may come, and whether that was all of it.
async fn up_to(mut body: Body, most: usize) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    loop {
        match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            None => return (bytes, true),
            Some(Ok(frame)) => {
                let Ok(more) = frame.into_data() else { continue };
                let room = most - bytes.len();
                bytes.extend_from_slice(&more[..more.len().min(room)]);
                if more.len() > room {
                    return (bytes, false);
                }
            }
            Some(Err(_)) => return (bytes, false),
        }
    }
}

fn read_urlencoded(bytes: &[u8]) -> Result<Vec<(String, String)>, Error> {
    serde_urlencoded::from_bytes(bytes).map_err(|_| Error::Malformed)
}

/// An object whose values are texts, numbers, truths, or lists of these.
fn read_json(bytes: &[u8]) -> Result<Vec<(String, String)>, Error> {
    use serde_json::Value;
    let object: serde_json::Map<String, Value> = serde_json::from_slice(bytes).map_err(|_| Error::Malformed)?;
    let mut fields = Vec::with_capacity(object.len());
    for (name, value) in object {
        let values = match value {
            Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            match value {
                Value::Null => {}
                Value::String(text) => fields.push((name.clone(), text)),
                Value::Number(_) | Value::Bool(_) => fields.push((name.clone(), value.to_string())),
                Value::Array(_) | Value::Object(_) => return Err(Error::Malformed),
            }
        }
    }
    Ok(fields)
}

async fn read_multipart(mut request: Request<Body>, files: usize) -> (Form, Result<(), Error>) {
    let mut form = Form::default();
    axum::extract::DefaultBodyLimit::max(TEXT_LIMIT + files).apply(&mut request);
    let Ok(mut parts) = Multipart::from_request(request, &()).await else {
        return (form, Err(Error::Malformed));
    };
    let mut typed = 0;
    loop {
        let part = match parts.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => return (form, Ok(())),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => return (form, Err(Error::TooLarge)),
            Err(_) => return (form, Err(Error::Malformed)),
        };
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            // Where no file is wanted, what was typed before one is enough.
            if files == 0 {
                return (form, Ok(()));
            }
            match part.bytes().await {
                Ok(bytes) => form.files.push((name, bytes.to_vec())),
                Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                    let mut errors = FormErrors::default();
                    errors.add(&name, FieldError::TooLarge);
                    return (form, errors.into_result());
                }
                Err(_) => return (form, Err(Error::Malformed)),
            }
            continue;
        }
        match part.bytes().await {
            Ok(bytes) => {
                typed += name.len() + bytes.len();
                if typed > TEXT_LIMIT {
                    return (form, Err(Error::TooLarge));
                }
                match String::from_utf8(bytes.to_vec()) {
                    Ok(text) => form.fields.push((name, text)),
                    Err(_) => return (form, Err(Error::Malformed)),
                }
            }
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => return (form, Err(Error::TooLarge)),
            Err(_) => return (form, Err(Error::Malformed)),
        }
    }
}
