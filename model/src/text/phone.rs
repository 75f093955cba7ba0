//! Korean mobile numbers.

use super::narrow;
use crate::FieldError;

/// What stands between digits: dashes of any kind, dots, slashes, brackets.
fn separates(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '\u{2010}'
                ..='\u{2015}'
                    | '\u{2043}'
                    | '\u{2212}'
                    | '\u{30FC}'
                    | '\u{3161}'
                    | '\u{1173}'
                    | '\u{FE58}'
                    | '\u{FE63}'
                    | '\u{FF70}'
                    | '~'
                    | '\u{301C}'
                    | '_'
        )
        || matches!(c, '.' | ',' | '·' | '・' | '•' | '/' | '(' | ')' | '[' | ']')
}

/// What was typed without what stands between digits.
pub(super) fn digits(text: &str) -> String {
    narrow(text).chars().filter(|c| !separates(*c)).collect()
}

/// A Korean mobile number in any usual writing, as `010-0000-0000`; the older prefixes 011 and 016 to 019 have a digit less or
/// as many.
///
/// # Errors
/// [`FieldError::Required`] or [`FieldError::Invalid`].
pub fn phone(text: &str) -> Result<String, FieldError> {
    let typed = digits(text);
    if typed.is_empty() {
        return Err(FieldError::Required);
    }
    // Abroad the country comes first and the zero is left out, or written all the same.
    let abroad = ["+82", "+0082", "0082", "82"].iter().find_map(|prefix| typed.strip_prefix(prefix));
    let digits = abroad.map_or(typed.clone(), |rest| format!("0{}", rest.strip_prefix('0').unwrap_or(rest)));
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(FieldError::Invalid);
    }
    let right = match digits.get(..3) {
        Some("010") => digits.len() == 11,
        Some("011" | "016" | "017" | "018" | "019") => (10..=11).contains(&digits.len()),
        _ => false,
    };
    if !right {
        return Err(FieldError::Invalid);
    }
    let last = digits.len() - 4;
    Ok(format!("{}-{}-{}", &digits[..3], &digits[3..last], &digits[last..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn any_usual_writing_is_taken() {
        for typed in [
            "010-1234-5678",
            "01012345678",
            " 010 1234 5678 ",
            "010.1234.5678",
            "010–1234—5678",
            "010‑1234‑5678",
            "010－1234－5678",
            "０１０－１２３４－５６７８",
            "010ー1234ー5678",
            "010ㅡ1234ㅡ5678",
            "010−1234−5678",
            "(010) 1234-5678",
            "+82 10-1234-5678",
            "+82-010-1234-5678",
            "+82 (0)10 1234 5678",
            "＋８２ １０ １２３４ ５６７８",
            "0082 10 1234 5678",
            "82-10-1234-5678",
            "\u{202A}010-1234-5678\u{202C}",
            "010\u{00A0}1234\u{3000}5678",
        ] {
            assert_eq!(phone(typed), Ok("010-1234-5678".into()), "{typed}");
        }
        for (typed, kept) in [
            ("011-234-5678", "011-234-5678"),
            ("0112345678", "011-234-5678"),
            ("016 2345 6789", "016-2345-6789"),
            ("+82 19 234 5678", "019-234-5678"),
            ("0172345678", "017-234-5678"),
            ("018.2345.6789", "018-2345-6789"),
        ] {
            assert_eq!(phone(typed), Ok(kept.into()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_mobile_number_is_refused() {
        for typed in [
            "02-123-4567",
            "010-123-4567",
            "010-1234-56789",
            "012-1234-5678",
            "015-123-4567",
            "+1 10 1234 5678",
            "전화번호",
            "010-1234-567a",
            "82",
            "+82",
            "0",
            "010123456७८",
            "++821012345678",
        ] {
            assert_eq!(phone(typed), Err(FieldError::Invalid), "{typed}");
        }
        for typed in ["", " - ", "\u{200B}", "\u{3164}"] {
            assert_eq!(phone(typed), Err(FieldError::Required), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_kept_again(text in "[-+0-9 .()０-９]{0,20}") {
            if let Ok(kept) = phone(&text) {
                prop_assert_eq!(phone(&kept), Ok(kept.clone()));
                prop_assert!(kept.len() == 13 || kept.len() == 12);
            }
        }
    }
}
