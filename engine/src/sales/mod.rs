//! Selling: what entries of deals and tickets become. Orders, what is paid and given back of them, and tickets.
//!
//! ```text
//! a click, or a command (next in line, let in) ─► entry in checkout, and with it its order ([`writing`]), until its deadline
//!      pays ─► Purchase::approve: the deadline stands still ─► paid ─► command Paid, tickets
//!      leaves, lets time run out, is declined ─► cancelled ─► command Left or Expired: the units go on
//!      gives back, or the seller calls it off ─► money is owed back ─► command Returned: the units go on
//!      is sent, arrives ([`shipping`]) ─► may be sent back for a week ([`returns`]) ─► the same once the seller has it
//! ```
//!
//! An order's row decides: each step is a conditional update of it, in one transaction with the command that follows. So of the
//! deadline and the payment exactly one wins, however late a job is.

mod calling_off;
mod check;
mod choices;
mod curves;
mod erasing;
mod following;
mod giving_back;
mod numbers;
mod orders;
pub(crate) mod personal;
mod purchase;
mod reading;
mod refunding;
mod returns;
mod selling;
mod settlement;
mod shipping;
mod steps;
mod tickets;
mod warning;
mod writing;

pub use choices::Ready;
pub(crate) use following::Sale;
pub(crate) use purchase::{ORDER, Orders};
pub use reading::InLine;
pub(crate) use settlement::check_months;
pub use settlement::pay_out;
pub use tickets::read_code;

use crate::{
    clock::Clock,
    db::{Db, Leftovers},
    limits::Limits,
    payments::Payments,
    turnstile::Turnstile,
};

/// Sales. Cheap to clone.
#[derive(Clone)]
pub struct Sales {
    db: Db,
    clock: Clock,
    limits: Limits,
    turnstile: Turnstile,
    payments: Payments,
    signer: tickets::Signer,
    curves: curves::Curves,
    leftovers: Leftovers,
}

impl Sales {
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits, turnstile: Turnstile, payments: Payments) -> Sales {
        let curves = curves::Curves::default();
        let leftovers = Leftovers::new(db.clone(), clock.clone(), &["order_addresses"]);
        Sales { db, clock, limits, turnstile, payments, signer: tickets::Signer::default(), curves, leftovers }
    }

    /// Whether anything that costs can be sold here.
    pub fn is_open(&self) -> bool {
        self.payments.is_open()
    }
}
