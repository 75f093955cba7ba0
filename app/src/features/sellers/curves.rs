//! `/creator/events/{id}/sale`: a creator's own sale over time: what was sold, the line, and who of those in checkout paid.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, components::Plot, head, paths, texts::number};
use leptos::prelude::*;
use model::{
    Points,
    sellers::{Holds, SaleCurves, Show},
};

/// Reads a creator's own sale over time.
///
/// # Errors
/// As [`engine::pages::Pages::sale_curves`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<SaleCurves> {
    Ok(asked.reader.engine.pages.sale_curves(asked.named("id")?, &asked.reader.actor).await?)
}

/// The sale's page.
pub fn view(curves: SaleCurves) -> impl IntoView {
    let t = lang();
    let SaleCurves { event, width, units, revenue, line, holds, now: _ } = curves;
    head::title(format!("{} · {}", t.sale_curves(), event.title));
    let none = (units.is_empty() && holds.begun == 0).then(|| view! { <p class="none">{t.curve_none()}</p> });
    view! {
        <section class="entrants sold">
            <p class="eyebrow"><a href=paths::sold_orders(event.id, Show::All, None)>{t.sold_orders()}</a></p>
            <h1><a href=paths::room(event.id)>{event.title}</a></h1>
            {none}
            <Conversion holds />
            <div class="plots">
                <Curve title=t.curve_units(width) points=units width steps=false />
                <Curve title=t.curve_revenue().to_owned() points=revenue width steps=true />
                <Curve title=t.curve_line().to_owned() points=line width steps=true />
            </div>
        </section>
    }
}

/// A plot, and the same as a table.
#[component]
fn Curve(title: String, points: Points, width: i64, steps: bool) -> impl IntoView {
    let t = lang();
    let rows = points
        .iter()
        .map(|(second, count)| view! { <tr><th scope="row">{clock(*second)}</th><td>{number(*count)}</td></tr> })
        .collect_view();
    (!points.is_empty()).then(|| {
        view! {
            <div>
                <Plot title=title.clone() points width steps />
                <details class="as-table">
                    <summary>{t.curve_table()}</summary>
                    <table class="ledger">
                        <caption>{title.clone()}</caption>
                        <thead><tr><th scope="col">{t.curve_when()}</th><th scope="col">{title}</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </details>
            </div>
        }
    })
}

/// "1:02:03" after the opening.
fn clock(second: i64) -> String {
    format!("{}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// What became of those who could pay.
#[component]
fn Conversion(holds: Holds) -> impl IntoView {
    /// Width of the drawing, in its own units.
    const WIDTH: u64 = 600;
    let t = lang();
    let parts = [
        ("paid", t.holds_paid(), holds.paid),
        ("left", t.holds_left(), holds.left),
        ("expired", t.holds_expired(), holds.expired),
        ("open", t.holds_open(), holds.open()),
    ];
    let mut from = 0;
    let bars = parts
        .iter()
        .map(|(class, _, count)| {
            let x = from;
            from += count * WIDTH / holds.begun.max(1);
            view! { <rect class=*class x=x.to_string() y="0" width=(from - x).to_string() height="24" /> }
        })
        .collect_view();
    let rows = [("begun", t.holds_begun(), holds.begun)]
        .into_iter()
        .chain(parts)
        .map(|(class, name, count)| view! { <tr class=class><th scope="row">{name}</th><td>{number(count)}</td></tr> })
        .collect_view();
    let words = holds.conversion().map(|percent| view! { <p class="note">{t.holds_conversion(percent)}</p> });
    (holds.begun > 0).then(|| {
        view! {
            <section class="conversion">
                <h2>{t.holds()}</h2>
                // The table says the same.
                <svg viewBox=format!("0 0 {WIDTH} 24") preserveAspectRatio="none" aria-hidden="true">{bars}</svg>
                {words}
                <table class="ledger"><tbody>{rows}</tbody></table>
            </section>
        }
    })
}
