//! What people may type, field by field. Each function returns the value as it is kept, or why it is not taken.

use crate::{FieldError, Time};

/// Passwords that everybody tries first and that are long enough to pass the length rule.
const WELL_KNOWN: &[&str] = &[
    "password123",
    "password1234",
    "password12",
    "passw0rd123",
    "qwertyuiop",
    "qwerty12345",
    "qwerty123456",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "q1w2e3r4t5",
    "qwer123456",
    "asdfghjkl;",
    "asdfghjkl1",
    "zxcvbnm123",
    "iloveyou123",
    "iloveyou12",
    "letmein123",
    "welcome123",
    "welcome1234",
    "admin12345",
    "administrator",
    "sunshine123",
    "princess123",
    "football123",
    "baseball123",
    "superman123",
    "dragon12345",
    "monkey12345",
    "abc1234567",
    "abcd123456",
    "abcdefghij",
    "a123456789",
    "aa12345678",
    "qwerasdf12",
    "qwerasdfzxcv",
    "1qaz2wsx3edc",
    "zaq12wsxcde",
    "google12345",
    "samsung1234",
    "korea12345",
    "dkssudgktpdy",
    "tkfkdgody1",
    "tkfkdgo123",
    "rlaehdgus1",
    "1234qwerasdf",
    "changeme123",
    "trustno1234",
    "starwars123",
    "whatever123",
    "michael123",
    "charlie123",
    "computer123",
    "corvette123",
    "p@ssw0rd123",
    "p@ssword123",
    "internet123",
];

/// Characters as people count them here: Unicode scalar values.
fn length(text: &str, min: u64, max: u64) -> Result<(), FieldError> {
    let count = text.chars().count() as u64;
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

/// Whether a character can be used to deceive or break a line: controls and marks that reorder or hide text.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{3164}' | '\u{115F}' | '\u{1160}' | '\u{FFA0}')
}

/// One line of text, white space folded.
///
/// # Errors
/// [`FieldError::Invalid`] for characters that deceive; [`FieldError::Required`], [`FieldError::TooShort`] or
/// [`FieldError::TooLong`] for another length.
pub fn line(text: &str, min: u64, max: u64) -> Result<String, FieldError> {
    let clean: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let clean = clean.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if clean.chars().any(deceives) {
        return Err(FieldError::Invalid);
    }
    length(&clean, min, max)?;
    Ok(clean)
}

/// Several lines of text.
///
/// # Errors
/// As [`line`].
pub fn paragraph(text: &str, min: u64, max: u64) -> Result<String, FieldError> {
    let clean = text.replace("\r\n", "\n").trim().to_owned();
    if clean.chars().any(|c| deceives(c) && c != '\n' && c != '\t') {
        return Err(FieldError::Invalid);
    }
    length(&clean, min, max)?;
    Ok(clean)
}

