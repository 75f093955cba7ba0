//! What a text is found by, and what a query asks for: runs of one, two and three letters, of words and of their initial consonants.
//!
//! Korean words have endings and are written together or apart, so that a word is not what is looked up: pairs of letters are, over
//! spaces. Whoever types three letters or more is found by triples, which far fewer texts have.

use super::{
    fold::{fold, initial, is_initial},
    keyboard,
};

/// Characters of a query that are read; nothing that is looked for has a longer name.
pub const MAX_QUERY: usize = 80;
/// Words of a query that are looked for.
const MAX_WORDS: usize = 8;

/// Runs of so many letters in a row.
fn runs(letters: &[char], length: usize) -> impl Iterator<Item = String> + '_ {
    letters.windows(length).map(|run| run.iter().collect())
}

/// Everything that a text is found by in a title: each letter, each pair and each triple of it, over spaces. Separated by spaces.
pub fn title_grams(text: &str) -> String {
    let letters: Vec<char> = fold(text).concat().chars().collect();
    (1..=3).flat_map(|length| runs(&letters, length)).collect::<Vec<_>>().join(" ")
}

/// Everything that a text is found by beside its title: the letter that each word begins with, and each pair and each triple, over
/// spaces. Single letters within words would lead to nearly everything.
pub fn text_grams(text: &str) -> String {
    let words = fold(text);
    let firsts = words.iter().filter_map(|word| word.chars().next()).map(String::from);
    let letters: Vec<char> = words.concat().chars().collect();
    firsts.chain((2..=3).flat_map(|length| runs(&letters, length))).collect::<Vec<_>>().join(" ")
}

/// Everything that a title is found by when only initial consonants are typed: those that words begin with, and each pair and each triple
/// of them, over spaces.
pub fn initial_grams(text: &str) -> String {
    let words = fold(text);
    let firsts = words.iter().filter_map(|word| word.chars().next()).map(|c| initial(c).to_string());
    let letters: Vec<char> = words.concat().chars().map(initial).collect();
    firsts.chain((2..=3).flat_map(|length| runs(&letters, length))).collect::<Vec<_>>().join(" ")
}

/// What two titles that read alike have in common.
pub fn title_key(text: &str) -> String {
    fold(text).concat()
}

/// The longest runs that lead to a word, each of them: of a long word its triples.
fn asked(letters: &[char]) -> Vec<String> {
    runs(letters, letters.len().clamp(1, 3)).collect()
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    letters: Vec<char>,
}

impl Word {
    /// What a title must have for the word: of [`title_grams`], and of [`initial_grams`].
    pub fn in_title(&self) -> (Vec<String>, Vec<String>) {
        let syllables = self.letters.split(|c| is_initial(*c)).filter(|run| !run.is_empty()).flat_map(asked).collect();
        let initials: Vec<char> = self.letters.iter().map(|c| initial(*c)).collect();
        let by_initials = self.letters.iter().any(|c| is_initial(*c));
        (syllables, if by_initials { asked(&initials) } else { Vec::new() })
    }

    /// What a text must have for the word, title included; a single letter begins a word there. `None` when it stands for initial
    /// consonants, which only titles are found by.
    pub fn in_text(&self) -> Option<Vec<String>> {
        (!self.letters.iter().any(|c| is_initial(*c))).then(|| asked(&self.letters))
    }

    /// Its letters.
    pub(super) fn letters(&self) -> &[char] {
        &self.letters
    }
}

/// What somebody looks for, read in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The words, all of which must be there.
    pub words: Vec<Word>,
    /// As it is shown, when it is not what was typed.
    pub instead: Option<String>,
}

impl Reading {
    fn of(text: &str, instead: bool) -> Option<Reading> {
        let words: Vec<Word> = fold(text)
            .into_iter()
            .take(MAX_WORDS)
            .map(|word| Word { letters: word.chars().take(MAX_QUERY).collect() })
            .collect();
        (!words.is_empty()).then(|| Reading { words, instead: instead.then(|| text.to_owned()) })
    }

    /// The whole of it, to compare with [`title_key`].
    pub fn key(&self) -> String {
        self.words.iter().flat_map(|word| &word.letters).collect()
    }

    /// The same while its last word is still being typed: the syllable that is not finished stands for all that begin so. Every result is
    /// to be looked at by [`typed_in`](super::typed_in). `None` where the last letter is finished.
    pub fn unfinished(&self) -> Option<Reading> {
        let mut reading = self.clone();
        let last = reading.words.last_mut()?.letters.last_mut()?;
        if !keyboard::is_open(*last) {
            return None;
        }
        *last = initial(*last);
        Some(reading)
    }

