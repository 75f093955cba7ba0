//! What a leader writes.

use super::{MEETS_FOR, MEETS_WITHIN, MOST_SHARES, Meeting, PRICE_UP_TO};
use crate::{Error, FieldError, FormErrors, ItemId, MarketId, Time, text};

/// A party as its form sends it.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)]
pub struct PartyForm<'a> {
    pub market: &'a str,
    pub item: &'a str,
    pub quantity: &'a str,
    pub unit: &'a str,
    pub total: &'a str,
    pub wanted: &'a str,
    pub own: &'a str,
    pub least: &'a str,
    /// Anything but nothing: whoever asks is taken.
    pub automatic: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    pub note: &'a str,
}

/// A party as it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyDraft {
    /// Where.
    pub market: MarketId,
    /// What.
    pub item: ItemId,
    /// How much of it, 1 to 9,999.
    pub quantity: u32,
    /// Of what: 1 to 20 characters, such as "5L 병".
    pub unit: String,
    /// What it will cost in all, in whole won.
    pub total: i64,
    /// Into how many shares it is cut, 2 to [`MOST_SHARES`].
    pub wanted: u32,
    /// How many of them are the leader's own.
    pub own: u32,
    /// With fewer shares taken it does not take place.
    pub least: u32,
    /// Whether whoever asks is taken.
    pub automatic: bool,
    /// When they meet.
    pub meets: Meeting,
    /// At most 500 characters.
    pub note: String,
}

impl PartyForm<'_> {
    /// What was typed, when all of it may be.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that may not.
    pub fn check(&self, now: Time) -> Result<PartyDraft, Error> {
        let mut errors = FormErrors::default();
        let market = errors.check("market", id(self.market));
        let item = errors.check("item", id(self.item));
        let quantity = errors.check("quantity", text::number(self.quantity, 1, 9_999));
        let unit = errors.check("unit", text::line(self.unit, 1, 20));
        let total = errors.check("total", text::number(self.total, 100, PRICE_UP_TO));
        let wanted = errors.check("wanted", text::number(self.wanted, 2, MOST_SHARES.into()));
        let most = wanted.unwrap_or(MOST_SHARES.into());
        // Somebody else is to have one.
        let own = errors.check("own", text::number(or(self.own, "1"), 1, most - 1));
        let least = errors.check("least", text::number(or(self.least, "2"), 2, most));
        let meets = meeting(self.from, self.to, now, &mut errors);
        let note = errors.check("note", text::paragraph(self.note, 0, 500));
        errors.into_result()?;
        let draft = || {
            Some(PartyDraft {
                market: market?,
                item: item?,
                quantity: quantity? as u32,
                unit: unit?,
                total: total?,
                wanted: wanted? as u32,
                own: own? as u32,
                least: least? as u32,
                automatic: !self.automatic.is_empty(),
                meets: meets?,
                note: note?,
            })
        };
        draft().ok_or(Error::Malformed)
    }
}

/// A meeting as it is typed, Korea time; what is wrong is noted under `from` and `to`.
pub(super) fn meeting(from: &str, to: &str, now: Time, errors: &mut FormErrors) -> Option<Meeting> {
    let from = errors.check("from", text::local_time(from));
    let to = errors.check("to", text::local_time(to));
    let meeting = Meeting { from: from?, to: to? };
    for (field, error) in meeting.wrong(now) {
        errors.add(field, error);
    }
    Some(meeting)
}

impl Meeting {
    /// From what was typed.
    ///
    /// # Errors
    /// [`Error::Invalid`] for times that may not be.
    pub fn typed(from: &str, to: &str, now: Time) -> Result<Meeting, Error> {
        let mut errors = FormErrors::default();
        let meeting = meeting(from, to, now, &mut errors);
        errors.into_result()?;
        meeting.ok_or(Error::Malformed)
    }

