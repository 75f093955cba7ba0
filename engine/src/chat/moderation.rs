//! Hiding lines, muting members, reporting: by whom, and what follows.

use super::Chat;
use crate::{
    Error,
    accounts::{Actor, shown_picture},
    audit::{self, Target},
    db::{Lane, Tx, retried},
};
use model::{
    Cursor, EventId, MemberId, Moderation, MutedMember, Page, PictureId, Report, Time, administration::AuditAction,
};

/// Rows in a page of a list.
const PAGE: usize = 50;
/// Reported lines of one member that are handled at once, and in one transaction.
const ALL_AT_MOST: i64 = 10_000;
/// Lines before one that was reported, and behind it, that say what it was about.
const AROUND: i64 = 3;
const AT_ONCE: usize = 100;
/// Lines of somebody who left that are taken out of open rooms, and of somebody with another picture that follow it: the newest.
const TAKEN_OUT: i64 = 1_000;

#[derive(sqlx::FromRow)]
struct LineAuthor {
    member_id: MemberId,
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
    of_author: i64,
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
        if retried!(self.moderate_once(actor, by.member, event, number as i64, what))? {
            self.feed.hidden(event, number);
        }
        Ok(())
    }

    /// Whether it is hidden by that.
    async fn moderate_once(
        &self,
        actor: &Actor,
        by: MemberId,
        event: EventId,
        number: i64,
        what: Moderation,
    ) -> Result<bool, Error> {
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
        let host = admin || line.creator_id == by;
        let mut hidden = false;
        // What is done to somebody else's line, or to them, is noted.
        let mut done = None;
        match what {
            Moderation::Hide if host => {
                hidden = hide(&mut tx, event, number, now).await?;
                done = (hidden && line.member_id != by).then_some(AuditAction::HideLine);
            }
            Moderation::Mute if host && line.member_id != line.creator_id => {
                done = mute(&mut tx, event, line.member_id, now).await?.then_some(AuditAction::Mute);
            }
            Moderation::Dismiss if admin => {
                done = looked_at(&mut tx, event, number, now).await?.then_some(AuditAction::Dismiss);
            }
            Moderation::Report if line.member_id != by => {
                tx.sql(
                    "insert into reports (event_id, number, member_id, at) values ($1, $2, $3, $4)
                     on conflict (event_id, number, member_id) do nothing",
                )
                .bind(event)
                .bind(number)
                .bind(by)
                .bind(now)
                .run()
                .await?;
            }
            _ => return Err(model::Error::Forbidden.into()),
        }
        if let Some(action) = done {
            let target = Target { named: number.to_string(), ..(line.member_id, event).into() };
            audit::note(&mut tx, now, actor, action, target, "").await?;
        }
        tx.commit().await?;
        Ok(hidden)
    }

    /// Who said a line, for an admin.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others, [`model::Error::NotFound`] when no member said it; the database may fail.
    pub async fn author(&self, actor: &Actor, event: EventId, number: u64) -> Result<MemberId, Error> {
        actor.admin()?;
        let author: Option<(MemberId,)> = self
            .db
            .sql("select member_id from chat_lines where event_id = $1 and number = $2 and member_id is not null")
            .bind(event)
            .bind(number as i64)
            .optional()
            .await?;
        Ok(author.ok_or(model::Error::NotFound)?.0)
    }

    /// Takes what a member said lately out of the rooms that are open, here and on other nodes. It is hidden already.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn take_out(&self, member: MemberId) -> Result<(), Error> {
        let lines =
            self.db.sql("select event_id, number from chat_lines where member_id = $1 order by at desc limit $2");
        let lines: Vec<(EventId, i64)> = lines.bind(member).bind(TAKEN_OUT).all().await?;
        for (event, number) in lines {
            self.feed.hidden(event, number as u64);
        }
        Ok(())
    }

    /// What a member said lately, by event and number, and the picture by which they are shown now.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn said_lately(&self, member: MemberId) -> Result<Vec<(EventId, i64, Option<PictureId>)>, Error> {
        let lines = self.db.sql(concat!(
            "select l.event_id, l.number, ",
            shown_picture!(),
            " from chat_lines l join members m on m.id = l.member_id where l.member_id = $1 order by l.at desc limit $2"
        ));
        Ok(lines.bind(member).bind(TAKEN_OUT).all().await?)
    }

    /// Does to every reported line of a line's author that waits what [`Chat::moderate`] does to one: for admins.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others and for what is no answer to a report, [`model::Error::NotFound`] when no member said
    /// the line; the database may fail, with some of them done.
    pub async fn moderate_all(
        &self,
        actor: &Actor,
        event: EventId,
        number: u64,
        what: Moderation,
    ) -> Result<(), Error> {
        actor.admin()?;
        if what == Moderation::Report {
            return Err(model::Error::Forbidden.into());
        }
        let author = self.author(actor, event, number).await?;
        let lines: Vec<(EventId, i64, MemberId)> = self
            .db
            .sql(
                "select distinct r.event_id, r.number, e.creator_id from reports r
                 join chat_lines l on l.event_id = r.event_id and l.number = r.number
                 join events e on e.id = r.event_id
                 where r.done_at is null and l.member_id = $1 order by r.event_id, r.number limit $2",
            )
            .bind(author)
            .bind(ALL_AT_MOST)
            .all()
            .await?;
        for some in lines.chunks(AT_ONCE) {
            for (event, number) in retried!(self.moderate_some(actor, (author, event), some, what))? {
                self.feed.hidden(event, number);
            }
        }
        Ok(())
    }

    /// Some of them; which of them are hidden by that. It is noted of `named`.
    async fn moderate_some(
        &self,
        actor: &Actor,
        named: (MemberId, EventId),
        some: &[(EventId, i64, MemberId)],
        what: Moderation,
    ) -> Result<Vec<(EventId, u64)>, Error> {
        let (now, author) = (self.clock.now(), named.0);
        let (mut hidden, mut done) = (Vec::new(), 0u32);
        let mut tx = self.db.begin(Lane::Other).await?;
        for (event, number, creator) in some.iter().copied() {
            match what {
                Moderation::Hide => {
                    if hide(&mut tx, event, number, now).await? {
                        hidden.push((event, number as u64));
                        done += 1;
                    }
                }
                Moderation::Mute if author != creator => {
                    done += u32::from(mute(&mut tx, event, author, now).await?);
                }
                Moderation::Dismiss => done += u32::from(looked_at(&mut tx, event, number, now).await?),
                Moderation::Mute | Moderation::Report => {}
            }
        }
        let action = match what {
            Moderation::Hide => AuditAction::HideLine,
            Moderation::Mute => AuditAction::Mute,
            Moderation::Dismiss | Moderation::Report => AuditAction::Dismiss,
        };
        // One row for all of them.
        if done > 0 {
            let target = Target { named: format!("×{done}"), ..named.into() };
            audit::note(&mut tx, now, actor, action, target, "").await?;
        }
        tx.commit().await?;
        Ok(hidden)
    }

    /// Lets a member speak again in an event's room, from their next line on: by whoever may mute there.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others, [`model::Error::NotFound`] when there is no such event; the database may fail.
    pub async fn unmute(&self, actor: &Actor, event: EventId, member: MemberId) -> Result<(), Error> {
        self.host_of(actor, event).await?;
        retried!(self.unmute_once(actor, event, member))
    }

    async fn unmute_once(&self, actor: &Actor, event: EventId, member: MemberId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let unmuted = tx.sql("delete from mutes where event_id = $1 and member_id = $2").bind(event).bind(member);
        if unmuted.run().await? == 1 {
            audit::note(&mut tx, now, actor, AuditAction::Unmute, (member, event), "").await?;
        }
        Ok(tx.commit().await?)
    }

    /// Who may not speak in an event's room, muted last first: for whoever may mute there.
    ///
    /// # Errors
    /// As [`Chat::unmute`], and [`model::Error::NotFound`] for a cursor of another list.
    pub async fn muted(
        &self,
        actor: &Actor,
        event: EventId,
        cursor: Option<&Cursor>,
    ) -> Result<Page<MutedMember>, Error> {
        self.host_of(actor, event).await?;
        let (at, member): (Time, MemberId) = Cursor::before(cursor)?;
        let rows: Vec<(MemberId, Option<String>, Time)> = self
            .db
            .sql(
                "select x.member_id, m.nickname, x.at from mutes x left join members m on m.id = x.member_id
                 where x.event_id = $1 and (x.at, x.member_id) < ($2, $3) order by x.at desc, x.member_id desc limit $4",
            )
            .bind(event)
            .bind(at)
            .bind(member)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let page = Page::of(rows, PAGE, |(member, _, at)| (*at, *member));
        Ok(page.filter_map(|(member, nickname, at)| Some(MutedMember { member, nickname, at })))
    }

    /// Whoever looks after an event's chat: its creator, and admins.
    async fn host_of(&self, actor: &Actor, event: EventId) -> Result<(), Error> {
        let by = actor.active()?.member;
        let creator: Option<(MemberId,)> =
            self.db.sql("select creator_id from events where id = $1").bind(event).optional().await?;
        let (creator,) = creator.ok_or(model::Error::NotFound)?;
        if creator == by || actor.admin().is_ok() { Ok(()) } else { Err(model::Error::Forbidden.into()) }
    }

    /// What members said around a line, for an admin who is to judge it: number, nickname and text of each that is not hidden.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others; the database may fail.
    pub async fn around(
        &self,
        actor: &Actor,
        event: EventId,
        number: u64,
    ) -> Result<Vec<(u64, String, String)>, Error> {
        actor.admin()?;
        let number = number as i64;
        let rows: Vec<(i64, Option<String>, Option<String>)> = self
            .db
            .sql(
                "select l.number, m.nickname, l.text from chat_lines l left join members m on m.id = l.member_id
                 where l.event_id = $1 and l.number between $2 and $3 and l.member_id is not null
                    and l.hidden_at is null order by l.number",
            )
            .bind(event)
            .bind(number.saturating_sub(AROUND))
            .bind(number.saturating_add(AROUND))
            .all()
            .await?;
        let said = |(number, nickname, text): (i64, Option<String>, Option<String>)| {
            (number as u64, nickname.unwrap_or_else(|| "***".into()), text.unwrap_or_default())
        };
        Ok(rows.into_iter().map(said).collect())
    }

    /// Lines that were reported and still wait for an admin, oldest first.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others, [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn reports(&self, actor: &Actor, cursor: Option<&Cursor>) -> Result<Page<Report>, Error> {
        actor.admin()?;
        let start = (Time(i64::MIN), EventId(uuid::Uuid::nil()), 0);
        let (at, event, number) = cursor.map_or(Ok(start), Cursor::key)?;
        let rows: Vec<ReportRow> = self
            .db
            .sql(
                "with waiting as (
                     select r.event_id, r.number, l.member_id, l.text, count(*) as reports, min(r.at) as first_at,
                         count(*) over (partition by l.member_id) as of_author
                     from reports r join chat_lines l on l.event_id = r.event_id and l.number = r.number
                     where r.done_at is null
                     group by r.event_id, r.number, l.member_id, l.text
                 )
                 select w.event_id, e.title, w.number, m.nickname, w.text, w.reports, w.first_at, w.of_author
                 from waiting w join events e on e.id = w.event_id left join members m on m.id = w.member_id
                 where (w.first_at, w.event_id, w.number) > ($1, $2, $3)
                 order by w.first_at, w.event_id, w.number limit $4",
            )
            .bind(at)
            .bind(event)
            .bind(number as i64)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let page = Page::of(rows, PAGE, |row| (row.first_at, row.event_id, row.number as u64));
        let report = |row: ReportRow| Report {
            event: row.event_id,
            title: row.title,
            number: row.number as u64,
            nickname: row.nickname.unwrap_or_else(|| "***".into()),
            text: row.text.unwrap_or_default(),
            reports: row.reports as u64,
            first_at: row.first_at,
            of_author: row.of_author as u64,
        };
        Ok(page.filter_map(|row| Some(report(row))))
    }
}

