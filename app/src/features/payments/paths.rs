//! Addresses where payments are approved.

pub use model::paths::sandbox;

use crate::paths::examples;
use model::PaymentId;

/// Where a payment is approved, as a QR code for another device.
pub fn payment_qr(payment: PaymentId) -> String {
    format!("/payments/{payment}/qr.svg")
}

examples! {
    pages: [sandbox(model::SandboxId(uuid::Uuid::nil()))];
    files: [payment_qr(PaymentId(uuid::Uuid::nil()))];
}
