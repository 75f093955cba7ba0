//! Commands: everything but a click that changes an event, as rows that wait until a sequencer has applied them.

use super::{decisions::Unit, versions::Unreadable};
use crate::db::{Db, Dialect, Tx};
use model::{EventId, MemberId, Time};
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Everything but a click that changes an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Call the event off.
    Cancel,
    /// The creator changed the event: its rules are to be read anew.
    Revise,
    /// The event is stopped for a while, or goes on: its rules say which. A program that does not know it would go on letting people in.
    Stop,
    /// A unit that nobody holds goes to the first who stands by. Programs before version 3 also wrote it for one whose holder
    /// let the deadline pass.
    #[serde(rename = "pass_on")]
    Reassign(Unit),
    /// The holder of a unit let its deadline pass: their entry expires, and the unit goes to the first who stands by.
    Lapse {
        /// Who held it.
        member: MemberId,
        /// The unit; none where it went on before it was recorded who let it pass.
        held: Option<Unit>,
    },
    /// Take a member out of the event; the unit they held goes to the first who stands by.
    Disqualify {
        /// Whom.
        member: MemberId,
        /// The unit they held.
        held: Option<Unit>,
    },
    /// Of a sale: who was in checkout has paid.
    Paid {
        /// Who.
        rank: u64,
    },
    /// Of a sale: somebody gives back the units that are held for them, or their place in the line.
    Left {
        /// Who.
        rank: u64,
    },
    /// Of a sale: a checkout's time ran out. It changes nothing unless `due_at` is its deadline still.
    Expired {
        /// Whose.
        rank: u64,
        /// Which deadline passed.
        due_at: Time,
    },
    /// Of a sale: units that were paid for are given back, some or all of those that an entry has.
    Returned {
        /// Whose.
        rank: u64,
        /// How many.
        units: u32,
    },
}

impl Command {
    /// The version of the program that was the first to know this command.
    fn version(&self) -> u8 {
        match self {
            Command::Cancel | Command::Revise | Command::Reassign(_) | Command::Disqualify { .. } => 1,
            Command::Lapse { .. } => 3,
            Command::Paid { .. } | Command::Left { .. } | Command::Expired { .. } | Command::Returned { .. } => 4,
            Command::Stop => 6,
        }
    }
}

/// The commands of one event that wait, as far as this program knows them.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Oldest first.
    pub commands: Vec<(Uuid, Command)>,
    /// Why the next one cannot be read. It and everything behind it wait for a program that can: a later command may have been
    /// written because of it, as when what was paid for must not be given to the next, and what the log has once is there for
    /// good. Clicks do not wait: commands only ever apply from when a sequencer takes them.
    pub stopped: Option<Unreadable>,
}

/// Commands of `events` that were written and not yet applied, in any version up to `newest`. All that wait are read: there are
/// few, and one index has them.
pub(super) async fn waiting(
    db: &Db,
    events: &HashSet<EventId, FxBuildHasher>,
    newest: u8,
) -> Result<HashMap<EventId, Waiting>, sqlx::Error> {
    let rows: Vec<(EventId, Uuid, i64, String)> = db
        .sql("select event_id, id, version, command from commands where done_at is null order by created_at, id")
        .all()
        .await?;
    let mut waiting: HashMap<EventId, Waiting> = HashMap::new();
    for (event, id, version, text) in rows.into_iter().filter(|(event, ..)| events.contains(event)) {
        let of_event = waiting.entry(event).or_default();
        if of_event.stopped.is_some() {
            continue;
        }
        let read = match u8::try_from(version).unwrap_or(u8::MAX) {
            version if version > newest => Err(Unreadable::Newer(version)),
            _ => serde_json::from_str(&text).map_err(|_| Unreadable::Malformed),
        };
        match read {
            Ok(command) => of_event.commands.push((id, command)),
            Err(unreadable) => {
                tracing::warn!(%event, %id, %unreadable, "a command waits for a program that can read it");
                unreadable.count("command");
                of_event.stopped = Some(unreadable);
            }
        }
    }
    Ok(waiting)
}

