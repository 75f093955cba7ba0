//! What creators' own servers are told, and how often that is tried.

use crate::{DAY, HOUR, MINUTE, SECOND, Span, Time, id::ids};
use serde::{Deserialize, Serialize};

ids! {
    /// A server of a creator's.
    EndpointId
    /// Something that is sent to one.
    DeliveryId
}

/// Servers of one creator.
pub const MOST_ENDPOINTS: usize = 5;
/// For so long something is tried again.
pub const TRIED_FOR: Span = DAY;

/// What a server is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookKind {
    /// An event opened.
    EventOpened,
    /// An event is over: how many entered, and how many have places.
    EventClosed,
    /// Orders of a sale were paid for.
    OrderPaid,
    /// Buyers gave something back.
    OrderCancelled,
    /// A winner said where their prize goes.
    PrizeClaimed,
}

impl WebhookKind {
    /// In the order of lists.
    pub const ALL: [WebhookKind; 5] = [
        WebhookKind::EventOpened,
        WebhookKind::EventClosed,
        WebhookKind::OrderPaid,
        WebhookKind::OrderCancelled,
        WebhookKind::PrizeClaimed,
    ];

    /// The name in what is sent, in forms and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            WebhookKind::EventOpened => "event.opened",
            WebhookKind::EventClosed => "event.closed",
            WebhookKind::OrderPaid => "order.paid",
            WebhookKind::OrderCancelled => "order.cancelled",
            WebhookKind::PrizeClaimed => "prize.claimed",
        }
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<WebhookKind> {
        WebhookKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How long is waited after the try of a number, the first being 1.
pub fn pause(tries: u32) -> Span {
    let pauses = [SECOND.times(5), MINUTE, MINUTE.times(5), MINUTE.times(30), HOUR.times(2), HOUR.times(6)];
    let at = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
    pauses.get(at).copied().unwrap_or(HOUR.times(12))
}

/// A server, as its creator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Which.
    pub id: EndpointId,
    /// Where.
    pub url: String,
    /// What it is told of.
    pub kinds: Vec<WebhookKind>,
    /// When it took something last.
    pub reached: Option<Time>,
    /// Since when nothing is sent there.
    pub off: Option<Time>,
    /// What was sent there lately, newest first.
    pub deliveries: Vec<Delivery>,
}

/// Something that was sent, or is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Which.
    pub id: DeliveryId,
    /// What it tells of.
    pub kind: WebhookKind,
    /// Since when.
    pub since: Time,
    /// How often it was tried.
    pub tries: u64,
    /// When it was tried last.
    pub tried: Option<Time>,
    /// What was answered last; 0 where nothing was.
    pub status: Option<u64>,
    /// Whether it arrived.
    pub done: bool,
    /// When it is tried next.
    pub next: Option<Time>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_their_names() {
        for kind in WebhookKind::ALL {
            assert_eq!(WebhookKind::named(kind.name()), Some(kind));
        }
        assert_eq!(WebhookKind::named("everything"), None);
    }

    #[test]
    fn pauses_grow_and_fill_a_day() {
        let pauses: Vec<_> = (1..20).map(pause).collect();
        assert!(pauses.windows(2).all(|two| two[0] <= two[1]), "{pauses:?}");
        let tries = pauses.iter().scan(Span::ZERO, |all, pause| {
            *all = *all + *pause;
            Some(*all)
        });
        assert_eq!(tries.take_while(|all| *all < TRIED_FOR).count(), 7);
    }
}
