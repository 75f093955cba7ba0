//! Maps of our own: the coast, the places that one may look from, and districts as areas around their middles.

use crate::{Coordinates, markets::offset};

/// Where one may look from without saying where one lives: Korean and English name, degrees north and east.
pub const PLACES: [(&str, &str, f64, f64); 18] = [
    ("서울 시청", "Seoul", 37.5663, 126.9779),
    ("서울 성수", "Seongsu", 37.5446, 127.0559),
    ("서울 강남", "Gangnam", 37.4979, 127.0276),
    ("인천", "Incheon", 37.4563, 126.7052),
    ("수원", "Suwon", 37.2636, 127.0286),
    ("성남 분당", "Bundang", 37.3827, 127.1189),
    ("고양 일산", "Ilsan", 37.6584, 126.7698),
    ("춘천", "Chuncheon", 37.8813, 127.7298),
    ("강릉", "Gangneung", 37.7519, 128.8761),
    ("대전", "Daejeon", 36.3504, 127.3845),
    ("청주", "Cheongju", 36.6424, 127.4890),
    ("전주", "Jeonju", 35.8242, 127.1480),
    ("광주", "Gwangju", 35.1595, 126.8526),
    ("여수", "Yeosu", 34.7604, 127.6622),
    ("대구", "Daegu", 35.8714, 128.6014),
    ("울산", "Ulsan", 35.5384, 129.3114),
    ("부산", "Busan", 35.1796, 129.0756),
    ("제주", "Jeju", 33.4996, 126.5312),
];

/// The coast as we draw it, roughly: degrees north and east, around the mainland with the northern edge, and around Jeju.
pub static COAST: [&[(f64, f64)]; 2] = [
    &[
        (37.78, 126.55),
        (37.98, 126.95),
        (38.28, 127.20),
        (38.33, 127.80),
        (38.61, 128.36),
        (38.20, 128.60),
        (37.78, 128.95),
        (37.43, 129.18),
        (37.00, 129.42),
        (36.50, 129.44),
        (36.08, 129.40),
        (36.05, 129.57),
        (35.65, 129.48),
        (35.45, 129.38),
        (35.15, 129.20),
        (35.04, 129.00),
        (35.05, 128.75),
        (34.75, 128.70),
        (34.80, 128.38),
        (34.88, 128.05),
        (34.70, 127.75),
        (34.80, 127.50),
        (34.48, 127.30),
        (34.50, 127.00),
        (34.30, 126.55),
        (34.60, 126.28),
        (34.85, 126.36),
        (35.15, 126.32),
        (35.42, 126.42),
        (35.65, 126.48),
        (35.97, 126.62),
        (36.32, 126.50),
        (36.72, 126.13),
        (37.00, 126.45),
        (36.95, 126.85),
        (37.22, 126.66),
        (37.45, 126.58),
        (37.64, 126.42),
    ],
    &[
        (33.30, 126.16),
        (33.47, 126.30),
        (33.54, 126.60),
        (33.50, 126.93),
        (33.36, 126.90),
        (33.24, 126.60),
        (33.22, 126.27),
    ],
];
/// The middle of the map of the country, and how far it reaches to either side, in metres.
pub const COUNTRY: (Coordinates, f64) = (Coordinates { latitude: 35.9, longitude: 127.8 }, 312_000.0);

/// Half of a drawing's side.
pub const SIDE: f64 = 180.0;

/// Where something is drawn.
pub type Spot = (f64, f64);

/// Where a place is drawn on a map around another that reaches so far.
pub fn spot(centre: Coordinates, reach: f64, at: Coordinates) -> Spot {
    let (east, north) = offset(centre, at);
    (east / reach * SIDE, -north / reach * SIDE)
}

/// The part of the drawing that is nearer to each of the spots than to any other.
pub fn areas(spots: &[Spot]) -> Vec<Vec<Spot>> {
    let area = |own: &Spot| {
        let mut area = vec![(-SIDE, -SIDE), (SIDE, -SIDE), (SIDE, SIDE), (-SIDE, SIDE)];
        for other in spots.iter().filter(|other| *other != own) {
            let (across, down) = (other.0 - own.0, other.1 - own.1);
            let (x, y) = ((own.0 + other.0) / 2.0, (own.1 + other.1) / 2.0);
            // How far beyond the line between the two.
            let beyond = |spot: &Spot| (spot.0 - x) * across + (spot.1 - y) * down;
            let mut cut = Vec::with_capacity(area.len() + 1);
            for (at, from) in area.iter().enumerate() {
                let to = &area[(at + 1) % area.len()];
                let (one, two) = (beyond(from), beyond(to));
                if one <= 0.0 {
                    cut.push(*from);
                }
                if (one < 0.0 && two > 0.0) || (one > 0.0 && two < 0.0) {
                    let part = one / (one - two);
                    cut.push((from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part));
                }
            }
            area = cut;
        }
        area
    };
    spots.iter().map(area).collect()
}

/// Whether something lies on the drawing, and not at its very edge.
pub fn is_drawn((x, y): Spot) -> bool {
    x.abs() < SIDE - 4.0 && y.abs() < SIDE - 4.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(area: &[Spot]) -> f64 {
        let next = area.iter().cycle().skip(1);
        area.iter().zip(next).map(|(one, two)| one.0 * two.1 - two.0 * one.1).sum::<f64>() / 2.0
    }

    #[test]
    fn areas_cover_the_map_once_and_each_has_its_middle() {
        let spots = [(0.0, 0.0), (100.0, 20.0), (-50.0, 120.0), (30.0, -170.0), (300.0, 300.0), (-90.0, -90.0)];
        let areas = areas(&spots);
        let all: f64 = areas.iter().map(|area| size(area)).sum();
        assert!((all - 4.0 * SIDE * SIDE).abs() < 1e-6, "{all}");
        for (spot, area) in spots.iter().zip(&areas).filter(|(spot, _)| is_drawn(**spot)) {
            // On the same side of every edge.
            let inside = area
                .iter()
                .zip(area.iter().cycle().skip(1))
                .all(|(one, two)| (two.0 - one.0) * (spot.1 - one.1) - (two.1 - one.1) * (spot.0 - one.0) > 0.0);
            assert!(inside, "{spot:?} in {area:?}");
        }
        assert_eq!(super::areas(&[(0.0, 0.0)])[0].len(), 4);
    }

    #[test]
    fn every_place_is_within_the_country() {
        for (name, _, latitude, longitude) in PLACES {
            let spot = spot(COUNTRY.0, COUNTRY.1, Coordinates { latitude, longitude });
            assert!(is_drawn(spot), "{name} at {spot:?}");
        }
        for (latitude, longitude) in COAST.iter().copied().flatten() {
            let spot = spot(COUNTRY.0, COUNTRY.1, Coordinates { latitude: *latitude, longitude: *longitude });
            assert!(is_drawn(spot), "{spot:?}");
        }
    }
}
