//! What people typed in files that are given out.

use super::hidden::hidden;
use crate::Time;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// The most bytes of a title in a file's name: with what stands around it, it fits into the 255 of any file system.
const TITLE: usize = 150;

/// Whether a spreadsheet program would read a text as a formula, whichever width its sign has.
pub fn is_formula(text: &str) -> bool {
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    let sign = text.chars().find(|c| !hidden(*c) && !c.is_whitespace());
    sign.is_some_and(|sign| sign == '\u{2212}' || sign.nfkc().next().is_some_and(|sign| "=+-@".contains(sign)))
}

/// A file's name that says what it is: `2026-11-25-겨울-머그-참여자.xlsx`, by when and what an event is, what of it the file holds, and
/// the form. Nothing in it means anything to a file system.
pub fn file_name(at: Time, title: &str, what: &str, form: &str) -> String {
    let day = at.civil();
    let words = |c: char| if c.is_alphanumeric() || is_combining_mark(c) { c } else { ' ' };
    let title: String = title.chars().map(words).collect();
    let mut name = format!("{:04}-{:02}-{:02}", day.year, day.month, day.day);
    let most = name.len() + TITLE;
    // Cut where it is too long, between letters.
    let letters = title.split_whitespace().flat_map(|word| std::iter::once("-").chain(word.graphemes(true)));
    for letter in letters {
        if name.len() + letter.len() > most {
            break;
        }
        name.push_str(letter);
    }
    format!("{}-{what}.{form}", name.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AT: Time = Time(1_795_604_400_000_000);

    #[test]
    fn names_say_what_they_are() {
        assert_eq!(file_name(AT, "겨울 머그", "참여자", "xlsx"), "2026-11-25-겨울-머그-참여자.xlsx");
        assert_eq!(file_name(AT, "../../etc: \"a\"|b? *", "entrants", "csv"), "2026-11-25-etc-a-b-entrants.csv");
        assert_eq!(file_name(AT, "🎁🎁", "QR", "png"), "2026-11-25-QR.png");
    }

    #[test]
    fn no_sign_begins_a_formula() {
        for formula in [
            "=1",
            "+82",
            "-1",
            "@a",
            "＝1",
            "＋1",
            "－1",
            "＠a",
            "﹣1",
            "﹦1",
            "−1",
            "\t=1",
            "\r1",
            " =1",
            "\u{200B}=1",
        ] {
            assert!(is_formula(formula), "{formula:?}");
        }
        for text in ["", "수달", "010-1234-5678", "1-2", "(=)"] {
            assert!(!is_formula(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_title_makes_a_name(title in "\\PC{0,200}") {
            let name = file_name(AT, &title, "참여자", "xlsx");
            prop_assert!(name.len() <= 200 && name.starts_with("2026-11-25-") && name.ends_with("-참여자.xlsx"));
            prop_assert!(!name.contains(['/', '\\', ':', '"', ';', '%', '\n']) && !name.contains("--"));
        }
    }
}
