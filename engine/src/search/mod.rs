//! The search: one box over events, parties, creators, markets and items.
//!
//! Each node has an index of its own ([`index`]), which follows the database ([`following`]). It is asked for the ids of what matches
//! ([`finding`]); what is shown of them is read from the database, by the rule that decides what everybody may see ([`documents`]). So nothing
//! is shown that was taken away a moment ago, and the index is never the truth.

mod current;
mod documents;
mod finding;
mod following;
mod index;
mod terms;

use crate::{
    Error,
    accounts::Actor,
    background,
    clock::Clock,
    crowds::Crowds,
    db::Db,
    events::Events,
    limits::{Limits, Searcher},
    markets::Markets,
    parties::Parties,
};
use arc_swap::ArcSwapOption;
use documents::{Document, Places, Source};
use finding::{Hit, HitPlace, Wanted};
use index::{Serving, seconds};
use model::{
    Cursor, EventId, ItemId, MarketId, MemberId, Page, PartyId, Time,
    search::{
        Found, FoundKind, Lead, Piece, Reading, SearchPage, SearchQuery, Stands, Suggestion, Thing, excerpt, marked,
        marked_typing, readings, typed_in,
    },
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use terms::Terms;
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

/// Results in a page.
pub const PAGE: usize = 20;
/// Suggestions at once, and as many things are looked at for them.
const SUGGESTED: usize = 8;
const LOOKED_AT: usize = 24;
/// So many ask the database at once while there is no index.
const ASKING_DATABASE: usize = 2;
/// Characters of a line about a result.
const LINE: usize = 80;

/// Finds things. Cheap to clone.
#[derive(Clone)]
pub struct Search {
    db: Db,
    clock: Clock,
    limits: Limits,
    events: Events,
    parties: Parties,
    markets: Markets,
    crowds: Crowds,
    shared: Arc<Shared>,
}

struct Shared {
    /// Where the index lies; nowhere in memory.
    folder: Option<PathBuf>,
    /// What answers, once there is an index.
    serving: ArcSwapOption<Serving>,
    /// The index could not be read.
    unreadable: AtomicBool,
    /// The index is to be looked at now.
    wake: Notify,
    /// Places among those who ask the database while there is no index.
    asking_database: Semaphore,
    terms: Terms,
}

/// What was found of a page's results, before they are read.
struct Hits {
    hits: Vec<Hit>,
    reading: Option<Reading>,
}

impl Search {
    pub(crate) fn new(
        db: Db,
        clock: Clock,
        limits: Limits,
        (events, parties, markets, crowds): (Events, Parties, Markets, Crowds),
        folder: Option<PathBuf>,
    ) -> Search {
        let shared = Shared {
            folder,
            serving: ArcSwapOption::empty(),
            unreadable: AtomicBool::new(false),
            wake: Notify::new(),
            asking_database: Semaphore::new(ASKING_DATABASE),
            terms: Terms::default(),
        };
        Search { db, clock, limits, events, parties, markets, crowds, shared: Arc::new(shared) }
    }

    /// Has an index answer, once it is known what of it may not be over.
    async fn serve(&self, serving: Serving) {
        let (looked_at, at) = (serving.clone(), seconds(self.clock.now()));
        // What cannot be read, whoever asks first finds out.
        let _ = background::block(move || looked_at.look(at)).await;
        self.shared.serving.store(Some(Arc::new(serving)));
    }

    /// Whether there is an index to ask: until one is made, the database is asked for titles alone.
    pub fn has_index(&self) -> bool {
        self.shared.serving.load().is_some()
    }

    /// Whoever looks for things too often is refused.
    ///
    /// # Errors
    /// [`model::Error::TooMany`].
    pub fn allowed(&self, who: Searcher) -> Result<(), Error> {
        Ok(self.limits.looking(who)?)
    }

    /// What somebody looks for, as they may see it. What they type is text alone: no sign in it means anything.
    ///
    /// # Errors
    /// [`model::Error::TooMany`]; [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn page(&self, actor: &Actor, who: Searcher, query: SearchQuery) -> Result<SearchPage, Error> {
        self.allowed(who)?;
        let now = self.clock.now();
        let after: Option<HitPlace> = query.after.as_ref().map(Cursor::key).transpose()?;
        let Hits { hits, reading } = self.hits(&query, after, now).await?;
        let Page { rows: hits, next } = Page::of(hits, PAGE, |hit| hit.place);
        let rows = match &reading {
            Some(reading) => self.results(actor, &hits, reading, now).await?,
            None => Vec::new(),
        };
        if let (Some(reading), false, None) = (&reading, rows.is_empty(), &after) {
            self.count(&query.text, reading, who).await;
        }
        let (popular, closing) = match rows.is_empty() && after.is_none() {
            true => self.crowds.shelves(actor).await?,
            false => Default::default(),
        };
        Ok(SearchPage {
            instead: reading.and_then(|reading| reading.instead).filter(|_| !rows.is_empty()),
            query,
            found: Page { rows, next },
            terms: self.terms().await?,
            popular,
            closing,
            making: !self.has_index(),
            now,
        })
    }

    /// How many the first page of a query has, by the index alone: for measurements.
    ///
    /// # Errors
    /// The database's, while there is no index.
    #[doc(hidden)]
    pub async fn count_first(&self, query: &SearchQuery) -> Result<usize, Error> {
        Ok(self.hits(query, None, self.clock.now()).await?.hits.len().min(PAGE))
    }

    /// The hits of a page, and one more where there is; by the first reading that finds any.
    async fn hits(&self, query: &SearchQuery, after: Option<HitPlace>, now: Time) -> Result<Hits, Error> {
        let wanted = Wanted {
            kind: query.kind,
            state: query.state,
            at: after.map_or(seconds(now), |after| after.at),
            after,
            limit: PAGE + 1,
            titles: false,
        };
        for (number, reading) in (0..).zip(readings(&query.text)) {
            if after.is_some_and(|after| after.reading != number) {
                continue;
            }
            let hits = match self.ask(number, &reading, &wanted).await {
                Some(hits) => hits,
                None => self.ask_database(number, &reading, query, &wanted).await?,
            };
            if !hits.is_empty() {
                return Ok(Hits { hits, reading: Some(reading) });
            }
        }
        Ok(Hits { hits: Vec::new(), reading: None })
    }

    /// Asks the index; `None` when there is none, or it cannot be read.
    async fn ask(&self, number: u8, reading: &Reading, wanted: &Wanted) -> Option<Vec<Hit>> {
        let serving = self.shared.serving.load_full()?;
        let (reading, wanted) = (reading.clone(), wanted.clone());
        // What of it is not in memory is read from the disk.
        let asked = background::block(move || finding::find(&serving, number, &reading, &wanted)).await;
        match asked {
            Ok(Ok(hits)) => Some(hits),
            Ok(Err(error)) => self.left(&error.to_string()),
            Err(error) => self.left(&error.to_string()),
        }
    }

    /// The index cannot be read: it is made anew, and the database answers until then.
    fn left(&self, error: &str) -> Option<Vec<Hit>> {
        tracing::error!(error, "the index of the search cannot be read");
        self.shared.serving.store(None);
        self.shared.unreadable.store(true, Ordering::Relaxed);
        self.shared.wake.notify_one();
        None
    }

    /// While there is no index: some whose title has the words, one page of them. The database looks through all there is for it, so that
    /// few do so at once: whoever asks besides finds nothing yet, on a page that says that the search is being prepared.
    async fn ask_database(
        &self,
        number: u8,
        reading: &Reading,
        query: &SearchQuery,
        wanted: &Wanted,
    ) -> Result<Vec<Hit>, Error> {
        if wanted.after.is_some() || query.state.is_some() {
            return Ok(Vec::new());
        }
        let Ok(_place) = self.shared.asking_database.try_acquire() else { return Ok(Vec::new()) };
        let text = reading.instead.as_deref().unwrap_or(query.text.trim());
        let mut hits = Vec::new();
        for source in Source::ALL {
            let found = documents::titled(&self.db, source, wanted.kind, text, PAGE as i64).await?;
            let found = found.into_iter().filter(|document| typed_in(&document.title, reading));
            hits.extend(found.map(|document| {
                let over = document.times.is_some_and(|(_, closes)| seconds(closes) <= wanted.at);
                let order = u128::from(over) << 100 | u128::from(document.id.as_u64_pair().1);
                Hit {
                    place: HitPlace { reading: number, class: 1, order, at: wanted.at },
                    kind: document.kind,
                    id: document.id,
                }
            }));
        }
        hits.sort_unstable_by_key(|hit| hit.place);
        hits.truncate(PAGE);
        Ok(hits)
    }

    /// What everybody may see of some hits, by id.
    async fn read(&self, hits: &[Hit]) -> Result<HashMap<Uuid, Document>, Error> {
        let mut ids: BTreeMap<Source, Vec<Uuid>> = BTreeMap::new();
        for hit in hits {
            ids.entry(Source::of(hit.kind)).or_default().push(hit.id);
        }
        let mut found = HashMap::new();
        for (source, ids) in ids {
            let documents = documents::by_id(&self.db, source, &ids).await?;
            found.extend(documents.into_iter().map(|document| (document.id, document)));
        }
        Ok(found)
    }

    /// The results as they are shown, in the order of the hits. What is not to be seen any more is left out.
    async fn results(&self, actor: &Actor, hits: &[Hit], reading: &Reading, now: Time) -> Result<Vec<Found>, Error> {
        let mut documents = self.read(hits).await?;
        let ids = |source| hits.iter().filter(move |hit| Source::of(hit.kind) == source).map(|hit| hit.id);
        let events: Vec<EventId> = ids(Source::Event).map(EventId).collect();
        let parties: Vec<PartyId> = ids(Source::Party).map(PartyId).collect();
        let mut things: HashMap<Uuid, Thing> = HashMap::new();
        let sales = self.events.cards_of(actor, &events).await?;
        things.extend(sales.into_iter().map(|sale| (sale.event.id.0, Thing::Event(sale))));
        let cards = self.parties.cards(&parties, now).await?;
        things.extend(cards.into_iter().map(|card| (card.id.0, Thing::Party(card))));
        for id in ids(Source::Market) {
            if documents.contains_key(&id) {
                things.insert(id, Thing::Market(self.markets.market(MarketId(id)).await?));
            }
        }
        for id in ids(Source::Item) {
            if documents.contains_key(&id) {
                things.insert(id, Thing::Item(self.markets.item(ItemId(id)).await?));
            }
        }
        things.extend(ids(Source::Creator).map(|id| (id, Thing::Creator(MemberId(id)))));
        let found = |hit: &Hit| {
            let document = documents.remove(&hit.id)?;
            let thing = things.remove(&hit.id)?;
            Some(Found { thing, title: marked(&document.title, reading), text: line(&document, reading) })
        };
        Ok(hits.iter().filter_map(found).collect())
    }

    /// What may be meant by what somebody typed so far: what many look for, and things by their titles, the last syllable unfinished.
    ///
    /// # Errors
    /// [`model::Error::TooMany`]; the database may fail.
    pub async fn suggest(&self, who: Searcher, text: &str) -> Result<Vec<Suggestion>, Error> {
        self.allowed(who)?;
        let readings = readings(text);
        let terms = if readings.is_empty() { Vec::new() } else { self.terms().await? };
        for (number, reading) in (0..).zip(readings) {
            let mut suggestions: Vec<Suggestion> = terms
                .iter()
                .filter(|term| typed_in(term, &reading))
                .take(2)
                .map(|term| marked_typing(term, &reading))
                .map(|title| Suggestion { title, kind: None, stands: None, lead: Lead::Search })
                .collect();
            for document in self.typed(number, &reading).await? {
                let title = marked_typing(&document.title, &reading);
                if suggestions.len() < SUGGESTED && suggestions.iter().all(|known| known.title != title) {
                    let stands = stands(&document, self.clock.now());
                    suggestions.push(Suggestion { title, kind: Some(document.kind), stands, lead: lead(&document) });
                }
            }
            if !suggestions.is_empty() {
                return Ok(suggestions);
            }
        }
        Ok(Vec::new())
    }

    /// Things whose title has what was typed so far, as they are ordered.
    async fn typed(&self, number: u8, reading: &Reading) -> Result<Vec<Document>, Error> {
        let wanted = Wanted {
            kind: None,
            state: None,
            at: seconds(self.clock.now()),
            after: None,
            limit: LOOKED_AT,
            titles: true,
        };
        let mut hits: Vec<Hit> = Vec::new();
        let mut known = HashSet::new();
        for reading in [Some(reading.clone()), reading.unfinished(), reading.moved_on()].into_iter().flatten() {
            if hits.len() >= LOOKED_AT {
                break;
            }
            let more = self.ask(number, &reading, &wanted).await.unwrap_or_default();
            hits.extend(more.into_iter().filter(|hit| known.insert(hit.id)));
        }
        hits.truncate(LOOKED_AT);
        let mut documents = self.read(&hits).await?;
        let found = hits.iter().filter_map(|hit| documents.remove(&hit.id));
        Ok(found.filter(|document| typed_in(&document.title, reading)).collect())
    }
}

