//! What can be done about a line of chat.

use crate::{
    EventId, MemberId, Time,
    error::codes,
    page::{Id, Key},
};
use serde::{Deserialize, Serialize};

crate::id::ids! {
    /// A line of chat.
    LineId
}

codes! {
    /// Why a line of chat is not said.
    pub enum ChatError {
        /// The creator lets this member speak no more.
        Muted = "muted", 403;
    }
}

/// What is done about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moderation {
    /// Nobody sees it any more. By the creator of the event or an admin.
    Hide,
    /// Its author may not speak in this event. By the same.
    Mute,
    /// An admin should look at it. By any other member.
    Report,
    /// It was looked at and is harmless. By an admin.
    Dismiss,
}

impl Moderation {
    /// What a form calls it.
    pub fn named(name: &str) -> Option<Moderation> {
        match name {
            "hide" => Some(Moderation::Hide),
            "mute" => Some(Moderation::Mute),
            "report" => Some(Moderation::Report),
            "dismiss" => Some(Moderation::Dismiss),
            _ => None,
        }
    }
}

/// A reported line, in the admin's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Where it was said.
    pub event: EventId,
    /// The event's title.
    pub title: String,
    /// The line's number.
    pub number: u64,
    /// Who said it.
    pub nickname: String,
    /// What.
    pub text: String,
    /// How many reported it.
    pub reports: u64,
    /// When the first did.
    pub first_at: Time,
    /// How many reported lines of the same member wait.
    pub of_author: u64,
}

/// Lists of reported lines: by when each was reported first.
impl Key for (Time, EventId, u64) {
    const MAX: (Time, EventId, u64) = (Time(i64::MAX), <EventId as Id>::MAX, <u64 as Key>::MAX);

    fn write(&self) -> String {
        format!("{}.{}", (self.0, self.1).write(), self.2.write())
    }

    fn read(text: &str) -> Option<Self> {
        let (line, number) = text.rsplit_once('.')?;
        let (at, event) = Key::read(line)?;
        Some((at, event, Key::read(number)?))
    }
}

/// A member who may not speak in an event's room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutedMember {
    /// Who.
    pub member: MemberId,
    /// Their nickname; none once they are erased.
    pub nickname: Option<String>,
    /// Since when.
    pub at: Time,
}
