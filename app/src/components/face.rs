//! Who somebody is, beside their name: their picture, and what is drawn for who has none.

use crate::{forms::first, paths};
use leptos::prelude::*;
use model::{PictureId, nickname};

/// A tint each (`style/components/face.css`).
const TINTED: [&str; nickname::TINTS] = ["face t0", "face t1", "face t2", "face t3", "face t4", "face t5"];

/// A member's picture, small, over the first character of their name as it is `shown` here, which is seen where there is none, or where
/// it is not there any more. Whoever is shown by a masked name has no picture. The name stands beside it, so it says nothing of its
/// own: the character is drawn by the style sheet, and is no text of the page.
pub fn face(shown: &str, picture: Option<PictureId>) -> impl IntoView + use<> {
    let picture = picture.map(|picture| view! { <img src=paths::face_small(picture) alt="" loading="lazy" /> });
    view! { <i class=TINTED[nickname::tint(shown)] data-of=first(shown) aria-hidden="true">{picture}</i> }
}
