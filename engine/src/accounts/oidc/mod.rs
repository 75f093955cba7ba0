//! Signing in at a provider of OpenID Connect, as Kakao documents it
//! (<https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api>): authorisation code with PKCE, state and nonce, by redirects.
//!
//! ```text
//! set out: a secret in a cookie of this browser ([`Trip`]) ─► authorize?state&nonce&code_challenge ─► the provider asks its member
//! back:    ?code&state, with that cookie ─► token, with code_verifier ─► id_token, verified ([`tokens`]) by the provider's keys ([`keys`])
//! ```
//!
//! State, nonce and verifier follow from the secret, so that nothing is kept here of whoever only sets out. Written by hand: the library
//! for it (`openidconnect`) brings the `rsa` crate and three curves, of which nothing is needed: one algorithm, which `ring` verifies.

mod keys;
mod tokens;
mod trip;

pub(super) use tokens::LEEWAY;
pub(super) use trip::{Purpose, Trip};

use keys::Keys;
use model::{DAY, SECOND, Span, Time};
use reqwest::{Client, RequestBuilder, StatusCode, Url, redirect::Policy};
use serde::Deserialize;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokens::Expected;
use tokio::sync::Mutex;

/// Kakao, as it names itself.
pub const KAKAO: &str = "https://kauth.kakao.com";
/// Where at an issuer it is said where everything is.
const DISCOVERY: &str = "/.well-known/openid-configuration";
/// The path on this site that the provider leads back to.
const BACK: &str = "/sign-in/kakao/return";
const CONNECTS_WITHIN: Duration = Duration::from_secs(3);
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);
/// More bytes are no answer.
const LONGEST: usize = 64 << 10;
/// For how long it is believed where everything is.
const KNOWN_FOR: Span = DAY;
/// How soon a provider is asked again that did not say it.
const ASKED_AGAIN: Span = SECOND.times(5);

/// What a site has from its provider.
#[derive(Clone)]
pub struct OidcSettings {
    /// Who the provider is, [`KAKAO`] but for tests.
    pub issuer: String,
    /// How it knows the site.
    pub client_id: String,
    /// By what it knows that it is the site.
    pub client_secret: String,
    /// What it is asked for: `openid`, and what else of its members.
    pub scope: String,
    /// The address of this site, without a slash at its end.
    pub origin: String,
}

/// A provider. Cheap to clone.
#[derive(Clone)]
pub struct Oidc(Arc<Inner>);

struct Inner {
    client: Client,
    settings: OidcSettings,
    places: Mutex<Places>,
    keys: Keys,
}

/// Where everything is, as far as that is known.
#[derive(Default)]
struct Places {
    known: Option<(Time, Arc<Provider>)>,
    /// When it was asked for in vain.
    failed: Option<Time>,
}

/// What a provider says of itself.
#[derive(Deserialize)]
struct Provider {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
    access_token: Option<String>,
}

/// What is asked besides the token.
#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
}

/// Who somebody is, by their provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// The same whenever they come.
    pub subject: String,
    /// Their email, where it is confirmed.
    pub email: Option<String>,
    /// What they call themselves.
    pub nickname: Option<String>,
    /// When they said there who they are.
    pub signed_in_at: Option<Time>,
}

/// Why it is not known who somebody is: in words for the log, without anything that is secret or theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failed {
    /// The provider does not answer, or not to us.
    Away(String),
    /// What was brought or said is not to be relied on.
    Refused(String),
}

impl Oidc {
    /// # Errors
    /// For an address that is none; without TLS.
    pub fn new(settings: OidcSettings) -> Result<Oidc, String> {
        crate::tls::prepare();
        let settings = OidcSettings {
            issuer: settings.issuer.trim_end_matches('/').to_owned(),
            origin: settings.origin.trim_end_matches('/').to_owned(),
            ..settings
        };
        endpoint(&settings.issuer).ok_or_else(|| format!("{} is no address of a provider", settings.issuer))?;
        let client = Client::builder()
            .connect_timeout(CONNECTS_WITHIN)
            .timeout(ANSWERS_WITHIN)
            .redirect(Policy::none())
            .build()
            .map_err(|error| error.without_url().to_string())?;
        Ok(Oidc(Arc::new(Inner { client, settings, places: Mutex::default(), keys: Keys::default() })))
    }

