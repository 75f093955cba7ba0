//! Who sends a code to a phone.

use crate::{Error, ids};
use model::Time;
use ring::hmac;
use std::{fmt::Write, sync::Arc, time::Duration};

/// A provider that does not answer within this has not sent it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(8);

/// Who sends text messages. Cheap to clone.
#[derive(Clone)]
pub enum Sms {
    /// Nobody: the page shows the code. For demonstrations.
    Sandbox,
    /// SOLAPI, a Korean carrier of messages.
    Solapi(Arc<Solapi>),
}

/// Sends by SOLAPI's messages API, version 4 (<https://developers.solapi.com>).
pub struct Solapi {
    client: reqwest::Client,
    address: String,
    key: String,
    secret: hmac::Key,
    from: String,
}

impl Sms {
    /// SOLAPI at `address`, with a key and its secret, from a number that was registered there.
    ///
    /// # Errors
    /// When there is no TLS.
    pub fn solapi(address: &str, key: &str, secret: &str, from: &str) -> Result<Sms, Error> {
        crate::tls::prepare();
        let client = reqwest::Client::builder().timeout(ANSWERS_WITHIN).build().map_err(failed)?;
        Ok(Sms::Solapi(Arc::new(Solapi {
            client,
            address: address.to_owned(),
            key: key.to_owned(),
            secret: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
            from: digits(from),
        })))
    }

    /// Sends a code to a number, in English where `lang` says so.
    ///
    /// # Errors
    /// [`Error::Service`] when it was not sent, or nobody knows.
    pub(super) async fn send(&self, number: &str, code: &str, lang: &str, now: Time) -> Result<(), Error> {
        match self {
            Sms::Sandbox => Ok(()),
            Sms::Solapi(solapi) => solapi.send(number, &text(code, lang), now).await,
        }
    }
}

/// The code first: what a phone shows of a message without opening it.
fn text(code: &str, lang: &str) -> String {
    match lang {
        "en" => format!("[59초] {code} is your code. Enter it within 5 minutes, and tell it to nobody."),
        _ => format!("[59초] {code} 확인 번호예요. 5분 안에 입력해 주세요. 아무에게도 알려 주지 마세요."),
    }
}

impl Solapi {
    async fn send(&self, number: &str, text: &str, now: Time) -> Result<(), Error> {
        let message = serde_json::json!({ "message": {
            "to": digits(number),
            "from": self.from,
            "text": text,
        } });
        let request = self.client.post(&self.address).header("authorization", self.authorization(now));
        let answer = request.json(&message).send().await.map_err(failed)?;
        // What it says may name the number: of that nothing is logged but how it went.
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(Error::Service { service: "sms", reason: status.to_string() }),
        }
    }

    /// The key, with the moment and a salt signed by its secret.
    fn authorization(&self, now: Time) -> String {
        let c = now.civil();
        let date = format!("{:04}-{:02}-{:02}T{}+09:00", c.year, c.month, c.day, now.clock());
        let salt = hex(&ids::random::<16>());
        let signature = hmac::sign(&self.secret, format!("{date}{salt}").as_bytes());
        let signature = hex(signature.as_ref());
        format!("HMAC-SHA256 apiKey={}, date={date}, salt={salt}, signature={signature}", self.key)
    }
}

/// Without its address, which may hold a key.
fn failed(error: reqwest::Error) -> Error {
    Error::Service { service: "sms", reason: error.without_url().to_string() }
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
