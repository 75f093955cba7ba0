//! Road addresses by what somebody types: from the public service (도로명주소) where a key is configured, on a demonstration from a short
//! list that comes with the program, else from nobody.

use crate::{Error, tls};
use model::addresses::{FinderKind, FoundAddress};
use reqwest::{Client, Url, redirect::Policy};
use serde::Deserialize;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::Semaphore;

/// How many are shown of what is found.
const FOUND: usize = 10;
/// A person waits for it.
const WITHIN: Duration = Duration::from_secs(3);
/// More is no answer to one question.
const LONGEST: usize = 256 << 10;
/// How many may wait for it at once: pages are read meanwhile, which have only so many turns, and others need theirs.
const AT_ONCE: usize = 8;
/// Fewer characters say too little.
const LEAST: usize = 2;

/// Who finds road addresses. Cheap to clone.
#[derive(Clone, Default)]
pub enum Finder {
    /// Nobody.
    #[default]
    Nobody,
    /// What comes with the program: the halls of cities and provinces.
    Included,
    /// The public service.
    Juso(Arc<Juso>),
}

/// The search of the public service for road addresses (도로명주소 검색 API, <https://business.juso.go.kr/addrlink/openApi/searchApi.do>).
pub struct Juso {
    client: Client,
    address: Url,
    key: String,
    places: Semaphore,
}

