//! The public catalogue, as Korean open-data services give their lists out: `/{key}/json/{service}/{start}/{end}`, at most a thousand
//! rows a request, answered with the number of all rows, a result code and the rows.

use crate::Error;
use model::{FormErrors, ItemCategory, ItemDraft};
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};

/// The most rows of one request.
pub const PAGE: u64 = 1_000;
/// A page that takes longer is asked for again.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);
/// The most bytes of a page.
const MOST_BYTES: usize = 16 << 20;
/// How long is waited before each further attempt; each up to twice as long, so that requests that failed together do not come
/// together again.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// Where the catalogue is. Cheap to clone.
#[derive(Clone)]
pub struct Catalogue(Arc<Source>);

struct Source {
    client: reqwest::Client,
    address: String,
    key: String,
    name: String,
    category: String,
}

/// Some rows of the catalogue.
#[derive(Debug, PartialEq)]
pub(super) struct Rows {
    /// How many there are in all.
    pub total: u64,
    /// Those that can be used.
    pub items: Vec<ItemDraft>,
    /// How many cannot: without a name, or with one that is too long.
    pub left_out: u64,
}

/// Why there are no rows.
enum Failed {
    /// It may go well another time.
    Passing(String),
    /// It will not: a key that is refused, an address of nothing.
    ForGood(String),
}

impl Catalogue {
    /// At an address with `{key}`, `{start}` and `{end}` in it; rows have their item's name and category in these columns.
    ///
    /// # Errors
    /// When the address lacks one of them, or there is no TLS.
    pub fn new(address: &str, key: &str, name: &str, category: &str) -> Result<Catalogue, Error> {
        if let Some(missing) = ["{key}", "{start}", "{end}"].into_iter().find(|part| !address.contains(part)) {
            return Err(failed(format!("its address has no {missing}")));
        }
        crate::tls::prepare();
        let client = reqwest::Client::builder().timeout(ANSWERS_WITHIN).build();
        let client = client.map_err(|error| failed(error.to_string()))?;
        let (address, key) = (address.to_owned(), key.to_owned());
        let (name, category) = (name.to_owned(), category.to_owned());
        Ok(Catalogue(Arc::new(Source { client, address, key, name, category })))
    }

    /// Its address, without the key.
    pub(super) fn address(&self) -> &str {
        &self.0.address
    }

    /// The rows `first` to `last`, counted from one, all of them; what fails is tried again a few times.
    ///
    /// # Errors
    /// [`Error::Service`].
    pub(super) async fn rows(&self, first: u64, last: u64) -> Result<Rows, Error> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let reason = match self.0.ask(first, last).await {
                Ok(rows) => return Ok(rows),
                Err(Failed::ForGood(reason)) => return Err(failed(reason)),
                Err(Failed::Passing(reason)) => reason,
            };
            let Some(pause) = pauses.next() else { return Err(failed(format!("rows {first} to {last}: {reason}"))) };
            tracing::debug!(first, last, reason, "the catalogue is asked again");
            let longer = pause * u32::from(crate::ids::random::<1>()[0]) / 255;
            tokio::time::sleep(pause + longer).await;
        }
    }
}

fn failed(reason: String) -> Error {
    Error::Service { service: "catalogue", reason }
}

