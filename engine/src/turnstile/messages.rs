//! What nodes of a cluster tell each other about clicks: those on their way to the node that sequences them, and what became of them.

use super::{
    decisions::{Batch, Changed, Click, ClickAnswer, Decided},
    ledger::{LedgerState, SaleState},
    record::{state_code, state_of},
    versions::Unreadable,
};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use model::{Due, Entry, Error, EventId, MemberId, Span, Time, Wish};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// A click among all of a site: its node's number, and the click's among those of its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Ticket {
    pub node: u64,
    pub number: u64,
}

/// A click on its way through a shard's queue.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub event: EventId,
    pub click: Click,
    pub ticket: Ticket,
}

/// The version of messages that have not changed since the beginning.
const VERSION: u8 = 1;
/// Since this version a publication says how many units entries ask for.
const WITH_QUANTITY: u8 = 2;
/// Since this version a press may be put off.
const WITH_PUT_OFF: u8 = 3;
/// Since this version there are sales: clicks on them carry a wish, and publications of them units and deadlines. A program
/// that knows no sales does not sequence one.
const WITH_SALES: u8 = 4;
/// Since this version clicks that came too early say that they bring a wrong code. A program that does not know it would let them in
/// where the opening was moved forward meanwhile.
const WITH_WRONG_CODES: u8 = 5;
/// The version of what [`MessageKind::CHOSEN`](crate::cluster::MessageKind::CHOSEN) carries.
pub(super) const CHOSEN_VERSION: u8 = 1;
/// Of a click: what is said of it in one byte. Of [`WITH_SALES`] there is always a wish.
const FEWER: u8 = 1;
const WRONG_CODE: u8 = 2;
const WISH: u8 = 4;
/// JSON begins with none of the versions below it.
const JSON: u8 = b' ';

impl Sent {
    pub fn encode(&self) -> Bytes {
        let name = self.click.nickname.as_bytes();
        let mut bytes = BytesMut::with_capacity(1 + 16 + 16 + 3 * 8 + 5 + name.len());
        let Click { wish, wrong_code, .. } = self.click;
        // The oldest version that can say it, so that older nodes read it too.
        bytes.put_u8(match (wrong_code, wish) {
            (true, _) => WITH_WRONG_CODES,
            (false, Some(_)) => WITH_SALES,
            (false, None) => VERSION,
        });
        bytes.put_u128(self.event.0.as_u128());
        bytes.put_u128(self.click.member.0.as_u128());
        bytes.put_i64(self.click.stamped_at.0);
        bytes.put_u64(self.ticket.node);
        bytes.put_u64(self.ticket.number);
        if wrong_code {
            let Wish { quantity, fewer } = wish.unwrap_or_default();
            let flag = |flag, is: bool| if is { flag } else { 0 };
            bytes.put_u32(quantity);
            bytes.put_u8(flag(FEWER, fewer) | flag(WISH, wish.is_some()) | WRONG_CODE);
        } else if let Some(Wish { quantity, fewer }) = wish {
            bytes.put_u32(quantity);
            bytes.put_u8(fewer.into());
        }
        bytes.put_slice(name);
        bytes.freeze()
    }

    /// Reads what was written in any version up to `newest`.
    ///
    /// # Errors
    /// [`Unreadable::Newer`] for a later version, [`Unreadable::Malformed`] for what no program wrote.
    pub fn decode(mut bytes: Bytes, newest: u8) -> Result<Sent, Unreadable> {
        match bytes.try_get_u8() {
            Ok(version) if version > newest => Err(Unreadable::Newer(version)),
            Ok(version @ VERSION..) => Sent::read(&mut bytes, version).ok_or(Unreadable::Malformed),
            _ => Err(Unreadable::Malformed),
        }
    }

