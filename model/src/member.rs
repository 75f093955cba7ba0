//! What a member may be and do.

use serde::{Deserialize, Serialize};

/// How a member uses the site at the moment, toggled in the header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum Mode {
    /// Enters events.
    #[default]
    Shopper,
    /// Runs events.
    Creator,
}

/// What a member may do to others' things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum Role {
    /// Nothing beyond their own.
    #[default]
    Member,
    /// Suspends members and events.
    Admin,
}
