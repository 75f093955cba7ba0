//! What the demonstration's creators have for programs of their own: a token, which nobody knows, and a server that was switched off.

use super::Persona;
use crate::{Engine, Error};
use model::programs::Scope;

/// Whose, what their token is called, and what it is good for.
const PROGRAMS: [(Persona, &str, &[Scope]); 2] = [
    (Persona::Creator, "참여 현황판", &[Scope::Profile, Scope::Events]),
    (Persona::Seller, "재고 알림 봇", &[Scope::Events]),
];
/// Where nobody listens: the name is kept for examples (RFC 2606).
const SERVER: &str = "https://hooks.example.com/59";

/// Gives each what they lack.
pub(super) async fn keep(engine: &Engine) -> Result<(), Error> {
    for (persona, name, good_for) in PROGRAMS {
        let Some(member) = engine.accounts.by_email(persona.email()).await? else { continue };
        engine.programs.demonstrate(member, name, good_for).await?;
        engine.webhooks.demonstrate(member, SERVER).await?;
    }
    Ok(())
}
