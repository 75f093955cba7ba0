//! Sellers: the business that a creator sells as, checked before anything that costs is published.
//!
//! What is shown of a business is what buyers are owed by law (Act on the Consumer Protection in Electronic Commerce, article 13):
//! who sells, where, and how to reach them. Whoever knows businesses is a [`BusinessCheck`]: the national tax service, or for
//! practice nobody. It is asked outside of any transaction; what it did not answer changes nothing.

mod check;
pub(crate) mod personal;
mod practice;
mod tax_service;

pub use check::{BusinessCheck, Verdict};
pub use practice::Practice;
pub use tax_service::{TAX_SERVICE, TaxService};

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, retried},
    ids,
    limits::Limits,
};
use model::{
    DAY, FieldError, FormErrors, MemberId, SellerError, Span, Time,
    sellers::{Business, BusinessDraft, BusinessForm, BusinessPage, CheckKind},
};
use std::sync::{Arc, OnceLock};

/// How long what is known of a business is believed before somebody publishes something else.
const BELIEVED: Span = DAY;
/// How long it holds where nobody answers, be it that our key is refused.
const HOLDS: Span = DAY.times(7);

#[derive(sqlx::FromRow)]
struct Row {
    number: String,
    company: String,
    representative: String,
    opened: String,
    address: String,
    mail_order: String,
    email: String,
    phone: String,
    checked_by: CheckKind,
    checked_at: Time,
    asked_at: Time,
    closed_at: Option<Time>,
}

impl Row {
    fn business(self) -> Business {
        Business {
            number: self.number,
            company: self.company,
            representative: self.representative,
            opened: self.opened,
            address: self.address,
            mail_order: self.mail_order,
            email: self.email,
            phone: self.phone,
            checked: self.checked_by,
            checked_at: self.checked_at,
            closed: self.closed_at.is_some(),
        }
    }
}

/// Sellers. Cheap to clone.
#[derive(Clone)]
pub struct Sellers {
    db: Db,
    clock: Clock,
    limits: Limits,
    check: Arc<OnceLock<Arc<dyn BusinessCheck>>>,
}

