//! The event feed: what happens in events, handed to whatever part of this node shows it, and to the other nodes.
//!
//! The turnstile publishes what it committed, the chat what was said; rooms observe both. Observers are called in place:
//! what is committed costs no copy and no task for them. What other nodes publish about an event arrives through the
//! turnstile, which follows the events in memory; it takes its own batches and passes on the rest, see
//! [`Watcher::published`].

use crate::{
    cluster::{Bus, Envelope, MessageKind, Nodes, Topic},
    turnstile::{Batch, EventRules, LedgerState, Watcher},
    versions,
};
use model::{EventId, live::ChatLine};
use serde::{Serialize, de::DeserializeOwned};
use std::{sync::Arc, time::Duration};

/// The version of what [`MessageKind::SAID`] and [`MessageKind::HIDDEN`] carry.
const VERSION: u8 = 1;
/// A message that could not be published is published again after these pauses: other nodes read the database at the latest
/// when they miss a line's number.
const RETRY_AFTER: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// Something that became durable in an event.
#[derive(Clone, Copy)]
pub enum Update<'u> {
    /// A batch of clicks, and where the event stands after it.
    Committed(&'u Batch, LedgerState),
    /// The event goes by new rules.
    Revised(&'u EventRules, LedgerState),
    /// Something that this node was not told: what it shows is to be read anew.
    Missed,
    /// New lines of chat.
    Said(&'u [ChatLine]),
    /// A line of chat, by its number, is not to be seen any more.
    Hidden(u64),
}

/// Is told of updates, of each event's batches in order. Must not block.
pub trait Observer: Send + Sync {
    /// Something happened in an event.
    fn update(&self, event: EventId, update: Update<'_>);
}

/// Hands out updates. Cheap to clone.
#[derive(Clone)]
pub struct Feed(Arc<Shared>);

struct Shared {
    observers: Vec<Arc<dyn Observer>>,
    /// This node's number and the way to the others, in a cluster.
    others: Option<(u64, Bus)>,
}

impl Feed {
    /// A feed for these observers, and for those of the other `nodes`.
    pub fn new(observers: Vec<Arc<dyn Observer>>, nodes: Option<&Nodes>) -> Feed {
        Feed(Arc::new(Shared { observers, others: nodes.map(|nodes| (nodes.node, nodes.bus.clone())) }))
    }

    /// New lines of chat became durable on this node.
    pub fn said(&self, event: EventId, lines: &[ChatLine]) {
        self.publish(event, MessageKind::SAID, lines);
        self.hand_out(event, Update::Said(lines));
    }

    /// A line of chat was hidden on this node.
    pub fn hidden(&self, event: EventId, number: u64) {
        self.publish(event, MessageKind::HIDDEN, &number);
        self.hand_out(event, Update::Hidden(number));
    }

    fn hand_out(&self, event: EventId, update: Update<'_>) {
        self.0.observers.iter().for_each(|observer| observer.update(event, update));
    }

    /// Tells the other nodes, without keeping the caller waiting. One that misses it reads the database.
    fn publish(&self, event: EventId, kind: MessageKind, content: &(impl Serialize + ?Sized)) {
        let Some((node, bus)) = &self.0.others else { return };
        let message = Envelope { kind, version: VERSION, node: *node }.seal(&content);
        let bus = bus.clone();
        tokio::spawn(async move {
            for pause in RETRY_AFTER {
                tokio::time::sleep(pause).await;
                match bus.publish(Topic::Event(event), message.clone()).await {
                    Ok(()) => return,
                    Err(error) => tracing::debug!(%error, "nothing can be published to other nodes"),
                }
            }
        });
    }
}

impl Watcher for Feed {
    fn committed(&self, event: EventId, batch: &Batch, state: LedgerState) {
        self.hand_out(event, Update::Committed(batch, state));
    }

    fn revised(&self, rules: &EventRules, state: LedgerState) {
        self.hand_out(rules.event, Update::Revised(rules, state));
    }

    fn missed(&self, event: EventId) {
        self.hand_out(event, Update::Missed);
    }

    fn published(&self, event: EventId, message: &[u8]) -> bool {
        let known = Envelope::open(message).and_then(|(envelope, content)| match (envelope.kind, envelope.version) {
            // What this node published it knows.
            _ if self.0.others.as_ref().is_some_and(|(node, _)| *node == envelope.node) => Some(()),
            (MessageKind::SAID, VERSION) => {
                read::<Vec<ChatLine>>(content).map(|lines| self.hand_out(event, Update::Said(&lines)))
            }
            (MessageKind::HIDDEN, VERSION) => read(content).map(|number| self.hand_out(event, Update::Hidden(number))),
            _ => None,
        });
        if known.is_none() {
            versions::count_unknown("message");
        }
        known.is_some()
    }
}

fn read<T: DeserializeOwned>(content: &[u8]) -> Option<T> {
    serde_json::from_slice(content).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Received, testing};
    use model::{PictureId, Time, live::Said};
    use std::sync::Mutex;
    use uuid::Uuid;

    const EVENT: EventId = EventId(Uuid::from_u128(1));

    /// Notes what it is told.
    #[derive(Default)]
    struct Notes(Mutex<Vec<String>>);

    impl Observer for Notes {
        fn update(&self, _: EventId, update: Update<'_>) {
            let note = match update {
                Update::Said(lines) => format!("said {}", lines.iter().map(|line| line.number).sum::<u64>()),
                Update::Hidden(number) => format!("hidden {number}"),
                Update::Missed => "missed".to_owned(),
                Update::Committed(..) | Update::Revised(..) => "turnstile".to_owned(),
            };
            self.0.lock().unwrap().push(note);
        }
    }

    fn line(number: u64) -> ChatLine {
        ChatLine { number, at: Time(0), said: Said::Hidden }
    }

    #[tokio::test]
    async fn what_is_published_on_one_node_is_seen_on_all() {
        let (here, there) = (Arc::<Notes>::default(), Arc::<Notes>::default());
        let bus = Bus::local();
        let feed = Feed(Arc::new(Shared { observers: vec![here.clone()], others: Some((1, bus.clone())) }));
        let elsewhere = Feed::new(vec![there.clone()], None);
        let mut arriving = bus.subscriber();
        arriving.subscribe(Topic::Event(EVENT));
        feed.said(EVENT, &[line(1), line(2)]);
        feed.hidden(EVENT, 7);
        assert_eq!(*here.0.lock().unwrap(), ["said 3", "hidden 7"], "at once");
        while there.0.lock().unwrap().len() < 2 {
            if let Received::Message(_, message) = testing::soon("it comes", arriving.next()).await {
                assert!(feed.published(EVENT, &message) && elsewhere.published(EVENT, &message));
            }
        }
        let mut seen = there.0.lock().unwrap().clone();
        seen.sort();
        assert_eq!(seen, ["hidden 7", "said 3"]);
        assert_eq!(here.0.lock().unwrap().len(), 2, "what comes back is known");
    }

    #[test]
    fn a_node_of_before_pictures_and_one_of_now_read_each_others_lines() {
        // As nodes of before know it.
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Before {
            Member { nickname: String, creator: bool, text: String },
        }
        let picture = Some(PictureId(Uuid::from_u128(7)));
        let now = Said::Member { nickname: "수달".into(), picture, creator: true, text: "안녕".into() };
        let Before::Member { nickname, creator, text } = read(&serde_json::to_vec(&now).unwrap()).unwrap();
        let before = serde_json::json!({ "member": { "nickname": nickname, "creator": creator, "text": text } });
        let without = Said::Member { nickname: "수달".into(), picture: None, creator: true, text: "안녕".into() };
        assert_eq!(read::<Said>(before.to_string().as_bytes()), Some(without));
    }

    #[test]
    fn what_a_newer_node_publishes_is_not_understood_and_holds_up_nothing() {
        let notes = Arc::<Notes>::default();
        let feed = Feed::new(vec![notes.clone()], None);
        let publish = |kind, version| feed.published(EVENT, &Envelope { kind, version, node: 2 }.seal(&8));
        assert!(!publish(MessageKind(250), 1), "a kind to come");
        assert!(!publish(MessageKind::HIDDEN, VERSION + 1), "a version to come");
        assert!(!publish(MessageKind::SAID, VERSION), "not lines");
        assert!(!feed.published(EVENT, b"{}"));
        assert!(publish(MessageKind::HIDDEN, VERSION));
        assert_eq!(*notes.0.lock().unwrap(), ["hidden 8"]);
    }
}
