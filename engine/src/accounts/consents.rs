//! What members agreed to: noted with its version and time, at the sign-up and whenever it changes.

use super::{Accounts, Actor};
use crate::{
    Error,
    db::{Lane, Tx, retried},
};
use model::{
    FieldError, FormErrors, MemberId, Time,
    terms::{Consent, Consents},
};

/// Notes that a member agreed to something as it is today, or no longer does.
pub(super) async fn note(
    tx: &mut Tx,
    member: MemberId,
    consent: Consent,
    given: bool,
    now: Time,
) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into consents (member_id, kind, at, version, given) values ($1, $2, $3, $4, $5)
         on conflict (member_id, kind, at) do update set version = excluded.version, given = excluded.given",
    )
    .bind(member)
    .bind(consent.name().to_owned())
    .bind(now)
    .bind(i64::from(consent.current()))
    .bind(given)
    .run()
    .await?;
    Ok(())
}

impl Accounts {
    /// What the actor agreed to.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn consents(&self, actor: &Actor) -> Result<Consents, Error> {
        let member = actor.signed_in()?.member;
        let (terms, privacy, marketing, marketing_at): (i64, i64, bool, Option<Time>) = self
            .db
            .sql(
                "select terms_version, privacy_version, marketing,
                    (select max(at) from consents where member_id = $1 and kind = 'marketing')
                 from members where id = $1",
            )
            .bind(member)
            .one()
            .await?;
        let version = |kept: i64| u32::try_from(kept).unwrap_or_default();
        Ok(Consents { terms: version(terms), privacy: version(privacy), marketing, marketing_at })
    }

    /// The actor may be sent news from now on, or no longer.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`model::Error::TooMany`]; the database may fail.
    pub async fn set_marketing(&self, actor: &Actor, given: bool) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        self.limits.creation(member).await?;
        retried!(self.write_marketing(member, given))
    }

    async fn write_marketing(&self, member: MemberId, given: bool) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let set = tx.sql("update members set marketing = $2 where id = $1 and marketing <> $2");
        if set.bind(member).bind(given).run().await? == 1 {
            note(&mut tx, member, Consent::Marketing, given, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The actor accepts terms and privacy policy as they are today.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`model::Error::Invalid`] where it is not ticked; [`model::Error::TooMany`]; the
    /// database may fail.
    pub async fn accept_terms(&self, actor: &Actor, accepted: bool) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        if !accepted {
            let mut errors = FormErrors::default();
            errors.add("terms", FieldError::Required);
            errors.into_result()?;
        }
        self.limits.creation(member).await?;
        retried!(self.write_accepted(member))?;
        self.sessions.invalidate_member(member);
        Ok(())
    }

    async fn write_accepted(&self, member: MemberId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("update members set terms_version = $2, privacy_version = $3 where id = $1")
            .bind(member)
            .bind(i64::from(Consent::Terms.current()))
            .bind(i64::from(Consent::Privacy.current()))
            .run()
            .await?;
        for consent in [Consent::Terms, Consent::Privacy] {
            note(&mut tx, member, consent, true, now).await?;
        }
        Ok(tx.commit().await?)
    }
}
