//! A grid over Earth, so that what is near is found by an index: the cells that a circle may touch are looked up, and the exact
//! distance decides.
//!
//! Rows are equally high, and each has as many columns as make its cells about as wide as they are high: around a pole there are
//! few. So a circle touches about as many cells wherever it is.

use super::distance::EARTH;
use crate::Coordinates;
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_PI_2, TAU};

/// How many rows there are from pole to pole: each is 5.0 km high.
const ROWS: i64 = 4_000;
/// The height of a row in radians.
const HEIGHT: f64 = std::f64::consts::PI / ROWS as f64;

/// The most cells that are looked up in one statement: more than a circle of 10 km touches in Korea.
pub const CELLS_AT_ONCE: usize = 40;

/// Regions to a degree, of the coarser grid by which homes are looked up: the database reckons it itself, so it goes by degrees alone.
const TO_A_DEGREE: f64 = 10.0;
/// Regions around Earth.
const AROUND: i64 = 3_600;
/// The most regions that are looked up in one statement: as many as a circle of 10 km touches in Korea.
pub const REGIONS_AT_ONCE: usize = 12;

/// A cell of the grid, as it is kept beside whatever has a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
pub struct Cell(pub i64);

impl Cell {
    /// No place is in it.
    pub const NOWHERE: Cell = Cell(-1);

    /// The cell that a place is in.
    pub fn of(place: Coordinates) -> Cell {
        let row = row(place.latitude.to_radians());
        Cell::at(row, column(place.longitude.to_radians(), columns(row)))
    }

    fn at(row: i64, column: i64) -> Cell {
        Cell((row << 16) | column)
    }
}

/// The row of a latitude in radians.
fn row(latitude: f64) -> i64 {
    (((latitude + FRAC_PI_2) / HEIGHT) as i64).clamp(0, ROWS - 1)
}

/// How many columns a row has.
fn columns(row: i64) -> i64 {
    let middle = (row as f64 + 0.5) * HEIGHT - FRAC_PI_2;
    ((middle.cos() * TAU / HEIGHT) as i64).max(1)
}

/// The column of a longitude in radians.
fn column(longitude: f64, columns: i64) -> i64 {
    ((longitude.rem_euclid(TAU) / TAU * columns as f64) as i64).clamp(0, columns - 1)
}

/// The angle of so many metres, a little wider, so that rounding leaves nothing out.
fn angle(metres: f64) -> f64 {
    metres / EARTH * 1.000_001 + 1e-9
}

/// How far to the west and east a circle reaches (J. P. Snyder's bounding box of a small circle); all around when a pole is in it.
fn reach(latitude: f64, angle: f64) -> f64 {
    match latitude.abs() + angle < FRAC_PI_2 {
        true => (angle.sin() / latitude.cos()).min(1.0).asin() + 1e-9,
        false => TAU,
    }
}

/// Every cell that has a place within so many metres, each once; a few more may be among them.
pub fn cells_within(centre: Coordinates, metres: f64) -> Vec<Cell> {
    let angle = angle(metres);
    let (latitude, longitude) = (centre.latitude.to_radians(), centre.longitude.to_radians());
    let reach = reach(latitude, angle);
    let mut cells = Vec::new();
    for row in row(latitude - angle)..=row(latitude + angle) {
        let columns = columns(row);
        let width = TAU / columns as f64;
        if 2.0 * reach + width >= TAU {
            cells.extend((0..columns).map(|column| Cell::at(row, column)));
            continue;
        }
        let last = column(longitude + reach, columns);
        let mut next = column(longitude - reach, columns);
        loop {
            cells.push(Cell::at(row, next));
            if next == last {
                break;
            }
            next = (next + 1) % columns;
        }
    }
    cells
}

