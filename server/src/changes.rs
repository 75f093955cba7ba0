//! Takes requests that change something to their server function, in front of the router.
//!
//! A program, and the form component with scripts, call a function by its fixed path and get JSON. A form without scripts is
//! sent to the page that shows it, with the function's name in the query: done, it is led on with 303 and a message that is
//! said once; refused, that very page is rendered at that very address with what was typed. See [`app::forms`].

use crate::{
    AppState, cookies,
    pages::{self, Afterwards},
    reply::{self, Refusal},
};
use app::{
    api::Reader,
    boot::Carried,
    forms::{Declaration, Done, Effect, Form, Outcome, RefusedForm},
    paths,
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use engine::accounts::Actor;
use model::{Error, Right, wire};

/// The cookie that names what was done until it was said.
pub const DONE: &str = "done";
/// Whoever gets no page within so many seconds is not told any more.
const SAID_WITHIN: u32 = 60;
/// For so many seconds, a year, a browser remembers how its reader wishes pages to be: whoever signs out has not changed their mind.
const REMEMBERED: u32 = 365 * 24 * 3600;

/// Answers what changes something; everything else goes on to the router.
pub async fn dispatch(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if *request.method() != Method::POST {
        return next.run(request).await;
    }
    if let Some(declaration) = Declaration::at(request.uri().path()) {
        return Box::pin(by_program(&state, declaration, request)).await;
    }
    match query(request.uri(), "do") {
        Some(name) if request.uri().path() == paths::SIGN_IN && asks_who(&name) => {
            Box::pin(carry(&state, request)).await
        }
        Some(name) => match Declaration::named(&name).filter(|function| function.is_on(request.uri().path())) {
            Some(declaration) => Box::pin(by_form(&state, declaration, request)).await,
            None => Refusal(Error::NotFound).into_response(),
        },
        None => next.run(request).await,
    }
}

/// Whether a function is only for somebody who is signed in.
fn asks_who(name: &str) -> bool {
    Declaration::named(name).is_some_and(|declaration| declaration.right != Right::Anyone)
}

/// The value of a name in an address's query.
pub fn query(uri: &Uri, name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(uri.query()?).ok()?;
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

async fn by_program(state: &AppState, declaration: &'static Declaration, request: Request) -> Response {
    let ours = reply::sent_by_ours(request.headers());
    match call(state, declaration, request).await {
        Ok((mut response, Some(outcome))) => {
            if ours {
                let answer = outcome.done.as_ref().map(|done| done.to.as_deref());
                response = reply::in_wire(response, wire::encode(&answer));
            }
            if let Ok(done) = &outcome.done {
                let leaves = done.to.is_some() || declaration.whole;
                effects(state, declaration, done, leaves, response.headers_mut());
            }
            response
        }
        Ok((response, None)) => response,
        Err(error) => reply::refusal(ours, error),
    }
}

async fn by_form(state: &AppState, declaration: &'static Declaration, request: Request) -> Response {
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let address = cookies::address(state, &headers, request.extensions());
    let outcome = match call(state, declaration, request).await {
        Ok((_, Some(outcome))) => outcome,
        Ok((response, None)) => return response,
        Err(error) => return Refusal(error).into_response(),
    };
    let error = match outcome.done {
        Ok(done) => {
            let to = done.to.clone().unwrap_or_else(|| page_of(&uri));
            let mut response = reply::see_other(&to, &[]);
            effects(state, declaration, &done, true, response.headers_mut());
            return response;
        }
        Err(error) => error,
    };
    if error == Error::SignedOut {
        // With its body, so that what was typed survives: the browser sends the same to the sign-in.
        let next: String = encoded(&page_of(&uri));
        let to = format!("{}?next={next}&{}", paths::SIGN_IN, which(declaration.name(), &uri));
        let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
        if let Ok(to) = HeaderValue::from_str(&to) {
            response.headers_mut().insert(header::LOCATION, to);
        }
        return response;
    }
    let refused = RefusedForm {
        path: declaration.path.to_owned(),
        key: query(&uri, "form").unwrap_or_default(),
        error: Some(error.clone()),
        typed: outcome.typed,
    };
    pages::again(
        state,
        &headers,
        address,
        uri,
        Some(&error),
        Afterwards { refused: Some(refused), ..Afterwards::default() },
    )
    .await
}

/// A form of somebody who has to sign in first: shows the sign-in, which carries what was typed.
async fn carry(state: &AppState, request: Request) -> Response {
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let address = cookies::address(state, &headers, request.extensions());
    let (form, _) = Form::read(request, None).await;
    let typed: Vec<_> = form.into_fields().into_iter().filter(|(name, _)| !name.contains("password")).collect();
    let next = query(&uri, "next").unwrap_or_default();
    let next = reply::local_path(Some(&next));
    let name = query(&uri, "do").unwrap_or_default();
    let and = if next.contains('?') { '&' } else { '?' };
    let carried = carried(format!("{next}{and}{}", which(&name, &uri)), typed);
    let afterwards = Afterwards { carried: Some(carried), ..Afterwards::default() };
    pages::again(state, &headers, address, uri, Some(&Error::SignedOut), afterwards).await
}

/// What was typed, on its way to `to`.
pub fn carried(to: String, typed: Vec<(String, String)>) -> Carried {
    let text = serde_json::to_string(&typed).unwrap_or_default();
    Carried { to, typed, text }
}

/// The query that says of which function a form is, and which of the page's forms of that.
fn which(name: &str, uri: &Uri) -> String {
    let key = query(uri, "form").map(|key| format!("&form={}", encoded(&key))).unwrap_or_default();
    format!("do={}{key}", encoded(name))
}

fn encoded(text: &str) -> String {
    let pair = serde_urlencoded::to_string([("", text)]).unwrap_or_default();
    pair.trim_start_matches('=').to_owned()
}

/// The page that a form was sent to.
fn page_of(uri: &Uri) -> String {
    paths::page_of(uri.path(), uri.query().unwrap_or_default())
}

/// Calls a function with the sender's session.
async fn call(
    state: &AppState,
    declaration: &'static Declaration,
    mut request: Request,
) -> Result<(Response, Option<Outcome>), Error> {
    let token = cookies::token(state, request.headers());
    // A member who was suspended, or is no admin any more, changes nothing by what is remembered of them.
    let session = match declaration.right {
        Right::Anyone | Right::SignedIn => cookies::session_of(state, token).await?,
        Right::Active | Right::Creator | Right::Admin => cookies::session_now(state, token).await?,
    };
    let actor = Actor::of(session);
    if let Some(member) = actor.member() {
        state.engine.limits.changes(member)?;
    }
    // Before a byte of the body is read.
    let _place = match actor.signed_in() {
        Ok(session) if declaration.files > 0 && actor.may(declaration.right).is_ok() => {
            let announced = request.headers().get(header::CONTENT_LENGTH);
            let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
            Some(state.uploads.take(session.member, announced.unwrap_or(declaration.files as u64)).await?)
        }
        _ => None,
    };
    let address = Some(cookies::address(state, request.headers(), request.extensions()));
    let newcomer = cookies::newcomer(state, request.headers()).map(str::to_owned);
    let (engine, demo) = (state.engine.clone(), state.demo.clone());
    let reader = Reader { engine, actor, token, newcomer, once: None, address, demo };
    *request.uri_mut() = Uri::from_static(declaration.path);
    pages::plain_answers(request.headers_mut());
    let mut response = pages::call(reader, request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let outcome = response.extensions_mut().remove::<Outcome>();
    Ok((response, outcome))
}

/// Sets the cookies that an answer comes with. Somebody who `leaves` the page is told on the next one what was done.
fn effects(state: &AppState, declaration: &Declaration, done: &Done, leaves: bool, headers: &mut HeaderMap) {
    let mut cookies: Vec<String> = done
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::SignIn(token) => Some(cookies::write(state, cookies::session_name(state), token)),
            Effect::Once(shown) => {
                Some(cookies::write_for(state, &cookies::guarded(state, cookies::ONCE), shown, SAID_WITHIN))
            }
            Effect::SignOut => Some(cookies::erase(state, cookies::session_name(state))),
            Effect::Remember(name, value) => Some(cookies::write_for(state, name, value, REMEMBERED)),
            Effect::SayNothing => None,
        })
        .collect();
    if leaves && !done.effects.contains(&Effect::SayNothing) {
        cookies.push(cookies::write_for(state, DONE, declaration.name(), SAID_WITHIN));
    }
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
}
