//! What people may type, field by field. Each function returns the value as it is kept, or why it is not taken.
//!
//! [`seen`] says what of a text is kept and how long it is, [`compare`] when two texts are the same to people. Only the server uses
//! these: the browser splits by what it has itself ([`counted`]), and is spared the tables.

mod business;
mod compare;
mod given;
mod hidden;
mod initials;
mod password;
mod phone;
mod seen;

pub use business::{business_number, check_digit, contact_number};
pub use compare::{key, password_form, same_code};
pub use given::{file_name, is_formula};
pub use hidden::counted;
pub use initials::{are_initials, initials};
pub use password::password;
pub use phone::phone;
pub use seen::length;

use crate::{FieldError, Time};
use compare::{code, narrow};
use seen::seen;

/// The fewest characters of an entry code: shorter ones are found by trying. Kept ones that are shorter still let people in.
pub const MIN_CODE: u64 = 4;

fn within(text: &str, min: u64, max: u64) -> Result<(), FieldError> {
    let count = length(text);
    if count == 0 && min > 0 {
        Err(FieldError::Required)
    } else if count < min {
        Err(FieldError::TooShort { min })
    } else if count > max {
        Err(FieldError::TooLong { max })
    } else {
        Ok(())
    }
}

/// One line of text: as it is seen, white space folded.
///
/// # Errors
/// [`FieldError::Required`] where nothing readable is left, [`FieldError::TooShort`] or [`FieldError::TooLong`].
pub fn line(text: &str, min: u64, max: u64) -> Result<String, FieldError> {
    let one: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let clean = seen(&one).split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    within(&clean, min, max)?;
    Ok(clean)
}

/// Several lines of text, as they are seen.
///
/// # Errors
/// As [`line`].
pub fn paragraph(text: &str, min: u64, max: u64) -> Result<String, FieldError> {
    let lines = text.replace("\r\n", "\n");
    let breaks = |c| matches!(c, '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let lines: String = lines.chars().map(|c| if breaks(c) { '\n' } else { c }).collect();
    let clean = seen(&lines).trim().to_owned();
    within(&clean, min, max)?;
    Ok(clean)
}

/// An email address, in lower case: one `@`, a name before it and a dotted host behind it, at most 254 bytes.
///
/// # Errors
/// [`FieldError::Required`], [`FieldError::TooLong`] or [`FieldError::Invalid`].
pub fn email(text: &str) -> Result<String, FieldError> {
    let email = seen(&narrow(text).to_lowercase());
    if email.is_empty() {
        return Err(FieldError::Required);
    }
    if email.len() > 254 {
        return Err(FieldError::TooLong { max: 254 });
    }
    let (name, host) = email.split_once('@').ok_or(FieldError::Invalid)?;
    let labels: Vec<_> = host.split('.').collect();
    let label_ok = |label: &&str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name_ok = !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
    if name_ok && labels.len() >= 2 && labels.iter().all(label_ok) { Ok(email) } else { Err(FieldError::Invalid) }
}

/// A nickname: 2 to 20 characters on one line, letters, digits, spaces, `_`, `-` and `.`.
///
/// # Errors
/// As [`line`], and [`FieldError::Invalid`] for other characters.
pub fn nickname(text: &str) -> Result<String, FieldError> {
    let name = line(text, 2, 20)?;
    if name.chars().all(|c| c.is_alphanumeric() || " _-.".contains(c)) { Ok(name) } else { Err(FieldError::Invalid) }
}

/// A line of chat: 1 to 300 characters.
///
/// # Errors
/// As [`line`].
pub fn chat(text: &str) -> Result<String, FieldError> {
    line(text, 1, 300)
}

/// An entry code: 4 to 20 characters, of which only what counts is kept (see [`same_code`]); `None` where nothing was typed.
///
/// # Errors
/// [`FieldError::TooShort`] or [`FieldError::TooLong`].
pub fn entry_code(text: &str) -> Result<Option<String>, FieldError> {
    let code = code(text);
    if code.is_empty() {
        return Ok(None);
    }
    within(&code, MIN_CODE, 20)?;
    Ok(Some(code))
}

/// A link to a page: http or https, at most 300 characters.
///
/// # Errors
/// As [`line`], and [`FieldError::Invalid`] for any other scheme.
pub fn link(text: &str) -> Result<String, FieldError> {
    let link = line(text, 1, 300)?;
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !link.contains(' ') => Ok(link),
        _ => Err(FieldError::Invalid),
    }
}

/// A Korean postcode: five digits.
///
/// # Errors
/// [`FieldError::Required`] or [`FieldError::Invalid`].
pub fn postcode(text: &str) -> Result<String, FieldError> {
    let code = narrow(text).replace(' ', "");
    match code.len() {
        0 => Err(FieldError::Required),
        5 if code.bytes().all(|byte| byte.is_ascii_digit()) => Ok(code),
        _ => Err(FieldError::Invalid),
    }
}

