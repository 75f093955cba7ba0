//! What nobody sees. It needs no tables: the browser counts with it as well.

/// Whether nobody sees a character: Unicode's default-ignorable ones (DerivedCoreProperties; among them all bidi controls, byte
/// order marks, tags and Hangul fillers), annotations and format controls, glyphs that are blank, and controls.
pub(super) fn hidden(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{13430}'..='\u{1343F}'
            | '\u{16FE4}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Without anything hidden, also where it belongs to an emoji: for comparing.
pub(super) fn without_hidden(text: &str) -> String {
    text.chars().filter(|c| !hidden(*c)).collect()
}

/// What is counted of a line by whoever splits it into grapheme clusters: white space folded, and nothing hidden but what such a
/// cluster may hold.
pub fn counted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let (before, mut begun) = (out.len(), false);
        if before > 0 {
            out.push(' ');
        }
        for c in word.chars() {
            let within = matches!(c, '\u{200D}' | '\u{FE0E}' | '\u{FE0F}' | '\u{E0030}'..='\u{E007F}') && begun;
            if within || !hidden(c) {
                out.push(c);
                begun = true;
            }
        }
        if !begun {
            out.truncate(before);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{length, line};

    #[test]
    fn the_browser_counts_as_the_server_does() {
        for text in [
            "",
            " \u{200B} ",
            "  용감한\t 수달 ",
            "\u{FEFF}수\u{200B}달\u{3164}",
            "👨‍👩‍👧‍👦 ❤️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "\u{200D}\u{FE0F}a \u{200D} b",
            "\u{1109}\u{116E}\u{1103}\u{1161}\u{11AF}",
            "수\u{200D}달\u{FE0F}",
            "a\u{301}\u{302}b",
        ] {
            assert_eq!(length(&counted(text)), length(&line(text, 0, 300).unwrap()), "{text:?}");
        }
    }
}
