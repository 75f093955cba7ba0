//! What may be written, and when.

use crate::{DAY, FieldError, FormErrors, Time, text};

/// The most characters of a review or of an answer.
pub const LONGEST: u64 = 1_000;
/// The most pictures of a review.
pub const MAX_PICTURES: usize = 3;

/// From when on whoever had a ticket may review it: the day that it began is over, in Korea.
pub fn reviewable_from(starts_at: Time) -> Time {
    starts_at.midnight() + DAY
}

/// What somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewDraft {
    /// 1 to 5.
    pub stars: u8,
    /// Several lines.
    pub text: String,
}

impl ReviewDraft {
    /// Checks what was typed: 1 to 5 stars, and 2 to [`LONGEST`] characters.
    ///
    /// # Errors
    /// What is wrong with `stars` and `text`.
    pub fn check(stars: &str, typed: &str) -> Result<ReviewDraft, FormErrors> {
        let mut errors = FormErrors::default();
        let stars = errors.check("stars", text::number(stars, 1, 5));
        let text = errors.check("text", text::paragraph(typed, 2, LONGEST));
        stars.zip(text).map(|(stars, text)| ReviewDraft { stars: stars as u8, text }).ok_or(errors)
    }
}

/// What a seller answers: 2 to [`LONGEST`] characters.
///
/// # Errors
/// What is wrong with `answer`.
pub fn answer(typed: &str) -> Result<String, FormErrors> {
    let mut errors = FormErrors::default();
    let answer: Result<String, FieldError> = text::paragraph(typed, 2, LONGEST);
    errors.check("answer", answer).ok_or(errors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_words_are_checked_together() {
        let wrong = |stars: &str, text: &str| ReviewDraft::check(stars, text).unwrap_err().0;
        let named = |field: &str, error| (field.to_owned(), error);
        assert_eq!(wrong("", ""), [named("stars", FieldError::Required), named("text", FieldError::Required)]);
        for stars in ["0", "6", "-1"] {
            assert_eq!(wrong(stars, "좋아요"), [named("stars", FieldError::OutOfRange { min: 1, max: 5 })], "{stars}");
        }
        assert_eq!(wrong("4.5", "좋아요"), [named("stars", FieldError::Invalid)]);
        assert_eq!(wrong("5", "\u{200B}\u{3164}"), [named("text", FieldError::Required)]);
        assert_eq!(wrong("5", &"가".repeat(1_001)), [named("text", FieldError::TooLong { max: 1_000 })]);
        let draft = ReviewDraft::check("５", " 첫 줄\r\n둘째 줄 ").unwrap();
        assert_eq!((draft.stars, draft.text.as_str()), (5, "첫 줄\n둘째 줄"));
        assert_eq!(answer(" ").unwrap_err().0, [named("answer", FieldError::Required)]);
        assert_eq!(answer("고맙습니다"), Ok("고맙습니다".to_owned()));
    }

    proptest! {
        /// Whenever it begins, its day is over after it began, and not more than a day later.
        #[test]
        fn a_day_is_over_within_a_day(at in 0i64..4_000_000_000_000_000) {
            let (begins, over) = (Time(at), reviewable_from(Time(at)));
            prop_assert!(over > begins && over <= begins + DAY);
            prop_assert_eq!(over, over.midnight());
        }
    }
}
