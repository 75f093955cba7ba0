//! Addresses: each member's book of where things go, and who finds a road address by what somebody types ([`Finder`]).
//!
//! What is bought or won copies the address into its own row, with its own time to be erased; the book is its owner's alone, until they
//! delete an address or have not used it for 90 days, as the privacy policy says.

mod finder;
pub(crate) mod personal;
#[cfg(test)]
mod tests;

pub use finder::{Finder, Juso};

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, Leftovers, Tx, retried},
    ids,
    limits::Limits,
};
use model::{
    DAY, Delivery, FieldError, FormErrors, MemberId, Span, Time,
    addresses::{
        Address, AddressBook, AddressDraft, AddressError, AddressId, FIND_LENGTH, FoundAddresses, MOST_ADDRESSES,
    },
};

/// How long an address is kept that its owner does not use: as the privacy policy says it that members accepted.
const KEPT: Span = DAY.times(90);
/// What older nodes saved that is moved in one go.
const MOVED: i64 = 100;

#[derive(sqlx::FromRow)]
struct Row {
    id: AddressId,
    #[sqlx(flatten)]
    delivery: Delivery,
    note: String,
}

/// Members' addresses. Cheap to clone.
#[derive(Clone)]
pub struct Addresses {
    db: Db,
    clock: Clock,
    limits: Limits,
    finder: Finder,
    leftovers: Leftovers,
}

