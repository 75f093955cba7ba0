//! The dial: sixty ticks, the last one lit. The sign of 59초 is the same with twelve.

use leptos::prelude::*;
use model::{
    SECOND, Span,
    drawing::dial::{lit, tick},
};

/// The countdown's ring.
#[component]
pub fn Dial(
    /// From now to the opening; negative afterwards.
    #[prop(into)]
    remaining: Signal<Span>,
) -> impl IntoView {
    let lit = Memo::new(move |_| lit(remaining.get()));
    let hot = Memo::new(move |_| remaining.get() <= 60 * SECOND);
    let ticks = (0..60)
        .map(|i| {
            let last = i == 59;
            let [x1, y1, x2, y2] = tick(i, 60, 131, if last { 98 } else { 104 }, 122);
            view! { <line x1=x1 y1=y1 x2=x2 y2=y2 class="tick" class:last=last class:lit=move || { lit.get() > i } /> }
        })
        .collect_view();
    view! {
        <svg class="dial-ring" class:hot=hot viewBox="0 0 262 262" aria-hidden="true">
            {ticks}
        </svg>
    }
}

/// The sign.
#[component]
pub fn Mark() -> impl IntoView {
    let ticks = (0..12)
        .map(|i| {
            let [x1, y1, x2, y2] = tick(i, 12, 30, 17, 27);
            view! { <line x1=x1 y1=y1 x2=x2 y2=y2 class:last=i == 11 /> }
        })
        .collect_view();
    view! {
        <svg class="mark" viewBox="0 0 60 60" aria-hidden="true">
            {ticks}
        </svg>
    }
}
