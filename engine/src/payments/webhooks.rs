//! Call-backs that are signed as Standard Webhooks say (<https://www.standardwebhooks.com>, version 1 of the scheme): the
//! HMAC-SHA256 of id, timestamp and body, joined by dots, under a secret that both know. A signed one decides nothing either: it
//! says about which payment its provider is to be asked.

use super::{
    Payments,
    provider::{Call, CallBack},
    refunds,
    steps::{self, StoredPayment},
};
use crate::{
    Error,
    db::{Lane, retried},
    ids,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use model::{MINUTE, PaymentId, PaymentState, RequestId, SECOND, Span, Time};
use ring::hmac;
use uuid::Uuid;

/// How far the sender's clock may be from ours, and how long a call-back may have been on its way.
const WITHIN: Span = MINUTE.times(5);
/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// More signatures than a provider that changes its secret sends.
const MOST: usize = 8;

/// The secret that call-backs are signed by.
pub(crate) struct Secret(hmac::Key);

impl Secret {
    /// As the provider shows it: `whsec_` and base64.
    ///
    /// # Errors
    /// For what is no such secret; it is not repeated.
    pub fn new(text: &str) -> Result<Secret, String> {
        let text = text.trim();
        let bytes = BASE64_STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text)).ok();
        // Whoever guesses tries them offline.
        let bytes = bytes.filter(|bytes| bytes.len() >= 16).ok_or("its webhook secret is not whsec_ and base64")?;
        Ok(Secret(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// Of its bytes, by which we sign what we send ourselves.
    pub fn of(bytes: &[u8]) -> Secret {
        Secret(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// What a message of an id, sent at a second since 1970, is signed with.
    pub fn sign(&self, id: &str, seconds: &str, body: &[u8]) -> String {
        let signature = hmac::sign(&self.0, &[format!("{id}.{seconds}.").as_bytes(), body].concat());
        format!("v1,{}", BASE64_STANDARD.encode(signature))
    }

    /// Whether a call-back was signed by it, and lately.
    pub fn signed(&self, call: &Call<'_>, now: Time) -> bool {
        let Ok(seconds) = call.timestamp.parse::<u32>() else { return false };
        let at = Time(i64::from(seconds) * SECOND.micros());
        if now.since(at) > WITHIN || at.since(now) > WITHIN {
            return false;
        }
        let mut message = format!("{}.{}.", call.id, call.timestamp).into_bytes();
        message.extend_from_slice(call.body);
        call.signature.split(' ').take(MOST).filter_map(|signature| signature.strip_prefix("v1,")).any(|signature| {
            let signature = BASE64_STANDARD.decode(signature);
            signature.is_ok_and(|signature| hmac::verify(&self.0, &message, &signature).is_ok())
        })
    }
}

impl Payments {
    /// A provider calls back: what it says is looked up.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] where that provider takes nothing; [`model::Error::Forbidden`] for what it did not send, or not
    /// lately; the database's.
    pub async fn called_back(&self, provider: &str, call: &Call<'_>) -> Result<(), Error> {
        let taker = self.taker(provider).map_err(|_| model::Error::NotFound)?;
        let said = taker.provider.called_back(call, self.clock.now());
        let answer = if said == CallBack::Forged { "forged" } else { "taken" };
        metrics::counter!("payment_call_backs_total", "provider" => taker.provider.name(), "answer" => answer)
            .increment(1);
        match said {
            CallBack::Forged => Err(model::Error::Forbidden.into()),
            CallBack::Nothing => Ok(()),
            CallBack::About { payment, taken } => {
                let Some(row) = steps::read(&self.db, payment).await? else { return Ok(()) };
                if row.provider != taker.provider.name() {
                    return Ok(());
                }
                if taken && matches!(row.state, PaymentState::Declined | PaymentState::Cancelled) {
                    return retried!(self.close_again(&row, call.id));
                }
                self.notified(payment).await
            }
        }
    }

    /// What ended here is said to be taken there after all: whatever it is goes back. Once for each call-back, however often that is
    /// sent.
    async fn close_again(&self, row: &StoredPayment, call: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let hash = ids::hash(&[&b"call-back"[..], &row.id.0.as_bytes()[..], call.as_bytes()]);
        let request = RequestId(Uuid::from_bytes(*hash.first_chunk().unwrap_or(&[0; 16])));
        let mut tx = self.db.begin(Lane::Other).await?;
        if refunds::close_again(&mut tx, row, request, now).await? {
            tracing::warn!(payment = %row.id, "a payment that ended is said to be taken: whatever was goes back");
            tx.commit().await?;
        }
        Ok(())
    }
}

/// The payment that a text names; `None` for what is no id of ours.
pub(super) fn named(text: &str) -> Option<PaymentId> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the specification publishes.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const AT: i64 = 1_614_265_330;

    fn signed(id: &str, timestamp: &str, signature: &str, body: &[u8], now: Time) -> bool {
        Secret::new(SECRET).unwrap().signed(&Call { id, timestamp, signature, body }, now)
    }

    #[test]
    fn a_call_back_is_known_by_its_signature_and_its_time() {
        let (at, now) = (AT.to_string(), Time(AT * 1_000_000));
        let among = format!("v1,AAAA v1a,x {SIGNATURE}");
        assert!(signed(ID, &at, SIGNATURE, BODY, now) && signed(ID, &at, &among, BODY, now));
        assert!(signed(ID, &at, SIGNATURE, BODY, now + WITHIN) && signed(ID, &at, SIGNATURE, BODY, now - WITHIN));
        let too_many = format!("{}{SIGNATURE}", "v1,AAAA ".repeat(MOST));
        for (id, timestamp, signature, body, now) in [
            ("msg_another", at.as_str(), SIGNATURE, BODY, now),
            (ID, "1614265331", SIGNATURE, BODY, now),
            (ID, "9223372036854775807", SIGNATURE, BODY, now),
            (ID, "soon", SIGNATURE, BODY, now),
            (ID, &at, &SIGNATURE[3..], BODY, now),
            (ID, &at, "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, now),
            (ID, &at, "", BODY, now),
            (ID, &at, too_many.as_str(), BODY, now),
            (ID, &at, SIGNATURE, &BODY[1..], now),
            (ID, &at, SIGNATURE, BODY, now + WITHIN + MINUTE),
            (ID, &at, SIGNATURE, BODY, now - WITHIN - MINUTE),
        ] {
            assert!(!signed(id, timestamp, signature, body, now), "{id} {timestamp} {signature}");
        }
        let bytes = BASE64_STANDARD.decode(&SECRET[PREFIX.len()..]).unwrap();
        assert_eq!(Secret::of(&bytes).sign(ID, &at, BODY), SIGNATURE, "we sign as we are signed for");
        for text in ["", "whsec_", "whsec_????", "whsec_AAAA"] {
            assert!(Secret::new(text).is_err(), "{text}");
        }
    }
}
