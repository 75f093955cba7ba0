//! What members of a party say to one another. Nobody else reads it, nor does who left; an admin may, for an appeal.

use super::{Parties, penalties::check_text, store, unread};
use crate::{
    Error,
    accounts::{Actor, shown_picture},
    audit::{self, Target},
    db::{Lane, retried},
};
use model::{
    Cursor, Error as Refusal, MemberId, PartyError, PartyId, PictureId, RequestId, Time,
    administration::AuditAction,
    live::CHAT_ON_ARRIVAL,
    parties::{Badge, PartyLine},
    text,
};

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    at: Time,
    member_id: MemberId,
    nickname: String,
    picture: Option<PictureId>,
    text: String,
}

impl Row {
    fn line(self, reader: MemberId, badge: Option<Badge>) -> PartyLine {
        PartyLine {
            number: self.number as u64,
            at: self.at,
            nickname: self.nickname,
            picture: self.picture,
            badge,
            mine: self.member_id == reader,
            text: self.text,
        }
    }
}

impl Parties {
    /// Says a line to the other members; its number. Repeating a request says nothing new.
    ///
    /// # Errors
    /// For visitors and suspended members; [`Refusal::Invalid`] for the text; [`Refusal::NotFound`]; [`PartyError::NotJoined`] for
    /// whoever is none of them; [`Refusal::TooMany`]; the database may fail.
    pub async fn say(&self, actor: &Actor, party: PartyId, request: RequestId, typed: &str) -> Result<u64, Error> {
        let by = actor.active()?.member;
        let line = check_text("text", text::chat(typed))?;
        self.limits.chat(by).await?;
        let number = retried!(self.say_once(by, party, request, &line))?;
        self.wake(party).await;
        Ok(number)
    }

