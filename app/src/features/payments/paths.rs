//! Addresses where payments are approved.

use crate::paths::examples;
use model::{PaymentId, SandboxId};

/// Where a payment is approved, as a QR code for another device.
pub fn payment_qr(payment: PaymentId) -> String {
    format!("/payments/{payment}/qr.svg")
}

/// Where a payment is approved at the sandbox.
pub fn sandbox(payment: SandboxId) -> String {
    format!("/sandbox/pay/{payment}")
}

examples! {
    pages: [sandbox(SandboxId(uuid::Uuid::nil()))];
    files: [payment_qr(PaymentId(uuid::Uuid::nil()))];
}