    fn read(bytes: &mut Bytes, version: u8) -> Option<Sent> {
        let event = EventId(Uuid::from_u128(bytes.try_get_u128().ok()?));
        let member = MemberId(Uuid::from_u128(bytes.try_get_u128().ok()?));
        let stamped_at = Time(bytes.try_get_i64().ok()?);
        let ticket = Ticket { node: bytes.try_get_u64().ok()?, number: bytes.try_get_u64().ok()? };
        let (quantity, flags) = match version {
            WITH_WRONG_CODES.. => (bytes.try_get_u32().ok()?, bytes.try_get_u8().ok()?),
            WITH_SALES => (bytes.try_get_u32().ok()?, bytes.try_get_u8().ok()? | WISH),
            _ => (0, 0),
        };
        let wish = (flags & WISH != 0).then_some(Wish { quantity, fewer: flags & FEWER != 0 });
        let nickname = std::str::from_utf8(bytes).ok()?.into();
        let click = Click { member, nickname, stamped_at, wish, wrong_code: flags & WRONG_CODE != 0 };
        Some(Sent { event, click, ticket })
    }
}

/// A committed batch of one event, as every node receives it: without the log's records and salts, which only the
/// node that wrote them needs. In bytes of its own, since a rush is made of little else.
#[derive(Debug)]
pub(super) struct Publication {
    /// Who sequenced it.
    pub node: u64,
    /// Sequence number of its first log record; [`LedgerState::next_sequence`] is behind the last.
    pub first: u64,
    pub state: LedgerState,
    /// Its entries, marks, and what changed of a sale: of that without what was before.
    pub batch: Batch,
    /// To clicks of other nodes.
    pub answers: Vec<(Ticket, ClickAnswer)>,
    /// The event goes by new rules: they are in the database.
    pub revised: bool,
}

impl Publication {
    pub fn encode(&self) -> Bytes {
        let Publication { node, first, state, batch, answers, revised } = self;
        let mut bytes = BytesMut::with_capacity(64 + batch.entries.len() * 64 + answers.len() * 48);
        let entries = batch.entries.iter().map(|decided| &decided.entry);
        let answered = answers.iter().filter_map(|(_, answer)| match answer {
            ClickAnswer::Entered(entry) | ClickAnswer::Again(entry) => Some(entry),
            ClickAnswer::Refused(_) | ClickAnswer::PutOff(_) => None,
        });
        // The oldest version that can say it, so that older nodes read it too.
        let version = if state.sale.is_some() {
            WITH_SALES
        } else if answers.iter().any(|(_, answer)| matches!(answer, ClickAnswer::PutOff(_))) {
            WITH_PUT_OFF
        } else if entries.chain(answered).all(|entry| entry.quantity == 1) {
            VERSION
        } else {
            WITH_QUANTITY
        };
        bytes.put_u8(version);
        bytes.put_u64(*node);
        bytes.put_u64(*first);
        let LedgerState { total, capacity, last_at, next_sequence, closed, cancelled, full, sale } = *state;
        bytes.put_u64(total);
        bytes.put_u64(capacity);
        bytes.put_i64(last_at.0);
        bytes.put_u64(next_sequence);
        [closed, cancelled, full, *revised].into_iter().for_each(|flag| bytes.put_u8(flag.into()));
        if let Some(SaleState { sold, held, in_checkout, standing, over }) = sale {
            [sold, held, in_checkout, standing].into_iter().for_each(|count| bytes.put_u64(count));
            bytes.put_u8(over.into());
        }
        bytes.put_u32(batch.entries.len() as u32);
        for Decided { member, nickname, entry, .. } in &batch.entries {
            bytes.put_u128(member.0.as_u128());
            put_entry(&mut bytes, entry, version);
            put_text(&mut bytes, nickname.as_bytes());
        }
        bytes.put_u32(batch.marks.len() as u32);
        for (rank, state) in &batch.marks {
            bytes.put_u64(*rank);
            bytes.put_u8(state_code(*state));
        }
        if sale.is_some() {
            bytes.put_u32(batch.changed.len() as u32);
            for Changed { member, after, at, .. } in batch.changed.values() {
                bytes.put_u128(member.0.as_u128());
                bytes.put_i64(at.0);
                put_entry(&mut bytes, after, version);
            }
        }
        bytes.put_u32(answers.len() as u32);
        for (Ticket { node, number }, answer) in answers {
            bytes.put_u64(*node);
            bytes.put_u64(*number);
            match answer {
                ClickAnswer::Entered(entry) => {
                    bytes.put_u8(1);
                    put_entry(&mut bytes, entry, version);
                }
                ClickAnswer::Again(entry) => {
                    bytes.put_u8(2);
                    put_entry(&mut bytes, entry, version);
                }
                ClickAnswer::Refused(error) => {
                    bytes.put_u8(3);
                    // No map has other keys than text, and no serializer fails.
                    put_text(&mut bytes, &serde_json::to_vec(error).unwrap_or_default());
                }
                ClickAnswer::PutOff(next) => {
                    bytes.put_u8(4);
                    bytes.put_i64(next.0);
                }
            }
        }
        bytes.freeze()
    }

