//! Passwords.

use super::{compare::narrow, password_form, within};
use crate::FieldError;

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

/// A password: 10 to 64 characters of its [`password_form`], not a well-known one, not made of the email.
///
/// # Errors
/// [`FieldError::Required`], [`FieldError::TooShort`], [`FieldError::TooLong`] or [`FieldError::WellKnown`].
pub fn password(text: &str, email: &str) -> Result<(), FieldError> {
    let text = password_form(text);
    within(&text, 10, 64)?;
    let lower = text.to_lowercase();
    let chars: Vec<char> = lower.chars().collect();
    let same = chars.iter().all(|&c| c == chars[0]);
    let steps: Vec<i64> = chars.windows(2).map(|w| i64::from(w[1] as u32) - i64::from(w[0] as u32)).collect();
    // 1234567890 and its repetitions wrap from 9 to 0 and from 0 to 1.
    let counting = steps.iter().all(|&s| s == 1 || s == -9) || steps.iter().all(|&s| s == -1 || s == 9);
    let email = narrow(email).to_lowercase();
    let name = email.split('@').next().unwrap_or_default();
    let of_email = name.chars().count() >= 4 && lower.trim_matches(|c: char| c.is_ascii_digit()) == name;
    if same || counting || of_email || lower == email || WELL_KNOWN.contains(&lower.as_str()) {
        return Err(FieldError::WellKnown);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
