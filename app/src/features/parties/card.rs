//! A party in a list.

use crate::{boot::lang, components::words, paths, texts::Lang};
use leptos::prelude::*;
use model::parties::{Meeting, PartyCard};

/// How far something is: "800m", "1.2km".
pub fn away(metres: u32) -> String {
    match metres {
        0..1_000 => format!("{}m", metres / 10 * 10),
        _ => format!("{}.{}km", metres / 1_000, metres % 1_000 / 100),
    }
}

/// When neighbours meet: "11월 28일 15:00–15:30".
pub(super) fn meets(t: Lang, meeting: Meeting) -> String {
    let end = meeting.to.civil();
    if meeting.from.day() == meeting.to.day() {
        format!("{}–{:02}:{:02}", t.moment(meeting.from), end.hour, end.minute)
    } else {
        format!("{} – {}", t.moment(meeting.from), t.moment(meeting.to))
    }
}

/// A party in a list: what, how far, where, when, for how much, and how many shares are left.
#[component]
pub fn Card(
    /// Which.
    card: PartyCard,
    /// Below it.
    #[prop(optional, into)]
    note: Option<Signal<String>>,
) -> impl IntoView {
    let t = lang();
    let note = note.map(|note| view! { <small class="how" inner_html=words(move || note.get()) /> });
    let left = card.wanted.saturating_sub(card.taken);
    let shares = (0..card.wanted).map(|share| view! { <i class:e={share >= card.taken}></i> }).collect_view();
    let words = if left > 0 { t.shares_left(u64::from(left)) } else { t.party_state(card.state).to_owned() };
    view! {
        <li class="party">
            <a href=paths::party(card.id)><b>{t.party_title(card.item.name)}</b></a>
            <span class="d">{card.metres.map(away)}</span>
            <small>
                {card.market.name}" · "{meets(t, card.meets)}" · "{t.won_a_share(card.each as u64)}
            </small>
            {note}
            <span class="faces" role="img" aria-label=words>{shares}</span>
        </li>
    }
}
