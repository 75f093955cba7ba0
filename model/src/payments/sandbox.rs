//! The sandbox: a provider that moves no money, and what its customer may try.

use super::Won;
use crate::{Time, id::ids};
use serde::{Deserialize, Serialize};

ids! {
    /// A payment as the sandbox calls it. Who knows it may approve.
    SandboxId
}

/// What a customer does at the sandbox, and what goes wrong afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum SandboxChoice {
    /// Approves.
    Approve,
    /// Does not.
    Decline,
    /// Lets the time run out.
    Expire,
    /// Approves, and the site is called back several times at once.
    Repeat,
    /// Approves another amount than was asked for.
    AnotherAmount,
    /// Approves, and for a while nobody is told what came of it.
    Unknown,
    /// Approves, and the answer takes long.
    Slow,
}

impl SandboxChoice {
    /// In the order of the page.
    pub const ALL: [SandboxChoice; 7] = [
        SandboxChoice::Approve,
        SandboxChoice::Decline,
        SandboxChoice::Expire,
        SandboxChoice::Repeat,
        SandboxChoice::AnotherAmount,
        SandboxChoice::Unknown,
        SandboxChoice::Slow,
    ];

    /// The name in forms.
    pub const fn name(self) -> &'static str {
        match self {
            SandboxChoice::Approve => "approve",
            SandboxChoice::Decline => "decline",
            SandboxChoice::Expire => "expire",
            SandboxChoice::Repeat => "repeat",
            SandboxChoice::AnotherAmount => "another_amount",
            SandboxChoice::Unknown => "unknown",
            SandboxChoice::Slow => "slow",
        }
    }

    /// The choice of a name.
    pub fn named(name: &str) -> Option<SandboxChoice> {
        SandboxChoice::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// Where a payment stands at the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum SandboxState {
    /// For its customer.
    Waiting,
    /// It may be taken.
    Approved,
    /// It was.
    Taken,
    /// The customer did not want to.
    Declined,
    /// The customer did not approve in time.
    Expired,
    /// The site cancelled it.
    Closed,
}

/// The sandbox's approval page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxView {
    /// Which payment.
    pub id: SandboxId,
    /// What it is for.
    pub title: String,
    /// What is asked for.
    pub amount: Won,
    /// Where it stands.
    pub state: SandboxState,
    /// Until when it may be approved.
    pub expires_at: Time,
    /// Until when what is paid for is set aside, when there is an end to it.
    pub until: Option<Time>,
    /// Where it leads back to.
    pub back: String,
    /// Server time when this was read.
    pub now: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_named_as_they_are_stored() {
        for choice in SandboxChoice::ALL {
            assert_eq!(SandboxChoice::named(choice.name()), Some(choice));
            assert_eq!(serde_json::to_string(&choice).unwrap(), format!("{:?}", choice.name()));
        }
    }
}
