//! Stands in for Kakao's sign-in by OpenID Connect, as its documentation describes it
//! (<https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api>): checks what it is asked, and lies as it is told.

use crate::stand_in::{Serving, Shared, serve, with};
use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use ring::{
    digest, hmac,
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What is wrong with the next token, or with the answer that should bring it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lie {
    /// In answer to another question.
    Nonce,
    /// To no question at all.
    NoNonce,
    /// For another site.
    Audience,
    /// For this site among others, and made for another.
    Party,
    /// By somebody else.
    Issuer,
    /// About nobody.
    Nobody,
    /// Over for two minutes.
    Expired,
    /// From in two minutes.
    Future,
    /// About somebody who said five minutes ago who they are, and does not say so: as where Kakao's own session is open.
    Earlier,
    /// About somebody of whom it is not said when they did.
    NoAuthTime,
    /// Its claims were changed after it was signed.
    Changed,
    /// Signed by a key that is not published.
    AnotherKey,
    /// Signed by nobody, and says so.
    NoAlgorithm,
    /// Signed by the public key as if that were a secret.
    Hmac,
    /// There is none.
    NoToken,
    /// It is none.
    Garbled,
    /// The answer has this status and says nothing.
    Status(u16),
    /// The site's own secret is said to be wrong.
    Client,
    /// The answer takes so long.
    Slow(Duration),
    /// The answer has more bytes than anybody reads.
    Long,
}

/// Who is signed in at Kakao.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KakaoUser {
    /// By which Kakao knows them.
    pub id: String,
    /// Their email, and whether Kakao confirms it.
    pub email: Option<(String, bool)>,
    /// What they call themselves.
    pub nickname: String,
}

impl KakaoUser {
    /// Somebody of that id, without an email.
    pub fn new(id: &str) -> KakaoUser {
        KakaoUser { id: id.to_owned(), email: None, nickname: String::new() }
    }

    /// The same with an email that Kakao confirms.
    #[must_use]
    pub fn email(self, email: &str) -> KakaoUser {
        KakaoUser { email: Some((email.to_owned(), true)), ..self }
    }
}

/// A code that was given, and what it was given for.
struct Grant {
    user: KakaoUser,
    redirect: String,
    nonce: String,
    challenge: String,
    used: bool,
}

struct Books {
    shared: Shared,
    url: String,
    /// What the clock says, in seconds since 1970; 0 for the machine's own.
    now: AtomicI64,
    keys: [RsaKeyPair; 2],
    /// Which of them is published and signs.
    key: AtomicUsize,
    user: Mutex<KakaoUser>,
    asked: Mutex<Vec<HashMap<String, String>>>,
    grants: Mutex<HashMap<String, Grant>>,
    /// Whom an access token is about.
    access: Mutex<HashMap<String, KakaoUser>>,
    lies: Mutex<Vec<Lie>>,
    /// Places that do not answer.
    away: Mutex<Vec<&'static str>>,
    /// How often keys were read.
    keys_read: AtomicUsize,
}

/// A stand-in for Kakao's sign-in.
pub struct KakaoLogin {
    /// Where it is: its issuer.
    pub url: String,
    books: Arc<Books>,
    _serving: Serving,
}

fn error(kind: &str, code: &str) -> Value {
    json!({ "error": kind, "error_description": "refused", "error_code": code })
}

impl KakaoLogin {
    /// The REST API key that it knows.
    pub const ID: &str = "0123456789abcdef0123456789abcdef";
    /// The client secret of that.
    pub const SECRET: &str = "client-secret-of-59";

    /// Starts one by the machine's clock.
    pub async fn start() -> KakaoLogin {
        KakaoLogin::start_at(0).await
    }

