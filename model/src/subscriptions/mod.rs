//! Subscriptions: what members wish to hear of when it is published, by category and by keyword. Rules alone; who is told is the
//! engine's.

use crate::{Category, EventCard, EventDraft, Favourites, FieldError, Offer, Time, error::codes, search, text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Keywords a member may have.
pub const MOST_KEYWORDS: usize = 20;
/// Characters of a keyword.
pub const KEYWORD_LENGTH: (u64, u64) = (2, 20);

codes! {
    /// Why a subscription is not taken.
    pub enum SubscriptionError {
        /// There are [`MOST_KEYWORDS`] already.
        TooManyKeywords = "too_many_keywords", 409;
    }
}

/// A word that a member wishes to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    /// As it is shown.
    pub text: String,
    /// As it is compared: by the search's rules, over spaces.
    pub key: String,
    /// The two letters that it begins with, which lead to it from what it stands in.
    pub run: String,
}

impl Keyword {
    /// From what was typed.
    ///
    /// # Errors
    /// As [`text::line`] within [`KEYWORD_LENGTH`]; [`FieldError::TooShort`] also where fewer than two letters or digits are left of it.
    pub fn of(typed: &str) -> Result<Keyword, FieldError> {
        let (min, max) = KEYWORD_LENGTH;
        let text = text::line(typed, min, max)?;
        let key = search::title_key(&text);
        let run: String = key.chars().take(2).collect();
        if run.chars().count() < 2 {
            return Err(FieldError::TooShort { min });
        }
        Ok(Keyword { text, key, run })
    }
}

/// What an event is found by: its category, and the texts that keywords may stand in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// What it is about.
    pub category: Category,
    /// Its title, its summary and its prizes, as they are compared.
    texts: Vec<String>,
}

impl Described {
    /// What an event says of itself.
    pub fn new(category: Category, title: &str, summary: &str, offer: &Offer) -> Described {
        let prizes: &[_] = match offer {
            Offer::Giveaway { prizes } => prizes,
            _ => &[],
        };
        let texts = [title, summary].into_iter().chain(prizes.iter().map(|prize| prize.name.as_str()));
        Described { category, texts: texts.map(search::title_key).filter(|text| !text.is_empty()).collect() }
    }

    /// The same of a draft.
    pub fn of(draft: &EventDraft) -> Described {
        Described::new(draft.category, &draft.title, &draft.summary, &draft.offer)
    }

    /// Every two letters that stand beside each other, each once: a keyword that stands in it begins with one of them.
    pub fn runs(&self) -> BTreeSet<String> {
        let pairs = |text: &String| {
            let letters: Vec<char> = text.chars().collect();
            letters.windows(2).map(|pair| pair.iter().collect()).collect::<Vec<String>>()
        };
        self.texts.iter().flat_map(pairs).collect()
    }

    /// Whether a keyword stands in one of the texts, by its key.
    pub fn has(&self, key: &str) -> bool {
        self.texts.iter().any(|text| text.contains(key))
    }
}

/// What a member hears of, on one page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscriptions {
    /// The newest few of what they wish for.
    pub wishes: Vec<EventCard>,
    /// How many there are in all.
    pub wished: u64,
    /// Categories, in the order of every menu.
    pub categories: Vec<Category>,
    /// Keywords as they were typed, the newest first.
    pub keywords: Vec<String>,
    /// Markets and items.
    pub favourites: Favourites,
    /// Server time when this was read.
    pub now: Time,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Prize, PrizeKind};
    use proptest::prelude::*;

    fn described(title: &str, summary: &str, prize: &str) -> Described {
        let prizes = vec![Prize { name: prize.into(), kind: PrizeKind::Goods, winners: 1 }];
        Described::new(Category::Living, title, summary, &Offer::Giveaway { prizes })
    }

    #[test]
    fn keywords_are_compared_as_the_search_compares() {
        let event = described("용감한 수달의 겨울 머그", "손으로 빚은 Mug", "원두 세트");
        for typed in ["수달", " 겨울머그 ", "겨울 머그", "ｍｕｇ", "MUG", "원두세트", "수\u{1103}\u{1161}\u{11AF}"]
        {
            let keyword = Keyword::of(typed).unwrap();
            assert!(event.has(&keyword.key) && event.runs().contains(&keyword.run), "{typed}");
        }
        for typed in ["수박", "머그 손으로", "세트 원두", "mugs"] {
            assert!(!event.has(&Keyword::of(typed).unwrap().key), "{typed}");
        }
        assert_eq!(Keyword::of("겨울  머그").unwrap().text, "겨울 머그");
    }

    #[test]
    fn what_is_no_word_is_no_keyword() {
        for (typed, error) in [
            ("", FieldError::Required),
            ("수", FieldError::TooShort { min: 2 }),
            ("!?", FieldError::TooShort { min: 2 }),
            ("수!", FieldError::TooShort { min: 2 }),
            ("\u{200B}\u{3164}", FieldError::Required),
        ] {
            assert_eq!(Keyword::of(typed), Err(error), "{typed:?}");
        }
        assert_eq!(Keyword::of(&"가".repeat(21)), Err(FieldError::TooLong { max: 20 }));
        assert!(Keyword::of(&"가".repeat(20)).is_ok());
    }

    proptest! {
        /// Looked up by its first two letters and confirmed, a keyword is found wherever it stands, and nowhere else.
        #[test]
        fn runs_lead_to_every_keyword(
            title in "[가나다 a]{2,20}", summary in "[가나다 a]{0,30}", keywords in prop::collection::vec("[가나다a ]{2,5}", 1..30),
        ) {
            let event = described(&title, &summary, "나가");
            let keywords: Vec<Keyword> = keywords.iter().filter_map(|typed| Keyword::of(typed).ok()).collect();
            let runs = event.runs();
            for keyword in keywords {
                let key = keyword.key.as_str();
                let stands = [title.as_str(), summary.as_str(), "나가"].iter().any(|text| text.replace(' ', "").contains(key));
                prop_assert_eq!(runs.contains(&keyword.run) && event.has(key), stands, "{}", key);
            }
        }

        #[test]
        fn any_text_may_be_typed(typed in "\\PC{0,40}") {
            if let Ok(keyword) = Keyword::of(&typed) {
                prop_assert_eq!(Keyword::of(&keyword.text), Ok(keyword.clone()));
                prop_assert!(keyword.key.starts_with(&keyword.run));
                let event = described(&keyword.text, "", "가");
                prop_assert!(event.has(&keyword.key) && event.runs().contains(&keyword.run));
            }
        }
    }
}
