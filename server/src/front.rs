//! In front of the router: clicks go straight to their handler.
//!
//! The button is pressed by everybody in one second. Matching it against every route, and the boxes of every layer on the
//! way, cost as much as the rest of a click; here it is one comparison of its path, behind the same CSRF check.

use crate::{AppState, routes};
use axum::{
    Router,
    extract::Request,
    http::Method,
    response::{IntoResponse, Response},
};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};
use tower::{Layer, Service};
use tower_http::csrf::{Csrf, CsrfLayer};

type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// Everything the server answers.
#[derive(Clone)]
pub struct Front {
    clicks: Csrf<Clicks>,
    others: Router,
}

impl Front {
    /// The whole site.
    pub fn new(state: AppState) -> Front {
        let others = routes::router(state.clone());
        Front { clicks: CsrfLayer::new().layer(Clicks(state)), others }
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answer {
        if request.method() == Method::POST && event_of(request.uri().path()).is_some() {
            Box::pin(self.clicks.call(request))
        } else {
            Box::pin(self.others.call(request))
        }
    }
}

/// The id in `/events/{id}/enter`.
fn event_of(path: &str) -> Option<&str> {
    path.strip_prefix("/events/")?.strip_suffix("/enter").filter(|id| !id.contains('/'))
}

/// The button.
#[derive(Clone)]
struct Clicks(AppState);

impl Service<Request> for Clicks {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answer {
        let state = self.0.clone();
        match event_of(request.uri().path()).map(str::to_owned) {
            Some(id) => Box::pin(async move { Ok(routes::enter::enter(state, id, request).await) }),
            None => Box::pin(async { Ok(axum::http::StatusCode::NOT_FOUND.into_response()) }),
        }
    }
}
