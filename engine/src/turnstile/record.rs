//! What the turnstile decides, as bytes that never change: the leaves of the fairness log to come.
//!
//! A record begins with its version and its kind; numbers are big-endian. A member appears only as a salted commitment,
//! so the log can be public and a member can still be erased by erasing the salt.

use model::{EntryState, EventId, MemberId, Time};

const VERSION: u8 = 1;

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A click was accepted.
    Entered {
        /// Place in the event's sequence.
        rank: u64,
        /// Server time of the click.
        at: Time,
        /// What it became.
        state: EntryState,
        /// See [`commitment`].
        commitment: [u8; 32],
    },
    /// The event was called off.
    Cancelled {
        /// When.
        at: Time,
    },
    /// A place went to the next in line.
    PassedOn {
        /// Which of the places that capacity counts.
        place: u64,
        /// Who has it now.
        rank: u64,
        /// When.
        at: Time,
    },
    /// A place was left over: nobody stood by, or the time for claims was up.
    Unclaimed {
        /// Which of the places that capacity counts.
        place: u64,
        /// When.
        at: Time,
    },
    /// The creator took an entry out of the event.
    Disqualified {
        /// Whose.
        rank: u64,
        /// When.
        at: Time,
    },
    /// More may win than before, and more stand by.
    Raised {
        /// Capacity until then.
        from: u64,
        /// Capacity from then on.
        to: u64,
        /// When.
        at: Time,
    },
}

/// Binds a record to a member without naming them: SHA-256 of a label, the salt, the event and the member.
pub fn commitment(salt: &[u8; 16], event: EventId, member: MemberId) -> [u8; 32] {
    crate::ids::hash(&[b"59 entry", salt, event.0.as_bytes(), member.0.as_bytes()])
}

/// A state in a byte that never means another.
pub(super) fn state_code(state: EntryState) -> u8 {
    match state {
        EntryState::Won => 1,
        EntryState::Standby => 2,
        EntryState::Lost => 3,
        EntryState::Disqualified => 4,
    }
}

/// What [`state_code`] made a byte of.
pub(super) fn state_of(code: u8) -> Option<EntryState> {
    match code {
        1 => Some(EntryState::Won),
        2 => Some(EntryState::Standby),
        3 => Some(EntryState::Lost),
        4 => Some(EntryState::Disqualified),
        _ => None,
    }
}

impl Record {
    /// Appends the record with its length before it.
    pub fn append(&self, bytes: &mut Vec<u8>) {
        let start = bytes.len();
        bytes.extend([0, 0, VERSION]);
        match self {
            Record::Entered { rank, at, state, commitment } => {
                bytes.push(1);
                bytes.extend(rank.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
                bytes.push(state_code(*state));
                bytes.extend(commitment);
            }
            Record::Cancelled { at } => {
                bytes.push(2);
                bytes.extend(at.0.to_be_bytes());
            }
            Record::PassedOn { place, rank, at } => {
                bytes.push(3);
                bytes.extend(place.to_be_bytes());
                bytes.extend(rank.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Unclaimed { place, at } => {
                bytes.push(4);
                bytes.extend(place.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Disqualified { rank, at } => {
                bytes.push(5);
                bytes.extend(rank.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Raised { from, to, at } => {
                bytes.push(6);
                bytes.extend(from.to_be_bytes());
                bytes.extend(to.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
            }
        }
        let length = (bytes.len() - start - 2) as u16;
        bytes[start..start + 2].copy_from_slice(&length.to_be_bytes());
    }

    /// Reads the next record off the front of `bytes`; `None` when it is malformed or of a later version.
    pub fn take(bytes: &mut &[u8]) -> Option<Record> {
        let length = usize::from(u16::from_be_bytes(*take(bytes)?));
        let (mut body, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        let [VERSION, kind] = *take::<2>(&mut body)? else {
            return None;
        };
        let record = match kind {
            1 => Record::Entered {
                rank: number(&mut body)?,
                at: time(&mut body)?,
                state: state_of(take::<1>(&mut body)?[0])?,
                commitment: *take(&mut body)?,
            },
            2 => Record::Cancelled { at: time(&mut body)? },
            3 => Record::PassedOn { place: number(&mut body)?, rank: number(&mut body)?, at: time(&mut body)? },
            4 => Record::Unclaimed { place: number(&mut body)?, at: time(&mut body)? },
            5 => Record::Disqualified { rank: number(&mut body)?, at: time(&mut body)? },
            6 => Record::Raised { from: number(&mut body)?, to: number(&mut body)?, at: time(&mut body)? },
            _ => return None,
        };
        body.is_empty().then_some(record)
    }
}

fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (front, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(front)
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*take(bytes)?))
}

fn time(bytes: &mut &[u8]) -> Option<Time> {
    Some(Time(i64::from_be_bytes(*take(bytes)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn records_survive_a_round_trip(rank: u64, at: i64, commitment: [u8; 32]) {
            let records = [
                Record::Entered { rank, at: Time(at), state: EntryState::Standby, commitment },
                Record::Cancelled { at: Time(at) },
                Record::PassedOn { place: rank, rank: !rank, at: Time(at) },
                Record::Unclaimed { place: rank, at: Time(at) },
                Record::Disqualified { rank, at: Time(at) },
                Record::Raised { from: rank, to: !rank, at: Time(at) },
            ];
            let mut bytes = Vec::new();
            records.iter().for_each(|record| record.append(&mut bytes));
            let mut rest = bytes.as_slice();
            for record in records {
                prop_assert_eq!(Record::take(&mut rest), Some(record));
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            let mut rest = bytes.as_slice();
            while Record::take(&mut rest).is_some() {}
        }
    }
}
