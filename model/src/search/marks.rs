//! What of a title or a text is what was looked for: for showing it, and for whether what is being typed stands there.

use super::{
    fold::{fold, initial, is_initial},
    keyboard,
    words::Reading,
};
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// As it is written.
    pub text: String,
    /// Whether it was looked for.
    pub hit: bool,
}

/// Letters as they are compared, each with the character of the text that it comes from.
fn letters(characters: &[&str]) -> Vec<(char, usize)> {
    let mut letters = Vec::with_capacity(characters.len());
    for (at, character) in characters.iter().enumerate() {
        match plain(character) {
            Some(letter) => letters.extend(letter.map(|c| (c, at))),
            None => letters.extend(fold(character).concat().chars().map(|c| (c, at))),
        }
    }
    letters
}

/// What [`fold`] makes of most of what is written, without the work: syllables are what they are, and of ASCII letters and digits count.
fn plain(character: &str) -> Option<Option<char>> {
    let mut chars = character.chars();
    let c = chars.next().filter(|_| chars.next().is_none())?;
    match c {
        '가'..='힣' => Some(Some(c)),
        _ if c.is_ascii() => Some(Some(c.to_ascii_lowercase()).filter(char::is_ascii_alphanumeric)),
        _ => None,
    }
}

/// Whether a letter of a query means a letter of a text.
fn means(asked: char, there: char) -> bool {
    asked == there || (is_initial(asked) && initial(there) == asked)
}

/// Whether a syllable that is still being typed may become the one that is there.
fn becomes(typed: char, there: char) -> bool {
    means(typed, there)
        || (keyboard::is_open(typed) && keyboard::without_final(there).is_some_and(|(open, _)| open == typed))
}

/// How many letters of a text a word takes from a place on, when it stands there.
fn stands(word: &[char], there: &[(char, usize)], typing: bool) -> Option<usize> {
    let (last, before) = word.split_last()?;
    let fits = before.iter().zip(there).all(|(asked, (c, _))| means(*asked, *c));
    let (c, _) = *there.get(before.len()).filter(|_| fits)?;
    if means(*last, c) || (typing && becomes(*last, c)) {
        return Some(word.len());
    }
    // The consonant that closes it so far may begin the next syllable.
    let (open, next) = keyboard::without_final(*last).filter(|_| typing)?;
    let (following, _) = *there.get(before.len() + 1)?;
    (c == open && means(next, following)).then_some(word.len() + 1)
}

/// Cuts a text where what was looked for begins and ends, spaces within it included.
pub fn marked(text: &str, reading: &Reading) -> Vec<Piece> {
    cut(text, reading, false)
}

/// The same while the last word is still being typed.
pub fn marked_typing(text: &str, reading: &Reading) -> Vec<Piece> {
    cut(text, reading, true)
}

