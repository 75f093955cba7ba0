//! How many of something each has open at the same time.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A site of IPv6 may have as much as so many of its networks.
const OF_SITE: u32 = 4;

/// Counts by key, up to so many of each. Cheap to clone.
pub struct Counts<K>(Arc<Counting<K>>);

struct Counting<K> {
    open: Mutex<HashMap<K, u32>>,
    most: u32,
}

impl<K> Clone for Counts<K> {
    fn clone(&self) -> Self {
        Counts(self.0.clone())
    }
}

/// One that is counted, until this is dropped.
pub struct Counted<K: Hash + Eq> {
    counts: Counts<K>,
    key: K,
}

impl<K: Hash + Eq> Counts<K> {
    /// None so far, and `most` of each key.
    pub fn new(most: u32) -> Counts<K> {
        Counts(Arc::new(Counting { open: Mutex::default(), most }))
    }

    fn open(&self) -> MutexGuard<'_, HashMap<K, u32>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Copy> Counts<K> {
    /// One more; `None` when that would be too many.
    pub fn take(&self, key: K) -> Option<Counted<K>> {
        let mut all = self.open();
        let open = all.entry(key).or_default();
        if *open >= self.0.most {
            return None;
        }
        *open += 1;
        Some(Counted { counts: self.clone(), key })
    }
}

impl<K: Hash + Eq> Drop for Counted<K> {
    fn drop(&mut self) {
        let mut all = self.counts.open();
        let Some(open) = all.get_mut(&self.key) else { return };
        *open -= 1;
        if *open == 0 {
            all.remove(&self.key);
        }
    }
}

/// Counts by address: of IPv4 each, of IPv6 the network of a customer, and their whole site. Cheap to clone.
#[derive(Clone)]
pub struct Networks {
    narrow: Counts<IpAddr>,
    wide: Counts<IpAddr>,
}

/// One that is counted at an address.
pub struct AtAddress(#[expect(dead_code, reason = "kept for its drop")] (Counted<IpAddr>, Option<Counted<IpAddr>>));

impl Networks {
    /// None so far, and `most` of each address.
    pub fn new(most: u32) -> Networks {
        Networks { narrow: Counts::new(most), wide: Counts::new(most.saturating_mul(OF_SITE)) }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.narrow.open().is_empty() && self.wide.open().is_empty()
    }

    /// One more of an address; `None` when that would be too many.
    pub fn take(&self, address: IpAddr) -> Option<AtAddress> {
        let narrow = engine::limits::network(address, 64);
        let place = self.narrow.take(narrow)?;
        let site = if narrow.is_ipv6() { Some(self.wide.take(engine::limits::network(address, 48))?) } else { None };
        Some(AtAddress((place, site)))
    }
}
