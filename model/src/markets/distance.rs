//! Distances on Earth.

use crate::Coordinates;

/// The mean radius of Earth in metres (IUGG).
pub(super) const EARTH: f64 = 6_371_008.8;

/// Metres between two places along a great circle, by the haversine formula (R. W. Sinnott, "Virtues of the Haversine", Sky and
/// Telescope 68, 1984). Earth is taken as a ball: up to half a percent off.
pub fn distance(one: Coordinates, other: Coordinates) -> f64 {
    let (north, other_north) = (one.latitude.to_radians(), other.latitude.to_radians());
    let half_height = (other_north - north) / 2.0;
    let half_width = (other.longitude - one.longitude).to_radians() / 2.0;
    let haversine = half_height.sin().powi(2) + north.cos() * other_north.cos() * half_width.sin().powi(2);
    // Rounding may leave a little more than one between places on opposite sides.
    2.0 * EARTH * haversine.min(1.0).sqrt().asin()
}

/// Where a place lies from another, in metres to the east and to the north: its distance in its initial direction, for drawing.
pub fn offset(from: Coordinates, to: Coordinates) -> (f64, f64) {
    let (north, other_north) = (from.latitude.to_radians(), to.latitude.to_radians());
    let width = (to.longitude - from.longitude).to_radians();
    let east = width.sin() * other_north.cos();
    let ahead = north.cos() * other_north.sin() - north.sin() * other_north.cos() * width.cos();
    let metres = distance(from, to);
    match east.hypot(ahead) {
        0.0 => (0.0, 0.0),
        length => (east / length * metres, ahead / length * metres),
    }
}

/// The place that lies so many metres to the east and to the north of another, as [`offset`] tells it.
pub fn at_offset(from: Coordinates, (east, north): (f64, f64)) -> Coordinates {
    let (bearing, angle) = (east.atan2(north), east.hypot(north) / EARTH);
    let latitude = from.latitude.to_radians();
    let there = (latitude.sin() * angle.cos() + latitude.cos() * angle.sin() * bearing.cos()).clamp(-1.0, 1.0).asin();
    let width =
        (bearing.sin() * angle.sin() * latitude.cos()).atan2(angle.cos() - latitude.sin() * there.sin()).to_degrees();
    let longitude = (from.longitude + width + 540.0).rem_euclid(360.0) - 180.0;
    Coordinates { latitude: there.to_degrees(), longitude }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(latitude: f64, longitude: f64) -> Coordinates {
        Coordinates { latitude, longitude }
    }

    #[test]
    fn distances_are_those_that_others_published() {
        // (from, to, kilometres, of which radius in kilometres, to how many of them).
        let published = [
            // Rosetta Code, "Haversine formula": the airports of Nashville and Los Angeles.
            (at(36.12, -86.67), at(33.94, -118.40), 2_887.259_950_607_1, 6_372.8, 1e-6),
            // The documentation of the Python package "haversine": Lyon and Paris.
            (at(45.7597, 4.8422), at(48.8567, 2.3508), 392.217_259_559_400_6, 6_371.008_8, 1e-6),
            // C. Veness, "Calculate distance, bearing and more": Land's End and John o' Groats.
            (
                at(50.0 + 3.0 / 60.0 + 59.0 / 3600.0, -(5.0 + 42.0 / 60.0 + 53.0 / 3600.0)),
                at(58.0 + 38.0 / 60.0 + 38.0 / 3600.0, -(3.0 + 4.0 / 60.0 + 12.0 / 3600.0)),
                968.9,
                6_371.0,
                0.05,
            ),
        ];
        for (from, to, kilometres, radius, within) in published {
            let ours = distance(from, to) / EARTH * radius;
            assert!((ours - kilometres).abs() < within, "{ours} and not {kilometres}");
        }
        // A quarter and a half of the way around.
        let quarter = EARTH * std::f64::consts::FRAC_PI_2;
        assert!((distance(at(0.0, 0.0), at(90.0, 77.0)) - quarter).abs() < 1e-6);
        assert!((distance(at(12.0, 34.0), at(-12.0, -146.0)) - 2.0 * quarter).abs() < 1.0);
        // Over the date line, and around the pole.
        assert!((distance(at(0.0, 179.95), at(0.0, -179.95)) - EARTH * 0.1_f64.to_radians()).abs() < 1e-3);
        assert!((distance(at(89.95, 0.0), at(89.95, 180.0)) - EARTH * 0.1_f64.to_radians()).abs() < 1e-3);
    }

    pub(super) fn anywhere() -> impl Strategy<Value = Coordinates> {
        (-90.0..=90.0, -180.0..=180.0).prop_map(|(latitude, longitude)| at(latitude, longitude))
    }

    proptest! {
        #[test]
        fn distances_are_a_metric(a in anywhere(), b in anywhere(), c in anywhere()) {
            prop_assert!(distance(a, a) == 0.0);
            prop_assert!((distance(a, b) - distance(b, a)).abs() < 1e-3);
            prop_assert!(distance(a, c) <= distance(a, b) + distance(b, c) + 1e-3);
            prop_assert!(distance(a, b) <= EARTH * std::f64::consts::PI);
        }

        #[test]
        fn what_is_drawn_is_as_far_as_it_is(a in anywhere(), b in anywhere()) {
            let (east, north) = offset(a, b);
            prop_assert!(east.is_finite() && north.is_finite());
            prop_assert!((east.hypot(north) - distance(a, b)).abs() < 1e-3 * distance(a, b) + 1e-3);
        }
    }

    #[test]
    fn north_is_up_and_east_is_right() {
        let home = at(37.5, 127.0);
        let (east, north) = offset(home, at(37.51, 127.0));
        assert!(east.abs() < 1e-6 && north > 1_000.0);
        let (east, north) = offset(home, at(37.5, 127.01));
        assert!(east > 800.0 && north.abs() < 1.0);
        assert!(offset(at(0.0, 180.0), at(0.0, -179.99)).0 > 0.0, "over the date line");
    }

    proptest! {
        #[test]
        fn what_lies_at_an_offset_has_it(latitude in -80.0..80.0, longitude in -180.0..180.0, east in -2e4..2e4, north in -2e4..2e4) {
            let from = at(latitude, longitude);
            let (other_east, other_north) = offset(from, at_offset(from, (east, north)));
            prop_assert!((east - other_east).abs() < 0.01 && (north - other_north).abs() < 0.01);
        }
    }
}