    /// Starts one whose clock says so many seconds since 1970.
    pub async fn start_at(now: i64) -> KakaoLogin {
        let mut made = None;
        let (url, serving) = serve(|url| {
            let key = |der: &[u8]| RsaKeyPair::from_pkcs8(der).unwrap();
            let books = Arc::new(Books {
                shared: Shared::default(),
                url: url.to_owned(),
                now: AtomicI64::new(now),
                keys: [
                    key(include_bytes!("../fixtures/id-token-key-1.der")),
                    key(include_bytes!("../fixtures/id-token-key-2.der")),
                ],
                key: AtomicUsize::new(0),
                user: Mutex::new(KakaoUser::new("1")),
                asked: Mutex::default(),
                grants: Mutex::default(),
                access: Mutex::default(),
                lies: Mutex::default(),
                away: Mutex::default(),
                keys_read: AtomicUsize::new(0),
            });
            made = Some(books.clone());
            Router::new()
                .route("/.well-known/openid-configuration", get(configuration))
                .route("/.well-known/jwks.json", get(jwks))
                .route("/oauth/authorize", get(shown))
                .route("/oauth/authorize/{number}/{what}", post(decided))
                .route("/oauth/token", post(token))
                .route("/v1/oidc/userinfo", get(user_info))
                .with_state(books)
        })
        .await;
        KakaoLogin { url, books: made.unwrap(), _serving: serving }
    }

    /// What its clock says from now on.
    pub fn set_time(&self, now: i64) {
        self.books.now.store(now, Ordering::Relaxed);
    }

    /// Who is signed in there from now on.
    pub fn be(&self, user: &KakaoUser) {
        *self.books.user.lock().unwrap() = user.clone();
    }

    /// Lies once.
    pub fn lie(&self, lie: Lie) {
        self.books.lies.lock().unwrap().push(lie);
    }

    /// Signs by another key from now on, and publishes that alone.
    pub fn rotate(&self) {
        self.books.key.fetch_xor(1, Ordering::Relaxed);
    }

    /// A place does not answer from now on: `configuration`, `jwks`, `token` or `userinfo`.
    pub fn goes_away(&self, place: &'static str) {
        self.books.away.lock().unwrap().push(place);
    }

    /// Every place answers again.
    pub fn comes_back(&self) {
        self.books.away.lock().unwrap().clear();
    }

    /// How often its keys were read.
    pub fn keys_read(&self) -> usize {
        self.books.keys_read.load(Ordering::Relaxed)
    }

    /// Who is signed in agrees, at an address that they were led to; where they are led back.
    pub fn agree(&self, address: &str) -> String {
        self.books.decide(&parameters(address), true)
    }

    /// Does not.
    pub fn cancel(&self, address: &str) -> String {
        self.books.decide(&parameters(address), false)
    }

    /// What was asked that should not have been.
    pub fn complaints(&self) -> Vec<String> {
        self.books.shared.complaints()
    }
}

/// The query of an address.
fn parameters(address: &str) -> HashMap<String, String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let uri: axum::http::Uri = format!("/?{query}").parse().unwrap();
    Query::try_from_uri(&uri).map(|Query(parameters)| parameters).unwrap()
}