/// An email address, in lower case: one `@`, a name before it and a dotted host behind it, at most 254 bytes.
///
/// # Errors
/// [`FieldError::Required`], [`FieldError::TooLong`] or [`FieldError::Invalid`].
pub fn email(text: &str) -> Result<String, FieldError> {
    let email = text.trim().to_lowercase();
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

/// A password: 10 to 64 characters, not a well-known one, not made of the email.
///
/// # Errors
/// [`FieldError::Required`], [`FieldError::TooShort`], [`FieldError::TooLong`] or [`FieldError::WellKnown`].
pub fn password(text: &str, email: &str) -> Result<(), FieldError> {
    length(text, 10, 64)?;
    let lower = text.to_lowercase();
    let chars: Vec<char> = lower.chars().collect();
    let same = chars.iter().all(|&c| c == chars[0]);
    let steps: Vec<i64> = chars.windows(2).map(|w| i64::from(w[1] as u32) - i64::from(w[0] as u32)).collect();
    // 1234567890 and its repetitions wrap from 9 to 0 and from 0 to 1.
    let counting = steps.iter().all(|&s| s == 1 || s == -9) || steps.iter().all(|&s| s == -1 || s == 9);
    let name = email.split('@').next().unwrap_or_default().to_lowercase();
    let of_email = name.chars().count() >= 4 && lower.trim_matches(|c: char| c.is_ascii_digit()) == name;
    if same || counting || of_email || lower == email.to_lowercase() || WELL_KNOWN.contains(&lower.as_str()) {
        return Err(FieldError::WellKnown);
    }
    Ok(())
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

/// An entry code: 2 to 20 characters; case does not count.
///
/// # Errors
/// As [`line`]; without any there is no code.
pub fn entry_code(text: &str) -> Result<Option<String>, FieldError> {
    let code = line(text, 0, 20)?.to_uppercase();
    if code.is_empty() {
        return Ok(None);
    }
    length(&code, 2, 20)?;
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

/// A Korean mobile number, as `010-0000-0000`.
///
/// # Errors
/// [`FieldError::Required`] or [`FieldError::Invalid`].
pub fn phone(text: &str) -> Result<String, FieldError> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ' | '.')).collect();
    if digits.is_empty() {
        return Err(FieldError::Required);
    }
    match digits.as_bytes() {
        [b'0', b'1', b'0', rest @ ..] if rest.len() == 8 && rest.iter().all(u8::is_ascii_digit) => {
            Ok(format!("010-{}-{}", &digits[3..7], &digits[7..]))
        }
        _ => Err(FieldError::Invalid),
    }
}

/// A Korean postcode: five digits.
///
/// # Errors
/// [`FieldError::Required`] or [`FieldError::Invalid`].
pub fn postcode(text: &str) -> Result<String, FieldError> {
    let code = text.trim();
    match code.len() {
        0 => Err(FieldError::Required),
        5 if code.bytes().all(|byte| byte.is_ascii_digit()) => Ok(code.to_owned()),
        _ => Err(FieldError::Invalid),
    }
}

/// A whole number within bounds.
///
/// # Errors
/// [`FieldError::Required`], [`FieldError::Invalid`] or [`FieldError::OutOfRange`].
pub fn number(text: &str, min: i64, max: i64) -> Result<i64, FieldError> {
    let text = text.trim().replace(',', "");
    if text.is_empty() {
        return Err(FieldError::Required);
    }
    let number: i64 = text.parse().map_err(|_| FieldError::Invalid)?;
    if (min..=max).contains(&number) { Ok(number) } else { Err(FieldError::OutOfRange { min, max }) }
}

/// A Korean date and time of day from a form.
///
/// # Errors
/// [`FieldError::Required`], or [`FieldError::Invalid`] when there is no such date.
pub fn local_time(text: &str) -> Result<Time, FieldError> {
    if text.trim().is_empty() {
        return Err(FieldError::Required);
    }
    Time::parse_local(text).ok_or(FieldError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn emails() {
        assert_eq!(email(" Otter@Example.COM "), Ok("otter@example.com".into()));
        for bad in ["a", "a@b", "@b.kr", "a@b.", "a b@c.kr", "a@-b.kr", "a@b@c.kr", "<a>@b.kr"] {
            assert_eq!(email(bad), Err(FieldError::Invalid), "{bad}");
        }
        assert_eq!(email(""), Err(FieldError::Required));
    }

    #[test]
    fn passwords() {
        let e = "brave.otter@example.com";
        assert_eq!(password("비가 오는 날엔 수달", e), Ok(()));
        assert_eq!(password("correct horse", e), Ok(()));
        assert_eq!(password("short", e), Err(FieldError::TooShort { min: 10 }));
        assert_eq!(password(&"x1".repeat(33), e), Err(FieldError::TooLong { max: 64 }));
        for bad in [
            "1234567890",
            "12345678901234",
            "0987654321",
            "aaaaaaaaaaaa",
            "Qwertyuiop",
            "brave.otter1",
            "abcdefghijk",
            e,
        ] {
            assert_eq!(password(bad, e), Err(FieldError::WellKnown), "{bad}");
        }
    }

    #[test]
    fn deceiving_text_is_refused() {
        assert_eq!(nickname("수\u{202E}달"), Err(FieldError::Invalid));
        assert_eq!(chat("안녕\u{0007}"), Err(FieldError::Invalid));
        assert_eq!(nickname("  용감한\t 수달 "), Ok("용감한 수달".into()));
        assert_eq!(nickname("<script>"), Err(FieldError::Invalid));
        assert_eq!(chat(&"가".repeat(301)), Err(FieldError::TooLong { max: 300 }));
        assert_eq!(link("javascript:alert(1)"), Err(FieldError::Invalid));
    }

    proptest! {
        #[test]
        fn what_is_kept_is_kept_again(text in "\\PC{0,40}") {
            if let Ok(kept) = line(&text, 0, 300) {
                prop_assert_eq!(line(&kept, 0, 300), Ok(kept.clone()));
                prop_assert!(!kept.starts_with(' ') && !kept.contains('\n'));
            }
        }

        #[test]
        fn numbers_stay_within_bounds(text in "[-0-9,]{0,12}") {
            if let Ok(n) = number(&text, 1, 100) {
                prop_assert!((1..=100).contains(&n));
            }
        }
    }
}
