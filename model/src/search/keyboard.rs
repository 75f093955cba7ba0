//! What was typed while the keyboard was set to the other language: `tnekf` for 수달, `ㅗㅐㅡㄷ` for home.

use super::fold::{initial_place, is_jamo};
use unicode_normalization::UnicodeNormalization;

/// Letters of the standard Korean keyboard (KS X 5002, two sets) by the keys of a Latin one.
const KEYS: [(char, char); 33] = [
    ('q', 'ㅂ'),
    ('w', 'ㅈ'),
    ('e', 'ㄷ'),
    ('r', 'ㄱ'),
    ('t', 'ㅅ'),
    ('y', 'ㅛ'),
    ('u', 'ㅕ'),
    ('i', 'ㅑ'),
    ('o', 'ㅐ'),
    ('p', 'ㅔ'),
    ('a', 'ㅁ'),
    ('s', 'ㄴ'),
    ('d', 'ㅇ'),
    ('f', 'ㄹ'),
    ('g', 'ㅎ'),
    ('h', 'ㅗ'),
    ('j', 'ㅓ'),
    ('k', 'ㅏ'),
    ('l', 'ㅣ'),
    ('z', 'ㅋ'),
    ('x', 'ㅌ'),
    ('c', 'ㅊ'),
    ('v', 'ㅍ'),
    ('b', 'ㅠ'),
    ('n', 'ㅜ'),
    ('m', 'ㅡ'),
    ('Q', 'ㅃ'),
    ('W', 'ㅉ'),
    ('E', 'ㄸ'),
    ('R', 'ㄲ'),
    ('T', 'ㅆ'),
    ('O', 'ㅒ'),
    ('P', 'ㅖ'),
];

/// Letters that are typed as two.
const DOUBLE: [(char, [char; 2]); 18] = [
    ('ㅘ', ['ㅗ', 'ㅏ']),
    ('ㅙ', ['ㅗ', 'ㅐ']),
    ('ㅚ', ['ㅗ', 'ㅣ']),
    ('ㅝ', ['ㅜ', 'ㅓ']),
    ('ㅞ', ['ㅜ', 'ㅔ']),
    ('ㅟ', ['ㅜ', 'ㅣ']),
    ('ㅢ', ['ㅡ', 'ㅣ']),
    ('ㄳ', ['ㄱ', 'ㅅ']),
    ('ㄵ', ['ㄴ', 'ㅈ']),
    ('ㄶ', ['ㄴ', 'ㅎ']),
    ('ㄺ', ['ㄹ', 'ㄱ']),
    ('ㄻ', ['ㄹ', 'ㅁ']),
    ('ㄼ', ['ㄹ', 'ㅂ']),
    ('ㄽ', ['ㄹ', 'ㅅ']),
    ('ㄾ', ['ㄹ', 'ㅌ']),
    ('ㄿ', ['ㄹ', 'ㅍ']),
    ('ㅀ', ['ㄹ', 'ㅎ']),
    ('ㅄ', ['ㅂ', 'ㅅ']),
];

/// Final consonants in the order of syllables, from the second: the first is none.
const FINALS: [char; 27] = [
    'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅁ', 'ㅂ', 'ㅄ', 'ㅅ',
    'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
];

fn of_key(key: char) -> Option<char> {
    // With shift, most keys type what they type without.
    let find = |key| KEYS.iter().find(|(latin, _)| *latin == key).map(|(_, jamo)| *jamo);
    find(key).or_else(|| find(key.to_ascii_lowercase()))
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'ㅏ'..='ㅣ')
}

fn joined(first: char, second: char) -> Option<char> {
    DOUBLE.iter().find(|(_, parts)| *parts == [first, second]).map(|(whole, _)| *whole)
}

/// A syllable as the places of its letters: initial, vowel, and final from 1.
fn parts(syllable: char) -> Option<(usize, usize, usize)> {
    let at = matches!(syllable, '가'..='힣').then(|| syllable as usize - '가' as usize)?;
    Some((at / 588, at % 588 / 28, at % 28))
}

fn final_place(c: char) -> Option<usize> {
    FINALS.iter().position(|known| *known == c).map(|place| place + 1)
}

/// A syllable without its final consonant, and that consonant: it may be what the next one begins with.
pub(super) fn without_final(syllable: char) -> Option<(char, char)> {
    let (initial, vowel, last) = parts(syllable)?;
    let open = char::from_u32('가' as u32 + (initial * 588 + vowel * 28) as u32)?;
    Some((open, *FINALS.get(last.checked_sub(1)?)?))
}

/// Whether a syllable has no final consonant yet.
pub(super) fn is_open(syllable: char) -> bool {
    parts(syllable).is_some_and(|(_, _, last)| last == 0)
}

