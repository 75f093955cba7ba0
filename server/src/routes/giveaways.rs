//! The creator's table of entrants as a file.

use crate::{
    AppState,
    exports::{self, PAGE, Pages},
    reply::Refusal,
    sheets::{Cell, SheetRow},
};
use app::texts::Lang;
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use engine::{Engine, accounts::Actor};
use futures::stream;
use model::{Cursor, Entrant, EntrantsQuery, Error, EventId, EventState};

/// Everybody who entered, as `entrants.csv` or `entrants.xlsx`.
///
/// # Errors
/// For visitors, and for others than the event's creator; [`Error::NotFound`]; [`Error::TooMany`] while they are sent another;
/// [`Error::TooLarge`] for more rows than a workbook holds; the database may fail.
pub async fn table(
    State(state): State<AppState>,
    Path((id, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let asked = exports::asked(&state, &headers, &file, "entrants").await?;
    let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
    let card = state.engine.events.view(event, &asked.actor).await?.card;
    let total = state.engine.events.board(event, 1).await.map_or(0, |board| board.total);
    asked.fits(total)?;
    state.engine.events.note_export(&asked.actor, event).await?;
    let rows = rows(state.engine.clone(), asked.actor.clone(), event, card.state);
    let what = asked.lang.entrants_file();
    Ok(asked.send(card.moments.opens_at, &card.title, what, rows).await?)
}

/// An entrant of an event in this state.
struct EntrantOf(EventState, Entrant);

/// All entrants of an event, which is in this `state`.
fn rows(engine: Engine, actor: Actor, event: EventId, state: EventState) -> Pages<EntrantOf> {
    Box::pin(stream::try_unfold(EntrantsQuery::default(), move |mut query| {
        let (engine, actor) = (engine.clone(), actor.clone());
        async move {
            let page = engine.giveaways.entrants(&actor, event, &query, PAGE).await.map_err(engine::Error::public)?;
            let Some(last) = page.last() else { return Ok(None) };
            query.after = Some(Cursor::of(&last.rank));
            let rows: Vec<_> = page.into_iter().map(|entrant| EntrantOf(state, entrant)).collect();
            Ok(Some((rows, query)))
        }
    }))
}

impl SheetRow for EntrantOf {
    // As wide as a moment, a phone and an address are.
    const WIDTHS: &'static [(u16, u8)] = &[(1, 16), (2, 24), (9, 15), (11, 40), (12, 20)];

    fn columns(t: Lang) -> Vec<&'static str> {
        vec![
            t.rank_column(),
            t.name_column(),
            t.entered_column(),
            t.time_column(),
            t.result_column(),
            t.disqualify_reason(),
            t.prize_name(),
            t.claim_column(),
            t.receiver(),
            t.phone(),
            t.postcode(),
            t.address(),
            t.address_detail(),
        ]
    }

    fn cells(&self, t: Lang) -> Vec<Cell> {
        let EntrantOf(state, entrant) = self;
        let prize = entrant.prize.as_ref();
        let delivery = prize.and_then(|prize| prize.delivery.clone()).unwrap_or_default();
        vec![
            Cell::Number(entrant.rank as i64),
            entrant.nickname.as_deref().unwrap_or("***").into(),
            Cell::Moment(entrant.entered_at),
            Cell::Seconds(entrant.since_open),
            t.entry_in(entrant.state, *state).into(),
            entrant.reason.clone().unwrap_or_default().into(),
            prize.map(|prize| prize.name.clone()).unwrap_or_default().into(),
            prize.map_or("", |prize| t.claim_state(prize.state)).into(),
            delivery.name.into(),
            delivery.phone.into(),
            delivery.postcode.into(),
            delivery.address.into(),
            delivery.detail.into(),
        ]
    }
}