    /// Reads what was written in any version up to `newest`; `None` when it is no publication.
    ///
    /// # Errors
    /// [`Unreadable::Newer`] for a later version, [`Unreadable::Malformed`] for what no program wrote.
    pub fn decode(bytes: Bytes, newest: u8) -> Option<Result<Publication, Unreadable>> {
        let version = *bytes.first()?;
        (version < JSON).then(|| match version {
            0 => Err(Unreadable::Malformed),
            version if version > newest => Err(Unreadable::Newer(version)),
            _ => Publication::read(bytes).ok_or(Unreadable::Malformed),
        })
    }

    fn read(mut bytes: Bytes) -> Option<Publication> {
        let bytes = &mut bytes;
        let version = bytes.try_get_u8().ok()?;
        let node = bytes.try_get_u64().ok()?;
        let first = bytes.try_get_u64().ok()?;
        let (total, capacity) = (bytes.try_get_u64().ok()?, bytes.try_get_u64().ok()?);
        let (last_at, next_sequence) = (Time(bytes.try_get_i64().ok()?), bytes.try_get_u64().ok()?);
        let mut flag = || Some(bytes.try_get_u8().ok()? != 0);
        let (closed, cancelled, full, revised) = (flag()?, flag()?, flag()?, flag()?);
        let sale = match version {
            WITH_SALES.. => {
                let mut count = || bytes.try_get_u64().ok();
                let (sold, held, in_checkout, standing) = (count()?, count()?, count()?, count()?);
                Some(SaleState { sold, held, in_checkout, standing, over: bytes.try_get_u8().ok()? != 0 })
            }
            _ => None,
        };
        let state = LedgerState { total, capacity, last_at, next_sequence, closed, cancelled, full, sale };
        let entries = take_many(bytes, |bytes| {
            let member = MemberId(Uuid::from_u128(bytes.try_get_u128().ok()?));
            let entry = take_entry(bytes, version)?;
            let nickname = std::str::from_utf8(&take_text(bytes)?).ok()?.into();
            Some(Decided { member, nickname, entry, salt: [0; 16] })
        })?;
        let marks = take_many(bytes, |bytes| Some((bytes.try_get_u64().ok()?, state_of(bytes.try_get_u8().ok()?)?)))?;
        let changed = match sale {
            Some(_) => take_many(bytes, |bytes| {
                let member = MemberId(Uuid::from_u128(bytes.try_get_u128().ok()?));
                let at = Time(bytes.try_get_i64().ok()?);
                let after = take_entry(bytes, version)?;
                Some((after.rank, Changed { member, before: after, after, at }))
            })?,
            None => Vec::new(),
        };
        let answers = take_many(bytes, |bytes| {
            let ticket = Ticket { node: bytes.try_get_u64().ok()?, number: bytes.try_get_u64().ok()? };
            let answer = match bytes.try_get_u8().ok()? {
                1 => ClickAnswer::Entered(take_entry(bytes, version)?),
                2 => ClickAnswer::Again(take_entry(bytes, version)?),
                3 => ClickAnswer::Refused(serde_json::from_slice::<Error>(&take_text(bytes)?).ok()?),
                4 => ClickAnswer::PutOff(Time(bytes.try_get_i64().ok()?)),
                _ => return None,
            };
            Some((ticket, answer))
        })?;
        let batch = Batch { entries, marks, changed: changed.into_iter().collect(), ..Batch::default() };
        bytes.is_empty().then_some(Publication { node, first, state, batch, answers, revised })
    }

