//! Payments: what a customer owes is prepared at a provider, approved by them, taken, and given back.
//!
//! ```text
//! begin ─► row ─► provider prepares ─► the customer approves there
//!                                             │ comes back (once, by a token), or a look-up finds it
//!          Purchase::approve ─► approved ─► confirming ─► provider takes the money ─► paid, declined, unknown
//!          every so often (job): what waits is looked up, ended when its time is over, given back until that is done
//! ```
//!
//! Each step is committed before the provider is called, by a conditional update of the state that it was decided from
//! ([`model::payments`] says which may follow which), and no transaction is open across a call. So any of it may be done twice,
//! at once or again after a crash: one of them goes on, and the provider knows a call that it got before by its key.
//!
//! What is paid for is somebody else's: a [`Purchase`], by the kind of its [`Subject`].

mod check;
mod confirming;
#[cfg(test)]
mod contract;
mod deadline;
#[cfg(test)]
mod fake;
mod kakaopay;
pub(crate) mod personal;
mod portone;
mod provider;
mod purchase;
mod reconciling;
mod refunds;
mod replies;
#[cfg(test)]
mod sale_simulation;
mod sandbox;
#[cfg(test)]
mod simulation;
mod steps;
#[cfg(test)]
mod tests;
mod web;
mod webhooks;

pub use check::check;
pub(crate) use deadline::{PaymentDeadline, deadline};
pub use kakaopay::{KAKAOPAY, KakaoPaySettings};
pub use portone::{PORTONE, PORTONE_SDK, PortOneSettings};
pub use provider::{
    Back, Call, CallBack, Charge, ChargeState, FoundCharge, Order, Prepared, Provider, ProviderAnswer, Return, Window,
};
pub use purchase::{Approval, Checked, Purchase, Purchases, Settled, Subject};
pub use refunds::owe;
pub use sandbox::Sandbox;
pub use steps::By;
pub(crate) use webhooks::Secret as WebhookSecret;

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, retried},
    ids,
    limits::Limits,
};
use futures::future::join_all;
use kakaopay::KakaoPay;
use model::{
    Decline, MINUTE, MemberId, PayWay, PaymentError, PaymentId, PaymentState, PaymentStep, PaymentView, SECOND,
    SandboxChoice, SandboxId, SandboxView, Span, Time, Won, payments::APPROVE_WITHIN,
};
use portone::PortOne;
use std::{sync::Arc, time::Duration};
use steps::{StoredPayment, step};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

/// Letters of a payment's token.
const TOKEN: usize = 64;
/// Calls to one provider at once.
pub const CALLS: usize = 64;
/// A call that takes longer has an unknown outcome.
const CALL_WITHIN: Duration = Duration::from_secs(20);
/// How long a customer who begins to pay waits for a place among the calls.
const TURN_WITHIN: Duration = Duration::from_secs(5);
/// Whoever left a payment in the middle of a call is not waited for any longer.
const LEFT: Span = SECOND.times(25);
/// What was approved and not gone on with for so long was left by whoever was about to.
const APPROVED_LEFT: Span = SECOND.times(10);
/// How long a customer who comes back waits for what came of it before the page says that it is under way.
const BRIEFLY: Duration = Duration::from_secs(3);
/// So long after the time to approve it nothing is taken of a payment that was not taken before: longer than it is looked up, and
/// than any provider keeps one that nobody approved.
const NEVER_AFTER: Span = MINUTE.times(15);
/// How often a payment is looked at while its customer is asked for their approval, and how long after that must have come.
const LOOK_EVERY: Span = MINUTE;
const GRACE: Span = SECOND.times(5);
/// What is left of the time to approve a payment that is offered once more.
const OFFERED_AGAIN: Span = MINUTE.times(5);

/// A provider that takes the money.
#[derive(Clone)]
pub enum ProviderKind {
    /// Nobody does: no money moves. For demonstrations, and wherever it is asked for by its name.
    Sandbox,
    /// One beside the site.
    Beside(Arc<dyn Provider>),
}

impl ProviderKind {
    /// KakaoPay, single payments.
    ///
    /// # Errors
    /// What of its settings cannot be used.
    pub fn kakaopay(settings: KakaoPaySettings) -> Result<ProviderKind, String> {
        Ok(ProviderKind::Beside(Arc::new(KakaoPay::new(settings)?)))
    }

    /// PortOne, version 2.
    ///
    /// # Errors
    /// What of its settings cannot be used.
    pub fn portone(settings: PortOneSettings) -> Result<ProviderKind, String> {
        Ok(ProviderKind::Beside(Arc::new(PortOne::new(settings)?)))
    }
}

