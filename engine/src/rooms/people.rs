//! Who is in a room: on this node each person, on other nodes how many.

use crate::cluster::Everywhere;
use model::live::Person;
use std::collections::HashMap;

/// The people in one room.
#[derive(Default)]
pub(super) struct People {
    /// On this node, with the tabs that each has open.
    here: HashMap<Person, u32>,
    /// On other nodes alone, as last counted.
    elsewhere: u64,
    sampler: Sampler,
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
        *self.here.entry(person).or_default() += 1;
    }

    /// One tab less.
    pub fn leave(&mut self, person: Person) {
        if let Some(tabs) = self.here.get_mut(&person) {
            *tabs -= 1;
            if *tabs == 0 {
                self.here.remove(&person);
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
