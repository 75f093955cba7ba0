//! What was changed of published events, for everybody to see.

use super::Events;
use crate::{
    Error,
    db::{HeldEvent, Tx},
};
use model::{Cursor, Edit, EventId, Page, Revision, Time};

impl Events {
    /// What was changed of a published event, newest first, a page at a time: long texts are shown where they differ, and
    /// little more is read for it.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn revisions(&self, event: EventId, cursor: Option<&Cursor>) -> Result<Page<Revision>, Error> {
        /// Changes in a page.
        const SHOWN: usize = 50;
        /// Bytes of them that are read for it.
        const READ: usize = 256 << 10;
        /// Changes that are read at once: each may have two long texts.
        const STEP: i64 = 4;
        let mut before = cursor.map_or(Ok(u64::MAX >> 1), Cursor::key)? as i64;
        let (mut page, mut read) = (Page::default(), 0);
        loop {
            let rows: Vec<(i64, Time, String)> = self
                .db
                .sql("select number, at, edit from revisions where event_id = $1 and number < $2 order by number desc limit $3")
                .bind(event)
                .bind(before)
                .bind(STEP)
                .all()
                .await?;
            let last = (rows.len() as i64) < STEP;
            for (number, at, text) in rows {
                before = number;
                read += text.len();
                match serde_json::from_str::<Edit>(&text) {
                    Ok(edit) => page.rows.push(Revision { at, edit: edit.shortened() }),
                    Err(error) => tracing::error!(%error, "a revision cannot be read"),
                }
            }
            if last {
                return Ok(page);
            }
            if page.rows.len() >= SHOWN || read >= READ {
                page.next = Some(Cursor::of(&(before as u64)));
                return Ok(page);
            }
        }
    }
}

/// Keeps what was changed for everybody to see.
pub(super) async fn record(tx: &mut Tx, held: HeldEvent, edits: &[Edit], now: Time) -> Result<(), Error> {
    for edit in edits {
        let text = serde_json::to_string(edit).map_err(|_| model::Error::Internal)?;
        tx.sql(
            "insert into revisions (event_id, number, at, edit)
             select $1, coalesce(max(number), 0) + 1, $2, $3 from revisions where event_id = $1",
        )
        .bind(held.event())
        .bind(now)
        .bind(text)
        .run()
        .await?;
    }
    Ok(())
}