impl Source {
    async fn ask(&self, first: u64, last: u64) -> Result<Rows, Failed> {
        let address = self.address.replace("{key}", &self.key);
        let address = address.replace("{start}", &first.to_string()).replace("{end}", &last.to_string());
        // The address has the key: nothing that is said of a failure may.
        let passing = |error: reqwest::Error| Failed::Passing(error.without_url().to_string());
        let mut answer = self.client.get(address).send().await.map_err(passing)?;
        match answer.status() {
            status if status.is_success() => {}
            status if status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) => {
                return Err(Failed::Passing(status.to_string()));
            }
            status => return Err(Failed::ForGood(status.to_string())),
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(passing)? {
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(Failed::ForGood("an answer is too large".to_owned()));
            }
            bytes.extend_from_slice(&chunk);
        }
        self.read(&bytes, last + 1 - first)
    }

    /// Reads an answer to who asked for so many rows. Nobody asks for more than there were a moment ago: where there are fewer, or
    /// none at all, it does not have everything at the moment, and what it lacks would be taken for gone.
    fn read(&self, bytes: &[u8], asked: u64) -> Result<Rows, Failed> {
        // What is busy answers with a page for people.
        let Ok(Value::Object(answer)) = serde_json::from_slice(bytes) else {
            return Err(Failed::Passing("an answer that is no JSON".to_owned()));
        };
        // The list stands under the name of its service; what went wrong may stand above.
        let list = answer.values().filter_map(Value::as_object).find(|list| list.contains_key("row"));
        let list = list.unwrap_or(&answer);
        let result = list.get("RESULT").or_else(|| answer.get("RESULT")).and_then(Value::as_object);
        let code = result.and_then(|result| result.get("CODE")).and_then(Value::as_str).unwrap_or_default();
        match code {
            "" | "INFO-000" => {}
            // There is nothing in these rows.
            "INFO-200" => return Err(Failed::Passing(code.to_owned())),
            // Of the server's own: the others say that the request is wrong.
            code if code.starts_with("ERROR-5") || code.starts_with("ERROR-6") => {
                return Err(Failed::Passing(code.to_owned()));
            }
            code => return Err(Failed::ForGood(code.to_owned())),
        }
        let (Some(total), Some(rows)) = (total(list), list.get("row").and_then(Value::as_array)) else {
            return Err(Failed::Passing("an answer without rows".to_owned()));
        };
        if (rows.len() as u64) < asked {
            return Err(Failed::Passing(format!("{} rows of {asked}", rows.len())));
        }
        let items: Vec<_> = rows.iter().filter_map(|row| self.item(row)).collect();
        let left_out = (rows.len() - items.len()) as u64;
        Ok(Rows { total, items, left_out })
    }

    fn item(&self, row: &Value) -> Option<ItemDraft> {
        let text = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default();
        let category = category(text(&self.category));
        ItemDraft::typed([category.name(), text(&self.name)], &mut FormErrors::default())
    }
}

/// How many rows there are in all: a number, or one written as text.
fn total(list: &Map<String, Value>) -> Option<u64> {
    let total = ["list_total_count", "total_count"].into_iter().find_map(|name| list.get(name))?;
    total.as_u64().or_else(|| total.as_str()?.trim().parse().ok())
}

