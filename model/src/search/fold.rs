//! The form in which words are compared by the search: composed, in lower case, without what stands between words.

use crate::text;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters of Hangul that stand alone, as a keyboard types them: consonants and vowels.
pub(super) fn is_jamo(c: char) -> bool {
    matches!(c, '\u{3131}'..='\u{3163}')
}

/// A letter of Hangul in any of its forms as a keyboard types it.
fn lone(c: char) -> Option<char> {
    const INITIALS: &[u8; 19] = &[0, 1, 3, 6, 7, 8, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29];
    const FINALS: &[u8; 27] =
        &[0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 25, 26, 27, 28, 29];
    let at = |offset: u32| char::from_u32(0x3131 + offset);
    match c {
        _ if is_jamo(c) => Some(c),
        '\u{1100}'..='\u{1112}' => at(u32::from(INITIALS[(c as u32 - 0x1100) as usize])),
        '\u{1161}'..='\u{1175}' => char::from_u32(c as u32 - 0x1161 + 0x314F),
        '\u{11A8}'..='\u{11C2}' => at(u32::from(FINALS[(c as u32 - 0x11A8) as usize])),
        // Half as wide.
        '\u{FFA1}'..='\u{FFDC}' => c.nfkc().next().filter(|wide| *wide != c).and_then(lone),
        _ => None,
    }
}

/// The words of a text as they are compared. Case, widths, spaces and what nobody sees do not count; a word ends where neither a letter
/// nor a digit stands.
pub fn fold(text: &str) -> Vec<String> {
    let composed: String = text.nfc().collect();
    let mut words = Vec::new();
    for piece in composed.split_whitespace() {
        let mut word = String::new();
        let mut others = String::new();
        // Letters that stand alone are kept so: what makes others compatible would join them to syllables.
        for c in piece.chars() {
            match lone(c) {
                Some(jamo) => {
                    take(&mut others, &mut word, &mut words);
                    word.push(jamo);
                }
                None => others.push(c),
            }
        }
        take(&mut others, &mut word, &mut words);
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

/// Adds what is no lone letter to the word that is being read, which ends wherever there is no letter and no digit.
fn take(others: &mut String, word: &mut String, words: &mut Vec<String>) {
    for c in text::key(others).chars() {
        // One letter at the end of Greek words is written otherwise.
        let c = if c == 'ς' { 'σ' } else { lone(c).unwrap_or(c) };
        // A mark belongs to the letter before it.
        let mark = is_combining_mark(c);
        if c.is_alphanumeric() && !(mark && word.is_empty()) {
            word.push(c);
        } else if !mark && !word.is_empty() {
            words.push(std::mem::take(word));
        }
    }
    others.clear();
}

/// The initial consonant of a syllable; other letters are what they are.
pub(super) fn initial(c: char) -> char {
    const INITIALS: [char; 19] = [
        'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ',
        'ㅎ',
    ];
    match c {
        '가'..='힣' => INITIALS[(c as usize - '가' as usize) / 588],
        c => c,
    }
}

/// Whether this is a consonant that a syllable can begin with, standing alone.
pub(super) fn is_initial(c: char) -> bool {
    is_jamo(c) && initial_place(c).is_some()
}

/// Which of the initials, in the order of syllables.
pub(super) fn initial_place(c: char) -> Option<usize> {
    (0..19).find(|place| char::from_u32('가' as u32 + 588 * *place as u32).is_some_and(|first| initial(first) == c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_what_people_read() {
        for (text, words) in [
            ("겨울 머그", vec!["겨울", "머그"]),
            ("  ＡＢＣ-마트\u{200B} 1+1 ", vec!["abc", "마트", "1", "1"]),
            ("", vec![]),
            ("!?·… \u{3164}", vec![]),
            ("ㅅㄷ", vec!["ㅅㄷ"]),
            ("\u{1109}\u{1103}", vec!["ㅅㄷ"]),
            ("ﾡﾤ", vec!["ㄱㄴ"]),
            ("수ㄷ", vec!["수ㄷ"]),
            ("㉮①", vec!["가1"]),
            ("📦택배", vec!["택배"]),
            ("\"title:수달\" AND (머그*)", vec!["title", "수달", "and", "머그"]),
        ] {
            assert_eq!(fold(text), words, "{text:?}");
            assert_eq!(fold(&text.nfd().collect::<String>()), words, "{text:?}");
        }
        assert!(is_initial('ㅅ') && !is_initial('ㅏ') && !is_initial('ㄳ') && !is_initial('수'));
        assert_eq!("수달상점".chars().map(initial).collect::<String>(), "ㅅㄷㅅㅈ");
    }

    proptest! {
        #[test]
        fn what_is_folded_stays_so(text in "\\PC{0,40}|[가-힣ㄱ-ㅣ\u{1100}-\u{1112}\u{1161}-\u{1175}\u{11A8}-\u{11C2} a-zA-Z0-9]{0,30}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded.join(" ")), folded.clone());
            prop_assert!(folded.iter().all(|word| !word.is_empty() && word.chars().all(char::is_alphanumeric)));
        }

        #[test]
        fn whatever_keyboard_made_it(text in "[가-힣A-Za-z0-9 ]{0,30}") {
            prop_assert_eq!(fold(&text.nfd().collect::<String>()), fold(&text));
            prop_assert_eq!(fold(&text.to_lowercase()), fold(&text));
        }
    }
}
