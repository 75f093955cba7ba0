//! Addresses of members' pictures.

use crate::paths::examples;
use model::PictureId;

/// A member's picture.
pub fn face(picture: PictureId) -> String {
    format!("/pictures/{picture}/face.jpg")
}

/// A member's picture beside their name.
pub fn face_small(picture: PictureId) -> String {
    format!("/pictures/{picture}/face-small.jpg")
}

examples! {
    let picture = PictureId(uuid::Uuid::nil());
    files: [face(picture), face_small(picture)];
}
