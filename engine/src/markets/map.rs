//! Districts that come with the program, and a map of them and of the markets around a place.

use super::Markets;
use crate::Error;
use model::{
    Coordinates, District,
    markets::{AreaMap, MAP_KM, distance},
    text,
};
use std::sync::LazyLock;

/// Districts that are shown for what was typed.
const FOUND: usize = 12;
/// Markets on a map.
const MARKETS: usize = 40;

/// A district a line: name, degrees north, degrees east.
static DISTRICTS: LazyLock<Vec<District>> = LazyLock::new(|| {
    let district = |line: &str| {
        let mut parts = line.rsplitn(3, ',');
        let (longitude, latitude) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(District { name: parts.next()?.to_owned(), at: Coordinates { latitude, longitude } })
    };
    include_str!("places/districts.csv").lines().filter_map(district).collect()
});

impl Markets {
    /// Districts that an address names, or whose name has what was typed.
    pub fn find_districts(&self, typed: &str) -> Vec<District> {
        let words =
            |name: &str| name.split_whitespace().map(text::key).filter(|word| !word.is_empty()).collect::<Vec<_>>();
        let typed = words(typed);
        if typed.is_empty() {
            return Vec::new();
        }
        let fits = |district: &&District| {
            let name = words(&district.name);
            let has = |all: &[String], word: &String| all.iter().any(|other| other.contains(word.as_str()));
            typed.iter().all(|word| has(&name, word)) || name.iter().all(|word| typed.contains(word))
        };
        DISTRICTS.iter().filter(fits).take(FOUND).cloned().collect()
    }

    /// The districts and markets around a place, for drawing.
    ///
    /// # Errors
    /// The database's.
    pub async fn map(&self, centre: Coordinates) -> Result<AreaMap, Error> {
        // Those just outside say where the others end.
        let reach = f64::from(MAP_KM) * 3_000.0;
        let districts = DISTRICTS.iter().filter(|district| distance(centre, district.at) < reach).cloned().collect();
        // To the corners.
        let markets = self.near(centre, MAP_KM * 3 / 2, MARKETS).await?.into_iter().map(|(market, _)| market).collect();
        Ok(AreaMap { centre, districts, markets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, db::Db, limits::Limits};
    use testing::{On, Place};

    #[tokio::test]
    async fn districts_are_found_by_what_people_type() {
        let place = Place::new(On::Sqlite);
        let markets = Markets::new(
            Db::at(&place).await,
            Clock::system(),
            Limits::default(),
            None,
            crate::markets::Geocoder::Included,
        );
        let found = |typed: &str| markets.find_districts(typed).into_iter().map(|found| found.name).collect::<Vec<_>>();
        assert_eq!(found("성동구"), ["서울 성동구"]);
        assert_eq!(found("  서울   성동"), ["서울 성동구"]);
        assert_eq!(found("서울 성동구 성수이로 118"), ["서울 성동구"]);
        assert_eq!(found("중구").len(), 6);
        assert_eq!(found("서울").len(), FOUND);
        for nothing in ["", " ", "\u{200B}", "런던"] {
            assert_eq!(found(nothing), [""; 0], "{nothing}");
        }
        assert!(DISTRICTS.len() > 100, "every line is read");
        let map = markets.map(Coordinates { latitude: 37.5446, longitude: 127.0559 }).await.unwrap();
        assert!(map.districts.iter().any(|district| district.name == "서울 광진구") && map.markets.is_empty());
    }
}
