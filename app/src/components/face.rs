//! A member's picture beside their name.

use crate::paths;
use leptos::prelude::*;
use model::PictureId;

/// The picture, small; nothing for who has none. Their name stands beside it, so it says nothing of its own.
#[component]
pub fn Face(
    /// Which.
    picture: Option<PictureId>,
) -> impl IntoView {
    picture.map(|picture| {
        view! { <img class="face" src=paths::face_small(picture) alt="" width="28" height="28" loading="lazy" /> }
    })
}