/// A provider, and the places among the calls to it.
struct Taker {
    provider: Arc<dyn Provider>,
    calls: Semaphore,
}

impl Taker {
    /// A place among the calls.
    async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.calls.acquire().await.ok()
    }
}

/// Payments of the site. Cheap to clone.
#[derive(Clone)]
pub struct Payments {
    db: Db,
    clock: Clock,
    limits: Limits,
    purchases: Purchases,
    /// In the order in which they are offered.
    takers: Arc<[Taker]>,
    sandbox: Option<Sandbox>,
    /// Where the simulation ends a life.
    #[cfg(test)]
    crashes: simulation::Crashes,
}

impl Payments {
    /// Through providers of these kinds; without any nothing can be paid for.
    pub(crate) fn through_kinds(
        db: Db,
        clock: Clock,
        limits: Limits,
        purchases: Purchases,
        kinds: Vec<ProviderKind>,
    ) -> Payments {
        let mut sandbox = None;
        let mut providers = Vec::with_capacity(kinds.len());
        for kind in kinds {
            providers.push(match kind {
                ProviderKind::Sandbox => {
                    let books = sandbox.insert(Sandbox::new(db.clone(), clock.clone())).clone();
                    Arc::new(books) as Arc<dyn Provider>
                }
                ProviderKind::Beside(provider) => provider,
            });
        }
        Payments { sandbox, ..Payments::through(db, clock, limits, purchases, providers) }
    }

    /// Through any providers, for anything: for tests and measurements.
    #[doc(hidden)]
    pub fn through(
        db: Db,
        clock: Clock,
        limits: Limits,
        purchases: Purchases,
        providers: impl IntoIterator<Item = Arc<dyn Provider>>,
    ) -> Payments {
        let takers = providers.into_iter().map(|provider| Taker { provider, calls: Semaphore::new(CALLS) }).collect();
        Payments {
            db,
            clock,
            limits,
            purchases,
            takers,
            sandbox: None,
            #[cfg(test)]
            crashes: simulation::Crashes::default(),
        }
    }

    /// The same for other subjects, through the sandbox: for tests of the site.
    #[doc(hidden)]
    pub fn sandboxed(db: Db, clock: Clock, limits: Limits, purchases: Purchases) -> Payments {
        Payments::through_kinds(db, clock, limits, purchases, vec![ProviderKind::Sandbox])
    }

    /// Whether anything can be paid for here.
    pub fn is_open(&self) -> bool {
        !self.takers.is_empty()
    }

