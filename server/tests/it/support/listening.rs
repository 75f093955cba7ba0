//! Somebody who listens to the stream of their notices, as a browser or a program does.

use super::{Person, client};
use engine::{Engine, outbox};
use model::EventId;
use reqwest::{RequestBuilder, Response, header};
use serde_json::Value;
use testing::soon;

/// An event of the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub event: String,
    pub id: String,
    pub data: Value,
}

impl Told {
    /// The number of a notice.
    pub fn number(&self) -> u64 {
        self.data["number"].as_u64().unwrap()
    }

    pub fn unread(&self) -> u64 {
        self.data["unread"].as_u64().unwrap()
    }
}

/// An open stream.
pub struct Listening {
    response: Response,
    received: String,
}

/// Asks for the stream of whoever a cookie names.
pub fn ask(person: &Person) -> RequestBuilder {
    let request = client().get(format!("http://{}/notices/stream", person.address));
    // What a browser would take if it were offered.
    request.header(header::COOKIE, person.cookie()).header(header::ACCEPT_ENCODING, "gzip, br")
}

impl Listening {
    /// From now on, or behind what was told last.
    pub async fn open(person: &Person, last: Option<&str>) -> Listening {
        let request = last.iter().fold(ask(person), |request, last| request.header("last-event-id", *last));
        Listening::on(request).await
    }

    /// What answers a request.
    pub async fn on(request: RequestBuilder) -> Listening {
        let response = soon("the stream opens", request.send()).await.unwrap();
        assert_eq!(response.status(), 200);
        let of = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(of("content-type").as_deref(), Some("text/event-stream"));
        assert_eq!(of("x-accel-buffering").as_deref(), Some("no"));
        assert_eq!(of("cache-control").as_deref(), Some("private, no-store"));
        assert_eq!(of("content-encoding"), None, "nothing waits to be compressed");
        Listening { response, received: String::new() }
    }

    /// The next event; `None` at the end.
    pub async fn next(&mut self) -> Option<Told> {
        soon("something is told", async {
            loop {
                while let Some((block, rest)) = self.received.split_once("\n\n") {
                    let told = read(block);
                    self.received = rest.to_owned();
                    if told.is_some() {
                        return told;
                    }
                }
                let bytes = self.response.chunk().await.unwrap()?;
                self.received.push_str(str::from_utf8(&bytes).unwrap());
            }
        })
        .await
    }

    /// The next notice, whatever else is told before.
    pub async fn notice(&mut self) -> Told {
        loop {
            let told = self.next().await.unwrap();
            if told.event == "notice" {
                return told;
            }
        }
    }
}

/// An event; `None` for a comment, or what only says when to come back.
fn read(block: &str) -> Option<Told> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let (event, data) = field("event").zip(field("data"))?;
    let id = field("id").unwrap_or_default().to_owned();
    Some(Told { event: event.to_owned(), id, data: serde_json::from_str(data).unwrap() })
}

/// Has everybody who entered an event told that it was changed, so many times; a job of the site does it.
pub async fn tell(engine: &Engine, event: EventId, times: usize) {
    for _ in 0..times {
        let mut tx = engine.db.begin(engine::db::Lane::Other).await.unwrap();
        outbox::write(&mut tx, &outbox::Trigger::Changed { event }, engine.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
}
