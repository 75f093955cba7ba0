//! What a party did cost: the leader says it and shows the receipt, which its members alone see.
//!
//! Each picture has an id of its own, and which is shown is written with the price: where either fails, both are those of before. What
//! nobody is shown any more, the sweeper of pictures removes.

use super::Parties;
use crate::{
    Error,
    accounts::Actor,
    pictures::{Picture, PictureStore},
};
use model::{
    FieldError, FormErrors, PartyId, PictureId,
    parties::{Action, PRICE_UP_TO},
    text,
};

impl Parties {
    /// Says what it did cost, as the leader typed it, with a picture of the receipt; who mends the price may leave that as it is.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] for `cost` and `receipt`; those of [`Parties::act`]; those of the store of pictures.
    pub async fn set_cost(
        &self,
        actor: &Actor,
        store: &PictureStore,
        id: PartyId,
        typed: &str,
        receipt: Option<Vec<u8>>,
    ) -> Result<(), Error> {
        let by = actor.active()?.member;
        let party = self.party(id).await?;
        let mut errors = FormErrors::default();
        let cost = errors.check("cost", text::number(typed, 1, PRICE_UP_TO));
        if receipt.is_none() && party.cost.is_none() {
            errors.add("receipt", FieldError::Required);
        }
        // What is refused anyway uploads nothing.
        let action = Action::Cost(cost.unwrap_or(1));
        party.clone().apply(by, &action, self.clock.now())?;
        errors.into_result()?;
        let receipt = match receipt {
            Some(picture) => {
                self.limits.creation(by).await?;
                Some(store.save_receipt(picture, self.clock.now()).await?)
            }
            None => None,
        };
        self.act_with(actor, id, &action, receipt).await
    }

    /// The picture of a party's receipt, for its members.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`]; [`model::Error::NotFound`] for others than members, and where there is none; the store's.
    pub async fn receipt(&self, actor: &Actor, store: &PictureStore, id: PartyId) -> Result<Picture, Error> {
        let reader = actor.signed_in()?.member;
        // Others are not told whether there is one.
        self.is_member(reader, id).await.map_err(|error| match error {
            Error::Refused(_) => model::Error::NotFound.into(),
            other => other,
        })?;
        let receipt = self.db.sql("select receipt from parties where id = $1").bind(id);
        let (receipt,): (Option<PictureId>,) = receipt.one().await?;
        store.read_receipt(receipt.ok_or(model::Error::NotFound)?).await
    }
}
