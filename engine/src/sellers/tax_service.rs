//! The national tax service (국세청 사업자등록정보 진위확인 및 상태조회 서비스, version 1.1 of its published interface).
//!
//! `POST /validate` with number, opening date and representative answers `valid` `01` or `02`, and of valid ones their status;
//! `POST /status` with the number alone answers that: `b_stt_cd` `01` goes on, `02` rests, `03` was closed, nothing is none.

use super::{BusinessCheck, Verdict};
use crate::tls;
use futures::{FutureExt, future::BoxFuture};
use model::sellers::{BusinessDraft, CheckKind};
use reqwest::{Client, Response, StatusCode, Url};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Where it is.
pub const TAX_SERVICE: &str = "https://api.odcloud.kr/api/nts-businessman/v1";
/// A person waits for it.
const WITHIN: Duration = Duration::from_secs(5);
/// More is no answer to one question.
const LONGEST: usize = 64 << 10;

/// The tax service, by a key of the public data portal.
pub struct TaxService {
    client: Client,
    address: Url,
    key: String,
}

/// What it answers about one business.
#[derive(Deserialize)]
struct Answer {
    b_no: String,
    #[serde(default)]
    valid: Option<String>,
    #[serde(default)]
    status: Option<Status>,
    #[serde(default)]
    b_stt_cd: Option<String>,
}

#[derive(Deserialize)]
struct Status {
    b_no: String,
    #[serde(default)]
    b_stt_cd: String,
}

#[derive(Deserialize)]
struct Answers {
    #[serde(default)]
    data: Vec<Answer>,
}

impl TaxService {
    /// The service at an address, with the portal's decoded key.
    ///
    /// # Errors
    /// For what is no address.
    pub fn new(address: &str, key: &str) -> Result<TaxService, String> {
        tls::prepare();
        let address: Url = address.parse().map_err(|_| format!("{address} is no address of the tax service"))?;
        if address.cannot_be_a_base() || key.trim().is_empty() {
            return Err("the tax service needs an address and a key".to_owned());
        }
        let client = Client::builder().timeout(WITHIN).redirect(reqwest::redirect::Policy::none()).build();
        Ok(TaxService { client: client.map_err(|error| error.to_string())?, address, key: key.trim().to_owned() })
    }

    /// Whether it takes our key.
    ///
    /// # Errors
    /// Why nobody knows: it does not answer.
    pub async fn check_key(&self) -> Result<bool, String> {
        // Nobody's number: all that is wanted is whether the key opens.
        let status = self.send("status", &json!({ "b_no": ["0000000000"] })).await?.status();
        match status {
            status if is_about_key(status) => Ok(false),
            StatusCode::OK | StatusCode::BAD_REQUEST => Ok(true),
            status => Err(status.to_string()),
        }
    }

    async fn send(&self, what: &str, body: &Value) -> Result<Response, String> {
        let mut url = self.address.clone();
        url.path_segments_mut().map_err(|()| "it has no address".to_owned())?.pop_if_empty().push(what);
        url.query_pairs_mut().append_pair("serviceKey", &self.key).append_pair("returnType", "JSON");
        // Without its address, in which the key stands.
        self.client.post(url).json(body).send().await.map_err(|error| error.without_url().to_string())
    }

    /// Asks about one business; `None` without an answer that is about it.
    async fn ask(&self, what: &'static str, number: &str, body: &Value) -> Option<Answer> {
        let answer = match self.send(what, body).await {
            Ok(answer) => answer,
            Err(why) => return unanswered(what, &why),
        };
        match answer.status() {
            StatusCode::OK => {}
            status if is_about_key(status) => {
                tracing::error!(what, %status, "the tax service does not take the key of this site");
                metrics::counter!("business_check_key_refused_total").increment(1);
                return None;
            }
            status => return unanswered(what, status.as_str()),
        }
        if answer.content_length().is_some_and(|length| length > LONGEST as u64) {
            return unanswered(what, "too long");
        }
        let Ok(bytes) = answer.bytes().await else { return unanswered(what, "broken off") };
        let answers: Option<Answers> = (bytes.len() <= LONGEST).then(|| serde_json::from_slice(&bytes).ok()).flatten();
        let about = answers.and_then(|answers| answers.data.into_iter().find(|answer| answer.b_no == number));
        if about.is_none() {
            return unanswered(what, "not about what was asked");
        }
        about
    }
}

/// Whether it is for whoever runs the site to mend.
fn is_about_key(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

fn unanswered(what: &'static str, why: &str) -> Option<Answer> {
    tracing::warn!(what, why, "the tax service did not answer");
    metrics::counter!("business_checks_unanswered_total").increment(1);
    None
}

/// What a code of a business's status says.
fn verdict(code: &str) -> Verdict {
    match code {
        "01" => Verdict::Active,
        "02" | "03" => Verdict::Closed,
        "" => Verdict::Unknown,
        _ => Verdict::Unanswered,
    }
}

impl BusinessCheck for TaxService {
    fn kind(&self) -> CheckKind {
        CheckKind::TaxService
    }

    fn validate<'a>(&'a self, business: &'a BusinessDraft) -> BoxFuture<'a, Verdict> {
        async move {
            let asked = json!({ "businesses": [{
                "b_no": business.number,
                "start_dt": business.opened.replace('-', ""),
                "p_nm": business.representative,
            }] });
            let Some(answer) = self.ask("validate", &business.number, &asked).await else { return Verdict::Unanswered };
            match (answer.valid.as_deref(), answer.status) {
                (Some("01"), Some(status)) if status.b_no == business.number => verdict(&status.b_stt_cd),
                (Some("02"), _) => Verdict::Unknown,
                _ => Verdict::Unanswered,
            }
        }
        .boxed()
    }

    fn status<'a>(&'a self, number: &'a str) -> BoxFuture<'a, Verdict> {
        async move {
            let asked = json!({ "b_no": [number] });
            match self.ask("status", number, &asked).await {
                Some(answer) => answer.b_stt_cd.as_deref().map_or(Verdict::Unanswered, verdict),
                None => Verdict::Unanswered,
            }
        }
        .boxed()
    }
}
