//! Single items of the catalogue, as admins list and correct them: each time a row in the audit log.

use super::{ItemRow, Markets};
use crate::{
    Error,
    accounts::Actor,
    audit::note,
    db::{Lane, retried},
};
use model::{Cursor, FieldError, FormErrors, Item, ItemDraft, ItemId, Page, administration::AuditAction, text};

/// Items in a page of the admins' list.
const LISTED: usize = 50;

impl Markets {
    /// Items for admins: those whose name begins as was typed, or, where nothing was, all, those added last first, `before` where
    /// the list goes on.
    ///
    /// # Errors
    /// For others; [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn items(&self, actor: &Actor, find: &str, before: Option<&Cursor>) -> Result<Page<Item>, Error> {
        actor.admin()?;
        if !text::key(find).is_empty() {
            return Ok(Page { rows: self.suggest(find).await?, next: None });
        }
        // Ids begin with the time.
        let (_, before): (u64, ItemId) = Cursor::before(before)?;
        let rows: Vec<ItemRow> = self
            .db
            .sql("select id as item_id, category, name as item_name from items where id < $1 order by id desc limit $2")
            .bind(before)
            .bind(LISTED as i64 + 1)
            .all()
            .await?;
        Ok(Page::of(rows, LISTED, |row| (0, row.item_id)).filter_map(|row| Some(row.item())))
    }

    /// Corrects an item: category and name, as they were typed. Parties that buy it buy what it is called then.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others than admins; [`model::Error::Invalid`] by field, at `name` when another item of the
    /// category is called so, and at `reason` without one; [`model::Error::NotFound`] for none; the database's. Nothing was changed
    /// then.
    pub async fn correct_item(&self, actor: &Actor, id: ItemId, typed: [&str; 2], reason: &str) -> Result<(), Error> {
        actor.admin()?;
        let mut errors = FormErrors::default();
        let draft = ItemDraft::typed(typed, &mut errors);
        let reason = errors.check("reason", text::line(reason, 2, 200));
        errors.into_result()?;
        let (draft, reason) = draft.zip(reason).ok_or(model::Error::Malformed)?;
        retried!(self.correct_item_once(actor, id, &draft, &reason))?;
        self.suggestions.invalidate();
        Ok(())
    }

    async fn correct_item_once(&self, actor: &Actor, id: ItemId, draft: &ItemDraft, reason: &str) -> Result<(), Error> {
        let (now, key) = (self.clock.now(), text::key(&draft.name));
        let mut tx = self.db.begin(Lane::Other).await?;
        let taken = tx.sql("select 1 from items where key = $1 and category = $2 and id <> $3");
        if taken.bind(key.clone()).bind(draft.category).bind(id).exists().await? {
            let mut errors = FormErrors::default();
            errors.add("name", FieldError::Taken);
            return Err(model::Error::Invalid { fields: errors }.into());
        }
        let corrected = tx
            .sql("update items set category = $2, name = $3, key = $4, initials = $5 where id = $1")
            .bind(id)
            .bind(draft.category)
            .bind(draft.name.clone())
            .bind(key)
            .bind(text::initials(&draft.name))
            .run()
            .await?;
        if corrected == 0 {
            return Err(model::Error::NotFound.into());
        }
        note(&mut tx, now, actor, AuditAction::CorrectItem, id, reason).await?;
        Ok(tx.commit().await?)
    }
}