    /// Whether no money moves whoever pays how, which every page says where something is paid for.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox.is_some() && self.takers.len() == 1
    }

    /// Through whom a member may pay, the one that they used last first.
    ///
    /// # Errors
    /// The database's.
    pub async fn ways(&self, member: MemberId) -> Result<Vec<PayWay>, Error> {
        let mut ways: Vec<PayWay> =
            self.takers.iter().filter_map(|taker| PayWay::named(taker.provider.name())).collect();
        if ways.len() > 1
            && let Some(last) = steps::used_last(&self.db, member).await?
        {
            ways.sort_by_key(|way| way.name() != last);
        }
        Ok(ways)
    }

    /// Asks every provider whether it takes our keys; by its name. [`ProviderAnswer::Unknown`] is said of those that do not
    /// answer.
    pub async fn check_keys(&self) -> Vec<(&'static str, ProviderAnswer<()>)> {
        let asked = self.takers.iter().map(|Taker { provider, .. }| async move {
            (provider.name(), called(provider.name(), "check", provider.check()).await)
        });
        join_all(asked).await
    }

    fn taker(&self, provider: &str) -> Result<&Taker, Error> {
        let taker = self.takers.iter().find(|taker| taker.provider.name() == provider);
        Ok(taker.ok_or(PaymentError::NoProvider).map_err(model::Error::from)?)
    }

    /// Begins to pay `amount` for a subject: the payment, with the link where it is approved. On a desktop a QR code of
    /// [`Payments::elsewhere`] leads a phone there, while the page asks [`Payments::state`]. Afterwards the customer comes to
    /// `return_to`, a path of the site. Whoever asks again within a few minutes is led to the same payment.
    ///
    /// # Errors
    /// Signed out or suspended; too often; [`PaymentError::NoProvider`]; [`PaymentError::Refused`] by the provider, or
    /// [`model::Error::Busy`] when it does not answer; the database's.
    pub async fn begin(
        &self,
        actor: &Actor,
        subject: Subject,
        amount: Won,
        title: &str,
        return_to: &str,
    ) -> Result<PaymentView, Error> {
        self.begin_by(actor, None, subject, amount, title, return_to).await
    }

    /// The same through a provider that the customer chose among several.
    ///
    /// # Errors
    /// As [`Payments::begin`].
    pub async fn begin_by(
        &self,
        actor: &Actor,
        way: Option<PayWay>,
        subject: Subject,
        amount: Won,
        title: &str,
        return_to: &str,
    ) -> Result<PaymentView, Error> {
        let member = actor.active()?.member;
        let taker = match way {
            Some(way) => self.taker(way.name())?,
            None => self.takers.first().ok_or(PaymentError::NoProvider).map_err(model::Error::from)?,
        };
        let provider = &taker.provider;
        if amount <= Won::ZERO || (self.purchases)(subject.kind).is_none() {
            return Err(model::Error::Malformed.into());
        }
        let now = self.clock.now();
        let until = now + OFFERED_AGAIN;
        if let Some(row) = steps::offered(&self.db, subject, member, provider.name(), amount, return_to, until).await? {
            return Ok(view(row));
        }
        self.limits.creation(member).await?;
        let token = hex(ids::random::<32>());
        let id = PaymentId(ids::new_id(now));
        let order = Order {
            payment: id,
            amount,
            title: title.to_owned(),
            back: way_back(id, &token),
            expires_at: now + APPROVE_WITHIN,
        };
        let begun = steps::Begun {
            order: &order,
            subject,
            member,
            provider: provider.name(),
            return_to,
            token: hash(&token),
            look_at: now + LEFT,
        };
        retried!(self.write_begun(&begun, now))?;
        self.point().await;
        // The customer waits for this one.
        let answer = match timeout(TURN_WITHIN, taker.turn()).await {
            Ok(_turn) => called(provider.name(), "prepare", provider.prepare(&order)).await,
            Err(_) => ProviderAnswer::Unknown("too many are asked at once".to_owned()),
        };
        self.point().await;
        let row = steps::read(&self.db, id).await?.ok_or(model::Error::NotFound)?;
        match answer {
            ProviderAnswer::Ok(prepared) => retried!(self.prepared(&row, &prepared))?,
            ProviderAnswer::Declined(decline) => {
                self.end(&row, PaymentStep::Declined, decline, By::Provider).await?;
                return Err(model::Error::from(PaymentError::Refused).into());
            }
            ProviderAnswer::Unknown(_) => {
                self.end(&row, PaymentStep::Cancelled, Decline::Unanswered, By::Program).await?;
                return Err(model::Error::Busy.into());
            }
        }
        self.state(actor, id).await
    }

    async fn write_begun(&self, begun: &steps::Begun<'_>, now: Time) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        steps::insert(&mut tx, begun, now).await?;
        Ok(tx.commit().await?)
    }

    /// Notes where a payment is approved.
    async fn prepared(&self, row: &StoredPayment, prepared: &Prepared) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("update payments set reference = $2, link = $3, elsewhere = $4 where id = $1")
            .bind(row.id)
            .bind(prepared.reference.clone())
            .bind(prepared.link.clone())
            .bind(prepared.elsewhere.clone())
            .run()
            .await?;
        if step(&mut tx, row, PaymentStep::Prepared, None, By::Provider, Some(now + LOOK_EVERY), now).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// A payment as its customer sees it, for a page that waits for it.
    ///
    /// # Errors
    /// Signed out; not theirs, or none; the database's.
    pub async fn state(&self, actor: &Actor, id: PaymentId) -> Result<PaymentView, Error> {
        Ok(view(self.own(actor, id).await?))
    }

    /// Where a QR code leads the phone of whoever pays, while they are asked for their approval.
    ///
    /// # Errors
    /// As [`Payments::state`]; [`PaymentError::Over`] afterwards.
    pub async fn elsewhere(&self, actor: &Actor, id: PaymentId) -> Result<String, Error> {
        let row = self.own(actor, id).await?;
        let address = row.elsewhere.filter(|_| row.state == PaymentState::Prepared);
        Ok(address.ok_or(PaymentError::Over).map_err(model::Error::from)?)
    }

    /// Where a payment is approved at its provider's own site: on the device that the customer pays on, and on a phone.
    ///
    /// # Errors
    /// As [`Payments::elsewhere`].
    pub async fn leads_to(&self, actor: &Actor, id: PaymentId) -> Result<(String, String), Error> {
        let row = self.own(actor, id).await?;
        let addresses = row.link.zip(row.elsewhere).filter(|_| row.state == PaymentState::Prepared);
        Ok(addresses.ok_or(PaymentError::Over).map_err(model::Error::from)?)
    }

    /// What the window is asked for in which a payment is approved on this site, with its title and amount. The token is all that is
    /// asked for: the phone that comes by the QR code is not signed in.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for no such payment, another's token, and a provider without a window;
    /// [`PaymentError::Over`] once it is; the database's.
    pub async fn window(&self, id: PaymentId, token: &str) -> Result<(Window, String, Won), Error> {
        let row = self.by_token(id, token).await?;
        let provider = &self.taker(&row.provider).map_err(|_| model::Error::NotFound)?.provider;
        let StoredPayment { amount, title, expires_at, .. } = row;
        let order = Order { payment: id, amount, title, back: way_back(id, token), expires_at };
        let window = provider.window(&order).ok_or(model::Error::NotFound)?;
        if row.state != PaymentState::Prepared {
            return Err(model::Error::from(PaymentError::Over).into());
        }
        Ok((window, order.title, amount))
    }

    /// Whether a payment goes through a provider beside the site.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_beside(&self, id: PaymentId) -> Result<bool, Error> {
        let row = steps::read(&self.db, id).await?;
        Ok(row.is_some_and(|row| row.provider != PayWay::Sandbox.name()))
    }

    async fn by_token(&self, id: PaymentId, token: &str) -> Result<StoredPayment, Error> {
        let row = steps::read(&self.db, id).await?.filter(|row| is_same(&row.token, &hash(token)));
        Ok(row.ok_or(model::Error::NotFound)?)
    }

    /// All payments of a subject, the newest first: for whoever knows that the reader may see it.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(&self, subject: Subject) -> Result<Vec<PaymentView>, Error> {
        let rows = steps::of(&self.db, subject).await?;
        Ok(rows.into_iter().map(view).collect())
    }

    async fn own(&self, actor: &Actor, id: PaymentId) -> Result<StoredPayment, Error> {
        let member: MemberId = actor.signed_in()?.member;
        let row = steps::read(&self.db, id).await?.filter(|row| row.member_id == member);
        Ok(row.ok_or(model::Error::NotFound)?)
    }

    /// The customer comes back from the provider with what its `query` says: goes on with their payment, once, and waits
    /// briefly for what comes of it; the page to go on to. The token is all that is asked for.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for no such payment, or another's token; the database's.
    pub async fn returned(&self, id: PaymentId, token: &str, query: &str) -> Result<String, Error> {
        let row = self.by_token(id, token).await?;
        let return_to = row.return_to.clone();
        if row.state != PaymentState::Prepared || !self.knows(&row) {
            return Ok(return_to);
        }
        let said = self.taker(&row.provider)?.provider.returned(query);
        let payments = self.clone();
        // It goes on when nobody waits any longer. When the program ends, the job does.
        let going_on = tokio::spawn(async move {
            let done = match said {
                Return::Approved(proof) => payments.approve_and_confirm(&row, proof, By::Member).await,
                Return::Otherwise => payments.look_at(&row).await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, payment = %row.id, "a payment is gone on with later");
            }
        });
        let _ = timeout(BRIEFLY, going_on).await;
        Ok(return_to)
    }

    /// Somebody who calls themselves a provider says that something became of a payment. That is believed of nobody: it is
    /// looked up soon.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for no such payment; the database's.
    pub async fn notified(&self, id: PaymentId) -> Result<(), Error> {
        let now = self.clock.now();
        // Whoever makes up ids, or says it again, keeps nobody from writing.
        let row: Option<(Option<Time>,)> =
            self.db.sql("select look_at from payments where id = $1").bind(id).optional().await?;
        let (look_at,) = row.ok_or(model::Error::NotFound)?;
        if look_at.is_none_or(|at| at <= now) {
            return Ok(());
        }
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("update payments set look_at = $2 where id = $1 and look_at > $2 and state in ($3, $4)")
            .bind(id)
            .bind(now)
            .bind(PaymentState::Prepared)
            .bind(PaymentState::Unknown)
            .run()
            .await?;
        Ok(tx.commit().await?)
    }

    fn purchase(&self, row: &StoredPayment) -> Result<&'static dyn Purchase, Error> {
        Ok((self.purchases)(&row.subject_kind).ok_or(model::Error::Internal)?)
    }

    /// Whether this node can go on with a payment: a newer one may know more kinds, and another provider may have been
    /// configured when it began.
    fn knows(&self, row: &StoredPayment) -> bool {
        (self.purchases)(&row.subject_kind).is_some() && self.taker(&row.provider).is_ok()
    }

    /// The approval page of a payment at the sandbox.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for no such payment, and where there is no sandbox; the database's.
    pub async fn sandbox_page(&self, id: SandboxId) -> Result<SandboxView, Error> {
        let sandbox = self.sandbox.as_ref().ok_or(model::Error::NotFound)?;
        let (payment, mut view) = sandbox.view(id).await?;
        if let Some(row) = steps::read(&self.db, payment).await?
            && let Some(purchase) = (self.purchases)(&row.subject_kind)
        {
            view.until = purchase.describe(&self.db, row.subject_id).await?;
        }
        Ok(view)
    }

    /// What whoever knows a payment's id at the sandbox decides there; the page that they go on to, unless they decided on
    /// another device than the one they pay on, which is the one that goes on.
    ///
    /// # Errors
    /// As [`Payments::sandbox_page`]; [`PaymentError::Over`] when the time to decide is.
    pub async fn decide(&self, id: SandboxId, choice: SandboxChoice, elsewhere: bool) -> Result<Option<String>, Error> {
        let sandbox = self.sandbox.as_ref().ok_or(model::Error::NotFound)?;
        let decided = sandbox.decide(id, choice).await?;
        self.point().await;
        let (token, query) =
            decided.back.split_once("token=").and_then(|(_, rest)| rest.split_at_checked(TOKEN)).unwrap_or_default();
        let payment = decided.payment;
        if decided.repeated {
            for _ in 0..2 {
                let (payments, token, query) = (self.clone(), token.to_owned(), query.to_owned());
                tokio::spawn(async move {
                    tokio::join!(payments.notified(payment), payments.returned(payment, &token, &query))
                });
            }
        }
        if choice == SandboxChoice::Expire {
            return Ok(None);
        }
        if elsewhere {
            self.returned(payment, token, query).await?;
            return Ok(None);
        }
        Ok(Some(decided.back))
    }

    /// A point between two steps, where the simulation may end this life.
    async fn point(&self) {
        #[cfg(test)]
        self.crashes.point().await;
    }
}

