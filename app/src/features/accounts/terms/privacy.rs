//! `/privacy`.

use super::document::{self, Shown};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use leptos::prelude::*;
use model::terms::Consent;

/// Reads a version of the privacy policy.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Shown> {
    document::read(&asked, Consent::Privacy)
}

/// The privacy policy.
pub fn view(shown: Shown) -> impl IntoView {
    document::view(shown, Consent::Privacy)
}