fn cut(text: &str, reading: &Reading, typing: bool) -> Vec<Piece> {
    let characters: Vec<&str> = text.graphemes(true).collect();
    let letters = letters(&characters);
    let mut hit = vec![false; characters.len()];
    for (number, word) in reading.words.iter().enumerate() {
        let typing = typing && number + 1 == reading.words.len();
        let mut at = 0;
        while at < letters.len() {
            match stands(word.letters(), &letters[at..], typing) {
                Some(length) => {
                    let (first, last) = (letters[at].1, letters[at + length - 1].1);
                    hit[first..=last].fill(true);
                    at += length;
                }
                None => at += 1,
            }
        }
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for (character, hit) in characters.into_iter().zip(hit) {
        match pieces.last_mut().filter(|last| last.hit == hit) {
            Some(last) => last.text.push_str(character),
            None => pieces.push(Piece { text: character.to_owned(), hit }),
        }
    }
    pieces
}

/// Whether every word stands in a text, the last of them as far as it was typed.
pub fn typed_in(text: &str, reading: &Reading) -> bool {
    let characters: Vec<&str> = text.graphemes(true).collect();
    let letters = letters(&characters);
    reading.words.iter().enumerate().all(|(number, word)| {
        let typing = number + 1 == reading.words.len();
        (0..letters.len()).any(|at| stands(word.letters(), &letters[at..], typing).is_some())
    })
}

/// The part of a longer text around the first of what was looked for; its beginning where nothing of it stands there.
pub fn excerpt(text: &str, reading: &Reading, characters: usize) -> String {
    /// Characters before what was looked for.
    const BEFORE: usize = 20;
    let all: Vec<&str> = text.graphemes(true).collect();
    if all.len() <= characters {
        return text.to_owned();
    }
    let letters = letters(&all);
    let stands = |at: &usize| reading.words.iter().any(|word| stands(word.letters(), &letters[*at..], false).is_some());
    let first = (0..letters.len()).find(stands).map_or(0, |at| letters[at].1);
    let from = first.saturating_sub(BEFORE).min(all.len() - characters);
    let to = from + characters;
    let left_out = |is: bool| if is { "…" } else { "" };
    format!("{}{}{}", left_out(from > 0), all[from..to].concat(), left_out(to < all.len()))
}

#[cfg(test)]
mod tests {
    use super::{super::words::readings, *};
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn what_is_compared_without_the_work_is_compared_alike() {
        for c in (0..128).chain('가' as u32..='힣' as u32).filter_map(char::from_u32) {
            let character = c.to_string();
            let plain = plain(&character).unwrap().map(String::from).unwrap_or_default();
            assert_eq!(plain, fold(&character).concat(), "{c:?}");
        }
        assert_eq!(plain("\r\n").or(plain("가\u{301}")).or(plain("ㅅ")).or(plain("Ａ")), None);
    }

    fn shown(text: &str, query: &str) -> String {
        let reading = &readings(query)[0];
        let piece = |piece: Piece| if piece.hit { format!("[{}]", piece.text) } else { piece.text };
        marked(text, reading).into_iter().map(piece).collect()
    }

    #[test]
    fn what_was_looked_for_is_marked() {
        for (text, query, marked) in [
            ("용감한 수달의 머그", "수달", "용감한 [수달]의 머그"),
            ("용감한 수달의 머그", "한수", "용감[한 수]달의 머그"),
            ("용감한 수달의 머그", "ㅅㄷ", "용감한 [수달]의 머그"),
            ("MUG mug", "Mug", "[MUG] [mug]"),
            ("머그 <b>수달</b>", "수달", "머그 <b>[수달]</b>"),
            ("수달 수달", "수달", "[수달] [수달]"),
            ("수달수달", "수달", "[수달수달]"),
            ("겨울 머그", "수박", "겨울 머그"),
            ("", "수박", ""),
        ] {
            assert_eq!(shown(text, query), marked, "{query}");
        }
        let typed = |text: &str| readings(text).remove(0);
        assert!(
            typed_in("용감한 수달", &typed("수다"))
                && typed_in("다람쥐", &typed("달"))
                && typed_in("수달", &typed("수ㄷ"))
        );
        assert!(!typed_in("수박", &typed("수다")) && !typed_in("다시마", &typed("달")));
        assert!(!typed_in("수달 머그", &typed("수다 머그")), "only the last word is unfinished");
        let long = format!("{}수달{}", "가".repeat(100), "나".repeat(100));
        let part = excerpt(&long, &typed("수달"), 60);
        assert!(
            part.starts_with('…') && part.ends_with('…') && part.contains("수달") && part.chars().count() == 62,
            "{part}"
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_by_marking(text in "\\PC{0,60}", query in "\\PC{1,20}", count in 1usize..30) {
            for reading in readings(&query) {
                let pieces: String = marked(&text, &reading).into_iter().map(|piece| piece.text).collect();
                prop_assert_eq!(&pieces, &text);
                let pieces: String = marked_typing(&text, &reading).into_iter().map(|piece| piece.text).collect();
                prop_assert_eq!(&pieces, &text);
                let _ = (typed_in(&text, &reading), excerpt(&text, &reading, count));
            }
        }

        #[test]
        fn every_word_is_marked(title in "[가-힣]{1,6}( [가-힣]{1,6}| [a-zA-Z]{2,6}){0,4}") {
            for word in title.split(' ') {
                let reading = &readings(word)[0];
                prop_assert!(marked(&title, reading).iter().any(|piece| piece.hit));
                prop_assert!(typed_in(&title.nfd().collect::<String>(), reading));
            }
        }
    }
}
