//! `/terms`.

use super::document::{self, Shown};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use leptos::prelude::*;
use model::terms::Consent;

/// Reads a version of the terms.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Shown> {
    document::read(&asked, Consent::Terms)
}

/// The terms.
pub fn view(shown: Shown) -> impl IntoView {
    document::view(shown, Consent::Terms)
}
