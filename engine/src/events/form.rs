//! The creator's form for an event: from typed text to a checked draft.

use super::sale::{DEAL_LASTS, SaleForm};
use model::{
    Category, DAY, Error, EventDraft, FieldError, FormErrors, MINUTE, Offer, Prize, PrizeKind, Span, Time, text,
};

/// How far ahead an event may open.
const HORIZON: Span = DAY.times(365);
// A deal is never asked to be open in hours that are not sold yet.
const _: () = assert!(HORIZON.micros() + DEAL_LASTS.micros() == model::slots::HORIZON.micros());
/// The most prizes of one giveaway.
const MAX_PRIZES: usize = 10;
/// The most winners of one giveaway.
const MAX_WINNERS: i64 = 100_000;

/// As typed, field by field.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct EventForm {
    pub title: String,
    pub summary: String,
    pub description: String,
    pub category: String,
    pub opens_at: String,
    pub closes_at: String,
    pub entry_code: String,
    pub rules: String,
    /// Name, kind and winners of each prize; rows left empty are passed over.
    pub prizes: Vec<(String, String, String)>,
    /// How many win the last prize, once the event has opened.
    pub last_winners: String,
    /// What is sold, unless it is a giveaway.
    pub sale: SaleForm,
}

impl EventForm {
    /// Checks every field; all errors at once. `code` is the entry code that the event has: shorter ones were once taken, and stay.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] names the fields that are wrong.
    pub fn check(&self, now: Time, code: Option<&str>) -> Result<EventDraft, Error> {
        let mut errors = FormErrors::default();
        let title = errors.check("title", text::line(&self.title, 2, 80));
        let summary = errors.check("summary", text::line(&self.summary, 0, 120));
        let description = errors.check("description", text::paragraph(&self.description, 0, 20_000));
        let category = errors.check("category", Category::named(&self.category).ok_or(FieldError::Required));
        let offer = self.offer(&mut errors, now);
        let opens_at = errors.check("opens_at", text::local_time(&self.opens_at));
        let closes_at = errors.check("closes_at", text::local_time(&self.closes_at));
        if let Some(opens_at) = opens_at {
            if opens_at <= now {
                errors.add("opens_at", FieldError::InPast);
            } else if opens_at > now + HORIZON {
                errors.add("opens_at", FieldError::OutOfRange { min: 0, max: HORIZON / DAY });
            }
            if let Some(closes_at) = closes_at
                && !(opens_at + MINUTE..=opens_at + HORIZON).contains(&closes_at)
            {
                errors.add("closes_at", FieldError::NotAfter);
            } else if matches!(offer, Some(Offer::Deal { .. }))
                && closes_at.is_some_and(|at| at > opens_at + DEAL_LASTS)
            {
                errors.add("closes_at", FieldError::OutOfRange { min: 1, max: DEAL_LASTS / DAY });
            }
        }
        let entry_code = errors.check("entry_code", self.code(code));
        let rules = errors.check("rules", text::paragraph(&self.rules, 0, 2000));
        errors.into_result()?;
        let draft = (|| {
            Some(EventDraft {
                title: title?,
                summary: summary?,
                description: description?,
                category: category?,
                opens_at: opens_at?,
                closes_at: closes_at?,
                entry_code: entry_code?,
                rules: rules?,
                offer: offer?,
            })
        })();
        draft.ok_or(Error::Malformed)
    }

    /// Checks what a draft needs: a title, and nothing wrong in what else was typed. `proposed` stands for an opening that was
    /// not.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] names the fields that are wrong.
    pub fn check_draft(&self, proposed: Time, code: Option<&str>) -> Result<EventDraft, Error> {
        let mut errors = FormErrors::default();
        let title = errors.check("title", text::line(&self.title, 2, 80));
        let summary = errors.check("summary", text::line(&self.summary, 0, 120));
        let description = errors.check("description", text::paragraph(&self.description, 0, 20_000));
        let category = Category::named(&self.category).unwrap_or(Category::Other);
        let time = |typed: &str| (!typed.trim().is_empty()).then(|| text::local_time(typed)).transpose();
        let opens_at = errors.check("opens_at", time(&self.opens_at)).flatten().unwrap_or(proposed);
        let closes_at = errors.check("closes_at", time(&self.closes_at)).flatten().unwrap_or(opens_at + 10 * MINUTE);
        let entry_code = errors.check("entry_code", self.code(code));
        let rules = errors.check("rules", text::paragraph(&self.rules, 0, 2000));
        let offer = self.drafted(&mut errors, closes_at);
        errors.into_result()?;
        let draft = (|| {
            Some(EventDraft {
                title: title?,
                summary: summary?,
                description: description?,
                category,
                opens_at,
                closes_at,
                entry_code: entry_code?,
                rules: rules?,
                offer,
            })
        })();
        draft.ok_or(Error::Malformed)
    }

