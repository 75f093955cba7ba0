//! Connections: how many there are, in all and of each address.
//!
//! A mobile network puts thousands of people behind one address, so that the cap of an address is generous, and connections of
//! whoever is signed in do not count to it. Who that is, is only known from a request: an address that has too many may open
//! some more, whose first request has to show it.

use crate::{
    AppState,
    counts::{AtAddress, Counted, Counts, Networks},
};
use axum::http::HeaderMap;
use engine::accounts::SessionToken;
use model::MemberId;
use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// Counts connections. Cheap to clone.
#[derive(Clone)]
pub struct Connections(Arc<Counting>);

struct Counting {
    all: AtomicUsize,
    most: usize,
    /// By address; `None` where a proxy stands in front, whose connections are everybody's.
    known: Option<Networks>,
    /// Beyond that, until a request shows who it is.
    beyond: Networks,
    members: Counts<MemberId>,
}

/// One connection, counted until this is dropped.
pub struct Connection {
    all: Connections,
    /// As what it counts.
    place: Mutex<Option<Whose>>,
    /// Whether its address has too many without it.
    beyond: AtomicBool,
    /// Whether it is of somebody who is signed in, or need not show it.
    shown: AtomicBool,
}

#[expect(dead_code, reason = "kept for their drop")]
enum Whose {
    Address(AtAddress),
    Member(Counted<MemberId>),
}

impl Connections {
    /// None so far; at most so many in all, and of each address.
    pub fn new(most: usize, per_address: u32, behind_proxies: bool) -> Connections {
        Connections(Arc::new(Counting {
            all: AtomicUsize::new(0),
            most,
            known: (!behind_proxies).then(|| Networks::new(per_address)),
            beyond: Networks::new(per_address),
            members: Counts::new(per_address),
        }))
    }

    /// Counts one more of an address; `None` when there are too many.
    pub fn open(&self, address: IpAddr) -> Option<Connection> {
        if self.0.all.fetch_add(1, Ordering::Relaxed) >= self.0.most {
            self.0.all.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        // Given back by its drop from here on.
        let mut opened = Connection {
            all: self.clone(),
            place: Mutex::new(None),
            beyond: AtomicBool::new(false),
            shown: AtomicBool::new(true),
        };
        if let Some(known) = &self.0.known {
            let place = known.take(address).map(|place| (place, false));
            let (place, beyond) = place.or_else(|| Some((self.0.beyond.take(address)?, true)))?;
            opened.place = Mutex::new(Some(Whose::Address(place)));
            (opened.beyond, opened.shown) = (AtomicBool::new(beyond), AtomicBool::new(false));
        }
        Some(opened)
    }
}

impl Connection {
    /// Whether its next request has to show who it is of before it is answered.
    pub fn has_to_show(&self) -> bool {
        self.beyond.load(Ordering::Relaxed)
    }

    /// The token of a request, as long as it matters whose the connection is.
    pub fn token(&self, state: &AppState, headers: &HeaderMap) -> Option<SessionToken> {
        if self.shown.load(Ordering::Relaxed) { None } else { crate::cookies::token(state, headers) }
    }

    /// It is of a member, and no longer counts to its address.
    pub fn is_of(&self, member: MemberId) {
        if let Some(place) = self.all.0.members.take(member) {
            *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(Whose::Member(place));
            self.beyond.store(false, Ordering::Relaxed);
        }
        self.shown.store(true, Ordering::Relaxed);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.0.all.fetch_sub(1, Ordering::Relaxed);
    }
}
