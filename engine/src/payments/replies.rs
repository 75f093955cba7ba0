//! What providers that are asked over the web have in common: how their replies are read, and when nothing can be taken any more.

use super::{
    provider::{Back, Charge, ChargeState, FoundCharge, ProviderAnswer},
    web::Reply,
};
use model::{Decline, PayWay, Won};
use reqwest::Url;

/// How often something is asked for anew that another one came before.
pub(super) const TRIES: usize = 4;
/// More is no token.
const LONGEST_VALUE: usize = 2_000;

/// Nobody knows. Keys that are refused are for whoever runs the site to mend, and are asked with again.
pub(super) fn unknown<T, S>(way: PayWay, reply: &Reply<S>) -> ProviderAnswer<T> {
    if reply.is_about_keys() {
        tracing::error!(
            provider = way.name(),
            why = reply.why(),
            "a payment provider does not take the keys of this site"
        );
        metrics::counter!("payment_keys_refused_total", "provider" => way.name()).increment(1);
    }
    ProviderAnswer::Unknown(reply.why())
}

/// Of what was to be prepared: a no is one, whatever it is about.
pub(super) fn refused<T, S>(way: PayWay, reply: &Reply<S>) -> ProviderAnswer<T> {
    match (unknown(way, reply), reply) {
        (_, Reply::Refused(status, code)) => {
            tracing::warn!(provider = way.name(), %status, code, "a payment provider does not take a payment");
            ProviderAnswer::Declined(Decline::Refused)
        }
        (unknown, _) => unknown,
    }
}

/// What came of a payment that was to be taken when that was refused: what is found. While it is open nobody knows, for the same
/// call may be on its way a second time.
pub(super) fn settled(found: ProviderAnswer<FoundCharge>, why: &str) -> ProviderAnswer<Won> {
    match found {
        ProviderAnswer::Ok(FoundCharge { standing: ChargeState::Taken(taken), .. }) => ProviderAnswer::Ok(taken),
        ProviderAnswer::Ok(FoundCharge { standing: ChargeState::Ended(decline), .. }) => {
            ProviderAnswer::Declined(decline)
        }
        ProviderAnswer::Ok(_) => ProviderAnswer::Unknown(format!("refused ({why}) and still open")),
        ProviderAnswer::Declined(decline) => ProviderAnswer::Declined(decline),
        ProviderAnswer::Unknown(unknown) => ProviderAnswer::Unknown(unknown),
    }
}

/// Where a payment stands that was not taken.
pub(super) fn waiting(charge: &Charge) -> ChargeState {
    if charge.over {
        ChargeState::Ended(Decline::Expired)
    } else if charge.proof.is_some() {
        ChargeState::Approved
    } else {
        // Perhaps the customer approved, but without what they come back with nothing can be taken.
        ChargeState::Waiting
    }
}

/// Of a payment that it was never told of there is nothing to give back.
pub(super) fn nothing_taken(back: Back) -> ProviderAnswer<Won> {
    match back {
        Back::Everything => ProviderAnswer::Ok(Won::ZERO),
        Back::Part(_) => ProviderAnswer::Declined(Decline::Refused),
    }
}

/// The same of one that was not taken: unless it was asked for and may be yet.
pub(super) fn not_taken(charge: &Charge, back: Back, standing: Option<ChargeState>) -> ProviderAnswer<Won> {
    match standing {
        Some(ChargeState::Ended(_)) => nothing_taken(back),
        _ if charge.proof.is_none() => nothing_taken(back),
        _ => ProviderAnswer::Unknown("it was asked to be taken, and may be yet".to_owned()),
    }
}

/// How much of what is `left` goes back.
pub(super) fn part(left: Won, back: Back) -> Result<Won, Decline> {
    match back {
        Back::Everything => Ok(left.max(Won::ZERO)),
        Back::Part(amount) if amount <= left => Ok(amount),
        Back::Part(_) => Err(Decline::Refused),
    }
}

/// Whether keys open: whatever else is said is said to somebody who was let in.
pub(super) fn opens<T>(reply: &Reply<T>) -> ProviderAnswer<()> {
    match reply {
        reply if reply.is_about_keys() => ProviderAnswer::Declined(Decline::Refused),
        Reply::Unheard(why) => ProviderAnswer::Unknown(why.clone()),
        _ => ProviderAnswer::Ok(()),
    }
}

/// An address that a customer may be led to.
pub(super) fn elsewhere(address: &str) -> Option<String> {
    let url: Url = address.parse().ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| url.into())
}

/// A value of a query, unescaped; `None` for none, an empty one, or one that is too long.
pub(super) fn value(query: &str, name: &str) -> Option<String> {
    let url = Url::parse(&format!("http://x/?{query}")).ok()?;
    let value = url.query_pairs().find(|(key, _)| key == name)?.1.into_owned();
    (!value.is_empty() && value.len() <= LONGEST_VALUE).then_some(value)
}
