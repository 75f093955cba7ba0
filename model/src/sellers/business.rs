//! The business that somebody sells as. All of it is shown wherever one buys from them.

use crate::{FieldError, FormErrors, Time, text};
use serde::{Deserialize, Serialize};

/// A business as its owner typed it.
#[derive(Debug, Clone, Copy, Default)]
pub struct BusinessForm<'a> {
    /// Ten digits, in any usual writing.
    pub number: &'a str,
    /// What it is called.
    pub company: &'a str,
    /// Who represents it, as registered.
    pub representative: &'a str,
    /// The day of its opening, as registered: `2024-03-02`.
    pub opened: &'a str,
    /// Where it is.
    pub address: &'a str,
    /// The number of its report as a mail-order business.
    pub mail_order: &'a str,
    /// Where customers write.
    pub email: &'a str,
    /// Where customers call.
    pub phone: &'a str,
}

/// A business as it is asked about and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessDraft {
    /// Ten digits.
    pub number: String,
    /// What it is called.
    pub company: String,
    /// Who represents it.
    pub representative: String,
    /// The day of its opening: `2024-03-02`.
    pub opened: String,
    /// Where it is.
    pub address: String,
    /// The number of its report as a mail-order business.
    pub mail_order: String,
    /// Where customers write.
    pub email: String,
    /// Where customers call.
    pub phone: String,
}

impl BusinessForm<'_> {
    /// Checks what was typed at `now`.
    ///
    /// # Errors
    /// What is wrong with each field; [`FieldError::CheckDigit`] for a number with a slip in it.
    pub fn check(&self, now: Time) -> Result<BusinessDraft, FormErrors> {
        let mut errors = FormErrors::default();
        let draft = BusinessDraft {
            number: errors.check("number", text::business_number(self.number)).unwrap_or_default(),
            company: errors.check("company", text::line(self.company, 1, 50)).unwrap_or_default(),
            representative: errors.check("representative", text::line(self.representative, 2, 30)).unwrap_or_default(),
            opened: errors.check("opened", day(self.opened, now)).unwrap_or_default(),
            address: errors.check("address", text::line(self.address, 5, 100)).unwrap_or_default(),
            mail_order: errors.check("mail_order", text::line(self.mail_order, 2, 40)).unwrap_or_default(),
            email: errors.check("email", text::email(self.email)).unwrap_or_default(),
            phone: errors.check("phone", text::contact_number(self.phone)).unwrap_or_default(),
        };
        if errors.0.is_empty() { Ok(draft) } else { Err(errors) }
    }
}

/// A day that is over or goes on, as it is kept. Some businesses are older than [`Time`] counts.
fn day(typed: &str, now: Time) -> Result<String, FieldError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(FieldError::Required);
    }
    let parts: Option<Vec<i64>> = typed.split('-').map(|part| part.parse().ok()).collect();
    let Some(&[year, month, day]) = parts.as_deref() else { return Err(FieldError::Invalid) };
    // The calendar repeats itself after 400 years.
    let is_a_day = (1850..=9000).contains(&year) && Time::from_civil(year + 400, month, day, 0, 0, 0).is_some();
    let today = now.civil();
    if is_a_day && (year, month, day) <= (today.year, today.month, today.day) {
        Ok(format!("{year:04}-{month:02}-{day:02}"))
    } else {
        Err(FieldError::Invalid)
    }
}

/// A business as everybody sees it who may buy from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// Ten digits.
    pub number: String,
    /// What it is called.
    pub company: String,
    /// Who represents it.
    pub representative: String,
    /// The day of its opening, as `2024-03-02`.
    pub opened: String,
    /// Where it is.
    pub address: String,
    /// The number of its report as a mail-order business.
    pub mail_order: String,
    /// Where customers write.
    pub email: String,
    /// Where customers call.
    pub phone: String,
    /// By whom it was checked.
    pub checked: CheckKind,
    /// When.
    pub checked_at: Time,
    /// Whether it was found closed since.
    pub closed: bool,
}

impl Business {
    /// Its number as people write it: `124-81-00998`.
    pub fn number_shown(&self) -> String {
        match (self.number.get(..3), self.number.get(3..5), self.number.get(5..)) {
            (Some(office), Some(kind), Some(rest)) => format!("{office}-{kind}-{rest}"),
            _ => self.number.clone(),
        }
    }
}

/// Who checks businesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum CheckKind {
    /// The national tax service.
    TaxService,
    /// Nobody: for trying things out, where no money moves.
    Practice,
}

/// What the page of one's own business shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessPage {
    /// What was checked last.
    pub business: Option<Business>,
    /// Who checks here; `None` where nobody does, and nothing is sold.
    pub check: Option<CheckKind>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_checked() {
        let now = Time::from_civil(2026, 11, 26, 12, 0, 0).unwrap();
        let typed = BusinessForm {
            number: "124-81-00998",
            company: "수달상점",
            representative: "김수달",
            opened: "2024-03-02",
            address: "서울 성동구 왕십리로 59",
            mail_order: "2024-서울성동-0059",
            email: "otter@example.com",
            phone: "02-123-4567",
        };
        let draft = typed.check(now).unwrap();
        assert_eq!((draft.number.as_str(), draft.opened.as_str()), ("1248100998", "2024-03-02"));
        let wrong = |typed: BusinessForm| typed.check(now).unwrap_err().0;
        assert_eq!(
            wrong(BusinessForm { number: "124-81-00999", ..typed }),
            [("number".into(), FieldError::CheckDigit)]
        );
        for opened in ["2026-11-27", "2024-02-30", "gestern", "2024-03-02T10:00"] {
            assert_eq!(wrong(BusinessForm { opened, ..typed }), [("opened".into(), FieldError::Invalid)], "{opened}");
        }
        for opened in ["2026-11-26", "1969-01-13"] {
            assert_eq!(BusinessForm { opened, ..typed }.check(now).unwrap().opened, opened);
        }
        let nothing = wrong(BusinessForm::default());
        assert_eq!(nothing.len(), 8);
        assert!(nothing.iter().all(|(_, error)| *error == FieldError::Required), "{nothing:?}");
    }
}
