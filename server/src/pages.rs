//! Pages: what the application needs to render, the content security policy, refused forms shown again.

use crate::{
    AppState, changes, cookies, error_page, middleware, outside,
    renders::Render,
    reply::{self, Refusal},
    routes::{demo, notices},
};
use app::{
    Document, Files,
    api::Reader,
    boot::{Boot, Carried, Theme, Viewer},
    forms::{Declaration, RefusedForm},
    page::{self, Asked, Format, Page, Sent, Show},
    paths,
    texts::Lang,
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use engine::{
    accounts::{Actor, Session, SessionToken},
    background,
};
use futures::{FutureExt, future::BoxFuture};
use leptos::prelude::provide_context;
use model::Error;
use std::{convert::Infallible, net::IpAddr, sync::Arc};
use tower::{ServiceExt, service_fn};
use tower_http::compression::Compression;
use tracing::Instrument;

/// Answers with the page at the request's address: as a document, as what was read for it (for our own code, when it reads a
/// page again), or as the same in JSON for programs.
pub async fn page(State(state): State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let making = service_fn(move |request| made(state.clone(), request).map(Ok::<_, Infallible>));
    let Ok(answer) = Compression::new(making).oneshot(request).await;
    let (head, body) = answer.into_parts();
    // Now: while it is sent, it would be compressed among presses.
    match background::run(to_bytes(Body::new(body), usize::MAX)).await {
        Ok(whole) => Response::from_parts(head, Body::from(whole)),
        Err(error) => {
            tracing::error!(%error, "a page cannot be compressed");
            Refusal(Error::Internal).into_response()
        }
    }
}

/// Room for what everybody may read and is no page, such as a list for programs: whoever asks has it within what they have for pages,
/// of which it takes as much of the database.
///
/// # Errors
/// As [`crate::renders::Renders::begin`]; the database may fail.
pub async fn share(state: &AppState, headers: &HeaderMap, address: IpAddr) -> Result<Render, Error> {
    let session = cookies::session(state, headers).await?;
    state.renders.begin(session.map(|session| session.member), address).await
}

async fn made(state: AppState, request: Request) -> Response {
    // Of the body nothing is wanted.
    let (Parts { headers, uri, extensions, .. }, _) = request.into_parts();
    let headers = &headers;
    let address = cookies::address(&state, headers, &extensions);
    let format = match reply::wants_wire(headers, page::KIND) {
        Some(true) => Format::Wire,
        Some(false) => return StatusCode::NOT_ACCEPTABLE.into_response(),
        None if reply::wants_json(headers) && !reply::wants_html(headers) => Format::Json,
        None => return render(&state, headers, &uri, address, Afterwards::default()).await,
    };
    let read = async {
        let token = cookies::token(&state, headers);
        let session = cookies::session_of(&state, token).await?;
        let mut render = state.renders.begin(session.as_ref().map(|session| session.member), address).await?;
        let (page, asked) = asked(&state, (session, token), headers, &uri, address).ok_or(Error::NotFound)?;
        let read = (page.read)(asked, format).await.map_err(|error| error.0)?;
        render.weighs(read.len())?;
        Ok::<_, Error>((read, render))
    };
    let mut response = match read.await {
        Ok((read, render)) => {
            let answer = if format == Format::Wire { reply::wired } else { reply::json_bytes };
            let mut response = answer(StatusCode::OK, read);
            render.go_with(&mut response);
            response
        }
        Err(error) => Refusal(error).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// The page at an address, as somebody asks for it.
fn asked(
    state: &AppState,
    (session, token): (Option<Arc<Session>>, Option<SessionToken>),
    headers: &HeaderMap,
    uri: &Uri,
    address: IpAddr,
) -> Option<(&'static Page, Asked)> {
    let newcomer = cookies::newcomer(state, headers).map(str::to_owned);
    let (engine, actor) = (state.engine.clone(), Actor::of(session));
    let once = cookies::read(headers, &cookies::guarded(state, cookies::ONCE)).map(str::to_owned);
    let (address, demo) = (Some(address), state.demo.clone());
    let reader = Reader { engine, actor, token, newcomer, once, address, demo };
    page::find(reader, language(headers), uri.path(), uri.query().unwrap_or_default())
}

/// Calls a server function. Boxed here, where it is made: all of them in one future are too much for the stacks of those who
/// would hold it.
pub fn call(reader: Reader, request: Request) -> BoxFuture<'static, Response> {
    let called = leptos_axum::handle_server_fns_with_context(move || provide_context(reader.clone()), request);
    called.map(IntoResponse::into_response).boxed()
}

/// Else the library would lead whoever takes HTML back to where they came from, with the error in the address.
pub fn plain_answers(headers: &mut HeaderMap) {
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.remove(header::REFERER);
}

/// What a page shows of what was sent a moment ago.
#[derive(Default)]
pub struct Afterwards {
    /// A form that was refused.
    pub refused: Option<RefusedForm>,
    /// A form that waits for its sender to sign in.
    pub carried: Option<Carried>,
    /// Who reads, when the request itself does not say so: they signed in with it.
    pub token: Option<SessionToken>,
}

/// Renders the page at `uri` in answer to a form that was sent there from `address`, with the status of `error`.
pub async fn again(
    state: &AppState,
    headers: &HeaderMap,
    address: IpAddr,
    uri: Uri,
    error: Option<&Error>,
    afterwards: Afterwards,
) -> Response {
    // A click comes past the layer that does this for everything else.
    let mut response =
        error_page::page(language(headers), theme(headers), render(state, headers, &uri, address, afterwards).await);
    if let (StatusCode::OK, Some(error)) = (response.status(), error) {
        *response.status_mut() = reply::status(error);
        reply::retry_after(error, &mut response);
    }
    response
}

/// Shows a plain form again, at the address that it was sent to, with what was typed (never a password) and why it was
/// refused.
pub async fn refused_form(
    state: &AppState,
    headers: &HeaderMap,
    address: IpAddr,
    path: &str,
    error: Error,
    typed: Vec<(String, String)>,
    carried: Option<Carried>,
) -> Response {
    let uri = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
    let refused = RefusedForm { path: path.to_owned(), key: String::new(), error: Some(error.clone()), typed };
    let afterwards = Afterwards { refused: Some(refused), carried, token: None };
    again(state, headers, address, uri, Some(&error), afterwards).await
}

async fn render(state: &AppState, headers: &HeaderMap, uri: &Uri, address: IpAddr, afterwards: Afterwards) -> Response {
    let token = afterwards.token.or_else(|| cookies::token(state, headers));
    let session = match cookies::session_of(state, token).await {
        Ok(session) => session,
        // Rather no page than one that says "signed out" to somebody who is not.
        Err(error) => return Refusal(error).into_response(),
    };
    let mut render = match state.renders.begin(session.as_ref().map(|session| session.member), address).await {
        Ok(render) => render,
        Err(error) => return Refusal(error).into_response(),
    };
    let used = token.filter(|_| session.is_some());
    let seal = match &used {
        // Without one it is looked for as what was made up is, and lasts all the same.
        Some(token) => state.engine.accounts.sessions.seal_beside(token).await.unwrap_or_default(),
        None => None,
    };
    // The script also hides what a browser kept of who was signed in: whoever is suspended has it as well, and follows nothing.
    let reader = session.as_deref().map(|session| match session.suspended {
        true => String::new(),
        false => notices::reader(session.member),
    });
    let done = cookies::read(headers, changes::DONE);
    let was_done = done.is_some();
    let once = cookies::guarded(state, cookies::ONCE);
    let was_shown = cookies::read(headers, &once).is_some();
    let done = done.and_then(Declaration::named);
    // Whoever came from Kakao is shown their email.
    let waits = cookies::newcomer(state, headers).is_some();
    let shows_typed = afterwards.refused.is_some() || afterwards.carried.is_some() || was_shown || waits;
    let now = state.engine.clock.now();
    let found = asked(state, (session.clone(), token), headers, uri, address);
    let reading = async {
        match found {
            Some((page, asked)) => {
                (page.name, page.show, (page.read)(asked, Format::Wire).await.map_err(|error| error.0))
            }
            None => ("", page::nothing as Show, Err(Error::NotFound)),
        }
    };
    let unread = async {
        match &session {
            Some(session) => state.engine.notices.unread(session.member).await.unwrap_or_default(),
            None => 0,
        }
    };
    let ((name, show, read), unread) = tokio::join!(reading, unread);
    let mut boot = Boot {
        viewer: session.as_deref().map(|session| viewer(session, unread)),
        lang: language(headers),
        theme: theme(headers),
        demo: state.config.demo,
        demo_admin: demo::offers_admin(state, headers, Some(address)),
        origin: origin(state, headers),
        now,
        here: paths::page_of(uri.path(), uri.query().unwrap_or_default()),
        refused: afterwards.refused,
        carried: afterwards.carried,
        said: done.map(|declaration| (declaration.said)(language(headers)).to_owned()),
        outside: None,
    };
    boot.outside = outside::address(headers, &boot.origin, &boot.here);
    let new_visitor = cookies::read(headers, "visitor").is_none();
    let status = read.as_ref().err().map_or(StatusCode::OK, reply::status);
    // Whoever never was here has no style sheet yet, and does not wait for one.
    let files = Files { root: state.code.root(), sheet: new_visitor.then(|| state.code.sheet()), reader };
    let sent = Sent { boot, page: name.to_owned(), read };
    let leptos = state.leptos.clone();
    let rendering = async move { app::document(leptos, files, sent, show) };
    let Document { html, nonce } = background::run(rendering.in_current_span()).await;
    if let Err(error) = render.weighs(html.len()) {
        return Refusal(error).into_response();
    }
    let mut response = (status, Html(html)).into_response();
    render.go_with(&mut response);
    set_policy(&nonce, response.headers_mut());
    let headers = response.headers_mut();
    // What is nobody's may be kept by the browser to go back to.
    let kept = if used.is_none() && !shows_typed { "private, no-cache" } else { "private, no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    // Whoever signs in does not go back to a page that says "signed out".
    headers.insert(header::VARY, HeaderValue::from_static("accept, cookie"));
    // Here as well as around the router: a refused click comes past that.
    middleware::protect(headers);
    // Sessions slide: the cookie lasts as long again as the session it names.
    let session_cookie = used.map(|token| cookies::write(state, cookies::session_name(state), &token.to_string()));
    let seal_cookie = seal.map(|seal| cookies::write(state, cookies::seal_name(state), &seal));
    let visitor_cookie = new_visitor.then(|| {
        let visitor = format!("{:032x}", u128::from_be_bytes(engine::ids::random()));
        cookies::write(state, "visitor", &visitor)
    });
    let said = was_done.then(|| cookies::erase(state, changes::DONE));
    let shown = was_shown.then(|| cookies::erase(state, &once));
    for cookie in session_cookie.into_iter().chain(seal_cookie).chain(visitor_cookie).chain(said).chain(shown) {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// Where the site is: as configured, else as it was asked for.
pub fn origin(state: &AppState, headers: &HeaderMap) -> String {
    let asked_for = || headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    match &state.config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", asked_for()),
    }
}

/// Only our own scripts, and inline ones with this page's nonce.
fn set_policy(nonce: &str, headers: &mut HeaderMap) {
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn viewer(session: &Session, unread: u64) -> Viewer {
    Viewer {
        nickname: session.nickname.to_string(),
        board_name: session.board_name.to_string(),
        picture: session.picture,
        mode: session.mode,
        creator: session.creator,
        admin: session.role == model::Role::Admin,
        terms_due: session.terms_due,
        unread,
    }
}

/// The chosen language, else the one of ours that the browser likes best, else Korean.
pub fn language(headers: &HeaderMap) -> Lang {
    match cookies::read(headers, "language") {
        Some("en") => Lang::En,
        Some(_) => Lang::Ko,
        None => {
            let said = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            said.and_then(liked_best).unwrap_or_default()
        }
    }
}

/// Ranges that are read of what a browser says it likes: nobody reads so many languages, and a head has room for thousands.
const RANGES: usize = 32;

/// Of ours the one that a browser likes best, and of those that it likes alike the one that it names first (RFC 9110, 12.5.4); `*` means
/// those that it does not name.
fn liked_best(said: &str) -> Option<Lang> {
    fn names(tag: &str, lang: Lang) -> bool {
        tag.split(['-', '_']).next().is_some_and(|primary| lang.code().eq_ignore_ascii_case(primary))
    }
    let ranges: Vec<(&str, f32)> = said.split(',').take(RANGES).filter_map(weighed).collect();
    let ours = Lang::ALL.map(|lang| (lang, ranges.iter().any(|(tag, _)| names(tag, lang))));
    let mut best: Option<(Lang, f32)> = None;
    for &(tag, weight) in &ranges {
        for (lang, named) in ours {
            let meant = if tag == "*" { !named } else { names(tag, lang) };
            if meant && weight > best.map_or(0.0, |(_, weight)| weight) {
                best = Some((lang, weight));
            }
        }
    }
    best.map(|(lang, _)| lang)
}

/// What somebody likes so much, from 0, not at all, to 1; `None` where that is no such number.
fn weighed(range: &str) -> Option<(&str, f32)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next()?;
    let weight = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    });
    let weight: f32 = weight.unwrap_or("1").parse().ok()?;
    (0.0..=1.0).contains(&weight).then_some((tag, weight))
}

/// How the reader wishes pages to look.
pub fn theme(headers: &HeaderMap) -> Theme {
    match cookies::read(headers, "theme") {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}