    /// Whether it answers.
    pub(super) async fn check(&self, now: Time) -> Result<(), String> {
        match self.provider(now).await {
            Ok(_) => Ok(()),
            Err(Failed::Away(why) | Failed::Refused(why)) => Err(why),
        }
    }

    /// Where somebody is led who sets out.
    pub(super) async fn address(&self, trip: &Trip, now: Time) -> Result<String, Failed> {
        let provider = self.provider(now).await?;
        let mut url = endpoint(&provider.authorization_endpoint).ok_or_else(no_place)?;
        let OidcSettings { client_id, scope, .. } = &self.0.settings;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", &self.back())
            .append_pair("scope", scope)
            .append_pair("state", &trip.state())
            .append_pair("nonce", &trip.nonce())
            .append_pair("code_challenge", &trip.challenge())
            .append_pair("code_challenge_method", "S256");
        // A browser that was left signed in here may be so there as well: they say there anew who they are. (Kakao documents that it asks
        // everywhere but in its own messenger's browser; whoever sits there can take this out of the address.)
        if matches!(trip.purpose, Purpose::Leave(_)) {
            url.query_pairs_mut().append_pair("prompt", "login");
        }
        Ok(url.into())
    }

    /// Who somebody is who came back with a code.
    pub(super) async fn redeem(&self, trip: &Trip, code: &str, now: Time) -> Result<Identity, Failed> {
        let provider = self.provider(now).await?;
        let OidcSettings { issuer, client_id, client_secret, .. } = &self.0.settings;
        let (back, verifier) = (self.back(), trip.verifier());
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id.as_str()),
            ("client_secret", client_secret.as_str()),
            ("redirect_uri", back.as_str()),
            ("code", code),
            ("code_verifier", verifier.as_str()),
        ];
        let place = endpoint(&provider.token_endpoint).ok_or_else(no_place)?;
        let said = read(self.0.client.post(place).form(&form)).await?;
        let tokens: Tokens = serde_json::from_value(said).map_err(|_| Failed::Away("an answer that is none".into()))?;
        let token =
            tokens.id_token.ok_or_else(|| Failed::Refused("no id_token (is OpenID Connect on there?)".into()))?;
        let wrong = |why: &str| Failed::Refused(why.to_owned());
        let key = tokens::key_of(&token).map_err(wrong)?;
        let jwks = endpoint(&provider.jwks_uri).ok_or_else(no_place)?;
        let key = self.0.keys.find(&self.0.client, jwks, &key, now).await?;
        let expected = Expected { issuer, client: client_id, nonce: &trip.nonce(), now };
        let claims = tokens::verify(&token, &key, &expected).map_err(wrong)?;
        let signed_in_at = claims.signed_in_at();
        let email = match (claims.email, claims.email_verified) {
            (Some(email), Some(true)) => Some(email),
            (None, _) | (_, Some(false)) => None,
            // The token does not say whether it is confirmed.
            (Some(_), None) => self.confirmed_email(&provider, &claims.sub, tokens.access_token).await,
        };
        let email = email.and_then(|email| model::text::email(&email).ok());
        Ok(Identity { subject: claims.sub, email, nickname: claims.nickname, signed_in_at })
    }

    /// The email that the provider confirms of somebody; none where it does not say.
    async fn confirmed_email(&self, provider: &Provider, subject: &str, access: Option<String>) -> Option<String> {
        let place = endpoint(provider.userinfo_endpoint.as_deref()?)?;
        match read(self.0.client.get(place).bearer_auth(access?)).await {
            Ok(said) => {
                let info: UserInfo = serde_json::from_value(said).ok()?;
                info.email.filter(|_| info.email_verified && info.sub == subject)
            }
            Err(why) => {
                tracing::warn!(?why, "a provider did not say whether an email is confirmed");
                None
            }
        }
    }

    fn back(&self) -> String {
        format!("{}{BACK}", self.0.settings.origin)
    }

    /// Where everything is. Whoever asks meanwhile waits for that.
    async fn provider(&self, now: Time) -> Result<Arc<Provider>, Failed> {
        let mut places = self.0.places.lock().await;
        if let Some((at, provider)) = &places.known
            && now.since(*at) < KNOWN_FOR
        {
            return Ok(provider.clone());
        }
        let lately = places.failed.is_some_and(|at| now.since(at) < ASKED_AGAIN);
        let found =
            if lately { Err(Failed::Away("it did not answer a moment ago".into())) } else { self.discover().await };
        match found {
            Ok(provider) => {
                let provider = Arc::new(provider);
                *places = Places { known: Some((now, provider.clone())), failed: None };
                Ok(provider)
            }
            Err(why) => {
                if !lately {
                    places.failed = Some(now);
                }
                // Where it was a day ago, rather than nowhere.
                places.known.as_ref().map(|(_, provider)| provider.clone()).ok_or(why)
            }
        }
    }

    async fn discover(&self) -> Result<Provider, Failed> {
        let issuer = &self.0.settings.issuer;
        let place = endpoint(&format!("{issuer}{DISCOVERY}")).ok_or_else(no_place)?;
        let said = read(self.0.client.get(place)).await?;
        let provider: Provider =
            serde_json::from_value(said).map_err(|_| Failed::Away("it does not say where it is".into()))?;
        if provider.issuer.trim_end_matches('/') != issuer.as_str() {
            return Err(Failed::Away("it says that it is another".into()));
        }
        Ok(provider)
    }
}

