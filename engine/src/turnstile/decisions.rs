//! What goes into a sequencer and what comes out of it: clicks, their answers, and everything decided since the last commit.

use super::record::Record;
use model::{Entry, EntryError, EntryState, Error, MemberId, Time, Wish};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// One press of the button.
#[derive(Debug, Clone)]
pub struct Click {
    /// Whose.
    pub member: MemberId,
    /// The name for the board.
    pub nickname: Arc<str>,
    /// Server time when it was read.
    pub stamped_at: Time,
    /// How many units, where something is sold.
    pub wish: Option<Wish>,
    /// It does not bring the code that is asked for, so that it can only come too early.
    pub wrong_code: bool,
}

/// The answer to a click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClickAnswer {
    /// The first click: accepted.
    Entered(Entry),
    /// A further click: the same entry as before.
    Again(Entry),
    /// Not decided: it followed too soon on one that came too early, and is to be read again then. No answer is sent before.
    PutOff(Time),
    /// Nothing changed.
    Refused(Error),
}

impl ClickAnswer {
    /// The answer to a further click of a member who has entered.
    pub(super) fn repeated(entry: Entry) -> ClickAnswer {
        match entry.state {
            EntryState::Disqualified => ClickAnswer::Refused(EntryError::Disqualified.into()),
            _ => ClickAnswer::Again(entry),
        }
    }

    /// The answer to a click that was stamped then and sent more than once: an entry that is no older was made by it, and only what was
    /// first answered did not arrive. Whoever pressed once is not told that they pressed again.
    pub(super) fn of_sent_again(self, stamped_at: Time) -> ClickAnswer {
        match self {
            ClickAnswer::Again(entry) if entry.entered_at >= stamped_at => ClickAnswer::Entered(entry),
            answer => answer,
        }
    }
}

/// One of the units that capacity counts, from 1. Its holder is given what the event's kind gives for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Which.
    pub number: u64,
    /// When it was first given. `None` while nobody ever had it.
    pub first_at: Option<Time>,
}

/// A unit given to one entry by a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reassigned {
    /// Which unit, from 1.
    pub unit: u64,
    /// When it was first given.
    pub first_at: Time,
    /// Who has it now.
    pub member: MemberId,
    /// Their rank.
    pub rank: u64,
    /// When they were given it.
    pub at: Time,
    /// Until when it is theirs unless they do what its kind asks of them; `None` for good.
    pub due_at: Option<Time>,
}

/// An entry decided and not yet durable.
#[derive(Debug, Clone)]
pub struct Decided {
    /// Whose.
    pub member: MemberId,
    /// The name for the board.
    pub nickname: Arc<str>,
    /// Rank, time, state, quantity.
    pub entry: Entry,
    /// Opens the log's commitment.
    pub salt: [u8; 16],
}

/// What a batch made of an entry of a sale that was there before, other than by a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// Whose.
    pub member: MemberId,
    /// As it was before the batch.
    pub before: Entry,
    /// As it is: with its units, and with its deadline when it is in checkout.
    pub after: Entry,
    /// When that happened.
    pub at: Time,
}

/// What a batch decided for one event: to be written in one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    /// New entries in rank order.
    pub entries: Vec<Decided>,
    /// New log records in order.
    pub records: Vec<Record>,
    /// Entries of before whose state changed: rank and new state.
    pub marks: Vec<(u64, EntryState)>,
    /// Of a sale: the same in full, each rank once. Granted, admitted, paid, ended: `before` and `after` say it.
    pub changed: BTreeMap<u64, Changed>,
    /// Units that were given to the next who stood by.
    pub reassigned: Vec<Reassigned>,
    /// Units that no entry stood by for, while more may come: they wait as commands of their own.
    pub owed: Vec<Unit>,
}

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Span;

    #[test]
    fn a_press_whose_first_answer_was_lost_is_no_further_one() {
        let entry = Entry::of_one(17, Time(84), Span::from_micros(84), EntryState::Won);
        let again = ClickAnswer::Again(entry);
        assert_eq!(again.clone().of_sent_again(Time(84)), ClickAnswer::Entered(entry));
        // Who had entered before this press did so by another.
        assert_eq!(again.clone().of_sent_again(Time(85)), again);
        let refused = ClickAnswer::Refused(EntryError::Disqualified.into());
        assert_eq!(refused.clone().of_sent_again(Time(0)), refused);
    }
}
