//! What pages read from the server: one function per page, each a use case of the engine.

use leptos::{
    prelude::*,
    server::codee::{Decoder, Encoder},
    server_fn::codec::JsonEncoding,
};
use model::{
    BoardPage, BoardRow, Came, Claim, CreatorView, Curves, Entrants, EntrantsQuery, Error, EventCard, EventStart,
    EventView, Home, JobLine, MyEntries, MyEvents, Notices, Report, Revision, Stage, Time, live::ChatLine,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use server_fn::{
    codec::GetUrl,
    error::{FromServerFnError, ServerFnErrorErr},
};

/// [`model::Error`] on its way through a server function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageError(pub Error);

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl FromServerFnError for PageError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        PageError(Error::Busy)
    }
}

/// JSON on its way from the server's page to the browser, read from bytes as server functions and the live socket read
/// theirs: the code that reads a type is there once.
pub struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, serde_json::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, serde_json::Error> {
        serde_json::from_slice(text.as_bytes())
    }
}

/// What a page reads before it is sent, and again whenever `source` changes.
pub fn read<S, T, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> F + Send + Sync + 'static,
) -> Resource<T, Json>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = T> + Send + 'static,
{
    Resource::new_with_options(source, fetch, true)
}

/// What server functions find in their context.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct Reader {
    /// Everything the server does.
    pub engine: engine::Engine,
    /// Who asks.
    pub session: Option<std::sync::Arc<engine::members::Session>>,
}

#[cfg(feature = "ssr")]
fn reader() -> Reader {
    expect_context::<Reader>()
}

#[cfg(feature = "ssr")]
fn public(error: engine::Error) -> PageError {
    PageError(error.public())
}

/// The home page.
#[server(endpoint = "home", input = GetUrl)]
pub async fn load_home() -> Result<Home, PageError> {
    let reader = reader();
    let mut home = reader.engine.events.home().await.map_err(public)?;
    for card in home.next.iter_mut().chain(&mut home.open) {
        card.present = reader.engine.rooms.present(card.id);
    }
    Ok(home)
}

/// An event with its room.
#[server(endpoint = "event", input = GetUrl)]
pub async fn load_event(id: String) -> Result<EventView, PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| PageError(Error::NotFound))?;
    let member = reader.session.as_ref().map(|session| session.member);
    reader.engine.event_page(id, member).await.map_err(public)
}

/// A page of an event's board, with the event.
#[server(endpoint = "board", input = GetUrl)]
pub async fn load_board(id: String, from: u64) -> Result<(EventView, BoardPage), PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| PageError(Error::NotFound))?;
    let member = reader.session.as_ref().map(|session| session.member);
    let view = reader.engine.events.view(id, member).await.map_err(public)?;
    let page = reader.engine.events.board(id, from).await.map_err(public)?;
    Ok((view, page))
}

/// Lines of an event's chat before a number, oldest first.
#[server(endpoint = "chat", input = GetUrl)]
pub async fn load_chat(id: String, before: u64) -> Result<Vec<ChatLine>, PageError> {
    let id = id.parse().map_err(|_| PageError(Error::NotFound))?;
    reader().engine.chat.lines(id, Some(before)).await.map_err(public)
}

/// The reader's own events of a stage, before a time.
#[server(endpoint = "my-events", input = GetUrl)]
pub async fn load_my_events(stage: Stage, before: Option<i64>) -> Result<MyEvents, PageError> {
    let reader = reader();
    let session = reader.session.ok_or(PageError(Error::SignedOut))?;
    reader.engine.events.of_creator(session.member, stage, before.map(Time)).await.map_err(public)
}

/// A creator with what they published before a time.
#[server(endpoint = "creator", input = GetUrl)]
pub async fn load_creator(id: String, before: Option<i64>) -> Result<CreatorView, PageError> {
    let engine = reader().engine;
    let id = id.parse().map_err(|_| PageError(Error::NotFound))?;
    engine.creator_page(id, before.map(Time)).await.map_err(public)
}

/// What was changed of an event.
#[server(endpoint = "changes", input = GetUrl)]
pub async fn load_changes(id: String) -> Result<(EventCard, Vec<Revision>), PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| PageError(Error::NotFound))?;
    let member = reader.session.as_ref().map(|session| session.member);
    let card = reader.engine.events.view(id, member).await.map_err(public)?.card;
    let revisions = reader.engine.events.revisions(id).await.map_err(public)?;
    Ok((card, revisions))
}

/// One entry of an event, as everybody may see it.
#[server(endpoint = "entry", input = GetUrl)]
pub async fn load_entry(id: String, rank: u64) -> Result<(EventView, BoardRow), PageError> {
    let engine = reader().engine;
    let id = id.parse().map_err(|_| PageError(Error::NotFound))?;
    let view = engine.events.view(id, None).await.map_err(public)?;
    let page = engine.events.board(id, rank).await.map_err(public)?;
    let row = page.entries.into_iter().find(|row| row.rank == rank).ok_or(PageError(Error::NotFound))?;
    Ok((view, row))
}