/// Every region that has a place within so many metres, each once; a few more may be among them. As the triggers of `homes` say, a
/// region is a row of latitude and a column of longitude.
pub fn regions_within(centre: Coordinates, metres: f64) -> Vec<i64> {
    let angle = angle(metres);
    let reach = reach(centre.latitude.to_radians(), angle).to_degrees();
    let of = |degrees: f64| (degrees * TO_A_DEGREE).floor() as i64;
    let rows = of(centre.latitude - angle.to_degrees() + 90.0)..=of(centre.latitude + angle.to_degrees() + 90.0);
    let (west, east) = (of(centre.longitude - reach + 180.0), of(centre.longitude + reach + 180.0));
    let columns = west..=east.min(west + AROUND - 1);
    rows.flat_map(|row| columns.clone().map(move |column| row * AROUND + column.rem_euclid(AROUND))).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::distance, *};
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn at(latitude: f64, longitude: f64) -> Coordinates {
        Coordinates { latitude, longitude }
    }

    /// Often where it is difficult: at a pole, on the date line, in Korea.
    fn centre() -> impl Strategy<Value = Coordinates> {
        prop_oneof![
            (-90.0..=90.0, -180.0..=180.0),
            (89.7..=90.0, -180.0..=180.0),
            (-90.0..=-89.7, -180.0..=180.0),
            (-60.0..=60.0, 179.9..=180.0),
            (-60.0..=60.0, -180.0..=-179.9),
            (33.0..=38.6, 124.6..=131.9),
        ]
        .prop_map(|(latitude, longitude)| at(latitude, longitude))
    }

    /// About so many metres from a place, in any direction; over a pole too.
    fn beside(centre: Coordinates, metres: f64, direction: f64) -> Coordinates {
        let (latitude, angle) = (centre.latitude.to_radians(), metres / EARTH);
        let north =
            (latitude.sin() * angle.cos() + latitude.cos() * angle.sin() * direction.cos()).clamp(-1.0, 1.0).asin();
        let east = (direction.sin() * angle.sin() * latitude.cos()).atan2(angle.cos() - latitude.sin() * north.sin());
        let longitude = (centre.longitude + east.to_degrees() + 540.0).rem_euclid(360.0) - 180.0;
        at(north.to_degrees(), longitude)
    }

    proptest! {
        #[test]
        fn whatever_is_near_is_in_one_of_the_cells(
            centre in centre(), metres in 1.0..10_000.0f64, part in 0.0..1.0f64, direction in 0.0..TAU,
        ) {
            let place = beside(centre, metres * part, direction);
            prop_assume!(distance(centre, place) <= metres);
            let cells = cells_within(centre, metres);
            prop_assert!(cells.contains(&Cell::of(place)), "{place:?} in {:?}, not in {cells:?}", Cell::of(place));
        }

        #[test]
        fn whatever_is_near_is_in_one_of_the_regions(
            centre in centre(), metres in 1.0..10_000.0f64, part in 0.0..1.0f64, direction in 0.0..TAU,
        ) {
            let place = beside(centre, metres * part, direction);
            prop_assume!(distance(centre, place) <= metres);
            let (row, column) = ((place.latitude + 90.0) * 10.0, (place.longitude + 180.0) * 10.0);
            let region = row as i64 * 3_600 + column as i64 % 3_600;
            let regions = regions_within(centre, metres);
            prop_assert!(regions.contains(&region), "{place:?} in {region}, not in {regions:?}");
            let once: HashSet<_> = regions.iter().collect();
            prop_assert_eq!(once.len(), regions.len());
            if (33.0..=38.6).contains(&centre.latitude) {
                prop_assert!(regions.len() <= REGIONS_AT_ONCE, "{}", regions.len());
            }
        }

        #[test]
        fn cells_are_few_and_each_is_there_once(centre in centre()) {
            let cells = cells_within(centre, 10_000.0);
            let once: HashSet<_> = cells.iter().collect();
            prop_assert_eq!(once.len(), cells.len());
            prop_assert!(cells.len() <= 3 * CELLS_AT_ONCE, "{}", cells.len());
            prop_assert!(!cells.contains(&Cell::NOWHERE));
            if (33.0..=38.6).contains(&centre.latitude) {
                prop_assert!(cells.len() <= CELLS_AT_ONCE, "{}", cells.len());
            }
        }
    }

    #[test]
    fn the_date_line_and_the_poles_are_places_like_others() {
        assert_eq!(Cell::of(at(0.0, 180.0)), Cell::of(at(0.0, -180.0)));
        for longitude in [-180.0, 0.0, 90.0] {
            assert!(cells_within(at(90.0, 0.0), 1_000.0).contains(&Cell::of(at(90.0, longitude))));
        }
        let over = cells_within(at(37.0, 179.999), 1_000.0);
        assert!(over.contains(&Cell::of(at(37.0, -179.999))));
    }
}
