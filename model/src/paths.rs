//! Addresses to which the engine leads as pages do: where one comes back to after paying, and what stands in letters. All others are the
//! application's alone, which passes these on beside its own.

use crate::{EventId, SandboxId, channels::MailLink};

/// The calendar of hours for deals.
pub const SLOTS: &str = "/creator/slots";
/// Where somebody sets another password, by a link.
pub const NEW_PASSWORD: &str = "/forgot/new";
/// Another email, and where the link leads that is sent to it.
pub const EMAIL: &str = "/my/account/email";

/// The line and checkout of a sale.
pub fn checkout(event: EventId) -> String {
    format!("/events/{event}/checkout")
}

/// Where a payment is approved at the sandbox.
pub fn sandbox(payment: SandboxId) -> String {
    format!("/sandbox/pay/{payment}")
}

/// A link to set another password. In the query: paths stand in logs.
pub fn new_password(token: &str) -> String {
    format!("{NEW_PASSWORD}?token={token}")
}

/// A link that gives a member another email.
pub fn new_email(token: &str) -> String {
    format!("{EMAIL}?token={token}")
}

/// A link of a mail: to be told by mail, or no more.
pub fn mail_link(link: MailLink, token: &str) -> String {
    format!("/mail/{}/{token}", link.name())
}