impl Addresses {
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits, finder: Finder) -> Addresses {
        let leftovers = Leftovers::new(db.clone(), clock.clone(), &["addresses", "saved_deliveries"]);
        Addresses { db, clock, limits, finder, leftovers }
    }

    /// The member's own book.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn book(&self, actor: &Actor) -> Result<AddressBook, Error> {
        let member = actor.signed_in()?.member;
        let rows: Vec<Row> = self
            .db
            .sql(
                "select id, name, phone, postcode, address, detail, note from addresses where member_id = $1
                 order by preferred desc, id",
            )
            .bind(member)
            .all()
            .await?;
        let addresses = rows.into_iter().map(|Row { id, delivery, note }| Address { id, delivery, note }).collect();
        Ok(AddressBook { addresses, finder: self.finder.kind() })
    }

    /// Adds an address; one that is there already, whatever its note, stays the same one.
    ///
    /// # Errors
    /// For visitors and suspended members; what is wrong with each field; [`AddressError::TooManyAddresses`];
    /// [`model::Error::TooMany`]; the database may fail.
    pub async fn add(&self, actor: &Actor, typed: &Delivery, note: &str) -> Result<AddressId, Error> {
        let member = actor.active()?.member;
        let draft = AddressDraft::check(typed, note).map_err(|fields| model::Error::Invalid { fields })?;
        self.limits.wishes(member).await?;
        retried!(self.add_once(member, &draft))
    }

    async fn add_once(&self, member: MemberId, draft: &AddressDraft) -> Result<AddressId, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let added = save(&mut tx, member, draft, self.clock.now()).await?;
        let added = added.ok_or(model::Error::from(AddressError::TooManyAddresses))?;
        tx.commit().await?;
        Ok(added)
    }

    /// Adds an address, and makes it the default.
    ///
    /// # Errors
    /// As [`Addresses::add`].
    pub async fn add_default(&self, actor: &Actor, typed: &Delivery) -> Result<(), Error> {
        let added = self.add(actor, typed, "").await?;
        self.set_default(actor, added).await
    }

    /// Changes an address.
    ///
    /// # Errors
    /// For visitors and suspended members; what is wrong with each field; [`model::Error::NotFound`] for another's, or none;
    /// [`model::Error::TooMany`]; the database may fail.
    pub async fn change(&self, actor: &Actor, id: AddressId, typed: &Delivery, note: &str) -> Result<(), Error> {
        let member = actor.active()?.member;
        let draft = AddressDraft::check(typed, note).map_err(|fields| model::Error::Invalid { fields })?;
        self.limits.wishes(member).await?;
        retried!(self.change_once(member, id, &draft))?;
        // What stood there before is as good as deleted.
        self.leftovers.add();
        Ok(())
    }

    async fn change_once(&self, member: MemberId, id: AddressId, draft: &AddressDraft) -> Result<(), Error> {
        let AddressDraft { delivery, note } = draft.clone();
        let mut tx = self.db.begin(Lane::Other).await?;
        let changed = tx
            .sql(
                "update addresses set name = $3, phone = $4, postcode = $5, address = $6, detail = $7, note = $8, used_at = $9
                 where id = $1 and member_id = $2",
            )
            .bind(id)
            .bind(member)
            .bind(delivery.name)
            .bind(delivery.phone)
            .bind(delivery.postcode)
            .bind(delivery.address)
            .bind(delivery.detail)
            .bind(note)
            .bind(self.clock.now())
            .run()
            .await?;
        if changed == 0 {
            return Err(model::Error::NotFound.into());
        }
        Ok(tx.commit().await?)
    }

    /// Makes an address the default.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::NotFound`] for another's, or none; [`model::Error::TooMany`]; the database
    /// may fail.
    pub async fn set_default(&self, actor: &Actor, id: AddressId) -> Result<(), Error> {
        let member = actor.active()?.member;
        self.limits.wishes(member).await?;
        retried!(self.set_default_once(member, id))
    }

    async fn set_default_once(&self, member: MemberId, id: AddressId) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let changed = tx
            .sql(
                "update addresses set used_at = $3,
                    preferred = (select max(preferred) + 1 from addresses where member_id = $2)
                 where id = $1 and member_id = $2",
            )
            .bind(id)
            .bind(member)
            .bind(self.clock.now())
            .run()
            .await?;
        if changed == 0 {
            return Err(model::Error::NotFound.into());
        }
        Ok(tx.commit().await?)
    }

    /// Deletes an address; suspended members may as well. Soon it stands in no file of the database.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`]; [`model::Error::NotFound`] for another's, or none; the database may fail.
    pub async fn delete(&self, actor: &Actor, id: AddressId) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        retried!(self.delete_once(member, id))?;
        self.leftovers.add();
        Ok(())
    }

    async fn delete_once(&self, member: MemberId, id: AddressId) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let deleted =
            tx.sql("delete from addresses where id = $1 and member_id = $2").bind(id).bind(member).run().await?;
        if deleted == 0 {
            return Err(model::Error::NotFound.into());
        }
        Ok(tx.commit().await?)
    }

    /// An address that a member chose for something: from now on it was used.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] at the field `to` for another's, or none: it may have been deleted on
    /// another page; the database may fail.
    pub async fn chosen(&self, actor: &Actor, id: AddressId) -> Result<Delivery, Error> {
        let member = actor.active()?.member;
        retried!(self.chosen_once(member, id))
    }

    async fn chosen_once(&self, member: MemberId, id: AddressId) -> Result<Delivery, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let chosen: Option<Delivery> = tx
            .sql(
                "update addresses set used_at = $3 where id = $1 and member_id = $2
                 returning name, phone, postcode, address, detail",
            )
            .bind(id)
            .bind(member)
            .bind(self.clock.now())
            .optional()
            .await?;
        let Some(chosen) = chosen else {
            let mut fields = FormErrors::default();
            fields.add("to", FieldError::Invalid);
            return Err(model::Error::Invalid { fields }.into());
        };
        tx.commit().await?;
        Ok(chosen)
    }

    /// Road addresses that may be meant by what a member typed. Where somebody else is asked, how often is limited.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::TooMany`].
    pub async fn find(&self, actor: &Actor, typed: &str) -> Result<FoundAddresses, Error> {
        let member = actor.active()?.member;
        let typed: String = typed.chars().take(FIND_LENGTH).collect();
        if self.finder.is_asked_about(&typed) {
            self.limits.addresses(member)?;
        }
        match self.finder.find(&typed).await {
            Ok(rows) => Ok(FoundAddresses { rows, failed: false }),
            Err(error) => {
                tracing::warn!(%error, "an address was looked for without its provider");
                Ok(FoundAddresses { rows: Vec::new(), failed: true })
            }
        }
    }

    /// Takes over what older nodes saved, erases what nobody used for long, and wipes what was deleted from the files.
    ///
    /// # Errors
    /// The database's.
    pub async fn erase(&self) -> Result<(), Error> {
        while retried!(self.take_over())? {}
        let mut tx = self.db.begin(Lane::Other).await?;
        let unused = tx.sql("delete from addresses where used_at <= $1").bind(self.clock.now() - KEPT).run().await?;
        tx.commit().await?;
        if unused > 0 {
            self.leftovers.add();
        }
        Ok(self.leftovers.wipe().await?)
    }

    /// Moves some of what nodes of before the book saved into it; whether there may be more.
    async fn take_over(&self) -> Result<bool, Error> {
        let saved: Vec<(MemberId,)> =
            self.db.sql("select member_id from saved_deliveries limit $1").bind(MOVED).all().await?;
        let more = saved.len() as i64 == MOVED;
        for (member,) in saved {
            let mut tx = self.db.begin(Lane::Other).await?;
            let saved: Option<Delivery> = tx
                .sql(
                    "delete from saved_deliveries where member_id = $1
                     returning name, phone, postcode, address, detail",
                )
                .bind(member)
                .optional()
                .await?;
            if let Some(delivery) = saved {
                let draft = AddressDraft { delivery, note: String::new() };
                save(&mut tx, member, &draft, self.clock.now()).await?;
            }
            tx.commit().await?;
            self.leftovers.add();
        }
        Ok(more)
    }
}

