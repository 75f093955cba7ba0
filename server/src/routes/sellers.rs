//! What a seller takes with them as files: the orders of a sale, and the statements of every month.

use crate::{
    AppState,
    exports::{self, PAGE, Pages},
    reply::Refusal,
    sheets::{Cell, SheetRow},
};
use app::{features::sales::orders::state_name, texts::Lang};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use engine::{Engine, accounts::Actor};
use futures::stream;
use model::{
    Cursor, Error, EventId,
    sellers::{ORDER_COLUMNS, OrdersQuery, SellerOrder, Show, Statement},
};

/// The orders of a creator's own sale that were paid for, as `orders.csv` or `orders.xlsx`. The former is read again when carriers and
/// numbers were filled in.
///
/// # Errors
/// For visitors, and for others than the event's creator; [`Error::NotFound`]; [`Error::TooMany`] while they are sent another;
/// [`Error::TooLarge`] for more rows than a workbook holds; the database may fail.
pub async fn orders(
    State(state): State<AppState>,
    Path((id, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let asked = exports::asked(&state, &headers, &file, "orders").await?;
    let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
    let card = state.engine.events.view(event, &asked.actor).await?.card;
    asked.fits(card.total)?;
    state.engine.events.note_export(&asked.actor, event).await?;
    let (what, rows) = (asked.lang.orders_file(), rows(state.engine.clone(), asked.actor.clone(), event));
    Ok(asked.send(card.moments.opens_at, &card.title, what, rows).await?)
}

fn rows(engine: Engine, actor: Actor, event: EventId) -> Pages<SellerOrder> {
    let query = OrdersQuery { show: Show::All, after: None };
    Box::pin(stream::try_unfold(query, move |mut query| {
        let (engine, actor) = (engine.clone(), actor.clone());
        async move {
            let page = engine.sales.orders_of(&actor, event, &query, PAGE).await.map_err(engine::Error::public)?;
            let Some(last) = page.last() else { return Ok(None) };
            query.after = Some(Cursor::of(&last.rank));
            Ok(Some((page, query)))
        }
    }))
}

impl SheetRow for SellerOrder {
    const WIDTHS: &'static [(u16, u8)] = &[(0, 16), (2, 14), (3, 20), (4, 24), (5, 16), (11, 15), (13, 50)];

    fn columns(t: Lang) -> Vec<&'static str> {
        ORDER_COLUMNS.map(|(english, korean)| if t == Lang::Ko { korean } else { english }).to_vec()
    }

    fn cells(&self, t: Lang) -> Vec<Cell> {
        let to = self.delivery.clone().unwrap_or_default();
        let (carrier, tracking) = match &self.shipment {
            Some(shipment) => {
                let [_, korean, english] = shipment.carrier.names();
                (if t == Lang::Ko { korean } else { english }, shipment.tracking.clone())
            }
            None => ("", String::new()),
        };
        vec![
            self.number.as_ref().map(ToString::to_string).unwrap_or_default().into(),
            state_name(t, self.state).into(),
            carrier.into(),
            tracking.into(),
            Cell::Moment(self.at),
            self.nickname.as_deref().unwrap_or("***").into(),
            Cell::Number(self.units.into()),
            Cell::Number(self.units_back.into()),
            Cell::Number(self.amount),
            Cell::Number(self.refunded),
            to.name.into(),
            to.phone.into(),
            to.postcode.into(),
            format!("{} {}", to.address, to.detail).trim().into(),
        ]
    }
}

/// A creator's own statements, as `statements.csv` or `statements.xlsx`.
///
/// # Errors
/// For visitors, and for whoever is no creator; [`Error::NotFound`] for another file; [`Error::TooMany`] while they are sent another;
/// the database may fail.
pub async fn statements(
    State(state): State<AppState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let asked = exports::asked(&state, &headers, &file, "statements").await?;
    let months = state.engine.sales.statements(&asked.actor).await?;
    let (now, what) = (state.engine.clock.now(), asked.lang.statements_file());
    Ok(asked.send(now, "", what, Box::pin(stream::once(async { Ok(months) }))).await?)
}

impl SheetRow for Statement {
    const WIDTHS: &'static [(u16, u8)] = &[(0, 12), (2, 14), (3, 14), (6, 14), (7, 14)];

    fn columns(t: Lang) -> Vec<&'static str> {
        vec![
            t.month_column(),
            t.orders_column(),
            t.sales_column(),
            t.refunds(),
            t.fee_column(),
            t.carried_column(),
            t.to_pay_out(),
            t.paid_out(),
        ]
    }

    fn cells(&self, _: Lang) -> Vec<Cell> {
        vec![
            self.month.to_string().into(),
            Cell::Number(self.orders as i64),
            Cell::Number(self.sales),
            Cell::Number(self.refunds),
            Cell::Number(self.fee),
            Cell::Number(self.carried),
            Cell::Number(self.to_pay_out),
            Cell::Number(self.paid_out),
        ]
    }
}