    async fn say_once(&self, by: MemberId, id: PartyId, request: RequestId, line: &str) -> Result<u64, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        // Whoever is taken out at this moment said it before or does not say it; numbers have no gaps.
        let held = tx.hold_party(id).await?;
        let party = store::load(&mut tx, held).await?.ok_or(Refusal::NotFound)?;
        if !party.is_joined(by) {
            return Err(Refusal::from(PartyError::NotJoined).into());
        }
        let said: Option<(i64,)> = tx
            .sql(
                "insert into party_lines (party_id, number, request_id, at, member_id, text)
                 values ($1, (select coalesce(max(number), 0) + 1 from party_lines where party_id = $1), $2, $3, $4, $5)
                 on conflict (request_id) do nothing returning number",
            )
            .bind(id)
            .bind(request)
            .bind(now)
            .bind(by)
            .bind(line.to_owned())
            .optional()
            .await?;
        let Some((number,)) = said else {
            let before =
                tx.sql("select number from party_lines where request_id = $1 and party_id = $2 and member_id = $3");
            let before: Option<(i64,)> = before.bind(request).bind(id).bind(by).optional().await?;
            return Ok(before.ok_or(Refusal::Malformed)?.0 as u64);
        };
        unread::note(&mut tx, held, now).await?;
        // Who says something has read what was said before.
        tx.sql("update party_members set read_number = $3 where party_id = $1 and member_id = $2")
            .bind(id)
            .bind(by)
            .bind(number)
            .run()
            .await?;
        tx.commit().await?;
        Ok(number as u64)
    }

    /// Up to 50 lines before the one that the cursor names by its number (or the newest), oldest first. That an admin who is no member
    /// reads them, for an appeal, is noted.
    ///
    /// # Errors
    /// For visitors; [`Refusal::NotFound`], also for a cursor of another list; [`PartyError::NotJoined`] for whoever is no member, and
    /// no admin; the database may fail.
    pub async fn lines(&self, actor: &Actor, party: PartyId, cursor: Option<&Cursor>) -> Result<Vec<PartyLine>, Error> {
        let reader = actor.signed_in()?.member;
        match self.is_member(reader, party).await {
            Err(Error::Refused(Refusal::Party(PartyError::NotJoined))) if actor.admin().is_ok() => {
                let target = Target { party: Some(party), ..Target::default() };
                audit::note_look(&self.db, self.clock.now(), actor, AuditAction::LookAtParty, target).await?;
            }
            known => known?,
        }
        let before: u64 = Cursor::before(cursor)?;
        let rows: Vec<Row> = self
            .db
            .sql(concat!(
                "select l.number, l.at, l.member_id, m.nickname, l.text, ",
                shown_picture!(),
                " from party_lines l join members m on m.id = l.member_id
                 where l.party_id = $1 and l.number < $2 order by l.number desc limit $3"
            ))
            .bind(party)
            .bind(before as i64)
            .bind(CHAT_ON_ARRIVAL as i64)
            .all()
            .await?;
        let mut lines = self.shown(rows, reader).await?;
        lines.reverse();
        Ok(lines)
    }

    /// Up to 50 lines after number `seen`, oldest first; to members alone.
    pub(super) async fn lines_after(
        &self,
        reader: MemberId,
        party: PartyId,
        seen: u64,
    ) -> Result<Vec<PartyLine>, Error> {
        self.is_member(reader, party).await?;
        self.said_after(reader, party, seen).await
    }

    /// The same for whoever was found to be a member a moment ago; nothing once they are none.
    pub(super) async fn said_after(
        &self,
        reader: MemberId,
        party: PartyId,
        seen: u64,
    ) -> Result<Vec<PartyLine>, Error> {
        let rows: Vec<Row> = self
            .db
            .sql(concat!(
                "select l.number, l.at, l.member_id, m.nickname, l.text, ",
                shown_picture!(),
                // Who was taken out since that was asked is not told what was said since.
                " from party_lines l join members m on m.id = l.member_id
                 join party_members me on me.party_id = l.party_id and me.member_id = $4 and me.state = 'joined'
                 where l.party_id = $1 and l.number > $2 order by l.number limit $3"
            ))
            .bind(party)
            .bind(i64::try_from(seen).unwrap_or(i64::MAX))
            .bind(CHAT_ON_ARRIVAL as i64)
            .bind(reader)
            .all()
            .await?;
        self.shown(rows, reader).await
    }

    /// Lines as they are shown, each with what stands beside its author's nickname.
    async fn shown(&self, rows: Vec<Row>, reader: MemberId) -> Result<Vec<PartyLine>, Error> {
        let badges = self.badges(rows.iter().map(|row| row.member_id)).await?;
        Ok(rows
            .into_iter()
            .map(|row| (badges.get(&row.member_id).copied(), row))
            .map(|(badge, row)| row.line(reader, badge))
            .collect())
    }

    /// How often a party was changed since it was made; nothing where there is none.
    pub(super) async fn changes(&self, party: PartyId) -> Result<u64, Error> {
        let changes = self.db.sql("select changes from parties where id = $1").bind(party).optional::<(i64,)>().await?;
        Ok(changes.map_or(0, |(changes,)| changes.max(0) as u64))
    }

    /// Notes that a member has read up to a line; never less than before.
    ///
    /// # Errors
    /// For visitors; the database may fail.
    pub async fn read(&self, actor: &Actor, party: PartyId, number: u64) -> Result<(), Error> {
        let reader = actor.signed_in()?.member;
        // A page says so again and again: written is what is new, and no more often than something is said.
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let unread = self.db.sql(
            "select 1 from party_members where party_id = $1 and member_id = $2 and read_number < $3
                and $3 <= (select max(number) from party_lines where party_id = $1)",
        );
        if !unread.bind(party).bind(reader).bind(number).exists().await? {
            return Ok(());
        }
        retried!(self.read_once(reader, party, number))
    }

    async fn read_once(&self, reader: MemberId, party: PartyId, number: i64) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql(
            "update party_members set read_number = $3 where party_id = $1 and member_id = $2 and read_number < $3
                and $3 <= (select max(number) from party_lines where party_id = $1)",
        )
        .bind(party)
        .bind(reader)
        .bind(number)
        .run()
        .await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn is_member(&self, member: MemberId, party: PartyId) -> Result<(), Error> {
        let state = self.db.sql("select state = 'joined' from party_members where party_id = $1 and member_id = $2");
        match state.bind(party).bind(member).optional::<(bool,)>().await? {
            Some((true,)) => Ok(()),
            Some((false,)) => Err(Refusal::from(PartyError::NotJoined).into()),
            None if self.db.sql("select 1 from parties where id = $1").bind(party).exists().await? => {
                Err(Refusal::from(PartyError::NotJoined).into())
            }
            None => Err(Refusal::NotFound.into()),
        }
    }
}
