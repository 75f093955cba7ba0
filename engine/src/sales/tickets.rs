//! Tickets: issued with what was paid for, each with an identity that a gate can tell from one that was made up.

use crate::{
    clock::Clock,
    db::{Db, Tx},
    ids,
    site_keys::site_key,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use model::{
    EventId, MemberId, Offer, Time,
    sales::{OrderId, TicketId, TicketState},
};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// What a code begins with: which site's, and which form of code.
const PREFIX: &str = "59T1.";
/// Bytes of what is signed: the ticket and its event.
const SIGNED: usize = 32;

/// Signs tickets (Ed25519, RFC 8032), so that a gate without a network can tell them from made-up ones by the public key alone.
/// Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Signer(Arc<OnceCell<Ed25519KeyPair>>);

impl Signer {
    /// The site's key, made by whichever node needs it first.
    async fn key(&self, db: &Db, clock: &Clock) -> Result<&Ed25519KeyPair, sqlx::Error> {
        self.0
            .get_or_try_init(|| async {
                let seed = site_key(db, clock, "tickets", ids::random::<32>().to_vec()).await?;
                Ed25519KeyPair::from_seed_unchecked(&seed)
                    .map_err(|error| sqlx::Error::Decode(error.to_string().into()))
            })
            .await
    }

    /// What each ticket's QR code says: the ticket and its event, signed. In their order.
    ///
    /// # Errors
    /// The database's.
    pub async fn codes(
        &self,
        db: &Db,
        clock: &Clock,
        tickets: Vec<(TicketId, EventId)>,
    ) -> Result<Vec<String>, sqlx::Error> {
        if tickets.is_empty() {
            return Ok(Vec::new());
        }
        let key = self.key(db, clock).await?;
        Ok(tickets.into_iter().map(|(ticket, event)| sign(key, ticket, event)).collect())
    }

    /// The public key that a gate checks codes by: 32 bytes.
    ///
    /// # Errors
    /// The database's.
    pub async fn public_key(&self, db: &Db, clock: &Clock) -> Result<Vec<u8>, sqlx::Error> {
        Ok(self.key(db, clock).await?.public_key().as_ref().to_vec())
    }
}

fn sign(key: &Ed25519KeyPair, ticket: TicketId, event: EventId) -> String {
    let mut bytes = [ticket.0.into_bytes(), event.0.into_bytes()].concat();
    let signature = key.sign(&[PREFIX.as_bytes(), &bytes].concat());
    bytes.extend_from_slice(signature.as_ref());
    format!("{PREFIX}{}", BASE64.encode(bytes))
}

/// Of which ticket and event a code is; `None` when nobody who has the key signed it. Whether that ticket was given back since, it
/// cannot say.
pub fn read_code(public_key: &[u8], code: &str) -> Option<(TicketId, EventId)> {
    let bytes = BASE64.decode(code.strip_prefix(PREFIX)?).ok()?;
    let (signed, signature) = bytes.split_at_checked(SIGNED)?;
    UnparsedPublicKey::new(&ED25519, public_key).verify(&[PREFIX.as_bytes(), signed].concat(), signature).ok()?;
    let id = |bytes: &[u8]| uuid::Uuid::from_slice(bytes).ok();
    Some((TicketId(id(&signed[..16])?), EventId(id(&signed[16..])?)))
}

/// Issues the tickets of an order, when tickets are what it is of.
pub(super) async fn issue(
    tx: &mut Tx,
    order: OrderId,
    event: EventId,
    member: MemberId,
    units: u32,
    terms: &Offer,
    now: Time,
) -> Result<(), sqlx::Error> {
    let Offer::Ticket { starts_at, .. } = terms else { return Ok(()) };
    for number in 1..=units {
        tx.sql(
            "insert into tickets (id, order_id, event_id, member_id, number, starts_at, state, issued_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (order_id, number) do nothing",
        )
        .bind(TicketId(ids::new_id(now)))
        .bind(order)
        .bind(event)
        .bind(member)
        .bind(i64::from(number))
        .bind(*starts_at)
        .bind(TicketState::Valid)
        .bind(now)
        .run()
        .await?;
    }
    Ok(())
}

/// Takes back so many tickets of an order, the last ones first.
pub(super) async fn take_back(tx: &mut Tx, order: OrderId, units: u32) -> Result<(), sqlx::Error> {
    tx.sql(
        "update tickets set state = $2 where order_id = $1 and state = $3 and number in
            (select number from tickets where order_id = $1 and state = $3 order by number desc limit $4)",
    )
    .bind(order)
    .bind(TicketState::GivenBack)
    .bind(TicketState::Valid)
    .bind(i64::from(units))
    .run()
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_gate_believes_what_was_signed_and_nothing_else(
            seed: [u8; 32], ticket: u128, event: u128, at in 0..128_usize, flipped in 1..=255_u8,
        ) {
            let key = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
            let (ticket, event) = (TicketId(uuid::Uuid::from_u128(ticket)), EventId(uuid::Uuid::from_u128(event)));
            let code = sign(&key, ticket, event);
            let public = key.public_key().as_ref();
            prop_assert_eq!(read_code(public, &code), Some((ticket, event)));
            // Any byte changed, or cut short, or by another key.
            let mut bytes = BASE64.decode(&code[PREFIX.len()..]).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= flipped;
            prop_assert_eq!(read_code(public, &format!("{PREFIX}{}", BASE64.encode(&bytes))), None);
            prop_assert_eq!(read_code(public, &code[..code.len() - 1 - at]), None);
            let other = Ed25519KeyPair::from_seed_unchecked(&[flipped; 32]).unwrap();
            prop_assert_eq!(read_code(other.public_key().as_ref(), &code), None);
        }
    }
}