    /// Who published these bytes, as far as they are a publication: it stands behind the version in every one of them.
    pub fn publisher(mut bytes: &[u8]) -> Option<u64> {
        let version = bytes.try_get_u8().ok()?;
        (version < JSON).then(|| bytes.try_get_u64().ok()).flatten()
    }
}

fn put_entry(bytes: &mut BytesMut, entry: &Entry, version: u8) {
    bytes.put_u64(entry.rank);
    bytes.put_i64(entry.entered_at.0);
    bytes.put_i64(entry.since_open.micros());
    bytes.put_u8(state_code(entry.state));
    if version >= WITH_QUANTITY {
        bytes.put_u32(entry.quantity);
    }
    if version >= WITH_SALES {
        bytes.put_u8(u8::from(entry.fewer) | u8::from(entry.again) << 1);
        bytes.put_u32(entry.units);
        bytes.put_i64(entry.due_at().unwrap_or_default().0);
    }
}

fn take_entry(bytes: &mut Bytes, version: u8) -> Option<Entry> {
    let (rank, entered_at) = (bytes.try_get_u64().ok()?, Time(bytes.try_get_i64().ok()?));
    let (since_open, state) = (Span::from_micros(bytes.try_get_i64().ok()?), state_of(bytes.try_get_u8().ok()?)?);
    let quantity = if version < WITH_QUANTITY { 1 } else { bytes.try_get_u32().ok()? };
    let entry = Entry { quantity, ..Entry::of_one(rank, entered_at, since_open, state) };
    if version < WITH_SALES {
        return Some(entry);
    }
    let flags = bytes.try_get_u8().ok()?;
    let (units, due) = (bytes.try_get_u32().ok()?, Due::at(Time(bytes.try_get_i64().ok()?)));
    Some(Entry { fewer: flags & 1 != 0, again: flags & 2 != 0, units, due, ..entry })
}

fn put_text(bytes: &mut BytesMut, text: &[u8]) {
    bytes.put_u16(text.len() as u16);
    bytes.put_slice(text);
}

fn take_text(bytes: &mut Bytes) -> Option<Bytes> {
    let length = usize::from(bytes.try_get_u16().ok()?);
    (bytes.len() >= length).then(|| bytes.split_to(length))
}

/// As many as their number says, which stands before them.
fn take_many<T>(bytes: &mut Bytes, take: impl Fn(&mut Bytes) -> Option<T>) -> Option<Vec<T>> {
    let count = bytes.try_get_u32().ok()?;
    (0..count).map(|_| take(bytes)).collect()
}

/// What concerns a shard.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ShardNews {
    /// Its sequencer should look at an event's commands.
    Wake(EventId),
    /// Clicks go into this generation of its queue.
    Generation(u64),
    /// No node owns it.
    Free,
}

/// A message in JSON, behind its version.
#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    version: u8,
    message: T,
}

/// What every version of a message begins with.
#[derive(Deserialize)]
struct Head {
    version: u8,
}

/// A message as bytes.
pub(super) fn encode(message: &impl Serialize) -> Bytes {
    // These types have no map with other keys than text and no fallible serializer.
    serde_json::to_vec(&Versioned { version: VERSION, message }).unwrap_or_default().into()
}

