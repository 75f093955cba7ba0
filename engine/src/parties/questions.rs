//! Questions to the leader, before one joins; everybody reads them, but for those that the leader or an admin hid.

use super::{Parties, penalties::check_text, store};
use crate::{
    Error,
    accounts::{Actor, shown_picture},
    audit::{self, Target},
    db::{HeldParty, Lane, Tx, retried},
    ids, notices,
};
use model::{
    MemberId, Notice, PartyError, PartyId, PictureId, Time,
    administration::AuditAction,
    parties::{PartyNews, QuestionId, QuestionLine, Told},
    text,
};

/// The most questions of one party.
const MOST: i64 = 100;
/// Of one member in one party, those that were hidden as well.
const MOST_OF_ONE: i64 = 5;

#[derive(sqlx::FromRow)]
struct Row {
    id: QuestionId,
    member_id: MemberId,
    nickname: String,
    picture: Option<PictureId>,
    at: Time,
    text: String,
    answer: String,
}

impl Parties {
    /// Asks the leader something.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] for the text; [`model::Error::NotFound`];
    /// [`PartyError::OwnParty`], [`PartyError::PartyOver`]; [`model::Error::TooMany`], also when a hundred were asked, or five by
    /// them; the database may fail.
    pub async fn ask(&self, actor: &Actor, party: PartyId, typed: &str) -> Result<(), Error> {
        let by = actor.active()?.member;
        let question = check_text("question", text::line(typed, 1, 300))?;
        self.limits.chat(by).await?;
        retried!(self.ask_once(by, party, &question))?;
        self.wake(party).await;
        Ok(())
    }

    async fn ask_once(&self, by: MemberId, id: PartyId, question: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_party(id).await?;
        let party = store::load(&mut tx, held).await?.ok_or(model::Error::NotFound)?;
        if by == party.leader {
            return Err(model::Error::from(PartyError::OwnParty).into());
        }
        if !party.state(now).is_open() {
            return Err(model::Error::from(PartyError::PartyOver).into());
        }
        let asked = tx
            .sql(
                "insert into party_questions (id, party_id, member_id, at, text, answer) select $1, $2, $3, $4, $5, ''
                 where (select count(*) from party_questions where party_id = $2) < $6
                    and (select count(*) from party_questions where party_id = $2 and member_id = $3) < $7",
            )
            .bind(QuestionId(ids::new_id(now)))
            .bind(id)
            .bind(by)
            .bind(now)
            .bind(question.to_owned())
            .bind(MOST)
            .bind(MOST_OF_ONE)
            .run()
            .await?;
        if asked == 0 {
            return Err(model::Error::TooMany { retry_after: 60 }.into());
        }
        store::tell(&mut tx, held, &party, by, Told::Leader, &PartyNews::Asked, now).await?;
        is_another(&mut tx, held).await?;
        Ok(tx.commit().await?)
    }

    /// Answers a question, or answers it anew; by the leader.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] for the text; [`model::Error::NotFound`] for a question that is
    /// not there, or another leader's; [`model::Error::TooMany`]; the database may fail.
    pub async fn answer(&self, actor: &Actor, question: QuestionId, typed: &str) -> Result<(), Error> {
        let by = actor.active()?.member;
        let answer = check_text("answer", text::line(typed, 1, 300))?;
        self.limits.chat(by).await?;
        let party = retried!(self.answer_once(by, question, &answer))?;
        self.wake(party).await;
        Ok(())
    }

