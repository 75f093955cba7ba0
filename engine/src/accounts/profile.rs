//! What a member shows of themselves: another nickname, and a picture.

use super::{Accounts, Actor, names, nickname_key};
use crate::{
    Error, audit,
    db::{Lane, retried},
    pictures::PictureStore,
};
use model::{
    AccountError, Crop, FieldError, FormErrors, MemberId, PictureId, Time,
    administration::AuditAction,
    profile::{OwnProfile, nickname_kept_until},
    text,
};

/// The picture by which others are shown a member `m`, as a column: none of whoever is suspended. Who left has none.
macro_rules! shown_picture {
    () => {
        "case when m.suspended_at is null then m.picture end as picture"
    };
}
pub(crate) use shown_picture;

impl Accounts {
    /// The member's own profile.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn own_profile(&self, actor: &Actor) -> Result<OwnProfile, Error> {
        let member = actor.signed_in()?.member;
        let row: Option<(String, Option<Time>, Option<PictureId>)> = self
            .db
            .sql("select nickname, nickname_changed_at, picture from members where id = $1")
            .bind(member)
            .optional()
            .await?;
        let (nickname, changed_at, picture) = row.ok_or(model::Error::NotFound)?;
        Ok(OwnProfile { nickname, changed_at, picture, now: self.clock.now() })
    }

    /// Calls a member by another nickname; the name that boards show then. [`crate::naming`] tells the rooms.
    pub(crate) async fn set_nickname(&self, actor: &Actor, typed: &str) -> Result<String, Error> {
        let member = actor.active()?.member;
        let mut errors = FormErrors::default();
        let nickname = errors.check("nickname", text::nickname(typed));
        errors.into_result()?;
        let nickname = nickname.ok_or(model::Error::Malformed)?;
        self.limits.creation(member).await?;
        let mut errors = FormErrors::default();
        errors.check("nickname", names::check(&self.db, &nickname, Some(member)).await?);
        errors.into_result()?;
        let masked = retried!(self.write_nickname(member, &nickname))?;
        self.sessions.invalidate_member(member);
        Ok(if masked { model::nickname::mask(&nickname) } else { nickname })
    }

    /// Writes it, unless the one of today was taken on too lately; whether boards mask it.
    async fn write_nickname(&self, member: MemberId, nickname: &str) -> Result<bool, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        // Two of them at once are two changes, one after the other.
        tx.sql("update members set mode = mode where id = $1").bind(member).run().await?;
        let row: Option<(String, bool, Option<Time>)> = tx
            .sql("select nickname, masked, nickname_changed_at from members where id = $1")
            .bind(member)
            .optional()
            .await?;
        let (before, masked, changed_at) = row.ok_or(model::Error::NotFound)?;
        if before == nickname {
            return Ok(masked);
        }
        if let Some(until) = nickname_kept_until(changed_at, now) {
            let retry_after = until.since(now).begun_seconds() as u64;
            return Err(model::Error::from(AccountError::NicknameKept { retry_after }).into());
        }
        let key = nickname_key(nickname);
        let others = "select 1 from members where nickname_key = $1 and id <> $2";
        if tx.sql(others).bind(key.clone()).bind(member).exists().await? {
            return Err(taken());
        }
        let written = tx
            .sql("update members set nickname = $2, nickname_key = $3, nickname_changed_at = $4 where id = $1")
            .bind(member)
            .bind(nickname.to_owned())
            .bind(key)
            .bind(now)
            .run()
            .await;
        match written {
            // Somebody else took it at this moment.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => return Err(taken()),
            written => written?,
        };
        if !names::claim(&mut tx, nickname, member).await? {
            return Err(taken());
        }
        names::protect(&mut tx, member).await?;
        tx.commit().await?;
        Ok(masked)
    }

    /// Shows a member by a picture: the largest square of what `crop` says, without anything that the camera wrote beside it. The one
    /// before is gone; whether there was one. [`crate::naming`] tells the rooms.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] under `picture`; [`model::Error::TooMany`]; the store's and the
    /// database's.
    pub async fn set_picture(
        &self,
        actor: &Actor,
        store: &PictureStore,
        picture: Option<Vec<u8>>,
        crop: Crop,
    ) -> Result<bool, Error> {
        let member = actor.active()?.member;
        let Some(picture) = picture else {
            let mut errors = FormErrors::default();
            errors.add("picture", FieldError::Required);
            return Err(model::Error::Invalid { fields: errors }.into());
        };
        self.limits.creation(member).await?;
        let id = store.save_face(picture, crop, self.clock.now()).await?;
        match retried!(self.write_picture(member, Some(id))) {
            Ok(before) => {
                self.sessions.invalidate_member(member);
                if let Some(before) = before {
                    store.remove_face(before).await;
                }
                Ok(before.is_some())
            }
            Err(error) => {
                store.remove_face(id).await;
                Err(error)
            }
        }
    }

    /// Shows a member without a picture, suspended members as well; whether there was one.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`]; the database may fail.
    pub async fn remove_picture(&self, actor: &Actor, store: &PictureStore) -> Result<bool, Error> {
        let member = actor.signed_in()?.member;
        let Some(before) = retried!(self.write_picture(member, None))? else { return Ok(false) };
        self.sessions.invalidate_member(member);
        store.remove_face(before).await;
        Ok(true)
    }

    /// Takes from a member the picture that an admin looked at, with a reason. From then on nobody is shown it, wherever it stood.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::Invalid`] without a reason; [`AccountError::PictureChanged`] where the member has another one,
    /// or none; the database may fail.
    pub async fn take_picture_away(
        &self,
        actor: &Actor,
        store: &PictureStore,
        member: MemberId,
        picture: PictureId,
        reason: &str,
    ) -> Result<(), Error> {
        actor.admin()?;
        let reason = audit::reason_of(reason)?;
        retried!(self.take_away_once(actor, member, picture, &reason))?;
        self.sessions.invalidate_member(member);
        store.remove_face(picture).await;
        Ok(())
    }

    async fn take_away_once(
        &self,
        actor: &Actor,
        member: MemberId,
        picture: PictureId,
        reason: &str,
    ) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let taken = tx.sql("update members set picture = null where id = $1 and picture = $2");
        if taken.bind(member).bind(picture).run().await? == 0 {
            return Err(model::Error::from(AccountError::PictureChanged).into());
        }
        audit::note(&mut tx, self.clock.now(), actor, AuditAction::RemovePicture, member, reason).await?;
        Ok(tx.commit().await?)
    }

    /// Writes which picture a member has; the one before.
    async fn write_picture(&self, member: MemberId, picture: Option<PictureId>) -> Result<Option<PictureId>, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("update members set mode = mode where id = $1").bind(member).run().await?;
        let before: Option<(Option<PictureId>,)> =
            tx.sql("select picture from members where id = $1").bind(member).optional().await?;
        let (before,) = before.ok_or(model::Error::NotFound)?;
        tx.sql("update members set picture = $2 where id = $1").bind(member).bind(picture).run().await?;
        tx.commit().await?;
        Ok(before)
    }
}

fn taken() -> Error {
    let mut errors = FormErrors::default();
    errors.add("nickname", FieldError::Taken);
    model::Error::Invalid { fields: errors }.into()
}
