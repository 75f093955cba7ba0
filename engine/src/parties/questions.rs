//! Questions to the leader, before one joins; everybody reads them.

use super::{Parties, penalties::check_text};
use crate::{
    Error,
    accounts::{Actor, shown_picture},
    db::{Lane, retried},
    ids,
};
use model::{
    MemberId, PartyError, PartyId, PictureId, Time,
    parties::{QuestionId, QuestionLine},
    text,
};

/// The most questions of one party.
const MOST: i64 = 100;

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
    /// [`PartyError::OwnParty`], [`PartyError::PartyOver`]; [`model::Error::TooMany`], also when a hundred were asked; the database
    /// may fail.
    pub async fn ask(&self, actor: &Actor, party: PartyId, typed: &str) -> Result<(), Error> {
        let by = actor.active()?.member;
        let question = check_text("question", text::line(typed, 1, 300))?;
        self.limits.chat(by).await?;
        retried!(self.ask_once(by, party, &question))
    }

    async fn ask_once(&self, by: MemberId, id: PartyId, question: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_party(id).await?;
        let party = super::store::load(&mut tx, held).await?.ok_or(model::Error::NotFound)?;
        if by == party.leader {
            return Err(model::Error::from(PartyError::OwnParty).into());
        }
        if !party.state(now).is_open() {
            return Err(model::Error::from(PartyError::PartyOver).into());
        }
        let asked = tx
            .sql(
                "insert into party_questions (id, party_id, member_id, at, text, answer) select $1, $2, $3, $4, $5, ''
                 where (select count(*) from party_questions where party_id = $2) < $6",
            )
            .bind(QuestionId(ids::new_id(now)))
            .bind(id)
            .bind(by)
            .bind(now)
            .bind(question.to_owned())
            .bind(MOST)
            .run()
            .await?;
        if asked == 0 {
            return Err(model::Error::TooMany { retry_after: 60 }.into());
        }
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
        retried!(self.answer_once(by, question, &answer))
    }

    async fn answer_once(&self, by: MemberId, question: QuestionId, answer: &str) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let changed = tx
            .sql(
                "update party_questions set answer = $3
                 where id = $1 and party_id in (select id from parties where leader_id = $2 and id = party_questions.party_id)",
            )
            .bind(question)
            .bind(by)
            .bind(answer.to_owned())
            .run()
            .await?;
        if changed == 0 {
            return Err(model::Error::NotFound.into());
        }
        Ok(tx.commit().await?)
    }

    /// Every question of a party, the oldest first.
    pub(super) async fn questions(&self, party: PartyId) -> Result<Vec<QuestionLine>, Error> {
        let rows: Vec<Row> = self
            .db
            .sql(concat!(
                "select q.id, q.member_id, m.nickname, q.at, q.text, q.answer, ",
                shown_picture!(),
                " from party_questions q join members m on m.id = q.member_id
                 where q.party_id = $1 order by q.at, q.id limit $2"
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