impl Books {
    // A provider has a clock of its own.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> i64 {
        match self.now.load(Ordering::Relaxed) {
            0 => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64),
            now => now,
        }
    }

    fn is_away(&self, place: &str) -> bool {
        self.away.lock().unwrap().contains(&place)
    }

    /// Whether somebody is asked as the documentation wants it.
    fn is_well_asked(&self, asked: &HashMap<String, String>) -> bool {
        let text = |name: &str| asked.get(name).map_or("", String::as_str);
        let expect = |holds: bool, what: &str| self.shared.expect(holds, format!("authorize: {what}: {asked:?}"));
        expect(text("client_id") == KakaoLogin::ID, "another site")
            & expect(text("response_type") == "code", "response_type")
            & expect(text("scope").split(' ').any(|scope| scope == "openid"), "scope")
            & expect(text("redirect_uri").ends_with("/sign-in/kakao/return"), "redirect_uri")
            & expect(text("state").len() >= 22 && text("nonce").len() >= 22, "state and nonce")
            & expect(text("state") != text("nonce"), "state and nonce alike")
            & expect(text("code_challenge").len() == 43 && text("code_challenge_method") == "S256", "PKCE")
    }

    fn decide(&self, asked: &HashMap<String, String>, agrees: bool) -> String {
        assert!(self.is_well_asked(asked), "{asked:?}");
        let (back, state) = (&asked["redirect_uri"], &asked["state"]);
        if !agrees {
            let back = with(&with(back, "error", "access_denied"), "error_description", "User%20denied%20access");
            return with(&back, "state", state);
        }
        let code = format!("{:032x}", rand::random::<u128>());
        let grant = Grant {
            user: self.user.lock().unwrap().clone(),
            redirect: back.clone(),
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            used: false,
        };
        self.grants.lock().unwrap().insert(code.clone(), grant);
        with(&with(back, "code", &code), "state", state)
    }

    /// The published half of a key.
    fn public(&self, number: usize) -> RsaPublicKeyComponents<Vec<u8>> {
        RsaPublicKeyComponents::from(self.keys[number].public())
    }

    /// A token about somebody, as true as it is to be.
    fn id_token(&self, user: &KakaoUser, nonce: &str, lie: Option<&Lie>) -> String {
        let (now, key) = (self.now(), self.key.load(Ordering::Relaxed));
        let mut claims = json!({
            "iss": self.url, "aud": KakaoLogin::ID, "sub": user.id, "iat": now, "auth_time": now, "exp": now + 21_599, "nonce": nonce,
        });
        if !user.nickname.is_empty() {
            claims["nickname"] = json!(user.nickname);
        }
        if let Some((email, _)) = &user.email {
            claims["email"] = json!(email);
        }
        let (mut signs, mut header) = (key, json!({ "kid": format!("key-{key}"), "typ": "JWT", "alg": "RS256" }));
        match lie {
            Some(Lie::Nonce) => claims["nonce"] = json!("another"),
            Some(Lie::NoNonce) => claims["nonce"] = Value::Null,
            Some(Lie::Audience) => claims["aud"] = json!("another site"),
            Some(Lie::Party) => {
                claims["aud"] = json!([KakaoLogin::ID, "another site"]);
                claims["azp"] = json!("another site");
            }
            Some(Lie::Issuer) => claims["iss"] = json!("https://kauth.example"),
            Some(Lie::Nobody) => claims["sub"] = json!(""),
            Some(Lie::Expired) => claims["exp"] = json!(now - 120),
            Some(Lie::Future) => claims["iat"] = json!(now + 120),
            Some(Lie::Earlier) => claims["auth_time"] = json!(now - 300),
            Some(Lie::NoAuthTime) => claims["auth_time"] = Value::Null,
            Some(Lie::AnotherKey) => signs = 1 - key,
            Some(Lie::NoAlgorithm) => header["alg"] = json!("none"),
            Some(Lie::Hmac) => header["alg"] = json!("HS256"),
            _ => {}
        }
        let part = |value: &Value| BASE64.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = match lie {
            Some(Lie::NoAlgorithm) => Vec::new(),
            Some(Lie::Hmac) => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, &self.public(key).n);
                hmac::sign(&secret, signed.as_bytes()).as_ref().to_vec()
            }
            _ => {
                let pair = &self.keys[signs];
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
                signature
            }
        };
        if lie == Some(&Lie::Changed) {
            claims["sub"] = json!("somebody else");
            return format!("{}.{}.{}", part(&header), part(&claims), BASE64.encode(signature));
        }
        format!("{signed}.{}", BASE64.encode(signature))
    }

    /// What a code is redeemed for.
    fn redeem(&self, form: &HashMap<String, String>, lie: Option<&Lie>) -> (u16, Value) {
        let text = |name: &str| form.get(name).map_or("", String::as_str);
        if text("client_id") != KakaoLogin::ID
            || text("client_secret") != KakaoLogin::SECRET
            || lie == Some(&Lie::Client)
        {
            return (401, error("invalid_client", "KOE010"));
        }
        if !self.shared.expect(text("grant_type") == "authorization_code", "token: grant_type") {
            return (400, error("invalid_request", "KOE001"));
        }
        let mut grants = self.grants.lock().unwrap();
        let Some(grant) = grants.get_mut(text("code")).filter(|grant| !grant.used) else {
            return (400, error("invalid_grant", "KOE320"));
        };
        let challenge = BASE64.encode(digest::digest(&digest::SHA256, text("code_verifier").as_bytes()));
        let fits = self.shared.expect(grant.redirect == text("redirect_uri"), "token: another redirect_uri")
            & self.shared.expect(grant.challenge == challenge, "token: another verifier");
        if !fits {
            return (400, error("invalid_grant", "KOE303"));
        }
        grant.used = true;
        let access = format!("{:032x}", rand::random::<u128>());
        self.access.lock().unwrap().insert(access.clone(), grant.user.clone());
        let mut answer = json!({
            "access_token": access, "token_type": "bearer", "refresh_token": "refresh", "expires_in": 21_599, "scope": "openid",
            "id_token": self.id_token(&grant.user, &grant.nonce, lie),
        });
        match lie {
            Some(Lie::NoToken) => drop(answer.as_object_mut().unwrap().remove("id_token")),
            Some(Lie::Garbled) => answer["id_token"] = json!("수달.e30.AAAA"),
            _ => {}
        }
        (200, answer)
    }
}