    /// The entry code; the one that the event has stays, however short.
    fn code(&self, before: Option<&str>) -> Result<Option<String>, FieldError> {
        match before.filter(|code| text::same_code(&self.entry_code, code)) {
            Some(code) => Ok(Some(code.to_owned())),
            None => text::entry_code(&self.entry_code),
        }
    }

    /// The prizes of a draft, as far as they were typed.
    pub(super) fn drafted_prizes(&self, errors: &mut FormErrors) -> Vec<Prize> {
        let mut prizes = Vec::new();
        for (name, kind, winners) in self.typed_prizes().take(MAX_PRIZES) {
            let name = errors.check("prizes", text::line(name, 0, 60)).unwrap_or_default();
            let winners = match winners.trim() {
                "" => 0,
                winners => errors.check("prizes", text::number(winners, 0, MAX_WINNERS)).unwrap_or_default(),
            };
            prizes.push(Prize { name, kind: prize_kind(kind), winners: winners as u64 });
        }
        prizes
    }

    /// The rows of prizes in which something was typed.
    fn typed_prizes(&self) -> impl Iterator<Item = &(String, String, String)> {
        self.prizes.iter().filter(|(name, _, winners)| !(text::key(name).is_empty() && text::key(winners).is_empty()))
    }

    /// Checks what may still be changed of an event that has opened: text, and more winners of the last prize.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] names the fields that are wrong or frozen by now.
    pub fn check_opened(&self, before: &EventDraft) -> Result<EventDraft, Error> {
        let mut errors = FormErrors::default();
        let title = errors.check("title", text::line(&self.title, 2, 80));
        let summary = errors.check("summary", text::line(&self.summary, 0, 120));
        let description = errors.check("description", text::paragraph(&self.description, 0, 20_000));
        let rules = errors.check("rules", text::paragraph(&self.rules, 0, 2000));
        // A form from before the opening has more fields: rather refused than half of it passed over.
        for (name, typed, is) in
            [("opens_at", &self.opens_at, before.opens_at), ("closes_at", &self.closes_at, before.closes_at)]
        {
            if !typed.is_empty() && text::local_time(typed) != Ok(is) {
                errors.add(name, FieldError::Frozen);
            }
        }
        if !self.prizes.is_empty() && (Offer::Giveaway { prizes: self.prizes(&mut errors) }) != before.offer {
            errors.add("prizes", FieldError::Frozen);
        }
        let mut offer = self.sale.opened(&before.offer, &mut errors);
        if let Offer::Giveaway { prizes } = &mut offer
            && !text::key(&self.last_winners).is_empty()
        {
            let others: u64 = prizes.iter().rev().skip(1).map(|prize| prize.winners).sum();
            if let Some(last) = prizes.last_mut() {
                let range = (last.winners as i64, MAX_WINNERS.saturating_sub(others as i64));
                let winners = errors.check("last_winners", text::number(&self.last_winners, range.0, range.1));
                last.winners = winners.map_or(last.winners, |winners| winners as u64);
            }
        }
        // Checked apart from the form's own rules: a prize never changes once people have entered for it.
        if !offer.extends(&before.offer) {
            errors.add("last_winners", FieldError::Frozen);
        }
        errors.into_result()?;
        let draft = (|| {
            let (title, summary, description, rules) = (title?, summary?, description?, rules?);
            Some(EventDraft { title, summary, description, rules, offer, ..before.clone() })
        })();
        draft.ok_or(Error::Malformed)
    }

    pub(super) fn prizes(&self, errors: &mut FormErrors) -> Vec<Prize> {
        let typed: Vec<_> = self.typed_prizes().collect();
        if typed.is_empty() {
            errors.add("prizes", FieldError::Required);
        }
        if typed.len() > MAX_PRIZES {
            errors.add("prizes", FieldError::TooLong { max: MAX_PRIZES as u64 });
        }
        let mut prizes = Vec::new();
        for (name, kind, winners) in typed.into_iter().take(MAX_PRIZES) {
            let name = errors.check("prizes", text::line(name, 1, 60));
            let winners = errors.check("prizes", text::number(winners, 1, MAX_WINNERS));
            let kind = prize_kind(kind);
            if let (Some(name), Some(winners)) = (name, winners) {
                prizes.push(Prize { name, kind, winners: winners as u64 });
            }
        }
        if prizes.iter().map(|prize| prize.winners).sum::<u64>() > MAX_WINNERS as u64 {
            errors.add("prizes", FieldError::OutOfRange { min: 1, max: MAX_WINNERS });
        }
        prizes
    }
}

