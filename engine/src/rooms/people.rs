//! Who is in a room: on this node each person, on other nodes how many.

use crate::cluster::Everywhere;
use model::live::Person;
use std::collections::{HashMap, VecDeque};

/// Looks for which somebody who left still counts: whoever reloads the page, or comes and goes, is no news.
const LINGER: u64 = 40;

/// The people in one room.
#[derive(Default)]
pub(super) struct People {
    /// On this node.
    here: HashMap<Person, Tabs>,
    /// Who closed their last tab, and the look at which they are gone.
    leaving: VecDeque<(Person, u64)>,
    /// How often it was looked who is gone.
    looks: u64,
    /// On other nodes alone, as last counted.
    elsewhere: u64,
    sampler: Sampler,
}

/// What one person has open.
#[derive(Default)]
struct Tabs {
    open: u32,
    /// At which look they are gone, after the last was closed.
    gone_at: u64,
}

/// Which node samples how many people there are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Sampler {
    /// This one: it is alone, or the others leave it to this one.
    This,
    /// Among nodes another one, as far as is known.
    #[default]
    Another,
}

impl People {
    /// In a room of a node that is one of several, or alone.
    pub fn new(among_nodes: bool) -> People {
        let sampler = if among_nodes { Sampler::Another } else { Sampler::This };
        People { sampler, ..People::default() }
    }

    /// One more tab of a person.
    pub fn enter(&mut self, person: Person) {
        self.here.entry(person).or_default().open += 1;
    }

    /// One tab less.
    pub fn leave(&mut self, person: Person) {
        let gone_at = self.looks + LINGER;
        if let Some(tabs) = self.here.get_mut(&person) {
            tabs.open -= 1;
            if tabs.open == 0 {
                // Who comes and goes waits once.
                if tabs.gone_at <= self.looks {
                    self.leaving.push_back((person, gone_at));
                }
                tabs.gone_at = gone_at;
            }
        }
    }

    /// Looks who is gone by now.
    pub fn look(&mut self) {
        self.looks += 1;
        while let Some((person, _)) = self.leaving.pop_front_if(|(_, at)| *at <= self.looks) {
            match self.here.get(&person) {
                Some(Tabs { open: 0, gone_at }) if *gone_at <= self.looks => drop(self.here.remove(&person)),
                Some(Tabs { open: 0, gone_at }) => self.leaving.push_back((person, *gone_at)),
                _ => {}
            }
        }
    }

    /// Each person once.
    pub fn count(&self) -> u64 {
        self.here.len() as u64 + self.elsewhere
    }

    /// Those on this node.
    pub fn here(&self) -> Vec<Person> {
        self.here.keys().copied().collect()
    }

    /// Whether nobody is here on this node.
    pub fn is_empty(&self) -> bool {
        self.here.is_empty()
    }

    /// With `here` people on this node, this is how it is on all.
    pub fn counted(&mut self, here: u64, Everywhere { people, sampler }: Everywhere) {
        self.elsewhere = people.saturating_sub(here);
        self.sampler = if sampler { Sampler::This } else { Sampler::Another };
    }

    /// Whether this node is the one to sample how many people there are.
    pub fn is_sampled_here(&self) -> bool {
        self.sampler == Sampler::This
    }
}