/// Hides a line, whose reports are done then; whether it was not hidden before.
async fn hide(tx: &mut Tx, event: EventId, number: i64, now: Time) -> Result<bool, sqlx::Error> {
    let hidden = tx
        .sql("update chat_lines set hidden_at = $1 where event_id = $2 and number = $3 and hidden_at is null")
        .bind(now)
        .bind(event)
        .bind(number)
        .run()
        .await?;
    looked_at(tx, event, number, now).await?;
    Ok(hidden == 1)
}

/// Lets a member speak no more; whether they could before.
async fn mute(tx: &mut Tx, event: EventId, member: MemberId, now: Time) -> Result<bool, sqlx::Error> {
    let muted = tx.sql(
        "insert into mutes (event_id, member_id, at) values ($1, $2, $3) on conflict (event_id, member_id) do nothing",
    )
    .bind(event)
    .bind(member)
    .bind(now);
    Ok(muted.run().await? == 1)
}

/// Nobody needs to look at the reports of a line any more; whether somebody did before.
async fn looked_at(tx: &mut Tx, event: EventId, number: i64, now: Time) -> Result<bool, sqlx::Error> {
    let looked_at = tx
        .sql("update reports set done_at = $1 where event_id = $2 and number = $3 and done_at is null")
        .bind(now)
        .bind(event)
        .bind(number);
    Ok(looked_at.run().await? > 0)
}
