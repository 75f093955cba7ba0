//! Revisions: what was changed of a published event, by its creator or whoever looks after the site, for everybody to see.

use crate::{Category, EventDraft, MINUTE, Offer, Span, Time, wire::both_ways};
use serde::{Deserialize, Serialize};

/// How long before the opening its time can no longer be moved: people have planned for it by then.
pub const FROZEN: Span = MINUTE.times(10);

both_ways! {
    json(tag = "field", rename_all = "snake_case")
    /// One field of an event before and after, or that it was stopped and goes on.
    #[derive(Debug, Clone, PartialEq)]
    // There are never many of them at once.
    #[allow(missing_docs, clippy::large_enum_variant)]
    pub enum Edit {
        Title {
            from: String,
            to: String,
        },
        Summary {
            from: String,
            to: String,
        },
        /// Markdown.
        Description {
            from: String,
            to: String,
        },
        Category {
            from: Category,
            to: Category,
        },
        Rules {
            from: String,
            to: String,
        },
        Opening {
            from: Time,
            to: Time,
        },
        Closing {
            from: Time,
            to: Time,
        },
        Offer {
            from: Box<Offer>,
            to: Box<Offer>,
        },
        /// The codes themselves stay secret.
        EntryCode,
        Picture,
        /// Whoever looks after the site stopped it.
        Suspended {
            reason: String,
        },
        /// It goes on.
        Readmitted,
    }
}

impl Edit {
    /// The same as it is shown: of long texts only where they differ.
    pub fn shortened(self) -> Edit {
        match self {
            Edit::Description { from, to } => {
                let (from, to) = differing(&from, &to);
                Edit::Description { from, to }
            }
            Edit::Rules { from, to } => {
                let (from, to) = differing(&from, &to);
                Edit::Rules { from, to }
            }
            short => short,
        }
    }
}

/// Characters around what differs.
const AROUND: usize = 40;
/// Characters of either text that are shown at most.
const SHOWN: usize = 600;

/// Where two texts differ, with a little around it; `…` stands for what is left out.
fn differing(from: &str, to: &str) -> (String, String) {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let shorter = from.len().min(to.len()) - same;
    let ends = from.iter().rev().zip(to.iter().rev()).take(shorter).take_while(|(a, b)| a == b).count();
    let first = same.saturating_sub(AROUND);
    let part = |text: &[char]| {
        let last = text.len().min(text.len() - ends + AROUND);
        let cut = last.min(first + SHOWN);
        let left_out = |is: bool| if is { "…" } else { "" };
        let middle: String = text[first..cut].iter().collect();
        format!("{}{middle}{}", left_out(first > 0), left_out(cut < text.len()))
    };
    (part(&from), part(&to))
}

/// A change as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// When it was made.
    pub at: Time,
    /// What was changed.
    pub edit: Edit,
}

/// What differs between two drafts of an event, field by field.
pub fn edits(before: &EventDraft, after: &EventDraft) -> Vec<Edit> {
    let mut edits = Vec::new();
    macro_rules! compare {
        ($($field:ident as $edit:ident),*) => {$(
            if before.$field != after.$field {
                edits.push(Edit::$edit { from: before.$field.clone(), to: after.$field.clone() });
            }
        )*};
    }
    compare!(
        title as Title,
        summary as Summary,
        description as Description,
        category as Category,
        rules as Rules,
        opens_at as Opening,
        closes_at as Closing
    );
    if before.offer != after.offer {
        let [from, to] = [before, after].map(|draft| Box::new(draft.offer.clone()));
        edits.push(Edit::Offer { from, to });
    }
    if before.entry_code != after.entry_code {
        edits.push(Edit::EntryCode);
    }
    edits
}

/// Whether whoever wishes for an event is told of its changes before it opens: of what it is, what it costs and when it opens; not of
/// how it is described.
pub fn concerns_wishers(edits: &[Edit]) -> bool {
    edits.iter().any(|edit| match edit {
        Edit::Title { .. }
        | Edit::Rules { .. }
        | Edit::Opening { .. }
        | Edit::Closing { .. }
        | Edit::Offer { .. }
        | Edit::EntryCode => true,
        Edit::Summary { .. }
        | Edit::Description { .. }
        | Edit::Category { .. }
        | Edit::Picture
        | Edit::Suspended { .. }
        | Edit::Readmitted => false,
    })
}

/// Whether the opening may be moved from one time to another at `now`: not in the last ten minutes, and not into them.
pub fn may_move(from: Time, to: Time, now: Time) -> bool {
    from == to || (from.since(now) > FROZEN && to.since(now) > FROZEN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Prize, PrizeKind};

    fn draft() -> EventDraft {
        EventDraft {
            title: "머그".into(),
            summary: String::new(),
            description: String::new(),
            category: Category::Living,
            opens_at: Time(0),
            closes_at: Time(1),
            entry_code: None,
            rules: String::new(),
            offer: Offer::Giveaway {
                prizes: vec![Prize { name: "머그".into(), kind: PrizeKind::Goods, winners: 1 }]
            },
        }
    }

    #[test]
    fn only_what_differs_is_told() {
        assert_eq!(edits(&draft(), &draft()), []);
        let after = EventDraft { title: "찻잔".into(), entry_code: Some("59".into()), ..draft() };
        let told = edits(&draft(), &after);
        assert_eq!(told, [Edit::Title { from: "머그".into(), to: "찻잔".into() }, Edit::EntryCode]);
        let json = serde_json::to_string(&told).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Edit>>(&json).unwrap(), told);
    }

    #[test]
    fn wishers_are_told_of_what_they_planned_by() {
        let opening = Edit::Opening { from: Time(0), to: Time(1) };
        let summary = Edit::Summary { from: String::new(), to: "손으로".into() };
        assert!(concerns_wishers(&[summary.clone(), opening]));
        assert!(!concerns_wishers(&[summary, Edit::Picture]) && !concerns_wishers(&[]));
    }

    #[test]
    fn of_long_texts_is_shown_where_they_differ() {
        let text = |word: &str| format!("{}{word}{}", "가".repeat(5000), "나".repeat(5000));
        let (from, to) = differing(&text("머그"), &text("찻잔"));
        assert_eq!(from, format!("…{}머그{}…", "가".repeat(AROUND), "나".repeat(AROUND)));
        assert_eq!(to, format!("…{}찻잔{}…", "가".repeat(AROUND), "나".repeat(AROUND)));
        assert_eq!(differing("머그", "찻잔"), ("머그".into(), "찻잔".into()));
        assert_eq!(differing("가나", "가나다"), ("가나".into(), "가나다".into()));
    }

    proptest::proptest! {
        #[test]
        fn whatever_they_are_little_is_shown(from in "[ab]{0,60}", to in "[ab]{0,60}", times in 1usize..60) {
            let (from, to) = (from.repeat(times), to.repeat(times));
            let (before, after) = differing(&from, &to);
            proptest::prop_assert!(before.chars().count() <= SHOWN + 2 && after.chars().count() <= SHOWN + 2);
            proptest::prop_assert_eq!(before == after, from == to);
        }
    }

    #[test]
    fn the_opening_holds_still_in_its_last_ten_minutes() {
        let now = Time(0);
        assert!(may_move(now + 11 * MINUTE, now + 60 * MINUTE, now));
        assert!(may_move(now + 5 * MINUTE, now + 5 * MINUTE, now));
        assert!(!may_move(now + 10 * MINUTE, now + 60 * MINUTE, now));
        assert!(!may_move(now + 60 * MINUTE, now + 9 * MINUTE, now));
    }
}
