//! Hiding lines, muting members, reporting: by whom, and what follows.

use super::Chat;
use crate::{
    Error,
    accounts::Actor,
    db::{Lane, Tx},
};
use model::{EventId, MemberId, Moderation, Report, Time};

/// Reports in the admin's list.
const PAGE: i64 = 100;

#[derive(sqlx::FromRow)]
struct LineAuthor {
    member_id: Option<MemberId>,
    creator_id: MemberId,
}

#[derive(sqlx::FromRow)]
struct ReportRow {
    event_id: EventId,
    title: String,
    number: i64,
    nickname: Option<String>,
    text: Option<String>,
    reports: i64,
    first_at: Time,
}

impl Chat {
    /// Does something about a line: the creator of the event and admins hide and mute, every member reports.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for what an actor may not do to this line, [`model::Error::NotFound`] when no member said it;
    /// the database may fail.
    pub async fn moderate(&self, actor: &Actor, event: EventId, number: u64, what: Moderation) -> Result<(), Error> {
        let by = actor.active()?;
        if what == Moderation::Report {
            // Before the transaction, which awaits nothing but its own statements.
            self.limits.chat(by.member).await?;
        }
        let number = number as i64;
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let line: Option<LineAuthor> = tx
            .sql(
                "select l.member_id, e.creator_id from chat_lines l join events e on e.id = l.event_id
                 where l.event_id = $1 and l.number = $2 and l.member_id is not null",
            )
            .bind(event)
            .bind(number)
            .optional()
            .await?;
        let line = line.ok_or(model::Error::NotFound)?;
        let admin = actor.admin().is_ok();
        let host = admin || line.creator_id == by.member;
        let mut hidden = false;
        match what {
            Moderation::Hide if host => {
                let changed = tx
                    .sql("update chat_lines set hidden_at = $1 where event_id = $2 and number = $3 and hidden_at is null")
                    .bind(now)
                    .bind(event)
                    .bind(number)
                    .run()
                    .await?;
                hidden = changed == 1;
                looked_at(&mut tx, event, number, now).await?;
            }
            Moderation::Mute if host && line.member_id != Some(line.creator_id) => {
                tx.sql("insert into mutes (event_id, member_id, at) values ($1, $2, $3) on conflict (event_id, member_id) do nothing")
                    .bind(event)
                    .bind(line.member_id)
                    .bind(now)
                    .run()
                    .await?;
            }
            Moderation::Dismiss if admin => {
                looked_at(&mut tx, event, number, now).await?;
            }
            Moderation::Report if line.member_id != Some(by.member) => {
                tx.sql(
                    "insert into reports (event_id, number, member_id, at) values ($1, $2, $3, $4)
                     on conflict (event_id, number, member_id) do nothing",
                )
                .bind(event)
                .bind(number)
                .bind(by.member)
                .bind(now)
                .run()
                .await?;
            }
            _ => return Err(model::Error::Forbidden.into()),
        }
        tx.commit().await?;
        if hidden {
            self.feed.hidden(event, number as u64);
        }
        Ok(())
    }

    /// Lines that were reported and still wait for an admin, oldest first.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others; the database may fail.
    pub async fn reports(&self, actor: &Actor) -> Result<Vec<Report>, Error> {
        actor.admin()?;
        let rows: Vec<ReportRow> = self
            .db
            .sql(
                "select r.event_id, e.title, r.number, m.nickname, l.text, count(*) as reports, min(r.at) as first_at
                 from reports r join events e on e.id = r.event_id
                 join chat_lines l on l.event_id = r.event_id and l.number = r.number
                 left join members m on m.id = l.member_id
                 where r.done_at is null
                 group by r.event_id, e.title, r.number, m.nickname, l.text order by first_at limit $1",
            )
            .bind(PAGE)
            .all()
            .await?;
        let report = |row: ReportRow| Report {
            event: row.event_id,
            title: row.title,
            number: row.number as u64,
            nickname: row.nickname.unwrap_or_else(|| "***".into()),
            text: row.text.unwrap_or_default(),
            reports: row.reports as u64,
            first_at: row.first_at,
        };
        Ok(rows.into_iter().map(report).collect())
    }
}

/// Nobody needs to look at the reports of a line any more.
async fn looked_at(tx: &mut Tx, event: EventId, number: i64, now: Time) -> Result<(), sqlx::Error> {
    tx.sql("update reports set done_at = $1 where event_id = $2 and number = $3 and done_at is null")
        .bind(now)
        .bind(event)
        .bind(number)
        .run()
        .await?;
    Ok(())
}
