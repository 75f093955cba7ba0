//! Comparing what people typed, whatever their keyboard or messenger made of it.

use super::{hidden::without_hidden, seen::seen};
use unicode_normalization::UnicodeNormalization;

/// As it is kept, on narrow keys and with nothing around it: full-width letters, digits and signs become ASCII. Other letters that
/// merely look alike stay what they are.
pub(super) fn narrow(text: &str) -> String {
    let narrow = |c| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '。' | '｡' => '.',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    // Seen twice: a letter that is narrow now may take the mark behind it.
    seen(&seen(text).chars().map(narrow).collect::<String>()).trim().to_owned()
}

/// What two texts that read alike have in common: compatibility forms (full-width, circled, ligatures), case, spaces and what
/// nobody sees do not count.
pub fn key(text: &str) -> String {
    let compatible: String = without_hidden(&seen(text)).nfkc().collect();
    let close: String = without_hidden(&compatible.to_lowercase()).nfkc().filter(|c| !c.is_whitespace()).collect();
    // What was a sign of its own may have come apart into a mark that stands on nothing.
    seen(&close)
}

/// What counts of an entry code.
pub(super) fn code(text: &str) -> String {
    key(text).to_uppercase().nfkc().collect()
}

/// Whether somebody typed an entry code. Case, spaces, widths and what nobody sees do not count.
pub fn same_code(typed: &str, expected: &str) -> bool {
    if typed.is_ascii() && expected.is_ascii() {
        // The same without a copy: in an opening second it is asked thousands of times.
        return letters(typed).eq(letters(expected));
    }
    code(typed) == code(expected)
}

/// What counts of ASCII.
fn letters(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(u8::is_ascii_graphic).map(|byte| byte.to_ascii_uppercase())
}

/// The form in which a password is hashed: composed, on narrow keys, with nothing around it that came with a copy.
pub fn password_form(text: &str) -> String {
    narrow(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_are_the_same_whatever_was_typed() {
        let nfd: String = "겨울머그".nfd().collect();
        for (typed, expected) in [
            ("open sesame", "OPENSESAME"),
            (" OpenSesame\u{200B}\n", "OPENSESAME"),
            ("ｏｐｅｎ　ｓｅｓａｍｅ", "OPENSESAME"),
            ("OPENSESAME", "open sesame"),
            (&nfd, "겨울머그"),
            ("겨울 머그", "겨울머그"),
            ("１２３４", "1234"),
            ("straße", "STRASSE"),
            // Kept before codes had to be longer.
            ("a b", "AB"),
        ] {
            assert!(same_code(typed, expected) && same_code(expected, typed), "{typed}");
        }
        for (typed, expected) in [("", "AB"), ("opensesam", "OPENSESAME"), ("0PEN", "OPEN"), ("겨울", "겨울머그")]
        {
            assert!(!same_code(typed, expected), "{typed}");
        }
    }

    #[test]
    fn keys_of_names_are_what_they_were() {
        // Rows have been written with these.
        for name in ["용감한 수달", "Brave_Otter.1", "Ａｂｃ", "수 달-2", "ÉCLAIR"] {
            assert_eq!(key(name), name.nfkc().collect::<String>().to_lowercase().replace(' ', ""), "{name}");
        }
        assert_eq!(key("수\u{200B}달"), key("수달"));
        assert_eq!(key("수\u{3000}달"), key("수달"));
    }

    #[test]
    fn passwords_are_one_on_every_keyboard() {
        let nfd: String = "비가 오는 날엔 수달".nfd().collect();
        assert_eq!(password_form(&nfd), "비가 오는 날엔 수달");
        assert_eq!(password_form(" ｃｏｒｒｅｃｔ　horse\u{200B}\n"), "correct horse");
        assert_eq!(password_form("correct  Horse"), "correct  Horse");
        assert_ne!(password_form("①②③"), password_form("123"));
    }

    proptest! {
        #[test]
        fn the_short_way_says_the_same(typed in "[ -~\\t\\n]{0,8}", expected in "[ -~]{0,8}") {
            prop_assert_eq!(same_code(&typed, &expected), code(&typed) == code(&expected));
            let (around, upper) = (format!(" {} ", typed.to_lowercase()), typed.to_uppercase());
            prop_assert!(same_code(&around, &upper));
        }

        #[test]
        fn keys_and_forms_are_their_own(text in "\\PC{0,30}") {
            prop_assert_eq!(key(&key(&text)), key(&text));
            prop_assert_eq!(narrow(&narrow(&text)), narrow(&text));
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(key(&decomposed), key(&text));
            prop_assert_eq!(narrow(&decomposed), narrow(&text));
            prop_assert!(same_code(&decomposed, &text));
        }
    }
}
