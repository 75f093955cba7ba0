//! What of a text is seen: what is kept of it, and how long it is.

use super::hidden::hidden;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// The most combining marks on one letter; a fifth is written in no language.
const MARKS: usize = 4;
/// The most scalar values of one character: the longest emoji that there is has ten. Longer ones count as several, so that what
/// is short to read is short to keep.
const SCALARS: usize = 12;

const JOINER: char = '\u{200D}';
const BLACK_FLAG: char = '\u{1F3F4}';
const KEYCAP: char = '\u{20E3}';
const END_OF_TAGS: char = '\u{E007F}';

/// Whether emoji are made of a character: it is one of those that a joiner joins (`Extended_Pictographic`, UAX 29 rule GB11).
fn pictographic(c: char) -> bool {
    !c.is_ascii() && format!("{c}{JOINER}\u{2764}").graphemes(true).count() == 1
}

/// Skin tones, and what chooses between the two looks of an emoji.
fn modifies(c: char) -> bool {
    matches!(c, '\u{FE0E}' | '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}')
}

/// How many of the hidden characters at the beginning of `rest` belong to the emoji before them.
fn of_emoji(before: &[char], rest: &[char]) -> usize {
    let Some(last) = before.last() else { return 0 };
    let next = rest.get(1);
    let belongs = match rest[0] {
        '\u{FE0F}' if next == Some(&KEYCAP) && (last.is_ascii_digit() || matches!(last, '#' | '*')) => true,
        '\u{FE0E}' | '\u{FE0F}' => pictographic(*last),
        JOINER => {
            let base = before.iter().rev().find(|c| !modifies(**c));
            base.copied().is_some_and(pictographic) && next.copied().is_some_and(pictographic)
        }
        // The flag of a part of a country: its code in tags.
        '\u{E0030}'..='\u{E007A}' if *last == BLACK_FLAG => {
            let code = rest.iter().take_while(|c| matches!(c, '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}'));
            let code = code.count();
            let whole = (3..=6).contains(&code) && rest.get(code) == Some(&END_OF_TAGS);
            return if whole { code + 1 } else { 0 };
        }
        _ => false,
    };
    usize::from(belongs)
}

/// A text as it is kept: composed (NFC), without what nobody sees, and with no more marks on a letter than are written. Marks on
/// nothing go as well: they would paint on what stands before the text.
pub(super) fn seen(text: &str) -> String {
    let mut kept = seen_once(text);
    loop {
        // Composed, a sign may be another, of which no emoji is made: what joined it is hidden then.
        let again = seen_once(&kept);
        if again == kept {
            return kept;
        }
        kept = again;
    }
}

fn seen_once(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut shown: Vec<char> = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() {
        let kept = if hidden(chars[at]) { of_emoji(&shown, &chars[at..]) } else { 1 };
        shown.extend(&chars[at..at + kept]);
        at += kept.max(1);
    }
    let mut out = String::with_capacity(text.len());
    // Marks on the letter at hand; no more on what is no letter.
    let mut marks = MARKS;
    for c in shown.into_iter().nfc() {
        if is_combining_mark(c) && !hidden(c) {
            if marks == MARKS {
                continue;
            }
            marks += 1;
        } else if !hidden(c) {
            marks = if c.is_whitespace() { MARKS } else { 0 };
        }
        out.push(c);
    }
    out
}

/// How many characters people count: grapheme clusters (UAX 29). The browser counts the same way (`app/src/forms/count.rs`).
pub fn length(text: &str) -> u64 {
    text.graphemes(true).map(|cluster| cluster.chars().count().div_ceil(SCALARS) as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_stay_whole() {
        for emoji in ["👨‍👩‍👧‍👦", "❤️", "❤️‍🔥", "👩🏽‍🚀", "👩🏽‍❤️‍💋‍👩🏿", "1️⃣", "#️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇰🇷", "🏳️‍🌈", "👁️‍🗨️", "♥︎"]
        {
            assert_eq!(seen(emoji), emoji);
            assert_eq!(length(emoji), 1, "{emoji}");
        }
    }

    #[test]
    fn what_nobody_sees_goes_elsewhere() {
        for (typed, kept) in [
            ("수\u{202E}달", "수달"),
            ("\u{FEFF}수\u{200B}달\u{2060}", "수달"),
            ("수\u{200D}달", "수달"),
            ("a\u{FE0F}b", "ab"),
            ("1\u{FE0F}", "1"),
            ("\u{2800}\u{3164}\u{115F}\u{1160}\u{FFA0}\u{AD}\u{0}\u{7}", ""),
            ("\u{E0041}\u{E0042}", ""),
            // A message in tags behind a flag is none.
            ("🏴\u{E0041}\u{E0042}\u{E0043}\u{E007F}", "🏴"),
            ("🏴\u{E0067}\u{E0062}", "🏴"),
            ("👩\u{200D}", "👩"),
            ("👩\u{200D}\u{200D}\u{200B}🚀", "👩🚀"),
            ("🏴\u{200D}↔\u{338}", "🏴↮"),
        ] {
            assert_eq!(seen(typed), kept, "{typed:?}");
        }
    }

    #[test]
    fn marks_are_few_and_on_letters() {
        assert_eq!(seen("\u{301}\u{301}수달"), "수달");
        assert_eq!(seen("a \u{301}b"), "a b");
        assert_eq!(seen(&format!("달{}", "\u{35C}".repeat(40))), format!("달{}", "\u{35C}".repeat(4)));
        assert_eq!(seen("e\u{302}\u{301}"), "ế");
        assert_eq!(seen("นี้"), "นี้");
    }

    #[test]
    fn lengths_are_what_people_count() {
        assert_eq!(length("수달"), 2);
        assert_eq!(length("\u{1109}\u{116E}\u{1103}\u{1161}\u{11AF}"), 2);
        assert_eq!(length("a\r\nb"), 3);
        assert_eq!(length(&"ᄀ".repeat(120)), 10, "syllables without an end are not short");
    }
}
