//! Parts that several pages share.

mod card;
mod combobox;
mod dial;
mod face;
mod frame;
mod next_page;
mod outside;
mod plot;
mod share;
mod status;
mod words;

pub use card::{EventCards, NextEvent};
pub use combobox::{Asked, Choice, Combobox, pieces};
pub use dial::{Dial, Mark};
pub use face::face;
pub use frame::{DemoStrip, Footer, Header, Icon, TermsStrip, ZoneNote};
pub use next_page::next_page;
pub use outside::OpenOutside;
pub use plot::Plot;
pub use share::Share;
pub use status::{Failed, NotFound};
pub use words::words;

use crate::boot;
use model::{EventState, Kind, Offer, Time};

/// "경품", "티켓" or "타임딜".
pub fn kind_name(kind: Kind) -> &'static str {
    let t = boot::lang();
    match kind {
        Kind::Giveaway => t.giveaway(),
        Kind::Ticket => t.ticket(),
        Kind::Deal => t.deal(),
    }
}

/// "오늘 20:00 시작", or with the date when it is another day.
pub fn opens_text(opens_at: Time, now: Time) -> String {
    let t = boot::lang();
    let (opens, today) = (opens_at.civil(), now.civil());
    let seconds = if opens.second == 0 { String::new() } else { format!(":{:02}", opens.second) };
    let clock = format!("{:02}:{:02}{seconds}", opens.hour, opens.minute);
    if (opens.year, opens.month, opens.day) == (today.year, today.month, today.day) {
        t.opens_today(clock)
    } else {
        t.opens_on(t.date(opens_at, now), clock)
    }
}

/// "1등 원두 세트 5 · 2등 머그 95".
pub fn prizes_text(offer: &Offer) -> String {
    let t = boot::lang();
    match offer {
        Offer::Giveaway { prizes } => {
            let line = |(i, prize): (usize, &model::Prize)| t.prize_line(i + 1, &prize.name, prize.winners);
            prizes.iter().enumerate().map(line).collect::<Vec<_>>().join(" · ")
        }
        Offer::Ticket { place, .. } => place.clone(),
        Offer::Deal { delivery, .. } => delivery.clone(),
    }
}

/// The class that colours a state's chip.
pub fn state_class(state: EventState) -> &'static str {
    match state {
        EventState::Open | EventState::Full => "chip live",
        EventState::Closed | EventState::Settled => "chip over",
        EventState::Cancelled | EventState::Suspended => "chip off",
        EventState::Draft | EventState::Scheduled => "chip",
    }
}
