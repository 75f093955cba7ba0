//! Who takes the money: one interface, whichever provider it is.

use futures::{FutureExt, future::BoxFuture};
use model::{Decline, PaymentId, RefundId, Time, Won};

/// What a provider answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderAnswer<T> {
    /// It is done, or was before.
    Ok(T),
    /// It is not, and will not be by this call.
    Declined(Decline),
    /// It may be or not: why nobody knows, for the log.
    Unknown(String),
}

/// What a provider is told before anything is approved.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its key: the same twice is one payment.
    pub payment: PaymentId,
    /// What is to be taken.
    pub amount: Won,
    /// What it is for.
    pub title: String,
    /// The path on this site that the customer comes back to, with the token that lets them. The provider adds to its query.
    pub back: String,
    /// Until when it may be approved.
    pub expires_at: Time,
}

/// A payment that waits for its customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// What the provider calls it.
    pub reference: String,
    /// Where the customer approves it, on the device that they pay on: a path of this site, or an address elsewhere.
    pub link: String,
    /// Where a QR code leads another device.
    pub elsewhere: String,
}

/// A payment as its provider is asked about it.
#[derive(Debug, Clone)]
pub struct Charge {
    /// Its key.
    pub payment: PaymentId,
    /// What the provider calls it; `None` when it never said.
    pub reference: Option<String>,
    /// What is to be taken.
    pub amount: Won,
    /// What came with the customer's return, see [`Return::Approved`]. Without it nobody ever asked for the money to be taken.
    pub proof: Option<String>,
    /// Whether its time was over for so long that whatever was not taken never will be.
    pub over: bool,
}

/// What is to be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// So much of what was taken.
    Part(Won),
    /// Whatever was taken and is not given back yet, perhaps nothing; and nothing is taken any more.
    Everything,
}

/// What a customer's return says by its query. It is what they say and proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Return {
    /// They approved; with what the provider wants to see when it is asked to take the money.
    Approved(Option<String>),
    /// They did not, or it does not say: the provider is asked.
    Otherwise,
}

/// What a provider knows of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCharge {
    /// Where it stands.
    pub standing: ChargeState,
    /// What was given back, by refund.
    pub returned: Vec<(RefundId, Won)>,
}

/// Where a payment stands at its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeState {
    /// For all that is known it waits for its customer.
    Waiting,
    /// It was approved, and may be taken.
    Approved,
    /// So much was taken.
    Taken(Won),
    /// Nothing was taken, or all of it went back, and nothing ever will be.
    Ended(Decline),
}

/// A window that a provider opens by a script of its own, on a page of this site.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Where that script is.
    pub script: String,
    /// What it is asked for.
    pub request: serde_json::Value,
}

/// A call-back as it came, in the form of Standard Webhooks.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Its header `webhook-id`: the same when it is sent again.
    pub id: &'a str,
    /// Its header `webhook-timestamp`.
    pub timestamp: &'a str,
    /// Its header `webhook-signature`.
    pub signature: &'a str,
    /// Its body, byte by byte as it was signed.
    pub body: &'a [u8],
}

/// What a call-back says. None of it is believed: the provider is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallBack {
    /// Something became of a payment; whether money may have been taken.
    About {
        /// Of which.
        payment: PaymentId,
        /// Whether it says that money was taken.
        taken: bool,
    },
    /// Nothing of interest.
    Nothing,
    /// It is not by the provider, or was sent too long ago.
    Forged,
}

/// Takes money and gives it back. Every call may be repeated with the same keys, and is done once (what is prepared twice is
/// taken once); every provider passes the same tests (`contract.rs`). Nothing is called while a transaction is open.
pub trait Provider: Send + Sync {
    /// Its name, in the database and in metrics.
    fn name(&self) -> &'static str;

    /// What the query of a customer's return says.
    fn returned(&self, query: &str) -> Return;

    /// Tells it of a payment. Nothing is taken before it is confirmed.
    fn prepare<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, ProviderAnswer<Prepared>>;

    /// Has the money taken that the customer approved; how much that was. The caller compares.
    fn confirm<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<Won>>;

    /// Gives money back, once for each refund; how much by this one. A payment that was closed by [`Back::Everything`] is never
    /// taken afterwards: while it may be, since it was asked to be taken and nobody knows, or by a window that is open yet, the answer
    /// is unknown.
    fn cancel<'a>(&'a self, charge: &'a Charge, refund: RefundId, back: Back) -> BoxFuture<'a, ProviderAnswer<Won>>;

    /// What it knows. [`ProviderAnswer::Declined`] is never said.
    fn look_up<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<FoundCharge>>;

    /// The window that its customer is led to on this site, of a provider that has one.
    fn window(&self, order: &Order) -> Option<Window> {
        let _ = order;
        None
    }

    /// Whether its window may take the money without us, for as long as that stays open somewhere: then what ended here is looked at
    /// once more when that cannot be any more.
    fn takes_unasked(&self) -> bool {
        false
    }

    /// What a call-back says that came by now. Whoever sends none believes none.
    fn called_back(&self, call: &Call<'_>, now: Time) -> CallBack {
        let _ = (call, now);
        CallBack::Forged
    }

    /// Whether it takes our keys: [`ProviderAnswer::Declined`] when it does not.
    fn check(&self) -> BoxFuture<'_, ProviderAnswer<()>> {
        std::future::ready(ProviderAnswer::Ok(())).boxed()
    }
}
