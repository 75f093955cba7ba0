//! Members' own programs: their tokens, what they can ask for, and that real answers are what the document says.

use crate::rights::{case, cases, reads};
use crate::support::{Cluster, Person, START, Site, client, config, make_event, request};
use app::forms::Declaration;
use engine::{
    accounts::{Actor, one_time_link},
    clock::Clock,
    db::Lane,
    tasks::Tasks,
};
use model::{DAY, EventId, HOUR, MINUTE, SECOND, Span, programs::MOST_TOKENS};
use reqwest::{Response, header};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use testing::{On, Place, Stalls, both, eventually};

reads! {
    "/my/tokens" => 401, 200;
}

cases! {
    "create-token", [("name", "수달봇"), ("scope", "profile"), ("days", "30")] => 200;
    "revoke-token", [("token", "{token}")] => 404;
}

const PAGE: &str = "/my/tokens";
/// Long before another node reads anew what it remembers.
const SOON: Duration = Duration::from_secs(5);

/// Makes a token on the page, as a browser without scripts does; what is shown of it.
async fn token(person: &Person, scopes: &[&str]) -> String {
    token_by(person, scopes, "").await
}

/// The same of somebody who has a password.
async fn token_by(person: &Person, scopes: &[&str], password: &str) -> String {
    let id = request().to_string();
    let mut form = vec![("name", "수달봇"), ("days", "30"), ("request", &*id), ("password", password)];
    form.extend(scopes.iter().map(|scope| ("scope", *scope)));
    let made = person.change(PAGE, "create-token", &form).await;
    assert_eq!((made.status().as_u16(), made.headers()["location"].to_str().unwrap()), (303, PAGE));
    let mut set = made.headers().get_all(header::SET_COOKIE).iter().map(|set| set.to_str().unwrap());
    let once = set.find(|set| set.starts_with("once=")).unwrap();
    assert!(once.contains("HttpOnly") && once.contains("Max-Age=60"), "{once}");
    let once = once.split(';').next().unwrap().to_owned();
    let asked = client().get(format!("http://{}{PAGE}", person.address)).header("accept", "text/html");
    let shown = asked.header("cookie", format!("{}; {once}", person.cookie())).send().await.unwrap();
    let taken_away = shown.headers().get_all(header::SET_COOKIE).iter().any(|set| {
        let set = set.to_str().unwrap();
        set.starts_with("once=;") && set.contains("Max-Age=0")
    });
    assert!(taken_away && shown.headers()[header::CACHE_CONTROL] == "private, no-store");
    let token = once.strip_prefix("once=").unwrap().to_owned();
    assert!(shown.text().await.unwrap().contains(&token));
    assert!(!person.get(PAGE).await.text().await.unwrap().contains(&token), "it is shown once");
    token
}

async fn ask(site: &Site, path: &str, token: Option<&str>) -> Response {
    let request = client().get(site.url(path));
    token.iter().fold(request, reqwest::RequestBuilder::bearer_auth).send().await.unwrap()
}

async fn press(site: &Site, event: EventId, token: &str, body: &str) -> Response {
    let request = client().post(site.url(&format!("/api/v1/events/{event}/enter"))).bearer_auth(token);
    request.body(body.to_owned()).send().await.unwrap()
}

/// Whether a value is what a schema of the document says; else where it is not.
pub fn holds(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{at}: {why}: {value}"));
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.strip_prefix("#/components/schemas/").unwrap();
        return holds(document, &document["components"]["schemas"][name], value, at);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        return match any.iter().any(|schema| holds(document, schema, value, at).is_ok()) {
            true => Ok(()),
            false => wrong("none of these"),
        };
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(value)
    {
        return wrong("not one of the values");
    }
    match schema["type"].as_str() {
        Some("null") if value.is_null() => Ok(()),
        Some("string") if value.is_string() => Ok(()),
        Some("boolean") if value.is_boolean() => Ok(()),
        Some("integer") if value.is_i64() || value.is_u64() => match schema["minimum"].as_i64() {
            Some(least) if value.as_i64().is_some_and(|value| value < least) => wrong("too little"),
            _ => Ok(()),
        },
        Some("array") if value.is_array() => {
            let mut items = value.as_array().unwrap().iter().enumerate();
            items.try_for_each(|(i, item)| holds(document, &schema["items"], item, &format!("{at}[{i}]")))
        }
        Some("object") if value.is_object() => {
            let fields = value.as_object().unwrap();
            for required in schema["required"].as_array().into_iter().flatten() {
                if !fields.contains_key(required.as_str().unwrap()) {
                    return wrong(&format!("{required} is missing"));
                }
            }
            for (name, field) in fields {
                match schema["properties"].get(name) {
                    Some(schema) => holds(document, schema, field, &format!("{at}.{name}"))?,
                    None if schema["additionalProperties"] == false => {
                        return wrong(&format!("{name} is not described"));
                    }
                    None => {}
                }
            }
            Ok(())
        }
        None => Ok(()),
        Some(kind) => wrong(kind),
    }
}

