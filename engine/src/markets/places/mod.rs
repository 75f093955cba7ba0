//! Where an address is: by Kakao Local where a key is configured, else by what comes with the program, which knows the addresses of
//! its own markets, and of others the district they are in.

use crate::Error;
use model::{Coordinates, District, markets::Place, text};
use serde::Deserialize;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

/// Districts that are shown for what was typed.
const FOUND: usize = 12;
/// A provider that does not answer within this has not found it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// Who knows where an address is. Cheap to clone.
#[derive(Clone, Default)]
pub enum Geocoder {
    /// What comes with the program.
    #[default]
    Included,
    /// Kakao Local.
    Kakao(Arc<Kakao>),
}

/// Kakao's search for addresses (<https://developers.kakao.com/docs/latest/en/local/dev-guide>).
pub struct Kakao {
    client: reqwest::Client,
    address: String,
    key: String,
}

/// What it answers, as far as we ask.
#[derive(Deserialize)]
struct Answer {
    documents: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    address_name: String,
    /// `REGION` and `ROAD` are areas and streets, `REGION_ADDR` and `ROAD_ADDR` places.
    address_type: String,
    /// Degrees to the east and to the north, as text.
    x: String,
    y: String,
    road_address: Option<RoadAddress>,
}

#[derive(Deserialize)]
struct RoadAddress {
    address_name: String,
}

impl Geocoder {
    /// Kakao Local at `address`, by a key of its REST API.
    ///
    /// # Errors
    /// When there is no TLS.
    pub fn kakao(address: &str, key: &str) -> Result<Geocoder, Error> {
        crate::tls::prepare();
        let client = reqwest::Client::builder().timeout(ANSWERS_WITHIN).build().map_err(failed)?;
        Ok(Geocoder::Kakao(Arc::new(Kakao { client, address: address.to_owned(), key: key.to_owned() })))
    }

    /// Where an address is that somebody typed; `None` when nobody knows.
    ///
    /// # Errors
    /// [`Error::Service`] when the provider fails.
    pub(super) async fn find(&self, typed: &str) -> Result<Option<Place>, Error> {
        match self {
            Geocoder::Included => Ok(included(typed)),
            Geocoder::Kakao(kakao) => kakao.find(typed).await,
        }
    }

    /// Whether somebody else may know more of what was typed than is `known`: the very address is enough, and so are districts for
    /// who typed nothing but a name.
    pub(super) fn is_asked_about(&self, typed: &str, known: &[Place]) -> bool {
        let is_address = typed.chars().any(char::is_numeric);
        matches!(self, Geocoder::Kakao(_))
            && !typed.trim().is_empty()
            && known.first().is_none_or(|place| !place.exact && is_address)
    }
}

impl Kakao {
    async fn find(&self, typed: &str) -> Result<Option<Place>, Error> {
        let address = reqwest::Url::parse_with_params(&self.address, [("query", typed), ("size", "1")]);
        let address = address.map_err(|error| Error::Service { service: "geocoder", reason: error.to_string() })?;
        let answer = self
            .client
            .get(address)
            .header("authorization", format!("KakaoAK {}", self.key))
            .send()
            .await
            .map_err(failed)?;
        let answer: Answer = answer.error_for_status().map_err(failed)?.json().await.map_err(failed)?;
        Ok(answer.documents.into_iter().next().and_then(Document::place))
    }
}

impl Document {
    fn place(self) -> Option<Place> {
        let (latitude, longitude) = (self.y.parse().ok()?, self.x.parse().ok()?);
        let inside = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        let address = self.road_address.map_or(self.address_name, |road| road.address_name);
        let exact = matches!(self.address_type.as_str(), "REGION_ADDR" | "ROAD_ADDR");
        inside.then_some(Place { address, at: Coordinates { latitude, longitude }, exact })
    }
}

/// Without the address, in which somebody's own is.
fn failed(error: reqwest::Error) -> Error {
    Error::Service { service: "geocoder", reason: error.without_url().to_string() }
}

/// How provinces are written in full, and in the lists.
const PROVINCES: [(&str, &str); 19] = [
    ("서울", "서울"),
    ("부산", "부산"),
    ("대구", "대구"),
    ("인천", "인천"),
    ("광주광역시", "광주"),
    ("대전", "대전"),
    ("울산", "울산"),
    ("세종", "세종"),
    ("경기", "경기"),
    ("강원", "강원"),
    ("충청북도", "충북"),
    ("충청남도", "충남"),
    ("전라북도", "전북"),
    ("전북", "전북"),
    ("전라남도", "전남"),
    ("경상북도", "경북"),
    ("경상남도", "경남"),
    // The city of that name is one of its districts.
    ("제주도", "제주"),
    ("제주특별", "제주"),
];

/// Addresses with their place, each as the words that it is told by.
static ADDRESSES: LazyLock<Vec<(String, Coordinates)>> =
    LazyLock::new(|| rows(include_str!("../../demo/lists/markets.csv"), 1, [2, 3, 4]));
/// Districts by their middles, each called by its province and its own name.
pub(super) static DISTRICTS: LazyLock<Vec<District>> = LazyLock::new(|| {
    let district = |(name, at)| District { name, at };
    rows(include_str!("districts.csv"), 0, [0, 1, 2]).into_iter().map(district).collect()
});

fn rows(list: &'static str, skip: usize, [name, latitude, longitude]: [usize; 3]) -> Vec<(String, Coordinates)> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(list.as_bytes());
    let row = |record: csv::StringRecord| {
        let degrees = |column: usize| record.get(column)?.parse().ok();
        Some((
            record.get(name)?.to_owned(),
            Coordinates { latitude: degrees(latitude)?, longitude: degrees(longitude)? },
        ))
    };
    reader.records().skip(skip).filter_map(Result::ok).filter_map(row).collect()
}

