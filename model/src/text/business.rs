//! What businesses are known by in Korea.

use super::{narrow, phone::digits};
use crate::FieldError;

/// What each of the first nine digits of a business number counts for in its last (국세청, 사업자등록번호 검증).
const WEIGHTS: [u32; 9] = [1, 3, 7, 1, 3, 7, 1, 3, 5];

/// The last digit of a business number, by the nine before it: of the ninth, times five, the tens count as well.
pub fn check_digit(nine: [u8; 9]) -> u8 {
    let weighed: u32 = nine.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    let sum = weighed + u32::from(nine[8]) * 5 / 10;
    ((10 - sum % 10) % 10) as u8
}

/// A business number in any usual writing: its ten digits, of which the last follows from the others.
///
/// # Errors
/// [`FieldError::Required`], [`FieldError::Invalid`] for what has not ten digits, and [`FieldError::CheckDigit`].
pub fn business_number(text: &str) -> Result<String, FieldError> {
    let typed = digits(text);
    if typed.is_empty() {
        return Err(FieldError::Required);
    }
    let numbers: Vec<u8> = typed.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect();
    let (Some(nine), 10) = (numbers.first_chunk::<9>(), typed.len()) else { return Err(FieldError::Invalid) };
    match numbers.get(9) {
        Some(last) if check_digit(*nine) == *last => Ok(typed),
        Some(_) => Err(FieldError::CheckDigit),
        None => Err(FieldError::Invalid),
    }
}

/// A number that customers call, of any kind: 8 to 12 digits, with the dashes that were typed between them.
///
/// # Errors
/// [`FieldError::Required`] or [`FieldError::Invalid`].
pub fn contact_number(text: &str) -> Result<String, FieldError> {
    let typed = digits(text);
    if typed.is_empty() {
        return Err(FieldError::Required);
    }
    if !(8..=12).contains(&typed.len()) || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(FieldError::Invalid);
    }
    let is_plain = |shown: &String| shown.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let shown = Some(narrow(text)).filter(|shown| is_plain(shown) && !shown.starts_with('-') && !shown.ends_with('-'));
    Ok(shown.unwrap_or(typed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        // As the tax service publishes it of itself and of large companies.
        for real in ["124-81-00998", "120-81-47521", "２２０－８１－６２５１７", "1208147521", " 120 81 47521 "]
        {
            assert!(business_number(real).is_ok(), "{real}");
        }
        assert_eq!(business_number("124-81-00998"), Ok("1248100998".into()));
        assert_eq!(business_number("124-81-00997"), Err(FieldError::CheckDigit));
        for wrong in ["124-81-0099", "124-81-009981", "abcdefghij", "12481009한8"] {
            assert_eq!(business_number(wrong), Err(FieldError::Invalid), "{wrong}");
        }
        for empty in ["", " ", "\u{200B}", "--"] {
            assert_eq!(business_number(empty), Err(FieldError::Required), "{empty:?}");
        }
    }

    #[test]
    fn customers_call_any_number() {
        for (typed, kept) in
            [("02-123-4567", "02-123-4567"), ("1588-0000", "1588-0000"), ("(02) 123 4567", "021234567")]
        {
            assert_eq!(contact_number(typed), Ok(kept.into()));
        }
        for wrong in ["123", "02-1234-5678-9012", "전화 주세요"] {
            assert_eq!(contact_number(wrong), Err(FieldError::Invalid), "{wrong}");
        }
    }

    proptest! {
        /// One digit typed wrongly is always found, unless it is the ninth: five times it and its tens tell it apart as well.
        #[test]
        fn one_wrong_digit_is_found(nine in proptest::array::uniform9(0u8..10), at in 0usize..10, by in 1u8..10) {
            let mut digits = nine.to_vec();
            digits.push(check_digit(nine));
            let text = |digits: &[u8]| digits.iter().map(|digit| char::from(b'0' + digit)).collect::<String>();
            prop_assert_eq!(business_number(&text(&digits)), Ok(text(&digits)));
            digits[at] = (digits[at] + by) % 10;
            prop_assert_eq!(business_number(&text(&digits)), Err(FieldError::CheckDigit));
        }
    }
}