/// Holds an answer against the document; what it says.
async fn as_described(document: &Value, method: &str, path: &str, answer: Response) -> Value {
    let (status, kind) = (answer.status().as_u16(), answer.headers()[header::CONTENT_TYPE].clone());
    assert_eq!(kind, "application/json", "{path}");
    let value: Value = answer.json().await.unwrap();
    let answers = &document["paths"][path][method]["responses"];
    let described = answers.get(status.to_string()).unwrap_or(&answers["default"]);
    let schema = &described["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{path} {status}");
    holds(document, schema, &value, "").unwrap_or_else(|wrong| panic!("{method} {path} {status}{wrong}"));
    value
}

both!(answers_are_what_the_document_says, "multi_thread");
async fn answers_are_what_the_document_says(on: On) {
    let site = Site::start(on).await;
    let document: Value = ask(&site, "/api/openapi.json", None).await.json().await.unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, -MINUTE, 1).await;
    let later = make_event(&site.engine, creator.member, HOUR, 1).await;
    let otter = site.people(1).await.remove(0);
    let all = token(&otter, &["profile", "entries", "enter", "events"]).await;
    let mut seen = Vec::new();
    let mut check = async |method: &'static str, path: &'static str, status: u16, answer: Response| {
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        if status < 400 {
            seen.push((method, path));
        }
        as_described(&document, method, path, answer).await
    };
    let of = |path: &str| path.replace("{id}", &event.to_string());
    const ENTER: &str = "/api/v1/events/{id}/enter";
    const ENTRY: &str = "/api/v1/events/{id}/entry";
    const BOARD: &str = "/api/v1/events/{id}/board";
    let me = check("get", "/api/v1/me", 200, ask(&site, "/api/v1/me", Some(&all)).await).await;
    assert_eq!((me["id"].as_str().unwrap(), &me["suspended"]), (&*otter.member.to_string(), &Value::Bool(false)));
    let found = check("get", "/api/v1/events/{id}", 200, ask(&site, &of("/api/v1/events/{id}"), None).await).await;
    assert_eq!((&found["kind"], &found["state"]), (&"giveaway".into(), &"open".into()));
    check("get", "/api/v1/events/{id}", 404, ask(&site, "/api/v1/events/59", None).await).await;
    check("get", ENTRY, 404, ask(&site, &of(ENTRY), Some(&all)).await).await;
    check("post", ENTER, 425, press(&site, later, &all, "").await).await;
    for wrong in ["[]", "{\"quantity\":\"two\"}", "{\"everything\":true}", "{"] {
        check("post", ENTER, 400, press(&site, event, &all, wrong).await).await;
    }
    let entered = check("post", ENTER, 201, press(&site, event, &all, "").await).await;
    assert_eq!((&entered["rank"], &entered["state"]), (&1.into(), &"won".into()));
    assert_eq!(check("post", ENTER, 200, press(&site, event, &all, "{}").await).await, entered);
    assert_eq!(check("get", ENTRY, 200, ask(&site, &of(ENTRY), Some(&all)).await).await, entered);
    let board = check("get", BOARD, 200, ask(&site, &format!("{}?from=1", of(BOARD)), None).await).await;
    assert_eq!((&board["total"], board["entries"].as_array().unwrap().len()), (&1.into(), 1));
    check("get", BOARD, 400, ask(&site, &format!("{}?from=x", of(BOARD)), None).await).await;
    const ENTRIES: &str = "/api/v1/my/entries";
    let mine = check("get", ENTRIES, 200, ask(&site, ENTRIES, Some(&all)).await).await;
    assert_eq!(mine["entries"][0]["event"]["id"], event.to_string());
    const OWN: &str = "/api/v1/creator/events";
    let own = token(&creator, &["events"]).await;
    let run = check("get", OWN, 200, ask(&site, &format!("{OWN}?stage=upcoming"), Some(&own)).await).await;
    assert_eq!(run["events"].as_array().unwrap().len(), 1);
    check("get", OWN, 400, ask(&site, &format!("{OWN}?stage=whenever"), Some(&own)).await).await;
    // Its own event a creator enters by no way.
    let host = token(&creator, &["enter"]).await;
    check("post", ENTER, 403, press(&site, event, &host, "").await).await;
    // What pages change answers as it is described, what was done as well as what was refused.
    let (other, mut done) = (site.creator().await, 0);
    for change in Declaration::all() {
        let (form, _) = case(change.name(), |_| event.to_string());
        let mut request = client().post(site.url(change.path)).form(&form);
        // It would sign them out.
        if change.name() != "sign-out" {
            request = request.header("cookie", other.cookie());
        }
        let answer = request.send().await.unwrap();
        done += usize::from(answer.status() == 200);
        as_described(&document, "post", change.path, answer).await;
        let taken = &document["paths"][change.path]["post"]["requestBody"]["content"];
        for field in change.fields() {
            let kind = if field.file { "multipart/form-data" } else { "application/json" };
            let schema = &taken[kind]["schema"]["properties"][field.name];
            assert_eq!(
                schema["type"],
                if field.many { "array" } else { "string" },
                "{} of {}",
                field.name,
                change.path
            );
            assert!(schema["description"].is_string(), "what is {} of {}?", field.name, change.path);
            let one = if field.many { &schema["items"] } else { schema };
            assert_eq!(one["format"] == "binary", field.file, "{} of {}", field.name, change.path);
        }
        seen.push(("post", change.path));
    }
    assert!(done > 10, "{done} of them were done");
    // Everything that is described was tried.
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            assert!(seen.iter().any(|(by, at)| by == method && at == path), "{method} {path}");
        }
    }
    for lang in ["ko", "en"] {
        let page = client().get(site.url("/api")).header("accept-language", lang).header("accept", "text/html");
        let page = page.send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert_eq!(page.headers()[header::CACHE_CONTROL], "private, no-cache", "another may read another language");
        let page = page.text().await.unwrap();
        for path in document["paths"].as_object().unwrap().keys() {
            assert!(page.contains(path.as_str()), "{path}");
        }
        assert!(!page.contains("<script"));
        // And says what each field is, in the language of its reader.
        let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        let words = page.split("<tr>").skip(1).filter_map(|row| row.rsplit("<td>").next()?.split("</td>").next());
        let words: Vec<&str> = words.collect();
        assert!(words.len() > 400, "{} fields", words.len());
        for said in words {
            assert!(!said.is_empty() && hangul(said) == (lang == "ko"), "{lang}: {said}");
        }
    }
    let dark = client().get(site.url("/api")).header("cookie", "theme=dark").send().await.unwrap();
    assert!(dark.text().await.unwrap().contains("data-theme=\"dark\""), "as all pages look");
}