/// Where a thing is.
fn lead(document: &Document) -> Lead {
    let id = document.id;
    match document.kind {
        FoundKind::Giveaway | FoundKind::Deal | FoundKind::Ticket => Lead::Event(EventId(id)),
        FoundKind::Party => Lead::Party(PartyId(id)),
        FoundKind::Creator => Lead::Creator(MemberId(id)),
        FoundKind::Market => Lead::Market(MarketId(id)),
        FoundKind::Item => Lead::Item(ItemId(id)),
    }
}

/// Where a thing stands, by what was read of it.
fn stands(document: &Document, now: Time) -> Option<Stands> {
    let (opens_at, closes_at) = document.times?;
    let Some(Places { capacity, taken, paying }) = document.places else {
        return Some(Stands::Meets { from: closes_at, now });
    };
    Some(match document.kind {
        _ if now < opens_at => Stands::Soon { opens_at, now },
        _ if now >= closes_at => Stands::Over,
        FoundKind::Giveaway => Stands::Entered { total: taken, capacity },
        _ => Stands::Left { left: capacity.saturating_sub(taken), paying },
    })
}

/// A line about a thing: what has the words, or else what says most.
fn line(document: &Document, reading: &Reading) -> Vec<Piece> {
    let said = document.texts.iter().filter(|text| !text.trim().is_empty()).map(|text| {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        marked(&excerpt(&text, reading, LINE), reading)
    });
    let said: Vec<_> = said.collect();
    let has_hit = |pieces: &Vec<Piece>| pieces.iter().any(|piece| piece.hit);
    let at = said.iter().position(has_hit).unwrap_or(0);
    said.into_iter().nth(at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Engine,
        accounts::{self, Passwords},
        db::Lane,
    };
    use model::HOUR;
    use testing::{On, Place};

    #[tokio::test]
    async fn without_an_index_few_look_through_the_database_at_once() {
        let place = Place::new(On::Sqlite);
        let (db, passwords) = (Db::at(&place).await, Passwords::weak().unwrap());
        let engine = Engine::start(db, place.folder(), Clock::system(), passwords).await.unwrap();
        let people = vec![("otter@test.example".to_owned(), "물개".to_owned())];
        let members = engine.accounts.insert_many(people, "no password").await.unwrap();
        engine.accounts.set_profile(&Actor::host(members[0]), "물개상점", "", "", None).await.unwrap();
        // Nobody makes an index for it.
        let (events, parties, markets) = (engine.events.clone(), engine.parties.clone(), engine.markets.clone());
        let found = (events, parties, markets, engine.search.crowds.clone());
        let search = Search::new(engine.db.clone(), engine.clock.clone(), engine.limits.clone(), found, None);
        let query = SearchQuery { text: "물개상점".into(), kind: None, state: None, after: None };
        let count = async || search.count_first(&query).await.unwrap();
        let others: Vec<_> = (0..ASKING_DATABASE).map(|_| search.shared.asking_database.try_acquire()).collect();
        assert!(others.iter().all(Result::is_ok));
        assert_eq!(count().await, 0, "others look through all there is");
        drop(others);
        assert_eq!(count().await, 1);
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn one_round_finds_what_became_popular_however_far_behind() {
        let place = Place::new(On::Sqlite);
        let db = Db::at(&place).await;
        let creator = accounts::testing::member(&db, 1).await;
        // More than are looked at at once, those first that close first.
        let events: Vec<Uuid> = (1..=7).map(Uuid::from_u128).collect();
        let mut tx = db.begin(Lane::Other).await.unwrap();
        for (nth, event) in (1_i64..).zip(&events) {
            let opens_at = Clock::system().now() + HOUR * nth;
            tx.sql(
                "insert into events (id, request_id, creator_id, kind, title, summary, description, category, opens_at, closes_at, rules,
                    offer, capacity, created_at, published_at)
                 values ($1, $1, $2, 'giveaway', '두루미', '', '', 'living', $3, $4, '', '{\"kind\":\"giveaway\",\"prizes\":[]}', 1, 0, 0)",
            )
            .bind(*event)
            .bind(creator)
            .bind(opens_at)
            .bind(opens_at + HOUR)
            .run()
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        let start = async || {
            let passwords = Passwords::weak().unwrap();
            Engine::start(db.clone(), place.folder(), Clock::system(), passwords).await.unwrap()
        };
        let query = SearchQuery { text: "두루미".into(), kind: None, state: None, after: None };
        let are_found = async |engine: &Engine, expected: &[Uuid]| {
            testing::eventually("they are in their order", async || {
                let hits = engine.search.hits(&query, None, engine.clock.now()).await.unwrap().hits;
                engine.search.has_index() && hits.iter().map(|hit| hit.id).eq(expected.iter().copied())
            })
            .await;
        };
        let engine = start().await;
        are_found(&engine, &events).await;
        assert!(engine.tasks.clone().stop(testing::PATIENCE).await);
        // Somebody wishes for the last while nobody looks.
        let mut tx = db.begin(Lane::Other).await.unwrap();
        let wish = tx.sql("insert into wishes (member_id, event_id, at) values ($1, $2, 1)");
        wish.bind(creator).bind(events[6]).run().await.unwrap();
        tx.commit().await.unwrap();
        let mut expected = events;
        expected.rotate_right(1);
        are_found(&start().await, &expected).await;
    }
}