/// Whether it is known where things go that a member buys.
pub(crate) async fn has_address(db: &Db, member: MemberId) -> Result<bool, sqlx::Error> {
    db.sql("select 1 from addresses where member_id = $1 and address <> '' limit 1").bind(member).exists().await
}

/// Puts an address into a member's book; `None` when that is full. One that is there is not there twice, and where only who receives
/// was known so far the rest is added.
pub(crate) async fn save(
    tx: &mut Tx,
    member: MemberId,
    AddressDraft { delivery, note }: &AddressDraft,
    now: Time,
) -> Result<Option<AddressId>, sqlx::Error> {
    let Delivery { name, phone, postcode, address, detail } = delivery;
    // Changes nothing but takes the row: what a member adds is counted by one at a time.
    tx.sql("update members set mode = mode where id = $1").bind(member).run().await?;
    // Without a road address whoever is there under that name is meant; with one this very address, or else whoever is there without.
    // What is not given stays as it is.
    let known: Option<(AddressId,)> = tx
        .sql(
            "update addresses set postcode = coalesce(nullif($4, ''), postcode), address = coalesce(nullif($5, ''), address),
                detail = coalesce(nullif($6, ''), detail), used_at = $7, note = coalesce(nullif($8, ''), note)
             where id = (select id from addresses where member_id = $1 and name = $2 and phone = $3
                and ($5 = '' or address = '' or (postcode = $4 and address = $5 and detail = $6))
                order by case when address = '' then 1 else 0 end, preferred desc, id limit 1)
             returning id",
        )
        .bind(member)
        .bind(name.clone())
        .bind(phone.clone())
        .bind(postcode.clone())
        .bind(address.clone())
        .bind(detail.clone())
        .bind(now)
        .bind(note.clone())
        .optional()
        .await?;
    if let Some((known,)) = known {
        return Ok(Some(known));
    }
    let id = AddressId(ids::new_id(now));
    let added = tx
        .sql(
            "insert into addresses (id, member_id, name, phone, postcode, address, detail, note, used_at)
             select $1, $2, $3, $4, $5, $6, $7, $8, $9 where (select count(*) from addresses where member_id = $2) < $10",
        )
        .bind(id)
        .bind(member)
        .bind(name.clone())
        .bind(phone.clone())
        .bind(postcode.clone())
        .bind(address.clone())
        .bind(detail.clone())
        .bind(note.clone())
        .bind(now)
        .bind(MOST_ADDRESSES as i64)
        .run()
        .await?;
    Ok((added > 0).then_some(id))
}