    async fn answer_once(&self, by: MemberId, question: QuestionId, answer: &str) -> Result<PartyId, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let (held, asked) = hold(&mut tx, question).await?;
        if asked.leader_id != by {
            return Err(model::Error::NotFound.into());
        }
        tx.sql("update party_questions set answer = $2 where id = $1")
            .bind(question)
            .bind(answer.to_owned())
            .run()
            .await?;
        // Answered anew it says no more than that it was answered.
        if asked.answer.is_empty() {
            let notice = Notice::Party { party: held.party(), item: asked.item, news: PartyNews::Answered };
            notices::write_of_party(&mut tx, asked.member_id, &notice, self.clock.now()).await?;
        }
        is_another(&mut tx, held).await?;
        tx.commit().await?;
        Ok(held.party())
    }

    /// Hides a question with its answer, by the leader or an admin. Whoever asked is told nothing.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::NotFound`] for a question that is not there, or another leader's; the
    /// database may fail.
    pub async fn hide_question(&self, actor: &Actor, question: QuestionId) -> Result<(), Error> {
        let by = actor.active()?.member;
        self.limits.parties(by).await?;
        let party = retried!(self.hide_question_once(actor, by, question))?;
        self.wake(party).await;
        Ok(())
    }

    async fn hide_question_once(&self, actor: &Actor, by: MemberId, question: QuestionId) -> Result<PartyId, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let (held, asked) = hold(&mut tx, question).await?;
        if asked.leader_id != by {
            actor.admin().map_err(|_| model::Error::NotFound)?;
            let target = Target { party: Some(held.party()), ..asked.member_id.into() };
            // Without what was asked: nothing of the log can be taken away within two years.
            audit::note(&mut tx, now, actor, AuditAction::HideLine, target, "").await?;
        }
        tx.sql("update party_questions set hidden_at = $2 where id = $1").bind(question).bind(now).run().await?;
        is_another(&mut tx, held).await?;
        tx.commit().await?;
        Ok(held.party())
    }

    /// Every question of a party, the oldest first.
    pub(super) async fn questions(&self, party: PartyId) -> Result<Vec<QuestionLine>, Error> {
        let rows: Vec<Row> = self
            .db
            .sql(concat!(
                "select q.id, q.member_id, m.nickname, q.at, q.text, q.answer, ",
                shown_picture!(),
                " from party_questions q join members m on m.id = q.member_id
                 where q.party_id = $1 and q.hidden_at is null order by q.at, q.id limit $2"
            ))
            .bind(party)
            .bind(MOST)
            .all()
            .await?;
        let badges = self.badges(rows.iter().map(|row| row.member_id)).await?;
        let line = |row: Row| {
            let Row { id, member_id, nickname, picture, at, text, answer } = row;
            QuestionLine { id, nickname, picture, badge: badges.get(&member_id).copied(), at, text, answer }
        };
        Ok(rows.into_iter().map(line).collect())
    }
}

/// A question that is shown, with whose party it is of and what is bought there.
#[derive(sqlx::FromRow)]
struct Asked {
    party_id: PartyId,
    leader_id: MemberId,
    member_id: MemberId,
    item: String,
    answer: String,
}

const ASKED: &str = "select q.party_id, p.leader_id, q.member_id, i.name as item, q.answer from party_questions q
    join parties p on p.id = q.party_id join items i on i.id = p.item_id where q.id = $1 and q.hidden_at is null";

/// Holds the party of a question, and reads the question as it is then.
///
/// # Errors
/// [`model::Error::NotFound`] for one that is not there, or hidden; the database's.
async fn hold(tx: &mut Tx, question: QuestionId) -> Result<(HeldParty, Asked), Error> {
    let there: Option<Asked> = tx.sql(ASKED).bind(question).optional().await?;
    let held = tx.hold_party(there.ok_or(model::Error::NotFound)?.party_id).await?;
    let asked: Option<Asked> = tx.sql(ASKED).bind(question).optional().await?;
    Ok((held, asked.ok_or(model::Error::NotFound)?))
}

/// Notes that whoever looks at the party sees another by now.
async fn is_another(tx: &mut Tx, held: HeldParty) -> Result<(), sqlx::Error> {
    tx.sql("update parties set changes = changes + 1 where id = $1").bind(held.party()).run().await.map(drop)
}