fn prize_kind(name: &str) -> PrizeKind {
    if name == "coupon" { PrizeKind::Coupon } else { PrizeKind::Goods }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_795_258_800_000_000);

    fn good() -> EventForm {
        EventForm {
            title: "따끈한 겨울 머그".into(),
            category: "living".into(),
            opens_at: (NOW + model::HOUR).to_local(),
            closes_at: (NOW + 2 * model::HOUR).to_local(),
            prizes: vec![("원두".into(), "goods".into(), "5".into()), (String::new(), "goods".into(), String::new())],
            ..EventForm::default()
        }
    }

    fn wrong(change: impl FnOnce(&mut EventForm)) -> (String, FieldError) {
        let mut form = good();
        change(&mut form);
        match form.check(NOW, None) {
            Err(Error::Invalid { fields }) => fields.0[0].clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_good_form_makes_a_draft() {
        let draft = good().check(NOW, None).unwrap();
        assert_eq!((draft.offer.capacity(), draft.opens_at), (5, NOW + model::HOUR));
    }

    #[test]
    fn a_draft_needs_a_title_and_what_else_was_typed_stays() {
        let opens_at = NOW + model::DAY;
        let title = EventForm { title: "따끈한 겨울 머그".into(), ..EventForm::default() };
        let draft = title.check_draft(opens_at, None).unwrap();
        assert_eq!((draft.offer.capacity(), draft.opens_at, draft.closes_at), (0, opens_at, opens_at + 10 * MINUTE));
        assert!(
            matches!(title.check(NOW, None), Err(Error::Invalid { fields }) if fields.0.len() == 4),
            "to publish it"
        );
        // Half a row, and an opening that has passed: that is for publishing to say.
        let mut form = EventForm { opens_at: (NOW - model::DAY).to_local(), ..title.clone() };
        form.prizes = vec![("원두".into(), "coupon".into(), String::new())];
        let draft = form.check_draft(opens_at, None).unwrap();
        let prizes = vec![Prize { name: "원두".into(), kind: PrizeKind::Coupon, winners: 0 }];
        assert_eq!((draft.offer, draft.opens_at), (Offer::Giveaway { prizes }, NOW - model::DAY));
        for wrong in [
            EventForm { title: " ".into(), ..title.clone() },
            EventForm { opens_at: "soon".into(), ..title.clone() },
            EventForm { summary: "가".repeat(121), ..title.clone() },
        ] {
            assert!(matches!(wrong.check_draft(opens_at, None), Err(Error::Invalid { fields }) if fields.0.len() == 1));
        }
    }

    #[test]
    fn a_short_code_from_before_stays() {
        let form = |code: &str| EventForm { entry_code: code.into(), ..good() };
        assert_eq!(form("a b").check(NOW, Some("AB")).unwrap().entry_code.as_deref(), Some("AB"));
        assert!(form("ac").check(NOW, Some("AB")).is_err());
        assert_eq!(form("").check(NOW, Some("AB")).unwrap().entry_code, None);
        assert_eq!(form("겨울 머그").check(NOW, None).unwrap().entry_code.as_deref(), Some("겨울머그"));
    }

    #[test]
    fn once_it_has_opened_only_text_changes_and_winners_are_added() {
        let before = good().check(NOW, None).unwrap();
        let mut form = good();
        (form.title, form.last_winners) = ("식은 겨울 머그".into(), "7".into());
        let after = form.check_opened(&before).unwrap();
        assert_eq!(
            (after.title.as_str(), after.opens_at, after.offer.capacity()),
            ("식은 겨울 머그", before.opens_at, 7)
        );
        assert!(after.offer.extends(&before.offer));
        form.last_winners = "4".into();
        assert!(matches!(form.check_opened(&before), Err(Error::Invalid { .. })), "never fewer");
        // A form that was loaded before the opening is not half taken.
        let late = EventForm { opens_at: (NOW + 2 * model::HOUR).to_local(), ..good() };
        assert!(matches!(late.check_opened(&before), Err(Error::Invalid { .. })));
        let late = EventForm { prizes: vec![("원두".into(), "goods".into(), "9".into())], ..good() };
        assert!(matches!(late.check_opened(&before), Err(Error::Invalid { .. })));
    }

    #[test]
    fn each_bad_field_says_why() {
        assert_eq!(wrong(|f| f.title = "a".into()), ("title".into(), FieldError::TooShort { min: 2 }));
        assert_eq!(wrong(|f| f.summary = "가".repeat(121)), ("summary".into(), FieldError::TooLong { max: 120 }));
        assert_eq!(wrong(|f| f.category = "weapons".into()), ("category".into(), FieldError::Required));
        assert_eq!(wrong(|f| f.opens_at = NOW.to_local()), ("opens_at".into(), FieldError::InPast));
        assert_eq!(wrong(|f| f.closes_at = NOW.to_local()), ("closes_at".into(), FieldError::NotAfter));
        assert_eq!(wrong(|f| f.closes_at = "soon".into()), ("closes_at".into(), FieldError::Invalid));
        assert_eq!(wrong(|f| f.prizes.clear()), ("prizes".into(), FieldError::Required));
        let zero = wrong(|f| f.prizes[0].2 = "0".into());
        assert_eq!(zero, ("prizes".into(), FieldError::OutOfRange { min: 1, max: MAX_WINNERS }));
        assert_eq!(wrong(|f| f.entry_code = "abc".into()), ("entry_code".into(), FieldError::TooShort { min: 4 }));
    }
}