/// What was typed as the lists are written: single spaces, short names of provinces.
fn plain(typed: &str) -> String {
    let mut words: Vec<&str> = typed.split_whitespace().collect();
    if let Some(first) = words.first_mut()
        && let Some((_, short)) = PROVINCES.iter().find(|(long, _)| first.starts_with(long))
    {
        *first = short;
    }
    words.join(" ")
}

/// What of what comes with the program may be meant: the one address that begins so, else the districts that an address names, or
/// whose name has every word.
pub(super) fn known(typed: &str) -> Vec<Place> {
    let Ok(typed) = text::line(typed, 1, 200) else { return Vec::new() };
    let typed = plain(&typed);
    // What follows an address is a floor or a name.
    let follows = |address: &str| {
        typed.strip_prefix(address).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',', '(']))
    };
    if let Some((address, at)) = ADDRESSES.iter().find(|(address, _)| follows(address)) {
        return vec![Place { address: address.clone(), at: *at, exact: true }];
    }
    let words: Vec<&str> = typed.split(' ').collect();
    let fits = |district: &&District| {
        let (province, name) = district.name.split_once(' ').unwrap_or_default();
        // The district alone, or behind its province; other provinces have one of the same name.
        let names = words.contains(&name) && (words.first() == Some(&province) || !is_province(words[0]));
        names || words.iter().all(|word| province.contains(word) || name.contains(word))
    };
    let place = |district: &District| Place { address: district.name.clone(), at: district.at, exact: false };
    DISTRICTS.iter().filter(fits).take(FOUND).map(place).collect()
}

/// The one place that is meant; of several nobody knows which.
fn included(typed: &str) -> Option<Place> {
    match known(typed).as_slice() {
        [place] => Some(place.clone()),
        _ => None,
    }
}

fn is_province(word: &str) -> bool {
    PROVINCES.iter().any(|(_, short)| *short == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_with_the_program_knows_its_markets_and_districts() {
        let at = |typed: &str| included(typed).map(|place| (place.address, place.exact));
        let market = Some(("서울 성동구 성수이로 118".to_owned(), true));
        for typed in ["서울 성동구 성수이로 118", "서울특별시  성동구 성수이로 118", "서울시 성동구 성수이로 118, 2층"]
        {
            assert_eq!(at(typed), market, "{typed}");
        }
        let district = |name: &str| Some((name.to_owned(), false));
        assert_eq!(at("서울 성동구 성수이로 1180"), district("서울 성동구"), "another house");
        assert_eq!(at("성동구 왕십리로 1"), district("서울 성동구"));
        assert_eq!(at("부산광역시 중구 자갈치로 2"), district("부산 중구"));
        assert_eq!(at("경기도 광주시 경안로 1"), district("경기 광주시"));
        assert_eq!(at("광주시 경안로 1"), district("경기 광주시"));
        assert_eq!(at("광주광역시 북구 용봉로 1"), district("광주 북구"));
        assert_eq!(at("전북특별자치도 전주시 완산구 1"), district("전북 전주시"));
        assert_eq!(at("제주특별자치도 제주시 연북로 1"), district("제주 제주시"));
        assert_eq!(at("제주시 연북로 1"), district("제주 제주시"));
        assert_eq!(at("세종특별자치시 한누리대로 1"), district("세종 세종"));
        for nowhere in ["", "중구 1", "서울 판교구 1", "서울 해운대구 1", "어디", "\u{200B}"] {
            assert_eq!(at(nowhere), None, "{nowhere}");
        }
        assert!(DISTRICTS.len() > 130 && ADDRESSES.len() >= 60);
        let districts = DISTRICTS.iter().map(|district| (&district.name, district.at));
        for (name, at) in districts.chain(ADDRESSES.iter().map(|(name, at)| (name, *at))) {
            assert!((33.0..38.7).contains(&at.latitude) && (125.0..130.0).contains(&at.longitude), "{name}");
        }
    }

    #[test]
    fn districts_are_found_by_what_people_type() {
        let found = |typed: &str| known(typed).into_iter().map(|place| place.address).collect::<Vec<_>>();
        assert_eq!(found("성동구"), ["서울 성동구"]);
        assert_eq!(found("  서울   성동"), ["서울 성동구"]);
        assert_eq!(found("서울특별시 성동"), ["서울 성동구"]);
        assert_eq!(found("서울 성동구 없는로 118"), ["서울 성동구"]);
        assert_eq!(found("서울 성동구 성수이로 118"), ["서울 성동구 성수이로 118"], "the very address");
        assert_eq!(found("중구").len(), 6);
        assert_eq!(found("서울").len(), FOUND);
        for nothing in ["", " ", "\u{200B}", "런던"] {
            assert_eq!(found(nothing), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn a_provider_is_asked_about_addresses_that_are_not_known() {
        let kakao = Geocoder::kakao("http://localhost/", "key").unwrap();
        for (typed, asked) in [
            ("서울 성동구 뚝섬로 1", true),
            ("뚝섬역", true),
            ("서울 성동구 성수이로 118", false),
            ("성동구", false),
            ("", false),
            (" \u{3000}", false),
        ] {
            assert_eq!(kakao.is_asked_about(typed, &known(typed)), asked, "{typed}");
            assert!(!Geocoder::Included.is_asked_about(typed, &known(typed)));
        }
    }
}