/// What it answers, as far as we ask.
#[derive(Deserialize)]
struct Answer {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    common: Common,
    /// Nothing where nothing was found.
    #[serde(default)]
    juso: Option<Vec<Road>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Common {
    error_code: String,
    #[serde(default)]
    error_message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Road {
    /// With the quarter in brackets.
    road_addr: String,
    zip_no: String,
}

impl Finder {
    /// The public service at an address, by a key that it gave out.
    ///
    /// # Errors
    /// For what is no address, and without TLS.
    pub fn juso(address: &str, key: &str) -> Result<Finder, Error> {
        tls::prepare();
        let address = Url::parse(address).map_err(|error| failed(&error.to_string()))?;
        let client = Client::builder().timeout(WITHIN).redirect(Policy::none()).build().map_err(unsent)?;
        let places = Semaphore::new(AT_ONCE);
        Ok(Finder::Juso(Arc::new(Juso { client, address, key: key.trim().to_owned(), places })))
    }

    /// Who it is.
    pub fn kind(&self) -> FinderKind {
        match self {
            Finder::Nobody => FinderKind::Nobody,
            Finder::Included => FinderKind::Included,
            Finder::Juso(_) => FinderKind::Juso,
        }
    }

    /// Whether somebody else is asked about what was typed.
    pub(super) fn is_asked_about(&self, typed: &str) -> bool {
        matches!(self, Finder::Juso(_)) && keyword(typed).is_some()
    }

    /// Addresses that may be meant, the likeliest first.
    ///
    /// # Errors
    /// [`Error::Service`] when the service fails, and when too many wait for it.
    pub(super) async fn find(&self, typed: &str) -> Result<Vec<FoundAddress>, Error> {
        match self {
            Finder::Nobody => Ok(Vec::new()),
            Finder::Included => Ok(included(typed)),
            Finder::Juso(juso) => match keyword(typed) {
                Some(keyword) => juso.find(&keyword).await,
                None => Ok(Vec::new()),
            },
        }
    }
}

impl Juso {
    async fn find(&self, keyword: &str) -> Result<Vec<FoundAddress>, Error> {
        let _place = self.places.try_acquire().map_err(|_| failed("too many wait for it"))?;
        let mut address = self.address.clone();
        address
            .query_pairs_mut()
            .append_pair("confmKey", &self.key)
            .append_pair("currentPage", "1")
            .append_pair("countPerPage", &FOUND.to_string())
            .append_pair("keyword", keyword)
            .append_pair("resultType", "json");
        let answer = self.client.get(address).send().await.map_err(unsent)?;
        let answer = answer.error_for_status().map_err(unsent)?;
        if answer.content_length().is_some_and(|length| length > LONGEST as u64) {
            return Err(failed("its answer is too long"));
        }
        let bytes = answer.bytes().await.map_err(unsent)?;
        let answer: Option<Answer> = (bytes.len() <= LONGEST).then(|| serde_json::from_slice(&bytes).ok()).flatten();
        let Some(Answer { results: Results { common, juso } }) = answer else {
            return Err(failed("its answer cannot be read"));
        };
        match common.error_code.as_str() {
            "0" => Ok(juso.unwrap_or_default().into_iter().filter_map(Road::found).take(FOUND).collect()),
            // What it says of a keyword: too short, too long, too many such, or letters that it does not take.
            "E0005" | "E0006" | "E0008" | "E0009" | "E0010" | "E0011" | "E0012" | "E0013" | "E0015" => Ok(Vec::new()),
            code => Err(failed(&format!("{code} {}", common.error_message))),
        }
    }
}

impl Road {
    /// As far as it is an address that our own fields take.
    fn found(self) -> Option<FoundAddress> {
        let postcode = model::text::postcode(&self.zip_no).ok()?;
        let address = model::text::line(&self.road_addr, 5, 100).ok()?;
        Some(FoundAddress { postcode, address })
    }
}

/// What is asked about: without the letters that the service refuses; `None` where that says too little.
fn keyword(typed: &str) -> Option<String> {
    let taken: String = typed.chars().filter(|c| !"%=><[]".contains(*c)).collect();
    let keyword = model::text::line(&taken, 1, model::addresses::FIND_LENGTH as u64).ok()?;
    (keyword.chars().count() >= LEAST && keyword.chars().any(char::is_alphabetic)).then_some(keyword)
}

/// Without the address, in which the key and somebody's own address are.
fn unsent(error: reqwest::Error) -> Error {
    failed(&error.without_url().to_string())
}

fn failed(reason: &str) -> Error {
    Error::Service { service: "address finder", reason: reason.to_owned() }
}

/// Postcode, address and name of each.
static INCLUDED: LazyLock<Vec<(FoundAddress, String)>> = LazyLock::new(|| {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(include_str!("included.csv").as_bytes());
    let row = |record: csv::StringRecord| {
        let column = |at: usize| record.get(at).map(str::to_owned);
        Some((FoundAddress { postcode: column(0)?, address: column(1)? }, column(2)?))
    };
    reader.records().filter_map(Result::ok).filter_map(row).collect()
});

/// Those of the list that have every word.
fn included(typed: &str) -> Vec<FoundAddress> {
    let Ok(typed) = model::text::line(typed, 1, model::addresses::FIND_LENGTH as u64) else { return Vec::new() };
    let words: Vec<&str> = typed.split(' ').collect();
    let has = |(found, name): &&(FoundAddress, String)| {
        words.iter().all(|word| found.address.contains(word) || name.contains(word) || found.postcode == *word)
    };
    INCLUDED.iter().filter(has).map(|(found, _)| found.clone()).take(FOUND).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_comes_with_the_program_can_be_typed() {
        assert!(INCLUDED.len() >= 15);
        for (found, name) in INCLUDED.iter() {
            assert_eq!(model::text::postcode(&found.postcode), Ok(found.postcode.clone()), "{name}");
            assert_eq!(model::text::line(&found.address, 5, 100), Ok(found.address.clone()), "{name}");
            assert_eq!(included(name).len(), 1, "{name}");
        }
        assert_eq!(included(" 서울  세종대로 ")[0].postcode, "04524");
        assert_eq!(included("특별자치").len(), 4);
        for nothing in ["", " ", "\u{200B}", "런던", "세종대로 111"] {
            assert_eq!(included(nothing), [], "{nothing}");
        }
    }

    #[tokio::test]
    async fn so_many_wait_for_the_service_and_no_more() {
        // It takes connections, and says nothing.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let finder = Finder::juso(&format!("http://{}/", silent.local_addr().unwrap()), "key").unwrap();
        let asked: Vec<_> = (0..=AT_ONCE).map(|_| Box::pin(finder.find("세종대로"))).collect();
        let (told, _, waiting) = futures::future::select_all(asked).await;
        assert!(matches!(told, Err(Error::Service { reason, .. }) if reason == "too many wait for it"));
        assert_eq!(waiting.len(), AT_ONCE);
    }

    #[test]
    fn nobody_is_asked_about_what_says_too_little() {
        let juso = Finder::juso("http://localhost/", "key").unwrap();
        for (typed, asked) in [
            ("세종대로 110", true),
            ("강남", true),
            ("강", false),
            ("110", false),
            ("", false),
            (" \u{3000}", false),
            ("%=><", false),
        ] {
            assert_eq!(juso.is_asked_about(typed), asked, "{typed}");
            assert!(!Finder::Included.is_asked_about(typed) && !Finder::Nobody.is_asked_about(typed));
        }
        assert_eq!(keyword(" 세종<대로>  110% ").as_deref(), Some("세종대로 110"));
    }
}