    /// The same where the last consonant begins the next syllable: 달 on the way to 다람.
    pub fn moved_on(&self) -> Option<Reading> {
        let mut reading = self.clone();
        let letters = &mut reading.words.last_mut()?.letters;
        let (open, next) = keyboard::without_final(letters.pop()?)?;
        letters.extend([open, next]);
        is_initial(next).then_some(reading)
    }
}

/// The ways to read what somebody typed: as it stands, and as it would be on the other keyboard. The later ones count where the earlier
/// find nothing. None for what has neither letters nor digits.
pub fn readings(text: &str) -> Vec<Reading> {
    let text: String = text.chars().take(MAX_QUERY).collect();
    let text = text.trim();
    let Some(typed) = Reading::of(text, false) else { return Vec::new() };
    let others = [keyboard::to_hangul(text), keyboard::to_hangul(&text.to_lowercase()), keyboard::to_latin(text)];
    let mut readings = vec![typed];
    for other in others.into_iter().flatten() {
        let Some(reading) = Reading::of(&other, true) else { continue };
        if readings.iter().all(|known| known.words != reading.words) {
            readings.push(reading);
        }
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Whether a title is found by a reading, as the index finds it.
    fn found(title: &str, reading: &Reading) -> bool {
        let set = |grams: String| grams.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
        let (letters, initials) = (set(title_grams(title)), set(initial_grams(title)));
        reading.words.iter().all(|word| {
            let (in_title, by_initials) = word.in_title();
            in_title.iter().all(|gram| letters.contains(gram)) && by_initials.iter().all(|gram| initials.contains(gram))
        })
    }

    #[test]
    fn titles_are_found_by_parts() {
        let title = "용감한 수달의 겨울 머그 2호 Mug";
        for query in [
            "수달",
            "수달의 겨울",
            "달의겨",
            "머그 수달",
            "ㅅㄷ",
            "ㅇㄱㅎㅅㄷ",
            "ㅇ",
            "수ㄷ",
            "mug",
            "MU",
            "2호",
            "tnekf",
            "Tnekf",
            "te",
            "ㅡㅕㅎ",
            "겨울머그",
            "용",
            "감한수",
        ] {
            assert!(readings(query).iter().any(|reading| found(title, reading)), "{query}");
        }
        for query in ["수박", "ㅅㅂ", "달수", "gum", "머그컵", "ㄱㅎ ㅂ"] {
            assert!(!readings(query).iter().any(|reading| found(title, reading)), "{query}");
        }
        assert_eq!(readings(" !? "), []);
        assert_eq!(readings("tnekf")[1].instead.as_deref(), Some("수달"));
        assert_eq!(title_grams("수 달!"), "수 달 수달");
        assert_eq!(text_grams("고른 컵"), "고 컵 고른 른컵 고른컵");
    }

    #[test]
    fn what_is_being_typed_is_read_on() {
        let typed = |text: &str| readings(text).remove(0);
        assert!(found("수달", &typed("수다").unfinished().unwrap()));
        assert!(found("다람쥐", &typed("달").moved_on().unwrap()));
        assert_eq!(
            (typed("수달").unfinished(), typed("수다").moved_on(), typed("mug").unfinished()),
            (None, None, None)
        );
    }

    proptest! {
        #[test]
        fn any_text_may_be_asked_for(text in "\\PC{0,100}") {
            for reading in readings(&text) {
                prop_assert!(!reading.words.is_empty());
                let _ = (reading.unfinished(), reading.moved_on(), reading.key());
                for word in &reading.words {
                    let (letters, initials) = word.in_title();
                    prop_assert!(letters.len() + initials.len() > 0);
                    prop_assert!(letters.iter().chain(&initials).all(|gram| !gram.is_empty() && !gram.contains(' ')));
                }
            }
            let _ = (title_grams(&text), text_grams(&text), initial_grams(&text));
        }

        /// Every word of a title leads to it: itself, its initial consonants, and typed on the other keyboard.
        #[test]
        fn every_word_of_a_title_leads_to_it(title in "[가-힣]{1,6}( [가-힣]{1,6}| [a-z]{2,6}| [0-9]{1,3}){0,4}") {
            for word in title.split(' ') {
                prop_assert!(found(&title, &readings(word)[0]), "{}", word);
                let initials: String = word.chars().map(initial).collect();
                prop_assert!(found(&title, &readings(&initials)[0]), "{}", initials);
                if let Some(typed) = keyboard::to_latin(word) {
                    prop_assert!(readings(&typed).iter().any(|reading| found(&title, reading)), "{}", typed);
                }
            }
        }
    }
}
