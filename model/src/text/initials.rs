//! Finding Korean words by their initial consonants (초성).

/// Initial consonants in the order of Unicode's syllables, as keyboards type them.
const INITIALS: [char; 19] =
    ['ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];
/// Syllables with the same initial.
const SYLLABLES: u32 = 588;

/// The initial consonants of a text, other letters in lower case, without spaces: `ㅇㄹㅂㅇ` of `올리브유`.
pub fn initials(text: &str) -> String {
    let initial = |c: char| match c {
        // Unicode 16, section 3.12: syllables stand in the order of their initials.
        '가'..='힣' => INITIALS.get(((c as u32 - '가' as u32) / SYLLABLES) as usize).copied().unwrap_or(c),
        // What a decomposed text begins its syllables with.
        '\u{1100}'..='\u{1112}' => INITIALS[(c as u32 - 0x1100) as usize],
        c => c,
    };
    let composed = super::seen::seen(text);
    composed.chars().filter(|c| !c.is_whitespace()).map(initial).flat_map(char::to_lowercase).collect()
}

/// Whether somebody typed nothing but initial consonants.
pub fn are_initials(text: &str) -> bool {
    let initial = |c| matches!(c, 'ㄱ'..='ㅎ' | '\u{1100}'..='\u{1112}');
    let mut letters = text.chars().filter(|c| !c.is_whitespace()).peekable();
    letters.peek().is_some() && letters.all(initial)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn initials_are_those_of_syllables() {
        assert_eq!(initials("올리브유 5L"), "ㅇㄹㅂㅇ5l");
        assert_eq!(initials("쌀 까나리"), "ㅆㄲㄴㄹ");
        assert_eq!(initials("가힣"), "ㄱㅎ");
        for typed in ["ㅇㄹㅂㅇ", "ㅆ", " ㄱ ㄴ ", "\u{110B}\u{1105}"] {
            assert!(are_initials(typed), "{typed}");
        }
        for typed in ["", " ", "올ㄹ", "a", "ㅏ"] {
            assert!(!are_initials(typed), "{typed}");
        }
        assert_eq!(initials("\u{110B}\u{1105}"), "ㅇㄹ");
    }

    proptest! {
        #[test]
        fn every_syllable_has_its_initial(words in "[가-힣]{1,8}") {
            prop_assert!(are_initials(&initials(&words)));
            prop_assert_eq!(initials(&words.nfd().collect::<String>()), initials(&words));
            // The first letter of what it comes apart into.
            let first = words.nfd().next().unwrap();
            prop_assert_eq!(initials(&first.to_string()).chars().next(), initials(&words).chars().next());
        }
    }
}
