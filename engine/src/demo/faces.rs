//! Pictures of some of the demonstration's people: animals, drawn here. The others are shown without one, as most people are.

use crate::{Engine, Error, accounts::Actor};
use image::{ImageFormat, Rgb, RgbImage};
use model::{Crop, MemberId, administration::AuditAction};
use std::io::Cursor;

/// Pixels of a side.
const SIDE: u32 = 384;
/// How many people have one, and of how many one does.
const DRAWN: usize = 8;
const ONE_OF: usize = 3;

/// What is around, the fur, and what is light in it: each animal's.
const COLOURS: [[[u8; 3]; 3]; 4] = [
    [[196, 221, 214], [122, 90, 68], [226, 200, 172]],
    [[240, 214, 188], [84, 92, 110], [222, 226, 232]],
    [[206, 214, 236], [196, 128, 84], [246, 226, 204]],
    [[226, 216, 196], [110, 104, 92], [238, 232, 220]],
];
/// Eyes and noses.
const INK: [u8; 3] = [33, 30, 36];

/// An ellipse on either side of the middle, in sides of the picture: how far from the middle, how far down, half as wide, half as high.
/// And its colour: of [`COLOURS`], behind them the ink.
type Part = ((f32, f32, f32, f32), usize);

/// Ears: round ones, and long ones.
const EARS: [[Part; 2]; 2] = [
    [((0.25, 0.27, 0.13, 0.13), 1), ((0.25, 0.27, 0.07, 0.07), 2)],
    [((0.17, 0.19, 0.085, 0.19), 1), ((0.17, 0.19, 0.04, 0.13), 2)],
];
/// All else, what is in front last.
const HEAD: [Part; 5] = [
    ((0.0, 1.08, 0.42, 0.25), 1),
    ((0.0, 0.52, 0.36, 0.34), 1),
    ((0.0, 0.65, 0.2, 0.15), 2),
    ((0.14, 0.47, 0.035, 0.045), 3),
    ((0.0, 0.59, 0.06, 0.04), 3),
];

/// Gives those a picture who are to have one and have none.
pub(super) async fn give(engine: &Engine, people: &[(MemberId, String)]) -> Result<(), Error> {
    for (nth, (member, name)) in people.iter().step_by(ONE_OF).take(DRAWN).enumerate() {
        let actor = Actor::simulated(*member, name, false);
        // What an admin took away stays so.
        let taken = engine.db.sql("select 1 from audit where member_id = $1 and action = $2");
        let taken = taken.bind(*member).bind(AuditAction::RemovePicture.name().to_owned());
        if taken.exists().await? || engine.accounts.own_profile(&actor).await?.picture.is_some() {
            continue;
        }
        let picture = Some(drawn(nth)?);
        match engine.accounts.set_picture(&actor, &engine.pictures, picture, Crop::default()).await {
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The picture of the one of that number, as PNG.
fn drawn(nth: usize) -> Result<Vec<u8>, Error> {
    let [around, fur, light] = COLOURS[nth % COLOURS.len()];
    let colours = [around, fur, light, INK];
    let ears = &EARS[nth / COLOURS.len() % EARS.len()];
    let picture = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let part_of = |pixel: u32| (pixel as f32 + 0.5) / SIDE as f32;
        let (across, down) = ((part_of(x) - 0.5).abs(), part_of(y));
        let is_in = |(at, below, wide, high): (f32, f32, f32, f32)| {
            ((across - at) / wide).powi(2) + ((down - below) / high).powi(2) <= 1.0
        };
        let front = ears.iter().chain(&HEAD).rev().find(|(ellipse, _)| is_in(*ellipse));
        Rgb(colours[front.map_or(0, |(_, colour)| *colour)])
    });
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).map_err(|_| model::Error::Internal)?;
    Ok(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_animal_is_another() {
        let all: std::collections::HashSet<_> = (0..DRAWN).map(|nth| drawn(nth).unwrap()).collect();
        assert_eq!(all.len(), DRAWN);
    }
}
