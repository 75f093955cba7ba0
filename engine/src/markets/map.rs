//! A map of the districts and of the markets around a place.

use super::{Markets, places::DISTRICTS};
use crate::Error;
use model::{
    Coordinates,
    markets::{AreaMap, MAP_KM, distance},
};

/// Markets on a map.
const MARKETS: usize = 40;

impl Markets {
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
    use crate::{clock::Clock, db::Db, limits::Limits, markets::Geocoder};
    use testing::{On, Place};

    #[tokio::test]
    async fn what_lies_around_a_place_is_drawn() {
        let place = Place::new(On::Sqlite);
        let db = Db::at(&place).await;
        let markets = Markets::new(db, Clock::system(), Limits::default(), None, Geocoder::Included);
        let map = markets.map(Coordinates { latitude: 37.5446, longitude: 127.0559 }).await.unwrap();
        assert!(map.districts.iter().any(|district| district.name == "서울 광진구") && map.markets.is_empty());
        assert!(map.districts.iter().all(|district| district.name != "부산 중구"));
    }
}
