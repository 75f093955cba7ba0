//! An event as it goes, for its creator: counts and plots, renewed while something happens.

#[cfg(feature = "hydrate")]
use crate::{api, paths};
use crate::{
    boot::lang,
    components::{Plot, words},
    texts::number,
};
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use model::EventState;
use model::{Curves, EventCard};

/// The dashboard; it follows the event until it closes.
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
            <div><dt>{t.in_room()}</dt><dd translate="no" inner_html=words(move || count(|event, _| event.present)) /></div>
            <div><dt>{t.ranked()}</dt><dd translate="no" inner_html=words(move || count(|event, _| event.total)) /></div>
            <div><dt>{t.refused_clicks()}</dt><dd translate="no" inner_html=words(move || count(refused)) /></div>
        </dl>
        {move || now.with(|(_, curves)| view! { <Plots curves=curves.clone() /> })}
    }
}

/// Asks for the event as it goes, one answer after the other, until it is over or the page is left.
#[cfg(feature = "hydrate")]
fn follow(now: RwSignal<(EventCard, Curves)>) {
    /// How long between an answer and the next question.
    const EVERY: std::time::Duration = std::time::Duration::from_secs(1);
    let ask = move || {
        leptos::task::spawn_local(async move {
            let Some(id) = now.try_with_untracked(|(event, _)| event.id) else { return };
            // A question that is lost is asked again.
            let newer = api::fetch(&paths::pulse(id)).await.ok();
            let gone = match newer {
                Some(newer) => now.try_set(newer).is_some(),
                None => now.try_with_untracked(|_| ()).is_none(),
            };
            if !gone {
                follow(now);
            }
        });
    };
    let Some(wait) = now.try_with_untracked(|(event, _)| match event.state {
        EventState::Open | EventState::Full => Some(EVERY),
        // Rarely while it is far away.
        EventState::Scheduled => Some(EVERY * 5),
        _ => None,
    }) else {
        return;
    };
    if let Some(wait) = wait {
        set_timeout(ask, wait);
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
            let title = t.plot_refused(t.reason(reason), sum);
            view! { <Plot title points width=1 /> }
        })
        .collect_view();
    view! { <div class="plots">{entries}{present}{refused}</div> }
}
