//! An event as it goes, for its creator: counts and plots, renewed while something happens.

#[cfg(feature = "hydrate")]
use crate::api;
use crate::{boot::lang, components::Plot, texts::number};
use leptos::prelude::*;
use model::{Curves, EventCard, EventState, MINUTE};

/// The dashboard; it follows the event from ten minutes before its opening until it closes.
#[component]
pub fn Dashboard(
    /// The event as the page found it.
    event: EventCard,
    /// The same over time.
    curves: Curves,
) -> impl IntoView {
    let t = lang();
    let now = RwSignal::new((event, curves));
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| follow(now));
    let count = move |of: fn(&EventCard, &Curves) -> u64| now.with(|(event, curves)| number(of(event, curves)));
    let refused = |_: &EventCard, curves: &Curves| {
        curves.refused.iter().flat_map(|(_, points)| points).map(|(_, count)| count).sum::<u64>()
    };
    view! {
        <dl class="facts" aria-label=t.dashboard()>
            <div><dt>{t.in_room()}</dt><dd>{move || count(|event, _| event.present)}</dd></div>
            <div><dt>{t.ranked()}</dt><dd>{move || count(|event, _| event.total)}</dd></div>
            <div><dt>{t.refused_clicks()}</dt><dd>{move || count(refused)}</dd></div>
        </dl>
        {move || now.with(|(_, curves)| view! { <Plots curves=curves.clone() /> })}
    }
}

/// Whether there is anything to follow.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
fn goes_on(event: &EventCard) -> bool {
    match event.state {
        EventState::Open | EventState::Full => true,
        EventState::Scheduled => event.moments.opens_at.since(crate::boot::boot().now) < 10 * MINUTE,
        _ => false,
    }
}

#[cfg(feature = "hydrate")]
fn follow(now: RwSignal<(EventCard, Curves)>) {
    /// How often it is asked.
    const EVERY: std::time::Duration = std::time::Duration::from_secs(1);
    if !now.with_untracked(|(event, _)| goes_on(event)) {
        return;
    }
    let ask = move || {
        leptos::task::spawn_local(async move {
            let Some(id) = now.try_with_untracked(|(event, _)| event.id.to_string()) else { return };
            if let Ok(newer) = api::load_pulse(id).await {
                now.try_set(newer);
            }
        });
    };
    if let Ok(asking) = set_interval_with_handle(ask, EVERY) {
        on_cleanup(move || asking.clear());
    }
}

/// The event over time.
#[component]
fn Plots(curves: Curves) -> impl IntoView {
    let t = lang();
    let Curves { width, entries, present, refused } = curves;
    let entries = (!entries.is_empty()).then(|| view! { <Plot title=t.plot_entries(width) points=entries width /> });
    let present =
        (!present.is_empty()).then(|| view! { <Plot title=t.plot_present() points=present width=1 steps=true /> });
    let refused = refused
        .into_iter()
        .map(|(reason, points)| {
            let sum: u64 = points.iter().map(|(_, count)| count).sum();
            let title = t.plot_refused(t.reason(reason), number(sum));
            view! { <Plot title points width=1 /> }
        })
        .collect_view();
    view! { <div class="plots">{entries}{present}{refused}</div> }
}
