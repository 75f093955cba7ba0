//! The dial: sixty ticks, the last one lit. The sign of 59초 is the same with twelve.

use leptos::prelude::*;
use model::{MINUTE, SECOND};

/// A tick's ends on a circle around `centre`.
fn tick(i: usize, of: usize, centre: f64, inner: f64, outer: f64) -> [String; 4] {
    let angle = i as f64 / of as f64 * std::f64::consts::TAU - std::f64::consts::FRAC_PI_2;
    let (sin, cos) = angle.sin_cos();
    // Rounded, so that server and browser write the same digits.
    [inner * cos, inner * sin, outer * cos, outer * sin].map(|offset| format!("{:.2}", centre + offset))
}

/// How many of the sixty ticks are lit with `remaining` microseconds to the opening: the ring is an hour, then ten, five
/// and one minute long, and in the last minute each tick is a second.
pub fn lit(remaining: i64) -> usize {
    let span = match remaining {
        ..=0 => return 60,
        r if r <= MINUTE => MINUTE,
        r if r <= 5 * MINUTE => 5 * MINUTE,
        r if r <= 10 * MINUTE => 10 * MINUTE,
        _ => 60 * MINUTE,
    };
    let step = span / 60;
    ((span - remaining).max(0) / step) as usize
}

/// The countdown's ring.
#[component]
pub fn Dial(
    /// Microseconds to the opening; negative afterwards.
    #[prop(into)]
    remaining: Signal<i64>,
) -> impl IntoView {
    let lit = Memo::new(move |_| lit(remaining.get()));
    let hot = Memo::new(move |_| remaining.get() <= 60 * SECOND);
    let ticks = (0..60)
        .map(|i| {
            let last = i == 59;
            let [x1, y1, x2, y2] = tick(i, 60, 131.0, if last { 98.0 } else { 104.0 }, 122.0);
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
            let [x1, y1, x2, y2] = tick(i, 12, 30.0, 17.0, 27.0);
            view! { <line x1=x1 y1=y1 x2=x2 y2=y2 class:last=i == 11 /> }
        })
        .collect_view();
    view! {
        <svg class="mark" viewBox="0 0 60 60" aria-hidden="true">
            {ticks}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_fills_and_changes_at_its_marks() {
        assert_eq!(lit(60 * MINUTE), 0);
        assert_eq!(lit(10 * MINUTE), 0);
        assert_eq!(lit(10 * MINUTE + 1), 49);
        assert_eq!(lit(MINUTE + 1), 47);
        assert_eq!(lit(MINUTE), 0);
        assert_eq!(lit(SECOND), 59);
        assert_eq!(lit(1), 59);
        assert_eq!(lit(0), 60);
    }
}
