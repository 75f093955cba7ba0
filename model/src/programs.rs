//! Members' own programs: the tokens with which they call the site.

use crate::{Time, id::ids};
use serde::{Deserialize, Serialize};

ids! {
    /// A token of a member's program.
    TokenId
}

/// Tokens of one member.
pub const MOST_TOKENS: usize = 20;
/// For how many days a token may be good.
pub const TOKEN_DAYS: [i64; 4] = [7, 30, 90, 365];
/// Characters of the longest name of a token.
pub const TOKEN_NAME: u64 = 40;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Who its member is.
    Profile,
    /// What they entered, and what became of it.
    Entries,
    /// Pressing the button for them.
    Enter,
    /// The events that they run.
    Events,
}

impl Scope {
    /// In the order of lists.
    pub const ALL: [Scope; 4] = [Scope::Profile, Scope::Entries, Scope::Enter, Scope::Events];

    /// The name in the database, in forms and in the description of the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Scope::Profile => "profile",
            Scope::Entries => "entries",
            Scope::Enter => "enter",
            Scope::Events => "events",
        }
    }

    /// The scope of a name.
    pub fn named(name: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// The scopes of names with spaces between, as the database has them: those that are known.
    pub fn list(names: &str) -> Vec<Scope> {
        names.split(' ').filter_map(Scope::named).collect()
    }
}

/// A token, as its member sees it in their list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Which.
    pub id: TokenId,
    /// What its member calls it.
    pub name: String,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// Since when.
    pub since: Time,
    /// Until when.
    pub until: Time,
    /// When it was used last, to a minute or so.
    pub used: Option<Time>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_known_by_their_names() {
        for scope in Scope::ALL {
            assert_eq!(Scope::named(scope.name()), Some(scope));
            assert_eq!(serde_json::to_string(&scope).unwrap(), format!("{:?}", scope.name()));
        }
        assert_eq!(Scope::named("everything"), None);
        assert_eq!(Scope::list("enter profile everything"), [Scope::Enter, Scope::Profile]);
        assert!(Scope::list("").is_empty());
    }
}
