//! `GET /notices/stream`: what a member is told as it is written, as server-sent events.
//!
//! Each event carries the number from which its reader goes on, as its id: `notice` with what it says in the reader's language,
//! `unread` when only the count is another, `reset` when what was missed cannot be told, `over` when the stream is not to be opened
//! again by itself. Nothing is kept for a stream beside that number: what is new comes with what wakes it, or is read from the database.
//! What many are told is put into words once in each language ([`engine::notices::Saying`]), and each stream adds what is its reader's own.

use crate::{
    AppState,
    cookies::{self, SignedIn},
    pages,
    reply::Refusal,
    streams::OpenStream,
};
use app::{features::notices::page::said, texts::Lang};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response, Sse, sse::Event},
};
use engine::{
    accounts::{Actor, SessionToken},
    notices::{After, Following, News, Told},
};
use futures::stream;
use model::{Error, MemberId, RequestId, SECOND, Time};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, convert::Infallible, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// How often a quiet stream says something, looks for what it was not woken for, and whether its session still stands.
const BEAT: Duration = Duration::from_secs(15);
/// After a stream ended browsers come back within these times: not all of them at once.
const COMES_BACK: (u64, u64) = (1_000, 4_000);
/// From which number a browser goes on by itself.
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");
/// What nginx is told not to keep back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Where to go on.
#[derive(Deserialize)]
pub struct Behind {
    /// For programs, and pages that were just opened.
    after: Option<String>,
}

/// By what the browser's script tells readers apart: nobody's id, and the same at every visit.
pub fn reader(member: MemberId) -> String {
    let hash = engine::ids::hash(&[b"notices", member.0.as_bytes()]);
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Tells whoever asks of their notices from now on, or from a number.
///
/// # Errors
/// [`Error::SignedOut`], [`Error::Suspended`].
pub async fn stream(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    Query(query): Query<Behind>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let token = cookies::token(&state, &headers).ok_or(Error::SignedOut)?;
    let last = headers.get(LAST_EVENT).map(|last| last.to_str().unwrap_or("?"));
    let after = after(last.or(query.after.as_deref()));
    let member = session.member;
    let following = state.engine.notices.follow(&Actor::of(Some(session)), after)?;
    let streaming = Streaming {
        lang: pages::language(&headers),
        place: state.streams.open(member),
        stopping: state.stopping.subscribe(),
        beats_at: Instant::now() + BEAT,
        ready: VecDeque::from([Event::default().retry(comes_back())]),
        over: false,
        fresh: true,
        state,
        token,
        following,
    };
    let events = stream::unfold(Box::new(streaming), |mut streaming| async move {
        let event = streaming.next().await?;
        Some((Ok::<_, Infallible>(event), streaming))
    });
    let mut answer = Sse::new(events).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    Ok(answer)
}

/// From where a reader goes on; what is no number is none of ours.
pub fn after(last: Option<&str>) -> After {
    match last {
        None | Some("") => After::Now,
        Some(last) => last.parse().map_or(After::Unknown, After::Number),
    }
}

/// How soon a browser is to come back: not all of them at once.
pub fn comes_back() -> Duration {
    let (least, spread) = COMES_BACK;
    Duration::from_millis(least + u64::from(u16::from_be_bytes(engine::ids::random())) % spread)
}

/// Resolves when the program is to stop.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// How many bytes a stream has while it rests.
pub fn size_at_rest() -> usize {
    fn of<A, F>(_: impl FnOnce(A) -> F) -> usize {
        size_of::<F>()
    }
    size_of::<Streaming>() + of(|mut streaming: Box<Streaming>| async move { streaming.next().await })
}

/// A stream that somebody listens to.
struct Streaming {
    state: AppState,
    token: SessionToken,
    lang: Lang,
    following: Following,
    place: OpenStream,
    stopping: watch::Receiver<bool>,
    beats_at: Instant,
    /// What leaves next.
    ready: VecDeque<Event>,
    over: bool,
    /// Whether nothing was read yet: what is there is told at once, also while other nodes cannot be heard.
    fresh: bool,
}

/// What comes of a notice, as far as it is its reader's own.
#[derive(Serialize)]
struct Own {
    number: u64,
    unread: u64,
    /// The count in words.
    label: String,
    id: RequestId,
    /// How long ago it was written, in seconds.
    age: i64,
}

/// The rest: what it says to all who read it in a language.
#[derive(Serialize)]
struct Said {
    kind: &'static str,
    text: String,
    href: Option<String>,
    at: Time,
}

/// What comes of anything else.
#[derive(Serialize)]
struct Count {
    unread: u64,
    label: String,
}

impl Streaming {
    /// What leaves next; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            let mut beat = false;
            if !std::mem::take(&mut self.fresh) {
                beat = tokio::select! {
                    biased;
                    // Whoever listens comes back, to another node.
                    () = stopped(&mut self.stopping) => return None,
                    () = self.place.over() => {
                        self.end();
                        continue;
                    }
                    () = self.following.woken() => false,
                    () = sleep_until(self.beats_at) => true,
                };
            }
            // Boxed: a stream that rests does not carry what reading needs.
            Box::pin(self.read()).await;
            if beat {
                self.beats_at = Instant::now() + BEAT;
                if self.ready.is_empty() {
                    self.ready.push_back(Event::default().comment(""));
                }
            }
        }
    }

    /// Says that it is not to be opened again by itself.
    fn end(&mut self) {
        self.over = true;
        self.ready.push_back(Event::default().event("over").data("{}"));
    }

    /// Reads what is new, as whoever its owner is at this moment.
    async fn read(&mut self) {
        match self.state.engine.accounts.sessions.of(&self.token).await {
            Ok(Some(session)) if !session.suspended => {}
            Ok(_) => return self.end(),
            // The next beat looks again.
            Err(_) => return,
        }
        match self.following.read().await {
            Ok(told) => {
                for told in told {
                    let event = self.event(told);
                    self.ready.push_back(event);
                }
            }
            Err(error) => tracing::debug!(%error, "notices are told later"),
        }
    }

    fn event(&self, told: Told) -> Event {
        let Told { number, unread, news } = told;
        let label = if unread > 0 { self.lang.notices_unread(unread) } else { String::new() };
        let (name, data) = match news {
            News::Notice { id, number, said: saying } => {
                let age = (self.state.engine.clock.now() - saying.at) / SECOND;
                let own = json(&Own { number, unread, label, id, age });
                let all = saying.words(self.lang.code(), || {
                    let line = saying.line(id, number);
                    let (text, href) = said(self.lang, &line);
                    json(&Said { kind: line.notice.kind().name(), text, href, at: line.at })
                });
                ("notice", joined(&own, &all))
            }
            News::Unread => ("unread", json(&Count { unread, label })),
            News::Reset => ("reset", json(&Count { unread, label })),
        };
        // JSON of these has no line breaks.
        Event::default().event(name).id(number.to_string()).data(data)
    }
}

fn json(data: &impl Serialize) -> String {
    serde_json::to_string(data).unwrap_or_default()
}

/// Two objects of JSON as one, of which the first ends with a number and the second begins with a name.
fn joined(one: &str, other: &str) -> String {
    let (one, other) = (one.trim_end_matches('}'), other.trim_start_matches('{'));
    format!("{one},{other}")
}