fn no_place() -> Failed {
    Failed::Away("it names a place that is none".into())
}

/// A place at a provider: by https, or on this machine, for tests.
fn endpoint(text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    let here = url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
    (here || url.scheme() == "https" && url.has_host()).then_some(url)
}

/// Asks a provider for something in JSON.
async fn read(request: RequestBuilder) -> Result<Value, Failed> {
    let unheard = |error: reqwest::Error| Failed::Away(error.without_url().to_string());
    let mut answer = request.header("accept", "application/json").send().await.map_err(unheard)?;
    let (status, mut bytes) = (answer.status(), Vec::new());
    while let Some(chunk) = answer.chunk().await.map_err(unheard)? {
        if bytes.len() + chunk.len() > LONGEST {
            return Err(Failed::Away("too long an answer".into()));
        }
        bytes.extend_from_slice(&chunk);
    }
    let said: Result<Value, _> = serde_json::from_slice(&bytes);
    if status.is_success() {
        return said.map_err(|_| Failed::Away("an answer that is none".into()));
    }
    let code = |name: &str| said.as_ref().ok()?.get(name)?.as_str().map(str::to_owned);
    let code = [code("error"), code("error_code")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || "-_ ".contains(*c)).take(60).collect();
    let why = format!("{status} {code}");
    // What is said of us is no fault of whoever came.
    let ours = code.starts_with("invalid_client") || code.starts_with("unauthorized_client");
    let passes = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    if ours {
        tracing::error!(why, "a provider refuses the site's own keys");
    }
    if status.is_client_error() && !passes && !ours { Err(Failed::Refused(why)) } else { Err(Failed::Away(why)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_by_https_or_here() {
        for good in ["https://kauth.kakao.com/oauth/token", "http://127.0.0.1:9/oauth/token", "http://localhost:9"] {
            assert!(endpoint(good).is_some(), "{good}");
        }
        for bad in ["http://kauth.kakao.com", "ftp://127.0.0.1", "file:///etc/passwd", "javascript:alert(1)", "", "x"] {
            assert!(endpoint(bad).is_none(), "{bad}");
        }
    }
}