/// Puts letters together as an input method does.
fn compose(jamo: &[char]) -> String {
    let mut text = String::new();
    let at = |i: usize| jamo.get(i).copied();
    let vowel_at = |i: usize| at(i).filter(|c| is_vowel(*c));
    let mut i = 0;
    while let Some(c) = at(i) {
        let (Some(initial), Some(mut vowel)) = (initial_place(c), vowel_at(i + 1)) else {
            // Two vowels may be one, as they may be within a syllable.
            match at(i + 1).filter(|_| is_vowel(c)).and_then(|next| joined(c, next)) {
                Some(both) => {
                    text.push(both);
                    i += 2;
                }
                None => {
                    text.push(c);
                    i += 1;
                }
            }
            continue;
        };
        i += 2;
        if let Some(both) = vowel_at(i).and_then(|next| joined(vowel, next)) {
            vowel = both;
            i += 1;
        }
        // What a vowel follows begins the next syllable.
        let closing = |i: usize| at(i).filter(|_| vowel_at(i + 1).is_none()).and_then(|c| Some((c, final_place(c)?)));
        let mut last = 0;
        // Of two consonants before a vowel the first may stay.
        if let Some((c, place)) = closing(i) {
            last = place;
            i += 1;
            if let Some(both) = closing(i).and_then(|(next, _)| joined(c, next)) {
                last = final_place(both).unwrap_or(last);
                i += 1;
            }
        }
        let place = initial * 588 + (vowel as usize - 'ㅏ' as usize) * 28 + last;
        text.extend(char::from_u32('가' as u32 + place as u32));
    }
    text
}

/// What Latin letters come to on a Korean keyboard: whole syllables, or initial consonants alone; `None` where neither comes of it.
pub fn to_hangul(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut jamo = Vec::new();
    let mut any = false;
    for c in text.chars().chain([' ']) {
        match of_key(c) {
            Some(letter) => {
                any = true;
                jamo.push(letter);
            }
            None => {
                out.push_str(&compose(&jamo));
                jamo.clear();
                out.push(c);
            }
        }
    }
    out.pop();
    let letters = || out.chars().filter(|c| is_jamo(*c) || parts(*c).is_some());
    let whole = letters().all(|c| parts(c).is_some()) || letters().all(|c| initial_place(c).is_some());
    (any && whole).then_some(out)
}

/// What Korean letters come to on a Latin keyboard; `None` where there are none.
pub fn to_latin(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut any = false;
    for c in text.nfc() {
        let letters = match parts(c) {
            Some((initial, vowel, last)) => {
                let first = char::from_u32('가' as u32 + 588 * initial as u32).map(super::fold::initial);
                let vowel = char::from_u32('ㅏ' as u32 + vowel as u32);
                [first, vowel, last.checked_sub(1).and_then(|last| FINALS.get(last).copied())]
            }
            None => [is_jamo(c).then_some(c), None, None],
        };
        if letters[0].is_none() {
            out.push(c);
            continue;
        }
        any = true;
        for letter in letters.into_iter().flatten() {
            let typed = DOUBLE.iter().find(|(whole, _)| *whole == letter).map_or(vec![letter], |(_, two)| two.to_vec());
            let key = |letter| KEYS.iter().find(|(_, jamo)| *jamo == letter).map(|(key, _)| *key);
            out.extend(typed.into_iter().filter_map(key));
        }
    }
    any.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_other_keyboard_is_read() {
        for (typed, meant) in [
            ("tnekf", "수달"),
            ("Tnekf", "쑤달"),
            ("rkfkrtlwkd", "가락시장"),
            ("dhfflqmdb 5", "올리브유 5"),
            ("rkqtdl", "값이"),
            ("te", "ㅅㄷ"),
            ("Rhc", "꽃"),
        ] {
            assert_eq!(to_hangul(typed), Some(meant.to_owned()), "{typed}");
        }
        for word in ["apple", "iphone", "", "12", "수달"] {
            assert_eq!(to_hangul(word), None, "{word}");
        }
        for (typed, meant) in
            [("ㅗㅐㅡㄷ", "home"), ("메ㅔㅣㄷ", "apple"), ("ㅑㅔㅙㅜㄷ", "iphone"), ("수달 5", "tnekf 5")]
        {
            assert_eq!(to_latin(typed), Some(meant.to_owned()), "{typed}");
        }
        assert_eq!((to_latin("apple"), to_latin("")), (None, None));
        assert_eq!((without_final('달'), without_final('다')), (Some(('다', 'ㄹ')), None));
    }

    proptest! {
        #[test]
        fn korean_survives_the_other_keyboard(words in "[가-힣]{1,8}( [가-힣]{1,5})?") {
            let typed = to_latin(&words).unwrap();
            prop_assert!(typed.is_ascii());
            prop_assert_eq!(to_hangul(&typed), Some(words));
        }

        #[test]
        fn any_text_may_be_typed(text in "\\PC{0,30}|[a-zA-Zㄱ-ㅣ가-힣]{0,20}") {
            let _ = (to_hangul(&text), to_latin(&text));
        }

        #[test]
        fn english_survives_the_korean_keyboard(word in "[a-z]{1,10}") {
            // As an input method shows it, whole or not.
            let shown = compose(&word.chars().filter_map(of_key).collect::<Vec<_>>());
            prop_assert_eq!(to_latin(&shown), Some(word));
        }
    }
}
