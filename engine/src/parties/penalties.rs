//! Marks, and what is said against them.

use super::{
    Parties,
    phones::{self, answers_for},
};
use crate::{
    Error,
    accounts::Actor,
    audit::{self, Target},
    db::{HeldParty, Lane, Tx, retried},
    notices,
};
use model::{
    Cursor, FormErrors, MemberId, Notice, Page, PartyError, PartyId, Time,
    administration::AuditAction,
    parties::{Appeal, AppealState, PENALTY_LASTS, PartyNews, Penalty, PenaltyKind, counts},
    text,
};

/// Penalties or appeals in a list.
const PAGE: usize = 50;

#[derive(sqlx::FromRow)]
struct Row {
    party_id: PartyId,
    member_id: MemberId,
    item: String,
    meets_from: Time,
    kind: PenaltyKind,
    at: Time,
    appeal: String,
    appealed_at: Option<Time>,
    appeal_state: AppealState,
    answer: String,
    nickname: String,
}

/// The columns of [`Row`].
macro_rules! penalties {
    ($($rest:expr),+) => {
        concat!(
            "select x.party_id, x.member_id, i.name as item, p.meets_from, x.kind, x.at, x.appeal, x.appealed_at, x.appeal_state,
                x.answer, m.nickname
             from penalties x join parties p on p.id = x.party_id join items i on i.id = p.item_id
             join members m on m.id = x.member_id ",
            $($rest),+
        )
    };
}

impl Row {
    fn penalty(self, now: Time) -> Penalty {
        Penalty {
            party: self.party_id,
            item: self.item,
            met_at: self.meets_from,
            kind: self.kind,
            at: self.at,
            counts: self.appeal_state != AppealState::Granted && counts(self.at, now),
            appeal: self.appeal,
            state: self.appeal_state,
            answer: self.answer,
        }
    }
}

/// Marks a member of the party that is held; once.
pub(super) async fn write(
    tx: &mut Tx,
    held: HeldParty,
    member: MemberId,
    kind: PenaltyKind,
    now: Time,
) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into penalties (party_id, member_id, kind, at, appeal, appeal_state, answer)
         values ($1, $2, $3, $4, '', $5, '') on conflict (party_id, member_id) do nothing",
    )
    .bind(held.party())
    .bind(member)
    .bind(kind)
    .bind(now)
    .bind(AppealState::None)
    .run()
    .await?;
    Ok(())
}

impl Parties {
    /// A member's own penalties, also those of accounts that they had before, as far as that is proved, newest first; those that count no
    /// more as well.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`]; the database may fail.
    pub async fn penalties(&self, actor: &Actor) -> Result<Vec<Penalty>, Error> {
        let member = actor.signed_in()?.member;
        let now = self.clock.now();
        let rows: Vec<Row> = self
            .db
            .sql(penalties!(
                "where x.member_id in (",
                answers_for!(proved),
                ") order by x.at desc, x.party_id limit $2"
            ))
            .bind(member)
            .bind(PAGE as i64)
            .all()
            .await?;
        Ok(rows.into_iter().map(|row| row.penalty(now)).collect())
    }