/// Reads a message that was written in any version up to `newest`.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8], newest: u8) -> Result<T, Unreadable> {
    let Head { version } = serde_json::from_slice(bytes).map_err(|_| Unreadable::Malformed)?;
    if version > newest {
        return Err(Unreadable::Newer(version));
    }
    let read: Result<Versioned<T>, _> = serde_json::from_slice(bytes);
    read.map(|read| read.message).map_err(|_| Unreadable::Malformed)
}

#[cfg(test)]
mod tests {
    use super::{super::versions::NEWEST, *};
    use model::{EntryError, EntryState};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn clicks_survive_their_way(event: u128, member: u128, stamped_at: i64, node: u64, number: u64, nickname in ".{0,12}", wish: Option<(u32, bool)>, wrong_code: bool) {
            let wish = wish.map(|(quantity, fewer)| Wish { quantity, fewer });
            let click = Click { member: MemberId(Uuid::from_u128(member)), nickname: nickname.into(), stamped_at: Time(stamped_at), wish, wrong_code };
            let sent = Sent { event: EventId(Uuid::from_u128(event)), click, ticket: Ticket { node, number } };
            let bytes = sent.encode();
            let oldest = if wrong_code { WITH_WRONG_CODES } else if wish.is_some() { WITH_SALES } else { VERSION };
            prop_assert_eq!(bytes[0], oldest);
            let read = Sent::decode(bytes, NEWEST).unwrap();
            prop_assert_eq!((read.click.wish, read.click.wrong_code), (wish, wrong_code));
            prop_assert_eq!((read.event, read.ticket, read.click.member), (sent.event, sent.ticket, sent.click.member));
            prop_assert_eq!((read.click.nickname, read.click.stamped_at), (sent.click.nickname, sent.click.stamped_at));
        }

        #[test]
        fn publications_survive_their_way(numbers: [u64; 5], at: i64, flags: [bool; 6], put_off: bool, count in 0..5_u64, quantity in 1..4_u32, nickname in ".{0,12}", sells: bool) {
            let [node, first, total, capacity, next_sequence] = numbers;
            let [closed, cancelled, full, revised, fewer, again] = flags;
            let sale = sells.then_some(SaleState { sold: first, held: total, in_checkout: node, standing: capacity, over: full });
            let state = LedgerState { total, capacity, last_at: Time(at), next_sequence, closed, cancelled, full, sale };
            let entry = |n: u64| {
                let entry = Entry { quantity, ..Entry::of_one(total ^ n, Time(at), Span::from_micros(!at), EntryState::Standby) };
                if sells { Entry { fewer, again, units: quantity, due: Due::at(Time(at)), ..entry } } else { entry }
            };
            let member = |n: u64| MemberId(Uuid::from_u128(n.into()));
            let decided = |n| Decided { member: member(n), nickname: nickname.as_str().into(), entry: entry(n), salt: [7; 16] };
            let entries = (0..count).map(decided).collect();
            let changed = |n| Changed { member: member(n), before: entry(n), after: entry(n), at: Time(at) };
            let changed = if sells { (0..count).map(|n| (total ^ n, changed(n))).collect() } else { Default::default() };
            let batch = Batch { entries, marks: vec![(first, EntryState::Disqualified)], changed, ..Batch::default() };
            let answers = [ClickAnswer::Entered(entry(1)), ClickAnswer::Again(entry(2)), ClickAnswer::Refused(EntryError::TooEarly { early: Span::from_micros(at) }.into())];
            let answers = answers.into_iter().chain(put_off.then_some(ClickAnswer::PutOff(Time(at))));
            let answers = answers.map(|answer| (Ticket { node, number: first }, answer)).collect();
            let sent = Publication { node, first, state, batch, answers, revised };
            let bytes = sent.encode();
            prop_assert_eq!(Publication::publisher(&bytes), Some(node));
            let oldest = if sells { WITH_SALES } else if put_off { WITH_PUT_OFF } else if quantity == 1 { VERSION } else { WITH_QUANTITY };
            prop_assert_eq!(bytes[0], oldest);
            let cut = bytes.slice(..bytes.len() - 1);
            prop_assert_eq!(Publication::decode(cut, NEWEST).unwrap().err(), Some(Unreadable::Malformed));
            if sells {
                // Older nodes leave it, and read the event anew.
                let older = Publication::decode(bytes.clone(), WITH_QUANTITY).unwrap().err();
                prop_assert_eq!(older, Some(Unreadable::Newer(WITH_SALES)));
            }
            let mut read = Publication::decode(bytes, NEWEST).unwrap().unwrap();
            for decided in &mut read.batch.entries {
                decided.salt = [7; 16];
            }
            prop_assert_eq!(format!("{read:?}"), format!("{sent:?}"));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(mut bytes: Vec<u8>) {
            let _ = Sent::decode(Bytes::from(bytes.clone()), NEWEST);
            for version in [VERSION, NEWEST] {
                bytes.insert(0, version);
                let _ = Sent::decode(Bytes::from(bytes.clone()), NEWEST);
                let _ = Publication::decode(Bytes::from(bytes.clone()), NEWEST);
            }
        }
    }