both!(every_address_asks_for_a_token_that_is_good_for_it);
async fn every_address_asks_for_a_token_that_is_good_for_it(on: On) {
    let site = Site::start(on).await;
    let event = site.event(HOUR, 3).await;
    let otter = site.people(1).await.remove(0);
    let tokens: Vec<(&str, String)> = {
        let mut tokens = Vec::new();
        for scope in ["profile", "entries", "enter", "events"] {
            tokens.push((scope, token(&otter, &[scope]).await));
        }
        tokens
    };
    for operation in server::routes::api::all() {
        let path = operation.path.replace("{id}", &event.to_string());
        let ask = async |authorization: Option<String>, cookie: Option<String>| {
            let mut request = client().request(operation.method.to_uppercase().parse().unwrap(), site.url(&path));
            request = authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
            request = cookie.into_iter().fold(request, |request, value| request.header("cookie", value));
            request.send().await.unwrap()
        };
        let Some(scope) = operation.scope else {
            assert_eq!(ask(None, None).await.status(), 200, "{path}");
            continue;
        };
        // No cookie opens anything here, and what is no token says what is wanted.
        let forged = format!("Bearer 59t_{}", "0".repeat(64));
        for authorization in [None, Some("Bearer".into()), Some("Basic b3R0ZXI6b3R0ZXI=".into()), Some(forged)] {
            let refused = ask(authorization, Some(otter.cookie())).await;
            assert_eq!(
                (refused.status().as_u16(), &refused.headers()["www-authenticate"]),
                (401, &"Bearer".parse().unwrap())
            );
        }
        for (good_for, token) in &tokens {
            let status = ask(Some(format!("bearer {token}")), None).await.status().as_u16();
            assert_eq!(status == 403, *good_for != scope.name(), "{path} by {good_for}: {status}");
        }
    }
}