fn answered(status: u16, body: &Value) -> Response {
    (
        StatusCode::from_u16(status).unwrap(),
        [(header::CONTENT_TYPE, "application/json;charset=UTF-8")],
        body.to_string(),
    )
        .into_response()
}

fn away() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

async fn configuration(State(books): State<Arc<Books>>) -> Response {
    if books.is_away("configuration") {
        return away();
    }
    let url = &books.url;
    answered(
        200,
        &json!({
            "issuer": url, "authorization_endpoint": format!("{url}/oauth/authorize"), "token_endpoint": format!("{url}/oauth/token"),
            "userinfo_endpoint": format!("{url}/v1/oidc/userinfo"), "jwks_uri": format!("{url}/.well-known/jwks.json"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"], "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }),
    )
}

async fn jwks(State(books): State<Arc<Books>>) -> Response {
    books.keys_read.fetch_add(1, Ordering::Relaxed);
    if books.is_away("jwks") {
        return away();
    }
    let number = books.key.load(Ordering::Relaxed);
    let public = books.public(number);
    let key = json!({
        "kid": format!("key-{number}"), "kty": "RSA", "alg": "RS256", "use": "sig", "n": BASE64.encode(&public.n), "e": BASE64.encode(&public.e),
    });
    answered(200, &json!({ "keys": [key] }))
}

async fn token(State(books): State<Arc<Books>>, Form(form): Form<HashMap<String, String>>) -> Response {
    if books.is_away("token") {
        return away();
    }
    let lie = {
        let mut lies = books.lies.lock().unwrap();
        (!lies.is_empty()).then(|| lies.remove(0))
    };
    match &lie {
        Some(Lie::Status(status)) => return StatusCode::from_u16(*status).unwrap().into_response(),
        Some(Lie::Slow(long)) => tokio::time::sleep(*long).await,
        Some(Lie::Long) => return vec![b'.'; 4 << 20].into_response(),
        _ => {}
    }
    let (status, body) = books.redeem(&form, lie.as_ref());
    answered(status, &body)
}

async fn user_info(State(books): State<Arc<Books>>, headers: HeaderMap) -> Response {
    if books.is_away("userinfo") {
        return away();
    }
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let access = books.access.lock().unwrap();
    match given.strip_prefix("Bearer ").and_then(|token| access.get(token)) {
        Some(user) => {
            let mut said = json!({ "sub": user.id });
            if let Some((email, verified)) = &user.email {
                said["email"] = json!(email);
                said["email_verified"] = json!(verified);
            }
            answered(200, &said)
        }
        None => answered(401, &error("invalid_token", "KOE401")),
    }
}

/// Asks in a browser.
async fn shown(State(books): State<Arc<Books>>, Query(asked): Query<HashMap<String, String>>) -> Response {
    if !books.is_well_asked(&asked) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let number = {
        let mut all = books.asked.lock().unwrap();
        all.push(asked);
        all.len() - 1
    };
    Html(format!(
        "<!DOCTYPE html><html lang=\"ko\"><meta charset=\"utf-8\"><title>카카오</title><h1>카카오 로그인</h1>\
         <form method=\"post\" action=\"/oauth/authorize/{number}/agree\"><input name=\"id\" aria-label=\"누구\"><input name=\"email\" aria-label=\"이메일\">\
         <button>동의하고 계속하기</button></form>\
         <form method=\"post\" action=\"/oauth/authorize/{number}/cancel\"><button>취소</button></form></html>"
    ))
    .into_response()
}

async fn decided(
    State(books): State<Arc<Books>>,
    Path((number, what)): Path<(usize, String)>,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Redirect, StatusCode> {
    let asked = books.asked.lock().unwrap().get(number).cloned().ok_or(StatusCode::NOT_FOUND)?;
    if let Some(id) = form.get("id").filter(|id| !id.is_empty()) {
        let user = KakaoUser::new(id);
        let email = form.get("email").filter(|email| !email.is_empty());
        let user = match email {
            Some(email) => user.email(email),
            None => user,
        };
        *books.user.lock().unwrap() = user;
    }
    Ok(Redirect::to(&books.decide(&asked, what == "agree")))
}