    #[test]
    fn what_a_newer_node_wrote_is_told_from_what_nobody_wrote() {
        let click = Click {
            member: MemberId(Uuid::nil()),
            nickname: "수달".into(),
            stamped_at: Time(5),
            wish: Some(Wish::default()),
            wrong_code: true,
        };
        let sent = Sent { event: EventId(Uuid::nil()), click, ticket: Ticket { node: 1, number: 2 } };
        let newer = |bytes: Bytes| [&[NEWEST + 1], &bytes[1..]].concat();
        let bytes = Bytes::from(newer(sent.encode()));
        assert_eq!(Sent::decode(bytes.clone(), NEWEST).err(), Some(Unreadable::Newer(NEWEST + 1)));
        // As that node reads it.
        assert_eq!(Sent::decode(bytes, NEWEST + 1).unwrap().ticket, sent.ticket);
        assert_eq!(Sent::decode(sent.encode().slice(..20), NEWEST).err(), Some(Unreadable::Malformed));
        assert_eq!(Sent::decode(Bytes::new(), NEWEST).err(), Some(Unreadable::Malformed));

        let state = LedgerState {
            total: 0,
            capacity: 1,
            last_at: Time(0),
            next_sequence: 0,
            closed: false,
            cancelled: false,
            full: false,
            sale: None,
        };
        let publication =
            Publication { node: 9, first: 0, state, batch: Batch::default(), answers: vec![], revised: true };
        let bytes = Bytes::from(newer(publication.encode()));
        assert_eq!(Publication::publisher(&bytes), Some(9));
        assert_eq!(Publication::decode(bytes, NEWEST).unwrap().err(), Some(Unreadable::Newer(NEWEST + 1)));

        let message = encode(&ShardNews::Wake(EventId(Uuid::nil())));
        assert!(Publication::decode(message.clone(), NEWEST).is_none(), "JSON is no publication");
        assert!(matches!(decode(&message, NEWEST), Ok(ShardNews::Wake(_))));
        let future = br#"{"version":200,"message":{"Split":{"into":2}},"more":true}"#;
        assert_eq!(decode::<ShardNews>(future, NEWEST).err(), Some(Unreadable::Newer(200)));
        assert_eq!(decode::<ShardNews>(br#"{"version":1,"message":"Fre"}"#, NEWEST).err(), Some(Unreadable::Malformed));
        assert_eq!(decode::<ShardNews>(b"\"Free\"", NEWEST).err(), Some(Unreadable::Malformed));
    }
}
