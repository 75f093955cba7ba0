//! Lines of chat that a page holds: whoever stays for hours where nobody stops has those said last, and reads older ones on pages
//! of their own.

use super::{ChatLine, Said};
use crate::parties::PartyLine;

/// What lines may weigh that a page holds, in bytes.
const HELD: usize = 256 << 10;
/// What a line weighs beside its text: itself, and its elements.
const EACH_LINE: usize = 500;

/// A line of chat, which weighs something.
pub trait Weigh {
    /// How much, in bytes.
    fn weight(&self) -> usize;
}

impl Weigh for ChatLine {
    fn weight(&self) -> usize {
        match &self.said {
            Said::Member { nickname, text, .. } => EACH_LINE + nickname.len() + text.len(),
            Said::Hidden | Said::Room { .. } => EACH_LINE,
        }
    }
}

impl Weigh for PartyLine {
    fn weight(&self) -> usize {
        EACH_LINE + self.nickname.len() + self.text.len()
    }
}

/// Lets go of the oldest lines, as far as all of them weigh too much.
pub fn lighten<Line: Weigh>(lines: &mut Vec<Line>) {
    let mut all = 0;
    let fits = |line: &&Line| {
        all += line.weight();
        all <= HELD
    };
    let kept = lines.iter().rev().take_while(fits).count();
    lines.drain(..lines.len() - kept);
}

/// Whether there is room for older lines before those that a page holds.
pub fn has_room<Line: Weigh>(lines: &[Line]) -> bool {
    lines.iter().map(Weigh::weight).sum::<usize>() < HELD / 2
}

/// Takes in lines that were said after those that the page holds.
pub fn take_in(lines: &mut Vec<PartyLine>, new: Vec<PartyLine>) {
    let seen = lines.last().map_or(0, |line| line.number);
    lines.extend(new.into_iter().filter(|line| line.number > seen));
    lighten(lines);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Time;

    fn holds_what_was_said_last<Line: Weigh>(line: impl Fn(u64) -> Line, number: impl Fn(&Line) -> u64) {
        let mut lines = Vec::new();
        for number in 1..=1_000 {
            lines.push(line(number));
            lighten(&mut lines);
            assert!(lines.iter().map(Weigh::weight).sum::<usize>() <= HELD);
        }
        assert!(lines.len() > 150 && lines.last().is_some_and(|line| number(line) == 1_000), "{} lines", lines.len());
        assert!(!has_room(&lines));
    }

    #[test]
    fn of_a_chat_that_never_ends_a_page_holds_what_was_said_last() {
        let text = || "가".repeat(300);
        let in_a_room = |number| {
            let said = Said::Member { nickname: "수달".into(), picture: None, creator: false, text: text() };
            ChatLine { number, at: Time(0), said }
        };
        holds_what_was_said_last(in_a_room, |line: &ChatLine| line.number);
        let nickname = || "수달".to_owned();
        let in_a_party = |number| PartyLine {
            number,
            at: Time(0),
            nickname: nickname(),
            picture: None,
            badge: None,
            mine: false,
            text: text(),
        };
        holds_what_was_said_last(in_a_party, |line: &PartyLine| line.number);
    }

    #[test]
    fn a_page_that_stays_open_holds_what_was_said_last_and_no_line_twice() {
        let line = |number| PartyLine {
            number,
            at: Time(0),
            nickname: "수달".into(),
            picture: None,
            badge: None,
            mine: false,
            text: "가".repeat(300),
        };
        let mut lines = vec![line(1), line(2)];
        take_in(&mut lines, vec![line(2), line(3)]);
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3]);
        for number in 4..=1_000 {
            take_in(&mut lines, vec![line(number)]);
        }
        assert!(lines.len() < 400, "{} lines", lines.len());
        assert_eq!(lines.last().map(|line| line.number), Some(1_000));
    }
}