impl Sellers {
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits) -> Sellers {
        Sellers { db, clock, limits, check: Arc::default() }
    }

    /// From now on businesses are checked by this one: the first that is named. Without any, nothing that costs is published.
    pub fn check_by(&self, check: impl BusinessCheck + 'static) {
        let _ = self.check.set(Arc::new(check));
    }

    fn check(&self) -> Option<&Arc<dyn BusinessCheck>> {
        self.check.get()
    }

    /// The business of a seller, as everybody sees it; `None` for who has none.
    ///
    /// # Errors
    /// The database's.
    pub async fn business_of(&self, seller: MemberId) -> Result<Option<Business>, Error> {
        Ok(self.row(seller).await?.map(Row::business))
    }

    async fn row(&self, seller: MemberId) -> Result<Option<Row>, sqlx::Error> {
        self.db
            .sql(
                "select number, company, representative, opened, address, mail_order, email, phone, checked_by, checked_at,
                    asked_at, closed_at from businesses where member_id = $1",
            )
            .bind(seller)
            .optional()
            .await
    }

    /// The creator's own business, with what its form needs.
    ///
    /// # Errors
    /// For visitors, and for whoever is no creator; the database's.
    pub async fn own_business(&self, actor: &Actor) -> Result<BusinessPage, Error> {
        let session = actor.signed_in()?;
        if !session.creator {
            return Err(model::Error::Forbidden.into());
        }
        let business = self.business_of(session.member).await?;
        Ok(BusinessPage { business, check: self.check().map(|check| check.kind()) })
    }

    /// Has the business that a creator typed checked, and keeps it when it is what it says. What was kept before stays otherwise.
    ///
    /// # Errors
    /// For whoever is no creator; too often; what is wrong with each field, also a business that another member has;
    /// [`SellerError::BusinessClosed`], [`SellerError::BusinessUnknown`], and [`SellerError::BusinessUnchecked`] where nobody
    /// answers; the database's.
    pub async fn save_business(&self, actor: &Actor, typed: &BusinessForm<'_>) -> Result<(), Error> {
        let seller = actor.creator()?.member;
        let draft = typed.check(self.clock.now()).map_err(|fields| model::Error::Invalid { fields })?;
        self.limits.creation(seller).await?;
        let refused = |error: SellerError| Error::from(model::Error::from(error));
        let check = self.check().ok_or_else(|| refused(SellerError::BusinessUnchecked))?;
        match check.validate(&draft).await {
            Verdict::Active => retried!(self.write(seller, &draft, check.kind())),
            Verdict::Closed => Err(refused(SellerError::BusinessClosed)),
            Verdict::Unknown => Err(refused(SellerError::BusinessUnknown)),
            Verdict::Unanswered => Err(refused(SellerError::BusinessUnchecked)),
        }
    }

    async fn write(&self, seller: MemberId, draft: &BusinessDraft, kind: CheckKind) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        // Of two members who bring the same business at once one is second.
        let written = tx
            .sql(
                "insert into businesses (member_id, number, company, representative, opened, address, mail_order, email, phone,
                    checked_by, checked_at, asked_at)
                 select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11
                 where not exists (select 1 from businesses where number = $2 and member_id <> $1)
                 on conflict (member_id) do update set number = excluded.number, company = excluded.company,
                    representative = excluded.representative, opened = excluded.opened, address = excluded.address,
                    mail_order = excluded.mail_order, email = excluded.email, phone = excluded.phone,
                    checked_by = excluded.checked_by, checked_at = excluded.checked_at, asked_at = excluded.asked_at,
                    closed_at = null",
            )
            .bind(seller)
            .bind(draft.number.clone())
            .bind(draft.company.clone())
            .bind(draft.representative.clone())
            .bind(draft.opened.clone())
            .bind(draft.address.clone())
            .bind(draft.mail_order.clone())
            .bind(draft.email.clone())
            .bind(draft.phone.clone())
            .bind(kind)
            .bind(now)
            .run()
            .await;
        let taken = match &written {
            Ok(written) => *written == 0,
            Err(sqlx::Error::Database(error)) => error.is_unique_violation(),
            Err(_) => false,
        };
        if taken {
            let mut fields = FormErrors::default();
            fields.add("number", FieldError::Taken);
            return Err(model::Error::Invalid { fields }.into());
        }
        written?;
        Ok(tx.commit().await?)
    }

    /// Whether a member may publish what costs something, as far as is known.
    ///
    /// # Errors
    /// The database's.
    pub async fn may_sell(&self, seller: MemberId) -> Result<bool, Error> {
        let row = self.row(seller).await?;
        Ok(self.check().zip(row).is_some_and(|(check, row)| row.checked_by == check.kind() && row.closed_at.is_none()))
    }

    /// Makes sure that a member may publish what costs something. A business of which nothing was heard for a day is asked about
    /// again; where nobody answers, what is known holds for a week.
    ///
    /// # Errors
    /// [`SellerError::BusinessNeeded`]; [`SellerError::BusinessClosed`]; [`SellerError::BusinessUnchecked`]; the database's.
    pub(crate) async fn sells(&self, seller: MemberId) -> Result<(), Error> {
        let refused = |error: SellerError| Error::from(model::Error::from(error));
        let row = self.row(seller).await?;
        let known = self.check().zip(row).filter(|(check, row)| row.checked_by == check.kind());
        let Some((check, row)) = known else { return Err(refused(SellerError::BusinessNeeded)) };
        if row.closed_at.is_none() && self.clock.now() - row.asked_at < BELIEVED {
            return Ok(());
        }
        let closed = match check.status(&row.number).await {
            Verdict::Active => false,
            Verdict::Closed | Verdict::Unknown => true,
            Verdict::Unanswered if row.closed_at.is_some() => return Err(refused(SellerError::BusinessClosed)),
            Verdict::Unanswered if self.clock.now() - row.asked_at < HOLDS => return Ok(()),
            Verdict::Unanswered => return Err(refused(SellerError::BusinessUnchecked)),
        };
        retried!(self.note(seller, &row.number, closed))?;
        if closed { Err(refused(SellerError::BusinessClosed)) } else { Ok(()) }
    }

    async fn note(&self, seller: MemberId, number: &str, closed: bool) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("update businesses set asked_at = $3, closed_at = $4 where member_id = $1 and number = $2")
            .bind(seller)
            .bind(number.to_owned())
            .bind(now)
            .bind(closed.then_some(now))
            .run()
            .await?;
        Ok(tx.commit().await?)
    }

    /// Gives a member a business that is made up, by their id, for practice: sellers of a demonstration, and those of tests.
    ///
    /// # Errors
    /// The database's.
    #[doc(hidden)]
    pub async fn vouch(&self, seller: MemberId, company: &str) -> Result<(), Error> {
        self.check_by(Practice);
        if self.row(seller).await?.is_some() {
            return Ok(());
        }
        let hash = ids::hash(&[b"59 practice business", seller.0.as_bytes()]);
        // The first digits are of no tax office.
        let mut nine: [u8; 9] = std::array::from_fn(|at| hash[at] % 10);
        (nine[0], nine[1]) = (0, 0);
        let number: String =
            nine.into_iter().chain([model::text::check_digit(nine)]).map(|d| char::from(b'0' + d)).collect();
        let draft = BusinessDraft {
            mail_order: format!("2026-연습-{}", &number[5..9]),
            number,
            company: company.to_owned(),
            representative: "김수달".to_owned(),
            opened: "2024-03-02".to_owned(),
            address: "서울 성동구 왕십리로 59".to_owned(),
            email: "seller@demo.invalid".to_owned(),
            phone: "02-000-0059".to_owned(),
        };
        self.write(seller, &draft, CheckKind::Practice).await
    }
}