both!(tokens_are_made_listed_and_taken_back);
async fn tokens_are_made_listed_and_taken_back(on: On) {
    let (place, clock) = (Place::new(on), Clock::manual(START));
    let config = config(&place);
    let db = config.database().await.unwrap();
    let engine = server::engine_on(&config, db, clock.clone(), Tasks::surviving()).await.unwrap();
    let site = Site::serve_as(engine, Arc::new(place), config).await;
    let people = site.people(3).await;
    let [otter, beaver, mole] = people.as_slice() else { panic!() };
    for (form, field) in [
        (vec![("name", ""), ("scope", "enter"), ("days", "30")], "name"),
        (vec![("name", "수달봇"), ("days", "30")], "scope"),
        (vec![("name", "수달봇"), ("scope", "everything"), ("days", "30")], "scope"),
        (vec![("name", "수달봇"), ("scope", "enter"), ("days", "3650")], "days"),
    ] {
        let id = request().to_string();
        let form: Vec<_> = form.into_iter().chain([("request", &*id)]).collect();
        let refused = otter.change(PAGE, "create-token", &form).await;
        assert_eq!(refused.status(), 422, "{field}");
    }
    let made = token(otter, &["profile"]).await;
    let status = async |token: &str| ask(&site, "/api/v1/me", Some(token)).await.status().as_u16();
    assert_eq!(status(&made).await, 200);
    // Nothing of it is kept.
    let kept = site.engine.db.sql("select count(*) from api_tokens where name = $1 or scopes = $1").bind(made.clone());
    assert_eq!(kept.one::<(i64,)>().await.unwrap().0, 0);
    let listed = async || site.engine.programs.tokens(&Actor::host(otter.member)).await.unwrap();
    eventually("it is noted that it was used", async || listed().await[0].used == Some(START)).await;
    let listed = listed().await;
    assert_eq!(listed.len(), 1);
    let id = listed[0].id.to_string();
    // Another's is none.
    assert_eq!(beaver.change(PAGE, "revoke-token", &[("token", &id)]).await.status(), 404);
    assert_eq!(status(&made).await, 200);
    assert_eq!(otter.change(PAGE, "revoke-token", &[("token", &id)]).await.status(), 303);
    assert_eq!(status(&made).await, 401);
    // It ends by itself.
    let made = token(otter, &["profile"]).await;
    clock.set(START + DAY.times(30) - SECOND);
    assert_eq!(status(&made).await, 200);
    clock.set(START + DAY.times(30));
    assert_eq!(status(&made).await, 401);
    // A member who is suspended reads and changes nothing; an admin's token is no admin's.
    clock.set(START);
    let enter = token(otter, &["enter", "profile"]).await;
    let event = site.event(HOUR, 3).await;
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = 1, role = 'admin' where id = $1").bind(otter.member).run().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(press(&site, event, &enter, "").await.status(), 403);
    let me: Value = ask(&site, "/api/v1/me", Some(&enter)).await.json().await.unwrap();
    assert_eq!(me["suspended"], true);
    // Sent twice, a form makes one, of which there is nothing to show any more.
    let nowhere = std::net::IpAddr::from([127, 0, 0, 1]);
    let (host, same) = (Actor::host(mole.member), request());
    let create =
        async || site.engine.programs.create(&host, same, "수달봇", &["profile"], "7", ("", nowhere)).await.unwrap();
    assert!(create().await.is_some() && create().await.is_none());
    let tokens = site.engine.programs.tokens(&host).await.unwrap();
    assert_eq!(tokens.len(), 1);
    // So many and no more.
    let host = Actor::host(beaver.member);
    let mut made = 0;
    while made <= MOST_TOKENS {
        match site.engine.programs.create(&host, request(), "수달봇", &["profile"], "7", ("", nowhere)).await {
            Ok(token) => {
                assert!(token.is_some());
                made += 1;
            }
            Err(error) => {
                let error = error.public();
                assert!(matches!(error.status(), 409 | 429), "{error}");
                break;
            }
        }
    }
    assert_eq!(made, MOST_TOKENS);
}

