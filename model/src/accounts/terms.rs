//! What members agree to: the documents with their versions, and what each agreed to of them.

use crate::Time;
use serde::{Deserialize, Serialize};

/// Something that a member agrees to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// The terms of use.
    Terms,
    /// What is kept of them, and why.
    Privacy,
    /// To be sent news.
    Marketing,
}

/// A version of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Counted from 1.
    pub number: u32,
    /// The day from which it holds, in Korea: year, month and day.
    pub from: (i64, i64, i64),
}

/// Versions of what members agree to, the newest last. Texts that have another meaning are another version: what was agreed to before
/// stays to be read, and members are asked anew.
const TERMS: &[Version] = &[Version { number: 1, from: (2026, 11, 1) }];
const PRIVACY: &[Version] = &[
    Version { number: 1, from: (2026, 11, 1) },
    Version { number: 2, from: (2026, 11, 27) },
    Version { number: 3, from: (2026, 11, 28) },
];
const MARKETING: &[Version] = &[Version { number: 1, from: (2026, 11, 1) }];

impl Consent {
    /// In the order in which they are asked for.
    pub const ALL: [Consent; 3] = [Consent::Terms, Consent::Privacy, Consent::Marketing];

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Consent::Terms => "terms",
            Consent::Privacy => "privacy",
            Consent::Marketing => "marketing",
        }
    }

    /// Its versions, the newest last.
    pub fn versions(self) -> &'static [Version] {
        match self {
            Consent::Terms => TERMS,
            Consent::Privacy => PRIVACY,
            Consent::Marketing => MARKETING,
        }
    }

    /// The version that holds today.
    pub fn current(self) -> u32 {
        self.versions().last().map_or(1, |version| version.number)
    }
}

/// What a member agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consents {
    /// The version of the terms that they accepted last.
    pub terms: u32,
    /// That of the privacy policy.
    pub privacy: u32,
    /// Whether they may be sent news.
    pub marketing: bool,
    /// When they said so last; `None` for those who never did.
    pub marketing_at: Option<Time>,
}

impl Consents {
    /// Whether they are to be asked anew.
    pub fn due(&self) -> bool {
        self.terms < Consent::Terms.current() || self.privacy < Consent::Privacy.current()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_each_other() {
        for consent in Consent::ALL {
            let versions = consent.versions();
            assert!(!versions.is_empty());
            for (at, version) in versions.iter().enumerate() {
                assert_eq!(version.number as usize, at + 1);
                let (year, month, day) = version.from;
                assert!(Time::from_civil(year, month, day, 0, 0, 0).is_some());
            }
            assert!(versions.is_sorted_by_key(|version| version.from));
            assert_eq!(consent.current() as usize, versions.len());
        }
    }

    #[test]
    fn whoever_accepted_an_older_version_is_asked_anew() {
        let accepted = |terms, privacy| Consents { terms, privacy, marketing: false, marketing_at: None };
        let (terms, privacy) = (Consent::Terms.current(), Consent::Privacy.current());
        assert!(!accepted(terms, privacy).due());
        assert!(accepted(terms - 1, privacy).due() && accepted(terms, privacy - 1).due());
    }
}