/// A whole number within bounds.
///
/// # Errors
/// [`FieldError::Required`], [`FieldError::Invalid`] or [`FieldError::OutOfRange`].
pub fn number(text: &str, min: i64, max: i64) -> Result<i64, FieldError> {
    let text = narrow(text).replace([',', ' '], "");
    if text.is_empty() {
        return Err(FieldError::Required);
    }
    let number: i64 = text.parse().map_err(|_| FieldError::Invalid)?;
    if (min..=max).contains(&number) { Ok(number) } else { Err(FieldError::OutOfRange { min, max }) }
}

/// A date and time of day from a form: Korea's, whatever zone the browser is in.
///
/// # Errors
/// [`FieldError::Required`], or [`FieldError::Invalid`] when there is no such date.
pub fn local_time(text: &str) -> Result<Time, FieldError> {
    let text = narrow(text);
    if text.is_empty() {
        return Err(FieldError::Required);
    }
    Time::parse_local(&text).ok_or(FieldError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::{hidden::without_hidden, *};
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn emails() {
        assert_eq!(email(" Otter@Example.COM "), Ok("otter@example.com".into()));
        assert_eq!(email("ｏｔｔｅｒ＠ｅｘａｍｐｌｅ。ｃｏｍ"), Ok("otter@example.com".into()));
        assert_eq!(email("\u{FEFF}otter@example.com\u{200B}"), Ok("otter@example.com".into()));
        let composed = "수달@example.com";
        assert_eq!(email(&composed.nfd().collect::<String>()), Ok(composed.into()));
        for bad in ["a", "a@b", "@b.kr", "a@b.", "a b@c.kr", "a@-b.kr", "a@b@c.kr", "<a>@b.kr"] {
            assert_eq!(email(bad), Err(FieldError::Invalid), "{bad}");
        }
        for empty in ["", "\u{200B}", " \u{3164} "] {
            assert_eq!(email(empty), Err(FieldError::Required));
        }
    }

    #[test]
    fn where_nothing_is_read_nothing_was_typed() {
        let blanks = [
            "",
            " ",
            "\u{200B}",
            "\u{2800}\u{2800}",
            "\u{3164}",
            "\u{115F}\u{1160}",
            "\u{FFA0}",
            "\u{FEFF}",
            "\u{202E}",
        ];
        let more = [
            "\u{E0041}\u{E0042}",
            "\u{301}\u{301}",
            "\u{200D}\u{FE0F}",
            "\u{0}\u{7}",
            "\u{2066}\u{2069}",
            "\u{3000}\u{A0}",
        ];
        for blank in blanks.into_iter().chain(more) {
            assert_eq!(line(blank, 1, 20), Err(FieldError::Required), "{blank:?}");
            assert_eq!(paragraph(blank, 1, 20), Err(FieldError::Required), "{blank:?}");
            assert_eq!(nickname(blank), Err(FieldError::Required), "{blank:?}");
            assert_eq!(chat(blank), Err(FieldError::Required), "{blank:?}");
            assert_eq!(entry_code(blank), Ok(None), "{blank:?}");
            assert_eq!(postcode(blank), Err(FieldError::Required), "{blank:?}");
            assert_eq!(number(blank, 1, 9), Err(FieldError::Required), "{blank:?}");
            assert_eq!(local_time(blank), Err(FieldError::Required), "{blank:?}");
            assert_eq!(line(blank, 0, 20), Ok(String::new()));
        }
    }

    #[test]
    fn names_are_kept_as_they_are_read() {
        assert_eq!(nickname("수\u{202E}달"), Ok("수달".into()));
        assert_eq!(nickname("수\u{1109}\u{116E}"), Ok("수수".into()));
        assert_eq!(chat("안녕\u{0007}"), Ok("안녕".into()));
        assert_eq!(nickname("  용감한\t 수달 "), Ok("용감한 수달".into()));
        assert_eq!(nickname("<script>"), Err(FieldError::Invalid));
        assert_eq!(nickname("수\u{200B}"), Err(FieldError::TooShort { min: 2 }), "what nobody sees does not count");
        assert_eq!(link("javascript:alert(1)"), Err(FieldError::Invalid));
        assert_eq!(paragraph("a\r\nb\u{2028}c\rd", 1, 9), Ok("a\nb\nc\nd".into()));
    }

    #[test]
    fn lengths_are_those_that_people_count() {
        assert_eq!(chat(&"가".repeat(301)), Err(FieldError::TooLong { max: 300 }));
        assert!(chat(&"👨‍👩‍👧‍👦".repeat(300)).is_ok());
        assert!(chat(&"\u{1100}\u{1161}\u{11A8}".repeat(300)).is_ok());
        assert_eq!(line(&"👨‍👩‍👧‍👦".repeat(3), 2, 2), Err(FieldError::TooLong { max: 2 }));
        assert_eq!(line(&format!("가{}", "\u{200B}".repeat(100)), 1, 1), Ok("가".into()));
    }

    #[test]
    fn codes_are_long_enough_to_be_guessed_by_nobody() {
        assert_eq!(entry_code(" Open Sesame "), Ok(Some("OPENSESAME".into())));
        assert_eq!(entry_code("겨울머그"), Ok(Some("겨울머그".into())));
        for short in ["a", "abc", "a b c", "겨울", "abc\u{200B}"] {
            assert_eq!(entry_code(short), Err(FieldError::TooShort { min: 4 }), "{short}");
        }
        assert_eq!(entry_code(&"a".repeat(21)), Err(FieldError::TooLong { max: 20 }));
    }

    #[test]
    fn digits_have_any_width() {
        assert_eq!(postcode(" ０４５２４ "), Ok("04524".into()));
        assert_eq!(number("１，０００", 1, 5000), Ok(1000));
        assert_eq!(local_time("２０２６-11-25T20:00"), local_time("2026-11-25T20:00"));
    }

    #[test]
    fn times_are_koreas() {
        // 20:00 in Korea is 11:00 in Greenwich.
        assert_eq!(local_time("2026-11-25T20:00"), Ok(Time(1_795_604_400_000_000)));
    }

    /// Letters, and what is hostile among them.
    fn hostile() -> impl Strategy<Value = String> {
        let strange = prop::sample::select(
            "\u{200B}\u{200D}\u{FE0F}\u{FE0E}\u{202E}\u{2066}\u{FEFF}\u{3164}\u{115F}\u{1160}\u{FFA0}\u{2800}\u{34F}\u{301}\u{302}\u{35C}\u{20E3}\u{E0067}\u{E007F}\u{1F3F4}\u{1F469}\u{1F680}\u{1F3FD}\u{2764}1#e\u{1109}\u{116E}\u{11AF}가 \n\t\u{3000}\u{85}\u{2194}\u{338}\u{1F1F0}"
                .chars()
                .collect::<Vec<_>>(),
        );
        prop::collection::vec(prop_oneof![3 => strange, 1 => any::<char>()], 0..40)
            .prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn what_is_kept_is_kept_again(text in hostile()) {
            let kept = line(&text, 0, 300).unwrap();
            prop_assert_eq!(line(&kept, 0, 300), Ok(kept.clone()));
            prop_assert!(!kept.starts_with(' ') && !kept.contains('\n'));
            let kept = paragraph(&text, 0, 300).unwrap();
            prop_assert_eq!(paragraph(&kept, 0, 300), Ok(kept.clone()));
            if let Ok(Some(kept)) = entry_code(&text) {
                prop_assert_eq!(entry_code(&kept), Ok(Some(kept.clone())));
                prop_assert!(same_code(&text, &kept));
            }
            if let Ok(kept) = nickname(&text) {
                prop_assert_eq!(nickname(&kept), Ok(kept.clone()));
            }
        }

        #[test]
        fn nothing_invisible_is_kept_alone(text in hostile()) {
            let kept = line(&text, 0, 300).unwrap();
            prop_assert_eq!(without_hidden(&kept).trim().is_empty(), kept.is_empty());
            prop_assert_eq!(kept.is_empty(), length(&kept) == 0);
        }

        #[test]
        fn decomposed_is_composed(text in hostile()) {
            let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
            prop_assert_eq!(line(&composed, 0, 300), line(&decomposed, 0, 300));
            prop_assert_eq!(line(&text, 0, 300), line(&decomposed, 0, 300));
            let kept = line(&text, 0, 300).unwrap();
            prop_assert!(unicode_normalization::is_nfc(&kept));
            prop_assert_eq!(length(&kept), length(&kept.nfd().collect::<String>()));
        }

        #[test]
        fn nothing_short_to_read_is_long_to_keep(text in "[\u{1100}\u{1F469}\u{200D}\u{301}\u{915}\u{94D}]{0,600}") {
            let kept = line(&text, 0, 300).unwrap_or_default();
            prop_assert!(kept.chars().count() as u64 <= 12 * length(&kept));
        }

        #[test]
        fn numbers_stay_within_bounds(text in "[-0-9,]{0,12}") {
            if let Ok(n) = number(&text, 1, 100) {
                prop_assert!((1..=100).contains(&n));
            }
        }
    }
}
