//! What members' own programs can ask for, by tokens: addresses under `/api/v1`, the document that describes them (OpenAPI 3.1) and the
//! page of it. Cookies open nothing here, so that no other site can ask in somebody's name.

mod document;
mod operations;
pub mod schema;

pub use document::{openapi, page};
pub use operations::all;

use crate::{
    AppState,
    cookies::Address,
    reply::{self, Refusal},
};
use app::texts::Lang;
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{self, MethodRouter},
};
use engine::{accounts::Actor, limits::Searcher};
use model::{Error, Time, programs::Scope};
use schema::{Described, Shape};
use serde::{Serialize, de::DeserializeOwned};
use std::{net::IpAddr, str::FromStr};

/// The most bytes of what is sent.
const LONGEST: usize = 16 << 10;
/// The name in the place of which an id stands.
const ID: &str = "{id}";

/// Something that programs can ask for.
pub struct Operation {
    /// `get` or `post`.
    pub method: &'static str,
    /// As the router writes it.
    pub path: &'static str,
    /// What the token must be good for; `None` where none is needed.
    pub scope: Option<Scope>,
    /// With which statuses it is answered.
    pub statuses: &'static [u16],
    /// What it is.
    pub summary: fn(Lang) -> &'static str,
    /// What it takes, by its name.
    pub asked: (&'static str, Shape),
    /// What it answers with.
    pub answer: Shape,
    /// What answers.
    pub route: MethodRouter<AppState>,
}

/// Somebody's program asks for something.
pub struct Call<Q> {
    /// What answers.
    pub state: AppState,
    /// Who asks: whose token it is, or nobody where none is needed.
    pub actor: Actor,
    /// What for.
    pub asked: Q,
    /// When the last byte of it was read.
    pub read_at: Time,
    scopes: Vec<Scope>,
    id: Option<String>,
}

impl<Q> Call<Q> {
    /// What stands in the address in the place of the id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is none.
    pub fn named<T: FromStr>(&self) -> Result<T, Error> {
        self.id.as_deref().and_then(|id| id.parse().ok()).ok_or(Error::NotFound)
    }

    /// Whether the token is good for something.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

fn get<Q, A, F, Fut>(
    path: &'static str,
    scope: Option<Scope>,
    summary: fn(Lang) -> &'static str,
    handler: F,
) -> Operation
where
    Q: Described + DeserializeOwned + Send + 'static,
    A: Described + Serialize + Send + 'static,
    F: Fn(Call<Q>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<(StatusCode, A), Refusal>> + Send + 'static,
{
    let answers = move |State(state): State<AppState>, Address(address): Address, request: Request| {
        let handler = handler.clone();
        async move { answered(state, address, request, path, scope, handler).await }
    };
    let (asked, answer) = ((Q::NAME, Q::schema as Shape), A::schema as Shape);
    Operation { method: "get", path, scope, statuses: &[200], summary, asked, answer, route: routing::get(answers) }
}

fn post<Q, A, F, Fut>(
    path: &'static str,
    scope: Scope,
    statuses: &'static [u16],
    summary: fn(Lang) -> &'static str,
    handler: F,
) -> Operation
where
    Q: Described + DeserializeOwned + Send + 'static,
    A: Described + Serialize + Send + 'static,
    F: Fn(Call<Q>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<(StatusCode, A), Refusal>> + Send + 'static,
{
    let answers = move |State(state): State<AppState>, Address(address): Address, request: Request| {
        let handler = handler.clone();
        async move { answered(state, address, request, path, Some(scope), handler).await }
    };
    let (asked, answer) = ((Q::NAME, Q::schema as Shape), A::schema as Shape);
    let route = routing::post(answers);
    Operation { method: "post", path, scope: Some(scope), statuses, summary, asked, answer, route }
}

/// Answers what a program asks for, or says why not.
async fn answered<Q, A, F, Fut>(
    state: AppState,
    address: IpAddr,
    request: Request,
    path: &'static str,
    scope: Option<Scope>,
    handler: F,
) -> Response
where
    Q: DeserializeOwned,
    A: Serialize,
    F: Fn(Call<Q>) -> Fut,
    Fut: Future<Output = Result<(StatusCode, A), Refusal>>,
{
    let (parts, body) = request.into_parts();
    let call = match prepared(state, address, &parts, body, path, scope).await {
        Ok(call) => call,
        Err(refusal) => return refused(refusal),
    };
    match handler(call).await {
        Ok((status, answer)) => reply::json(status, &answer),
        Err(refusal) => refused(refusal),
    }
}

fn refused(refusal: Refusal) -> Response {
    let signed_out = refusal.0 == Error::SignedOut;
    let mut response = refusal.into_response();
    if signed_out {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Who asks, before anything of what they ask for is looked at; and then that.
async fn prepared<Q: DeserializeOwned>(
    state: AppState,
    address: IpAddr,
    parts: &Parts,
    body: Body,
    path: &'static str,
    scope: Option<Scope>,
) -> Result<Call<Q>, Refusal> {
    let sent = match parts.method == axum::http::Method::POST {
        true => Some(to_bytes(body, LONGEST).await),
        false => None,
    };
    // Now, and not when it is known who presses: that may take a while, and is no time of theirs.
    let read_at = state.engine.clock.now();
    let mut scopes = Vec::new();
    let actor = match scope {
        None => {
            state.engine.limits.looking(Searcher::Address(address))?;
            Actor::Visitor
        }
        Some(scope) => {
            let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            // The scheme's case does not count.
            let token = given
                .and_then(|given| given.split_once(' '))
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let (_, token) = token.ok_or(Error::SignedOut)?;
            let caller = state.engine.programs.caller(token.trim(), Searcher::Address(address)).await?;
            caller.may(scope)?;
            // No press is held back by how often other things are asked for; the button has limits of its own.
            if scope != Scope::Enter {
                state.engine.limits.token(caller.program.token).await?;
            }
            scopes.extend(Scope::ALL.into_iter().filter(|scope| caller.may(*scope).is_ok()));
            Actor::Member(caller.session)
        }
    };
    let asked = match sent {
        Some(sent) => {
            let bytes = sent.map_err(|_| Error::TooLarge)?;
            let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
            serde_json::from_slice(bytes).map_err(|_| Error::Malformed)?
        }
        None => serde_urlencoded::from_str(parts.uri.query().unwrap_or_default()).map_err(|_| Error::Malformed)?,
    };
    let at = path.split('/').position(|part| part == ID);
    let id = at.and_then(|at| parts.uri.path().split('/').nth(at)).map(str::to_owned);
    Ok(Call { state, actor, asked, read_at, scopes, id })
}