both!(a_token_is_good_for_no_more_than_its_member_may, "multi_thread");
async fn a_token_is_good_for_no_more_than_its_member_may(on: On) {
    const NEW: &str = "해 뜨는 날엔 수달";
    let site = Site::start(on).await;
    let event = site.event(HOUR, 3).await;
    let otter = site.people(1).await.remove(0);
    let made = token(&otter, &["enter"]).await;
    let pressed = async |token: &str| press(&site, event, token, "").await.status().as_u16();
    assert_eq!(pressed(&made).await, 425);
    // Each of these counts although the token is remembered.
    let (id, administration) = (otter.member.to_string(), &site.engine.administration);
    administration.suspend(&Actor::System, &id, "도배", "").await.unwrap();
    assert_eq!(pressed(&made).await, 403);
    administration.restore(&Actor::System, &id, "해명함").await.unwrap();
    assert_eq!(pressed(&made).await, 425);
    let link = one_time_link(&site.engine.db, site.engine.clock.now(), otter.member).await.unwrap();
    let link = link.split('=').nth(1).unwrap();
    site.engine.accounts.set_password(link, NEW, None, [127, 0, 0, 1].into()).await.unwrap();
    assert_eq!(pressed(&made).await, 401, "who had the account before may have made it");
    let session = site.engine.accounts.sessions.start(otter.member, "test").await.unwrap();
    let otter = Person { token: session, ..otter };
    let made = token_by(&otter, &["enter"], NEW).await;
    assert_eq!(pressed(&made).await, 425);
    let left = otter.change("/my/leave", "leave", &[("password", NEW), ("sure", "yes")]).await;
    assert_eq!(left.status(), 303);
    assert_eq!(pressed(&made).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_taken_back_on_one_node_opens_nothing_on_the_others() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let event = one.event(HOUR, 3).await;
    let otter = one.people(1).await.remove(0);
    let (older, newer) = (token(&otter, &["enter"]).await, token(&otter, &["enter"]).await);
    let pressed = async |token: &str| press(&two, event, token, "").await.status().as_u16();
    assert_eq!((pressed(&older).await, pressed(&newer).await), (425, 425));
    let listed = one.engine.programs.tokens(&Actor::host(otter.member)).await.unwrap();
    let newest = listed[0].id.to_string();
    assert_eq!(otter.change(PAGE, "revoke-token", &[("token", &newest)]).await.status(), 303);
    let (stalls, started) = (Stalls::watch(), Instant::now());
    eventually("the other node knows", async || pressed(&newer).await == 401).await;
    assert!(stalls.ran_since(started) < SOON, "{:?}", started.elapsed());
    assert_ne!(pressed(&older).await, 401, "the other is as good as before");
    one.engine.administration.suspend(&Actor::System, &otter.member.to_string(), "도배", "").await.unwrap();
    let (stalls, started) = (Stalls::watch(), Instant::now());
    eventually("the other node knows", async || pressed(&older).await == 403).await;
    assert!(stalls.ran_since(started) < SOON, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_by_a_program_counts_from_its_last_byte_however_long_its_token_is_looked_for() {
    let clock = Clock::manual(START);
    let site = Site::with_clock(On::Postgres, clock.clone()).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, Span::ZERO, 1).await;
    let otter = site.people(1).await.remove(0);
    let made = token(&otter, &["enter"]).await;
    clock.set(START + SECOND);
    // Nobody reads whose it is until the lock is let go of, a second later.
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("lock table api_tokens in access exclusive mode").run().await.unwrap();
    let waiting = "select count(*) from pg_locks where not granted and relation = 'api_tokens'::regclass
        and database = (select oid from pg_database where datname = current_database())";
    let later = async {
        eventually("it is looked for", async || site.engine.db.sql(waiting).one::<(i64,)>().await.unwrap().0 > 0).await;
        clock.set(START + 2 * SECOND);
        tx.commit().await.unwrap();
    };
    let (pressed, ()) = tokio::join!(press(&site, event, &made, ""), later);
    assert_eq!(pressed.status(), 201);
    let entry: Value = pressed.json().await.unwrap();
    assert_eq!(entry["since_open_us"], SECOND.micros());
}

both!(a_program_that_asks_too_often_waits_and_who_guesses_too);
async fn a_program_that_asks_too_often_waits_and_who_guesses_too(on: On) {
    let site = Site::start(on).await;
    let people = site.people(2).await;
    let (busy, calm) = (token(&people[0], &["profile"]).await, token(&people[1], &["profile"]).await);
    let mut statuses = Vec::new();
    for _ in 0..120 {
        let answer = ask(&site, "/api/v1/me", Some(&busy)).await;
        statuses.push(answer.status().as_u16());
        if answer.status() == 429 {
            assert!(answer.headers().contains_key(header::RETRY_AFTER));
            break;
        }
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert_eq!(ask(&site, "/api/v1/me", Some(&calm)).await.status(), 200, "others go on");
    let mut last = 0;
    for guess in 0..200 {
        last = ask(&site, "/api/v1/me", Some(&format!("59t_{guess:064}"))).await.status().as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
}
