//! Plots drawn on the server as SVG: bars of counts over time.

use crate::texts::number;
use leptos::prelude::*;
use model::{
    Points,
    drawing::plot::{HEIGHT, WIDTH, bounds, outline},
};

/// A plot with its title, its greatest value and the seconds it covers.
#[component]
pub fn Plot(
    /// What is counted.
    #[prop(into)]
    title: String,
    /// In order of time.
    points: Points,
    /// Seconds that a point stands for.
    width: i64,
    /// Each count holds until the next.
    #[prop(optional)]
    steps: bool,
) -> impl IntoView {
    let (first, last, most) = bounds(&points, width);
    let path = outline(&points, width, steps);
    let label = format!("{title}: {}", number(most));
    let seconds =
        |s: i64| if s < 0 { format!("−{}s", number(s.unsigned_abs())) } else { format!("+{}s", number(s as u64)) };
    // Where the opening stands, when it is within.
    let opening = (first < 0 && last > 0).then(|| {
        let x = format!("{:.1}", -first as f64 / (last - first) as f64 * WIDTH);
        view! { <line class="opening" x1=x.clone() x2=x y1="0" y2=HEIGHT.to_string() /> }
    });
    view! {
        <figure class="plot">
            <figcaption><b>{title}</b><span>{number(most)}</span></figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=label>
                <path d=path />
                {opening}
            </svg>
            <p><span>{seconds(first)}</span><span>{seconds(last)}</span></p>
        </figure>
    }
}