    /// What may not be of it: it lies ahead, at most 30 days, and lasts half a day at most.
    fn wrong(self, now: Time) -> Vec<(&'static str, FieldError)> {
        let mut wrong = Vec::new();
        if self.from <= now {
            wrong.push(("from", FieldError::InPast));
        } else if self.from > now + MEETS_WITHIN {
            wrong.push(("from", FieldError::OutOfRange { min: 0, max: MEETS_WITHIN / crate::DAY }));
        }
        if self.to <= self.from {
            wrong.push(("to", FieldError::NotAfter));
        } else if self.to - self.from > MEETS_FOR {
            wrong.push(("to", FieldError::OutOfRange { min: 0, max: MEETS_FOR / crate::HOUR }));
        }
        wrong
    }
}

fn or<'a>(typed: &'a str, otherwise: &'a str) -> &'a str {
    if typed.trim().is_empty() { otherwise } else { typed }
}

fn id<T: std::str::FromStr>(typed: &str) -> Result<T, FieldError> {
    if typed.trim().is_empty() { Err(FieldError::Required) } else { typed.parse().map_err(|_| FieldError::Invalid) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DAY, HOUR, MINUTE};

    const NOW: Time = Time(1_795_604_400_000_000);

    fn local(time: Time) -> String {
        time.to_local()
    }

    fn check(change: impl FnOnce(&mut PartyForm<'_>), from: Time, to: Time) -> Result<PartyDraft, Error> {
        let (from, to) = (local(from), local(to));
        let mut form = PartyForm {
            market: "01M807MNGSETC8MZPA7YPV075M",
            item: "01M807MNGSETC8MZPA7YPV075N",
            quantity: "4",
            unit: "5L 통",
            total: "35,600",
            wanted: "4",
            from: &from,
            to: &to,
            ..PartyForm::default()
        };
        change(&mut form);
        form.check(NOW)
    }

    fn wrong(field: &str, error: FieldError) -> Result<PartyDraft, Error> {
        let mut errors = FormErrors::default();
        errors.add(field, error);
        Err(Error::Invalid { fields: errors })
    }

    #[test]
    fn what_may_be_is_taken() {
        let draft = check(|_| {}, NOW + HOUR, NOW + 2 * HOUR).unwrap();
        assert_eq!((draft.total, draft.wanted, draft.own, draft.least, draft.automatic), (35_600, 4, 1, 2, false));
        assert!(check(|form| form.wanted = "2", NOW + MINUTE, NOW + 2 * MINUTE).is_ok());
        assert!(check(|form| form.wanted = "20", NOW + 30 * DAY, NOW + 30 * DAY + 12 * HOUR).is_ok());
    }

    #[test]
    fn what_may_not_be_is_refused_by_field() {
        let range = |min, max| FieldError::OutOfRange { min, max };
        let (from, to) = (NOW + HOUR, NOW + 2 * HOUR);
        for wanted in ["1", "21"] {
            assert_eq!(check(|form| form.wanted = wanted, from, to), wrong("wanted", range(2, 20)), "{wanted}");
        }
        assert_eq!(check(|form| form.own = "4", from, to), wrong("own", range(1, 3)));
        assert_eq!(check(|form| form.least = "5", from, to), wrong("least", range(2, 4)));
        assert_eq!(check(|form| form.unit = "\u{200B}", from, to), wrong("unit", FieldError::Required));
        assert_eq!(check(|form| form.market = "x", from, to), wrong("market", FieldError::Invalid));
        assert_eq!(check(|form| form.total = "99", from, to), wrong("total", range(100, 100_000_000)));
        assert_eq!(check(|_| {}, NOW, to), wrong("from", FieldError::InPast));
        assert_eq!(check(|_| {}, NOW - DAY, to - DAY), wrong("from", FieldError::InPast));
        let late = NOW + 30 * DAY + MINUTE;
        assert_eq!(check(|_| {}, late, late + HOUR), wrong("from", range(0, 30)));
        assert_eq!(check(|_| {}, to, from), wrong("to", FieldError::NotAfter));
        assert_eq!(check(|_| {}, from, from + 12 * HOUR + MINUTE), wrong("to", range(0, 12)));
    }
}