/// A call to a provider within its time, counted.
async fn called<T>(
    provider: &'static str,
    call: &'static str,
    calling: impl Future<Output = ProviderAnswer<T>>,
) -> ProviderAnswer<T> {
    let began = Instant::now();
    let answer =
        timeout(CALL_WITHIN, calling).await.unwrap_or_else(|_| ProviderAnswer::Unknown("no answer in time".to_owned()));
    let said = match &answer {
        ProviderAnswer::Ok(_) => "ok",
        ProviderAnswer::Declined(_) => "declined",
        ProviderAnswer::Unknown(why) => {
            tracing::warn!(provider, call, why, "the outcome of a call is unknown");
            "unknown"
        }
    };
    metrics::counter!("payment_calls_total", "provider" => provider, "call" => call, "answer" => said).increment(1);
    metrics::histogram!("payment_call_seconds", "provider" => provider, "call" => call)
        .record(began.elapsed().as_secs_f64());
    answer
}

/// The path by which a customer comes back.
pub fn way_back(id: PaymentId, token: &str) -> String {
    format!("/payments/{id}/return?token={token}")
}

/// Whether a query has a token of the form that [`way_back`] gives it: whoever guesses at ids of payments need not have one.
pub fn has_token(query: &str) -> bool {
    let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    replies::value(query, "token").is_some_and(|token| token.len() == TOKEN && token.bytes().all(is_hex))
}

/// As its customer sees it.
fn view(row: StoredPayment) -> PaymentView {
    let StoredPayment { id, state, amount, refunded, decline, expires_at, .. } = row;
    let link = row.link.filter(|_| state == PaymentState::Prepared);
    // What is elsewhere differs by the device, and is gone on to by a page of ours: a form may not lead away.
    let link = link.map(|link| if link.starts_with('/') { link } else { format!("/payments/{id}/go") });
    PaymentView {
        id,
        state,
        amount,
        refunded,
        decline,
        link,
        expires_at,
        sandbox: row.provider == PayWay::Sandbox.name(),
    }
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash(token: &str) -> Vec<u8> {
    ids::hash(&[token.as_bytes()]).to_vec()
}

/// Compares in a time that says nothing of where they differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