/// One of the reader's own events as it goes.
#[server(endpoint = "pulse", input = GetUrl)]
pub async fn load_pulse(id: String) -> Result<(EventCard, Curves), PageError> {
    let reader = reader();
    let session = reader.session.ok_or(PageError(Error::SignedOut))?;
    let id = id.parse().map_err(|_| PageError(Error::NotFound))?;
    let curves = reader.engine.curves.of(session.member, id).await.map_err(public)?;
    let mut card = reader.engine.events.view(id, Some(session.member)).await.map_err(public)?.card;
    card.present = reader.engine.rooms.present(id);
    Ok((card, curves))
}

/// The reader's entry of an event with what they won.
#[server(endpoint = "result", input = GetUrl)]
pub async fn load_result(id: String) -> Result<(EventView, Option<Claim>), PageError> {
    let reader = reader();
    let session = reader.session.as_ref().ok_or(PageError(Error::SignedOut))?;
    let id = id.parse().map_err(|_| PageError(Error::NotFound))?;
    let view = reader.engine.events.view(id, Some(session.member)).await.map_err(public)?;
    let claim = reader.engine.results.claim(id, session.member).await.map_err(public)?;
    Ok((view, claim))
}

/// The reader's own entries before a time.
#[server(endpoint = "my-entries", input = GetUrl)]
pub async fn load_my_entries(came: Came, before: Option<i64>) -> Result<MyEntries, PageError> {
    let reader = reader();
    let member = reader.session.ok_or(PageError(Error::SignedOut))?.member;
    reader.engine.results.follow_member(member).await;
    reader.engine.events.entries_of(member, came, before.map(Time)).await.map_err(public)
}

/// The reader's notices before a time.
#[server(endpoint = "notices", input = GetUrl)]
pub async fn load_notices(before: Option<i64>) -> Result<Notices, PageError> {
    let reader = reader();
    let session = reader.session.ok_or(PageError(Error::SignedOut))?;
    reader.engine.notices.of(session.member, before.map(Time)).await.map_err(public)
}

/// Lines that were reported, for admins.
#[server(endpoint = "reports", input = GetUrl)]
pub async fn load_reports() -> Result<Vec<Report>, PageError> {
    let reader = reader();
    let session = reader.session.ok_or(PageError(Error::SignedOut))?;
    reader.engine.chat.reports(&session).await.map_err(public)
}

/// What happens by itself, and when it was read, for admins.
#[server(endpoint = "jobs", input = GetUrl)]
pub async fn load_jobs() -> Result<(Time, Vec<JobLine>), PageError> {
    let reader = reader();
    let session = reader.session.ok_or(PageError(Error::SignedOut))?;
    reader.engine.jobs.lines(&session).await.map_err(public)
}

/// Who entered one of the reader's own events.
#[server(endpoint = "entrants", input = GetUrl)]
pub async fn load_entrants(id: String, query: EntrantsQuery) -> Result<Entrants, PageError> {
    let reader = reader();
    let session = reader.session.ok_or(PageError(Error::SignedOut))?;
    let id = id.parse().map_err(|_| PageError(Error::NotFound))?;
    let (rows, next) = reader.engine.results.entrants_page(session.member, id, &query).await.map_err(public)?;
    let counts = reader.engine.results.counts(id).await.map_err(public)?;
    let mut event = reader.engine.events.view(id, Some(session.member)).await.map_err(public)?.card;
    event.present = reader.engine.rooms.present(id);
    let first = query.after.is_none() && query.find.trim().is_empty() && !query.winners;
    let curves = if first { Some(reader.engine.curves.of(session.member, id).await.map_err(public)?) } else { None };
    Ok(Entrants { event, rows, next, counts, curves })
}

/// What the form for a new event starts with.
#[server(endpoint = "new-event", input = GetUrl)]
pub async fn load_new_event(like: Option<String>) -> Result<EventStart, PageError> {
    let reader = reader();
    let session = reader.session.ok_or(PageError(Error::SignedOut))?;
    if !session.creator {
        return Err(PageError(Error::Forbidden));
    }
    let like = like.map(|like| like.parse()).transpose().map_err(|_| PageError(Error::NotFound))?;
    reader.engine.events.start(session.member, like).await.map_err(public)
}

/// What the form for changing one of the reader's own events starts with.
#[server(endpoint = "editing", input = GetUrl)]
pub async fn load_editing(id: String) -> Result<EventStart, PageError> {
    let reader = reader();
    let session = reader.session.ok_or(PageError(Error::SignedOut))?;
    let id = id.parse().map_err(|_| PageError(Error::NotFound))?;
    reader.engine.events.editing(session.member, id).await.map_err(public)
}

/// A nickname that nobody has yet.
#[server(endpoint = "nickname", input = GetUrl)]
pub async fn suggest_nickname() -> Result<String, PageError> {
    reader().engine.members.suggest_nickname().await.map_err(public)
}

/// The reader's creator profile: name, introduction, links one a line.
#[server(endpoint = "profile", input = GetUrl)]
pub async fn load_profile() -> Result<(String, String, String), PageError> {
    let reader = reader();
    let session = reader.session.ok_or(PageError(Error::SignedOut))?;
    let profile = reader.engine.members.profile(session.member).await.map_err(public)?;
    Ok(profile.map(|p| (p.name, p.introduction, p.links.join("\n"))).unwrap_or_default())
}