    /// Says something against a penalty of one's own, once, while it counts; also who is suspended.
    ///
    /// # Errors
    /// For visitors; [`model::Error::Invalid`] for the text; [`model::Error::NotFound`];
    /// [`PartyError::NotAppealable`]; [`model::Error::TooMany`]; the database may fail.
    pub async fn appeal(&self, actor: &Actor, party: PartyId, typed: &str) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        let appeal = check_text("appeal", text::paragraph(typed, 1, 1_000))?;
        self.limits.parties(member).await?;
        retried!(self.appeal_once(member, party, &appeal))
    }

    async fn appeal_once(&self, member: MemberId, party: PartyId, appeal: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        // Also against one of before they signed up anew: it counts against them.
        let changed = tx
            .sql(concat!(
                "update penalties set appeal = $3, appealed_at = $4, appeal_state = $5
                 where party_id = $2 and appeal_state = $6 and at > $7 and member_id in (",
                answers_for!(proved),
                ")"
            ))
            .bind(member)
            .bind(party)
            .bind(appeal.to_owned())
            .bind(now)
            .bind(AppealState::Open)
            .bind(AppealState::None)
            .bind(now - PENALTY_LASTS)
            .run()
            .await?;
        if changed == 0 {
            let there = tx.sql(concat!(
                "select 1 from penalties where party_id = $2 and member_id in (",
                answers_for!(proved),
                ")"
            ));
            let there = there.bind(member).bind(party);
            return Err(match there.exists().await? {
                true => model::Error::from(PartyError::NotAppealable).into(),
                false => model::Error::NotFound.into(),
            });
        }
        Ok(tx.commit().await?)
    }

    /// Appeals that wait for a decision, the oldest first.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn appeals(&self, actor: &Actor, cursor: Option<&Cursor>) -> Result<Page<Appeal>, Error> {
        actor.admin()?;
        let start = (Time(i64::MIN), PartyId(uuid::Uuid::nil()));
        let (at, party) = cursor.map_or(Ok(start), Cursor::key)?;
        let now = self.clock.now();
        let rows: Vec<Row> = self
            .db
            .sql(penalties!(
                "where x.appeal_state = 'open' and (x.appealed_at, x.party_id) > ($1, $2)
                 order by x.appealed_at, x.party_id limit $3"
            ))
            .bind(at)
            .bind(party)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let page = Page::of(rows, PAGE, |row| (row.appealed_at.unwrap_or_default(), row.party_id));
        Ok(page.filter_map(|row| {
            let (member, nickname) = (row.member_id, row.nickname.clone());
            Some(Appeal { member, nickname, penalty: row.penalty(now) })
        }))
    }

    /// Decides an appeal: a penalty that is taken back counts no more, from the next moment on. Its member is told.
    ///
    /// # Errors
    /// For others than admins, and for whom it concerns; [`model::Error::Invalid`] without a reason; [`model::Error::NotFound`] when
    /// there is none that waits; the database may fail.
    pub async fn decide(
        &self,
        actor: &Actor,
        party: PartyId,
        member: MemberId,
        granted: bool,
        reason: &str,
    ) -> Result<(), Error> {
        actor.admin()?;
        let reason = check_text("reason", text::paragraph(reason, 1, 500))?;
        for concerned in retried!(self.decide_once(actor, party, member, granted, &reason))? {
            self.standings.invalidate_member(concerned);
        }
        Ok(())
    }

    /// Whose standing may have changed.
    async fn decide_once(
        &self,
        actor: &Actor,
        party: PartyId,
        member: MemberId,
        granted: bool,
        reason: &str,
    ) -> Result<Vec<MemberId>, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let changed = tx
            .sql(
                "update penalties set appeal_state = $3, answer = $4
                 where party_id = $1 and member_id = $2 and appeal_state = $5",
            )
            .bind(party)
            .bind(member)
            .bind(if granted { AppealState::Granted } else { AppealState::Refused })
            .bind(reason.to_owned())
            .bind(AppealState::Open)
            .run()
            .await?;
        if changed == 0 {
            return Err(model::Error::NotFound.into());
        }
        let concerned = phones::concerned(&mut tx, member).await?;
        // Nobody decides what is their own, also where it was said by an account that had their number before.
        if actor.member().is_some_and(|admin| concerned.contains(&admin)) {
            return Err(model::Error::Forbidden.into());
        }
        // Whoever had the number afterwards may have said it, and it counts against them.
        let item = tx.sql("select i.name from parties p join items i on i.id = p.item_id where p.id = $1").bind(party);
        let (item,): (String,) = item.one().await?;
        let notice = Notice::Party { party, item, news: PartyNews::Decided { granted } };
        for told in phones::told(&mut tx, member).await? {
            notices::write_of_party(&mut tx, told, &notice, self.clock.now()).await?;
        }
        let action = if granted { AuditAction::GrantAppeal } else { AuditAction::RefuseAppeal };
        let target = Target { party: Some(party), ..member.into() };
        audit::note(&mut tx, self.clock.now(), actor, action, target, reason).await?;
        tx.commit().await?;
        Ok(concerned)
    }
}

/// The text of a form with one field.
pub(super) fn check_text(field: &str, text: Result<String, model::FieldError>) -> Result<String, model::Error> {
    let mut errors = FormErrors::default();
    let text = errors.check(field, text);
    errors.into_result()?;
    text.ok_or(model::Error::Malformed)
}
