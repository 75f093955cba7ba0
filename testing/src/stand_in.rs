//! What the servers have in common that stand in for payment providers: they check what they receive, and go wrong as they are told.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use futures::stream::once;
use serde_json::Value;
use std::{sync::Mutex, time::Duration};
use tokio::{net::TcpListener, task::AbortHandle};

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy)]
pub enum Wrong {
    /// It never arrives: nothing is done, and nobody says so.
    Lost,
    /// It is done, and nobody says so.
    Unheard,
    /// It is done, and what is answered makes no sense.
    Garbled,
    /// It is done, and the answer takes so long.
    Slow(Duration),
    /// It is done, and the connection is cut in the midst of the answer.
    Cut,
    /// It is done with so many won more. What is given back is what was asked for, and only the answer says so many more.
    More(i64),
    /// Whoever is behind the provider says no for good.
    Declined,
    /// The key is said to be none.
    Key,
}

/// In the place of how many won more are taken, or said to be given back: none are.
pub(crate) const DECLINED: i64 = i64::MIN;

/// What every stand-in has.
#[derive(Default)]
pub(crate) struct Shared {
    troubles: Mutex<Vec<(&'static str, usize, Wrong)>>,
    complaints: Mutex<Vec<String>>,
}

impl Shared {
    /// So many of the next calls of a name go wrong.
    pub fn trouble(&self, call: &'static str, times: usize, wrong: Wrong) {
        self.troubles.lock().unwrap().push((call, times, wrong));
    }

    /// Every call is answered from now on.
    pub fn mend(&self) {
        self.troubles.lock().unwrap().clear();
    }

    fn next(&self, call: &str) -> Option<Wrong> {
        let mut troubles = self.troubles.lock().unwrap();
        let (_, left, wrong) = troubles.iter_mut().find(|(name, left, _)| *name == call && *left > 0)?;
        *left -= 1;
        Some(*wrong)
    }

    /// Notes what should not have been sent.
    pub fn expect(&self, holds: bool, what: impl Into<String>) -> bool {
        if !holds {
            self.complaints.lock().unwrap().push(what.into());
        }
        holds
    }

    /// Everything that should not have been sent.
    pub fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap().clone()
    }

    /// Does what was called, unless that goes wrong: `work` gets how many won more are to be taken.
    pub async fn answer(
        &self,
        call: &str,
        headers: &HeaderMap,
        key: &str,
        refusal: Value,
        work: impl FnOnce(i64) -> (u16, Value),
    ) -> Response {
        let given = headers.get(header::AUTHORIZATION).and_then(|key| key.to_str().ok()).unwrap_or_default();
        if given != key {
            return json(401, &refusal);
        }
        match self.next(call) {
            None => answered(work(0)),
            Some(Wrong::More(more)) => answered(work(more)),
            Some(Wrong::Slow(long)) => {
                let done = work(0);
                tokio::time::sleep(long).await;
                answered(done)
            }
            Some(Wrong::Lost) => StatusCode::BAD_GATEWAY.into_response(),
            Some(Wrong::Unheard) => {
                work(0);
                StatusCode::BAD_GATEWAY.into_response()
            }
            Some(Wrong::Garbled) => {
                work(0);
                Html("<h1>Bad gateway</h1>").into_response()
            }
            Some(Wrong::Cut) => {
                work(0);
                let cut = once(async { Err::<Vec<u8>, _>(std::io::Error::other("cut")) });
                Body::from_stream(cut).into_response()
            }
            Some(Wrong::Declined) => answered(work(DECLINED)),
            Some(Wrong::Key) => json(401, &refusal),
        }
    }
}

fn answered((status, body): (u16, Value)) -> Response {
    json(status, &body)
}

fn json(status: u16, body: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, "application/json")], body.to_string())
        .into_response()
}

/// A server; it ends when this is dropped.
pub(crate) struct Serving(AbortHandle);

impl Serving {
    /// What a task serves.
    pub fn by(task: AbortHandle) -> Serving {
        Serving(task)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves what `router` makes of its own address.
pub(crate) async fn serve(router: impl FnOnce(&str) -> Router) -> (String, Serving) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = router(&url);
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, Serving(serving.abort_handle()))
}

/// An address with one more value in its query.
pub(crate) fn with(address: &str, name: &str, value: &str) -> String {
    let and = if address.contains('?') { '&' } else { '?' };
    format!("{address}{and}{name}={value}")
}

/// A page on which somebody approves, or does not.
pub(crate) fn page(name: &str, what: &str, amount: i64, address: &str) -> Html<String> {
    Html(format!(
        "<!DOCTYPE html><html lang=\"ko\"><meta charset=\"utf-8\"><title>{name}</title><h1>{name}</h1><p>{what}</p>\
         <p class=\"amount\">{amount}</p><form method=\"post\" action=\"{address}/approve\"><button>승인</button></form>\
         <form method=\"post\" action=\"{address}/decline\"><button>그만두기</button></form></html>"
    ))
}