/// Events with commands that wait.
pub(super) async fn events_waiting(db: &Db) -> Result<Vec<EventId>, sqlx::Error> {
    let rows: Vec<(EventId,)> = db.sql("select distinct event_id from commands where done_at is null").all().await?;
    Ok(rows.into_iter().map(|(event,)| event).collect())
}

/// Marks commands as applied.
pub(super) async fn done(tx: &mut Tx, commands: Vec<Uuid>, now: Time) -> Result<(), sqlx::Error> {
    match tx.dialect() {
        Dialect::Sqlite => {
            for command in commands {
                tx.sql("update commands set done_at = $1 where id = $2 and done_at is null")
                    .bind(now)
                    .bind(command)
                    .run()
                    .await?;
            }
        }
        Dialect::Postgres if commands.is_empty() => {}
        Dialect::Postgres => {
            tx.sql("update commands set done_at = $1 where id = any($2::uuid[]) and done_at is null")
                .bind(now)
                .bind_column(commands)
                .run()
                .await?;
        }
    }
    Ok(())
}

/// Writes a command beside its cause. The commit wakes the turnstile of the same engine; whoever has none wakes
/// another.
///
/// # Errors
/// The database's.
pub async fn write(tx: &mut Tx, event: EventId, command: &Command, now: Time) -> Result<(), sqlx::Error> {
    let text = serde_json::to_string(command).map_err(|error| sqlx::Error::Encode(error.into()))?;
    tx.sql("insert into commands (id, event_id, version, command, created_at) values ($1, $2, $3, $4, $5)")
        .bind(crate::ids::new_id(now))
        .bind(event)
        .bind(i64::from(command.version()))
        .bind(text)
        .bind(now)
        .run()
        .await?;
    tx.news().commands.insert(event);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    /// Rows of older programs are read for ever.
    #[test]
    fn commands_are_read_as_version_1_wrote_them() {
        let unit = Unit { number: 3, first_at: Some(Time(7)) };
        let member = MemberId(Uuid::nil());
        let wrote = [
            (r#"{"command":"cancel"}"#, Command::Cancel),
            (r#"{"command":"revise"}"#, Command::Revise),
            (r#"{"command":"pass_on","number":3,"first_at":7}"#, Command::Reassign(unit)),
            (
                r#"{"command":"disqualify","member":"00000000000000000000000000","held":{"number":3,"first_at":7}}"#,
                Command::Disqualify { member, held: Some(unit) },
            ),
        ];
        for (text, command) in wrote {
            assert_eq!(serde_json::from_str::<Command>(text).unwrap(), command);
            assert_eq!(serde_json::to_string(&command).unwrap(), text);
            assert_eq!(command.version(), 1);
        }
    }

    #[test]
    fn a_lapse_is_read_as_version_3_wrote_it() {
        let command = Command::Lapse { member: MemberId(Uuid::nil()), held: Some(Unit { number: 3, first_at: None }) };
        let text = r#"{"command":"lapse","member":"00000000000000000000000000","held":{"number":3,"first_at":null}}"#;
        assert_eq!(serde_json::to_string(&command).unwrap(), text);
        assert_eq!(serde_json::from_str::<Command>(text).unwrap(), command);
        assert_eq!(command.version(), 3);
    }

    #[test]
    fn a_stop_waits_for_a_program_that_knows_it() {
        assert_eq!(serde_json::to_string(&Command::Stop).unwrap(), r#"{"command":"stop"}"#);
        assert_eq!(Command::Stop.version(), 6);
    }

    #[test]
    fn commands_of_sales_are_read_as_version_4_wrote_them() {
        let wrote = [
            (r#"{"command":"paid","rank":3}"#, Command::Paid { rank: 3 }),
            (r#"{"command":"left","rank":3}"#, Command::Left { rank: 3 }),
            (r#"{"command":"expired","rank":3,"due_at":7}"#, Command::Expired { rank: 3, due_at: Time(7) }),
            (r#"{"command":"returned","rank":3,"units":2}"#, Command::Returned { rank: 3, units: 2 }),
        ];
        for (text, command) in wrote {
            assert_eq!(serde_json::from_str::<Command>(text).unwrap(), command);
            assert_eq!(serde_json::to_string(&command).unwrap(), text);
            assert_eq!(command.version(), 4);
        }
    }
}
