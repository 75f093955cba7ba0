//! What the turnstile decides, as bytes that never change: the leaves of the fairness log to come.
//!
//! A record begins with its version and its kind; numbers are big-endian. A member appears only as a salted commitment,
//! so the log can be public and a member can still be erased by erasing the salt.

use model::{Due, EntryState, EventId, MemberId, Time};

/// The version that a record is written in, by kind.
const VERSION: u8 = 1;
/// Entries carry their quantity since version 2; in version 1 each asks for one unit.
const ENTERED_VERSION: u8 = 2;
/// What only sales have is written since version 3.
const SALE_VERSION: u8 = 3;

/// What an entry of a sale took by its click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Whether fewer than it asks for would do.
    pub fewer: bool,
    /// How many units became its own.
    pub units: u32,
    /// Until when they are held in checkout.
    pub due: Due,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A click was accepted.
    Entered {
        /// Unit in the event's sequence.
        rank: u64,
        /// Server time of the click.
        at: Time,
        /// What it became.
        state: EntryState,
        /// How many units it asks for.
        quantity: u32,
        /// Of a sale: what it took.
        taken: Option<Taken>,
        /// See [`commitment`].
        commitment: [u8; 32],
    },
    /// The event was called off.
    Cancelled {
        /// When.
        at: Time,
    },
    /// A unit went to the first who stood by.
    Reassigned {
        /// Which of the units that capacity counts.
        unit: u64,
        /// Who has it now.
        rank: u64,
        /// When.
        at: Time,
    },
    /// A unit was left over: nobody stood by, or its time was up.
    Unclaimed {
        /// Which of the units that capacity counts.
        unit: u64,
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
    /// The holder of a unit let its deadline pass, and has it no more: what becomes of the unit is the next record, or one to come.
    Lapsed {
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
    /// Of a sale: units that were free went to the first who stood by for so many.
    Granted {
        /// Whose they are now.
        rank: u64,
        /// How many.
        units: u32,
        /// When.
        at: Time,
    },
    /// Of a sale: who had their units was let into checkout.
    Admitted {
        /// Who.
        rank: u64,
        /// When.
        at: Time,
        /// Until when their units are held.
        due_at: Time,
    },
    /// Of a sale: held units were paid for, or were free of charge.
    Paid {
        /// Whose.
        rank: u64,
        /// When.
        at: Time,
    },
    /// Of a sale: gave back the units that were held, or the place in the line.
    Left {
        /// Who.
        rank: u64,
        /// When.
        at: Time,
    },
    /// Of a sale: a checkout's time ran out.
    Expired {
        /// Whose.
        rank: u64,
        /// When.
        at: Time,
    },
    /// Of a sale: units that had been paid for came back.
    Returned {
        /// Whose they were.
        rank: u64,
        /// How many.
        units: u32,
        /// When.
        at: Time,
    },
    /// A sale's last moment: entries that still waited for units or for checkout get nothing.
    Ended {
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
        EntryState::Expired => 5,
        EntryState::Given => 6,
        EntryState::Checkout => 7,
        EntryState::Paid => 8,
        EntryState::Left => 9,
        EntryState::Refunded => 10,
    }
}

/// What [`state_code`] made a byte of.
pub(super) fn state_of(code: u8) -> Option<EntryState> {
    match code {
        1 => Some(EntryState::Won),
        2 => Some(EntryState::Standby),
        3 => Some(EntryState::Lost),
        4 => Some(EntryState::Disqualified),
        5 => Some(EntryState::Expired),
        6 => Some(EntryState::Given),
        7 => Some(EntryState::Checkout),
        8 => Some(EntryState::Paid),
        9 => Some(EntryState::Left),
        10 => Some(EntryState::Refunded),
        _ => None,
    }
}

impl Record {
    fn version(&self) -> u8 {
        match self {
            Record::Entered { taken: None, .. } => ENTERED_VERSION,
            Record::Cancelled { .. } | Record::Reassigned { .. } | Record::Unclaimed { .. } => VERSION,
            Record::Disqualified { .. } | Record::Raised { .. } | Record::Lapsed { .. } => VERSION,
            Record::Entered { .. } | Record::Granted { .. } | Record::Admitted { .. } => SALE_VERSION,
            Record::Paid { .. } | Record::Left { .. } | Record::Expired { .. } => SALE_VERSION,
            Record::Returned { .. } | Record::Ended { .. } => SALE_VERSION,
        }
    }

    /// Appends the record with its length before it.
    pub fn append(&self, bytes: &mut Vec<u8>) {
        let start = bytes.len();
        bytes.extend([0, 0]);
        bytes.push(self.version());
        match self {
            Record::Entered { rank, at, state, quantity, taken, commitment } => {
                bytes.push(1);
                bytes.extend(rank.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
                bytes.push(state_code(*state));
                bytes.extend(quantity.to_be_bytes());
                if let Some(Taken { fewer, units, due }) = taken {
                    bytes.push((*fewer).into());
                    bytes.extend(units.to_be_bytes());
                    // The beginning of 1970 stands for none.
                    bytes.extend(due.time().unwrap_or_default().0.to_be_bytes());
                }
                bytes.extend(commitment);
            }
            Record::Cancelled { at } => {
                bytes.push(2);
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Reassigned { unit, rank, at } => {
                bytes.push(3);
                bytes.extend(unit.to_be_bytes());
                bytes.extend(rank.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Unclaimed { unit, at } => {
                bytes.push(4);
                bytes.extend(unit.to_be_bytes());
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
            Record::Granted { rank, units, at } => {
                bytes.push(8);
                bytes.extend(rank.to_be_bytes());
                bytes.extend(units.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Admitted { rank, at, due_at } => {
                bytes.push(9);
                bytes.extend(rank.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
                bytes.extend(due_at.0.to_be_bytes());
            }
            Record::Paid { rank, at } => {
                bytes.push(10);
                bytes.extend(rank.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Left { rank, at } => {
                bytes.push(11);
                bytes.extend(rank.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Expired { rank, at } => {
                bytes.push(12);
                bytes.extend(rank.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Returned { rank, units, at } => {
                bytes.push(13);
                bytes.extend(rank.to_be_bytes());
                bytes.extend(units.to_be_bytes());
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Ended { at } => {
                bytes.push(14);
                bytes.extend(at.0.to_be_bytes());
            }
            Record::Lapsed { rank, at } => {
                bytes.push(7);
                bytes.extend(rank.to_be_bytes());
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
        let [version, kind] = *take(&mut body)?;
        let record = match (version, kind) {
            (VERSION..=SALE_VERSION, 1) => Record::Entered {
                rank: number(&mut body)?,
                at: time(&mut body)?,
                state: state_of(take::<1>(&mut body)?[0])?,
                quantity: if version == VERSION { 1 } else { units(&mut body)? },
                taken: match version {
                    SALE_VERSION => Some(Taken {
                        fewer: take::<1>(&mut body)?[0] != 0,
                        units: units(&mut body)?,
                        due: Due::at(time(&mut body)?),
                    }),
                    _ => None,
                },
                commitment: *take(&mut body)?,
            },
            (VERSION, 2) => Record::Cancelled { at: time(&mut body)? },
            (VERSION, 3) => {
                Record::Reassigned { unit: number(&mut body)?, rank: number(&mut body)?, at: time(&mut body)? }
            }
            (VERSION, 4) => Record::Unclaimed { unit: number(&mut body)?, at: time(&mut body)? },
            (VERSION, 5) => Record::Disqualified { rank: number(&mut body)?, at: time(&mut body)? },
            (VERSION, 6) => Record::Raised { from: number(&mut body)?, to: number(&mut body)?, at: time(&mut body)? },
            (SALE_VERSION, 8) => {
                Record::Granted { rank: number(&mut body)?, units: units(&mut body)?, at: time(&mut body)? }
            }
            (SALE_VERSION, 9) => {
                Record::Admitted { rank: number(&mut body)?, at: time(&mut body)?, due_at: time(&mut body)? }
            }
            (SALE_VERSION, 10) => Record::Paid { rank: number(&mut body)?, at: time(&mut body)? },
            (SALE_VERSION, 11) => Record::Left { rank: number(&mut body)?, at: time(&mut body)? },
            (SALE_VERSION, 12) => Record::Expired { rank: number(&mut body)?, at: time(&mut body)? },
            (SALE_VERSION, 13) => {
                Record::Returned { rank: number(&mut body)?, units: units(&mut body)?, at: time(&mut body)? }
            }
            (SALE_VERSION, 14) => Record::Ended { at: time(&mut body)? },
            (VERSION, 7) => Record::Lapsed { rank: number(&mut body)?, at: time(&mut body)? },
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

fn units(bytes: &mut &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*take(bytes)?))
}

fn time(bytes: &mut &[u8]) -> Option<Time> {
    Some(Time(i64::from_be_bytes(*take(bytes)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::array;
    use uuid::Uuid;

    #[test]
    fn a_commitment_binds_its_salt_its_event_and_its_member_and_never_changes() {
        // Sixteen numbers, one behind the other.
        let bytes = |from: u8| array::from_fn::<u8, 16, _>(|i| from + i as u8);
        let of = |salt: u8, event: u8, member: u8| {
            let [event, member] = [event, member].map(|from| Uuid::from_bytes(bytes(from)));
            commitment(&bytes(salt), EventId(event), MemberId(member))
        };
        let hex: String = of(0, 16, 32).iter().map(|byte| format!("{byte:02x}")).collect();
        // Computed apart from this program: SHA-256 of "59 entry" and the bytes from 0 to 47. What is in logs was made so.
        assert_eq!(hex, "ee83980ea2ed66299481ff5280320a51b73a437540eb4c7b817086b7a58b7d8e");
        for other in [of(1, 16, 32), of(0, 17, 32), of(0, 16, 33)] {
            assert_ne!(other, of(0, 16, 32));
        }
    }

    proptest! {
        #[test]
        fn records_survive_a_round_trip(rank: u64, at: i64, due: i64, quantity: u32, fewer: bool, commitment: [u8; 32]) {
            let taken = Some(Taken { fewer, units: !quantity, due: Due::at(Time(due)) });
            let records = [
                Record::Entered { rank, at: Time(at), state: EntryState::Standby, quantity, taken: None, commitment },
                Record::Entered { rank, at: Time(at), state: EntryState::Checkout, quantity, taken, commitment },
                Record::Granted { rank, units: quantity, at: Time(at) },
                Record::Admitted { rank, at: Time(at), due_at: Time(due) },
                Record::Paid { rank, at: Time(at) },
                Record::Left { rank, at: Time(at) },
                Record::Expired { rank, at: Time(at) },
                Record::Returned { rank, units: quantity, at: Time(at) },
                Record::Ended { at: Time(at) },
                Record::Cancelled { at: Time(at) },
                Record::Reassigned { unit: rank, rank: !rank, at: Time(at) },
                Record::Unclaimed { unit: rank, at: Time(at) },
                Record::Disqualified { rank, at: Time(at) },
                Record::Raised { from: rank, to: !rank, at: Time(at) },
                Record::Lapsed { rank, at: Time(at) },
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
        fn entries_of_before_quantities_ask_for_one_unit(rank: u64, at: i64, quantity: u32, commitment: [u8; 32]) {
            let record = Record::Entered { rank, at: Time(at), state: EntryState::Won, quantity, taken: None, commitment };
            let mut bytes = Vec::new();
            record.append(&mut bytes);
            // As version 1 wrote it: without those four bytes.
            let mut old = bytes.clone();
            old.drain(2 + 2 + 8 + 8 + 1..2 + 2 + 8 + 8 + 1 + 4);
            old[..3].copy_from_slice(&[0, bytes[1] - 4, 1]);
            let one = Record::Entered { rank, at: Time(at), state: EntryState::Won, quantity: 1, taken: None, commitment };
            prop_assert_eq!(Record::take(&mut old.as_slice()), Some(one));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            let mut rest = bytes.as_slice();
            while Record::take(&mut rest).is_some() {}
        }
    }

    /// What version 1 wrote stays as it is in every log: these bytes must be read for ever.
    #[test]
    fn logs_of_version_1_are_read() {
        let mut log: Vec<u8> = vec![0, 51, 1, 1];
        log.extend([0, 0, 0, 0, 0, 0, 0, 7]);
        log.extend([0, 0, 0, 0, 0, 15, 66, 64]);
        log.push(2);
        log.extend([0xab; 32]);
        log.extend([0, 10, 1, 2, 0, 0, 0, 0, 0, 0, 0, 9]);
        log.extend([0, 26, 1, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 10]);
        log.extend([0, 18, 1, 4, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 11]);
        log.extend([0, 18, 1, 5, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 12]);
        log.extend([0, 26, 1, 6, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 13]);
        log.extend([0, 18, 1, 7, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 14]);
        let mut rest = log.as_slice();
        let read: Vec<Record> = std::iter::from_fn(|| Record::take(&mut rest)).collect();
        let entered = Record::Entered {
            rank: 7,
            at: Time(1_000_000),
            state: EntryState::Standby,
            quantity: 1,
            taken: None,
            commitment: [0xab; 32],
        };
        let expected = [
            entered,
            Record::Cancelled { at: Time(9) },
            Record::Reassigned { unit: 1, rank: 7, at: Time(10) },
            Record::Unclaimed { unit: 2, at: Time(11) },
            Record::Disqualified { rank: 3, at: Time(12) },
            Record::Raised { from: 5, to: 8, at: Time(13) },
            Record::Lapsed { rank: 4, at: Time(14) },
        ];
        assert_eq!(read, expected);
        assert!(rest.is_empty());
    }

    /// The same of what version 3 brought for sales.
    #[test]
    fn logs_of_version_3_are_read() {
        let mut log: Vec<u8> = vec![0, 68, 3, 1];
        log.extend([0, 0, 0, 0, 0, 0, 0, 7]);
        log.extend([0, 0, 0, 0, 0, 15, 66, 64]);
        log.push(7);
        log.extend([0, 0, 0, 3, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 1]);
        log.extend([0xab; 32]);
        log.extend([0, 22, 3, 8, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9]);
        log.extend([0, 26, 3, 9, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 1]);
        for kind in 10..=12 {
            log.extend([0, 18, 3, kind, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 10]);
        }
        log.extend([0, 22, 3, 13, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 11]);
        log.extend([0, 10, 3, 14, 0, 0, 0, 0, 0, 0, 0, 12]);
        let mut rest = log.as_slice();
        let read: Vec<Record> = std::iter::from_fn(|| Record::take(&mut rest)).collect();
        let expected = [
            Record::Entered {
                rank: 7,
                at: Time(1_000_000),
                state: EntryState::Checkout,
                quantity: 3,
                taken: Some(Taken { fewer: true, units: 2, due: Due::at(Time(257)) }),
                commitment: [0xab; 32],
            },
            Record::Granted { rank: 7, units: 2, at: Time(9) },
            Record::Admitted { rank: 7, at: Time(9), due_at: Time(257) },
            Record::Paid { rank: 7, at: Time(10) },
            Record::Left { rank: 7, at: Time(10) },
            Record::Expired { rank: 7, at: Time(10) },
            Record::Returned { rank: 7, units: 1, at: Time(11) },
            Record::Ended { at: Time(12) },
        ];
        assert_eq!(read, expected);
        assert!(rest.is_empty());
    }

    #[test]
    fn a_record_of_a_later_version_is_not_taken_for_one_of_ours() {
        let mut bytes = Vec::new();
        Record::Cancelled { at: Time(9) }.append(&mut bytes);
        for later in [2, 3, 200] {
            bytes[2] = later;
            assert_eq!(Record::take(&mut bytes.as_slice()), None);
        }
    }
}