/// On which of our shelves something stands, by the words of its category there: the first that is among them decides.
fn category(words: &str) -> ItemCategory {
    const WORDS: [(&str, ItemCategory); 64] = {
        use ItemCategory::*;
        [
            ("냉동", Frozen),
            ("빙과", Frozen),
            ("아이스크림", Frozen),
            ("반려", Pets),
            ("사료", Pets),
            ("세제", Household),
            ("주방", Household),
            ("청소", Household),
            ("화장지", Hygiene),
            ("휴지", Hygiene),
            ("위생", Hygiene),
            ("치약", Hygiene),
            ("샴푸", Hygiene),
            ("비누", Hygiene),
            ("즉석", Ready),
            ("도시락", Ready),
            ("만두", Ready),
            ("간편", Ready),
            ("밀키트", Ready),
            ("김치", Ready),
            ("반찬", Ready),
            ("라면", Noodles),
            ("국수", Noodles),
            ("면류", Noodles),
            ("당면", Noodles),
            ("통조림", Noodles),
            ("음료", Drinks),
            ("주스", Drinks),
            ("커피", Drinks),
            ("다류", Drinks),
            ("생수", Drinks),
            ("주류", Drinks),
            ("우유", Dairy),
            ("유제품", Dairy),
            ("치즈", Dairy),
            ("발효유", Dairy),
            ("알가공", Dairy),
            ("달걀", Dairy),
            ("계란", Dairy),
            ("과자", Snacks),
            ("빵", Snacks),
            ("떡", Snacks),
            ("초콜릿", Snacks),
            ("캔디", Snacks),
            ("견과", Snacks),
            ("소스", Sauces),
            ("장류", Sauces),
            ("조미", Sauces),
            ("식용유", Sauces),
            ("유지류", Sauces),
            ("양념", Sauces),
            ("축산", Meat),
            ("식육", Meat),
            ("정육", Meat),
            ("햄", Meat),
            ("수산", Seafood),
            ("어육", Seafood),
            ("해조", Seafood),
            ("과일", Fruit),
            ("과실", Fruit),
            ("채소", Vegetables),
            ("버섯", Vegetables),
            ("곡", Grains),
            ("쌀", Grains),
        ]
    };
    let of_ours = ItemCategory::named(words);
    of_ours
        .or_else(|| WORDS.iter().find(|(word, _)| words.contains(word)).map(|(_, category)| *category))
        .unwrap_or(ItemCategory::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer to who asked for three rows.
    fn read(answer: &str) -> Result<Rows, Failed> {
        let address = "http://localhost/{key}/json/Items/{start}/{end}/";
        Catalogue::new(address, "secret", "NAME", "KIND").unwrap().0.read(answer.as_bytes(), 3)
    }

    #[test]
    fn answers_are_read_as_services_write_them() {
        let item = |category, name: &str| ItemDraft { category, name: name.to_owned() };
        for answer in [
            r#"{"Items":{"list_total_count":3,"RESULT":{"CODE":"INFO-000","MESSAGE":""},"row":[
                {"NAME":"올리브유 5L","KIND":"식용유지류"},{"NAME":" 삼겹살","KIND":"정육"},{"KIND":"x"}]}}"#,
            r#"{"Items":{"total_count":"3","row":[
                {"NAME":"올리브유 5L","KIND":"sauces"},{"NAME":"삼겹살","KIND":"축산물"},{"NAME":null}],"RESULT":{"CODE":"INFO-000"}}}"#,
        ] {
            let Ok(rows) = read(answer) else { panic!("{answer}") };
            let items = vec![item(ItemCategory::Sauces, "올리브유 5L"), item(ItemCategory::Meat, "삼겹살")];
            assert_eq!(rows, Rows { total: 3, items, left_out: 1 });
        }
    }

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        for passing in [
            "<html>busy</html>",
            "[]",
            "{}",
            r#"{"RESULT":{"CODE":"ERROR-500"}}"#,
            // Nothing, or fewer rows than were asked for.
            r#"{"RESULT":{"CODE":"INFO-200","MESSAGE":"해당하는 데이터가 없습니다."}}"#,
            r#"{"Items":{"list_total_count":0,"RESULT":{"CODE":"INFO-000"},"row":[]}}"#,
            r#"{"Items":{"list_total_count":9,"RESULT":{"CODE":"INFO-000"},"row":[{"NAME":"가"},{"NAME":"나"}]}}"#,
            r#"{"Items":{"RESULT":{"CODE":"ERROR-600"},"row":[]}}"#,
            r#"{"Items":{"list_total_count":"many","row":[]}}"#,
        ] {
            assert!(matches!(read(passing), Err(Failed::Passing(_))), "{passing}");
        }
        for for_good in [r#"{"RESULT":{"CODE":"INFO-100"}}"#, r#"{"RESULT":{"CODE":"ERROR-336"}}"#] {
            assert!(matches!(read(for_good), Err(Failed::ForGood(_))), "{for_good}");
        }
        for address in ["http://localhost/{key}/1/2", "http://localhost/{start}/{end}"] {
            assert!(Catalogue::new(address, "", "NAME", "KIND").is_err(), "{address}");
        }
    }

    #[test]
    fn shelves_are_found_by_words() {
        for (words, expected) in [
            ("냉동수산물", ItemCategory::Frozen),
            ("수산가공식품류", ItemCategory::Seafood),
            ("쌀·잡곡", ItemCategory::Grains),
            ("곡류가공품", ItemCategory::Grains),
            ("", ItemCategory::Other),
            ("무엇인가", ItemCategory::Other),
        ] {
            assert_eq!(category(words), expected, "{words}");
        }
    }
}
