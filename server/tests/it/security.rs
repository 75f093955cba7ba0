//! What protects people from other sites, and the site from people.

use crate::support::{Site, client, make_event, request, socket::Page};
use clap::Args;
use model::{
    Error, MINUTE, Moderation, SECOND,
    live::{ToBrowser, ToServer},
    wire,
};
use server::config::Config;
use testing::{On, both, eventually};

both!(forms_of_other_sites_do_nothing);
async fn forms_of_other_sites_do_nothing(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, -SECOND, 5).await;
    let person = site.people(1).await.remove(0);
    let enter = format!("/events/{event}/enter");
    for path in [enter.as_str(), "/sign-in", "/sign-up"] {
        for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
            let request = client().post(site.url(path)).header("cookie", person.cookie()).header(name, value);
            let response = request.form(&[("mode", "shopper"), ("text", "hi")]).send().await.unwrap();
            assert_eq!(response.status(), 403, "{path} with {name}: {value}");
        }
    }
    assert_eq!(site.engine.turnstile.entry(event, person.member).await.unwrap(), None);
    let same = client().post(site.url(&enter)).header("cookie", person.cookie()).header("origin", site.url(""));
    assert_eq!(same.send().await.unwrap().status(), 201);
}

both!(https_is_kept_to_and_what_is_personal_is_kept_nowhere);
async fn https_is_kept_to_and_what_is_personal_is_kept_nowhere(on: On) {
    let site = Site::start(on).await;
    let mut config = site.config();
    let plain = client().get(site.url("/")).send().await.unwrap();
    assert!(!plain.headers().contains_key("strict-transport-security"), "over http it would lock people out");
    config.public_url = Some("https://59.example".into());
    let place = std::sync::Arc::new(testing::Place::new(on));
    let https = Site::serve_as(site.engine.clone(), place, config).await;
    for path in ["/", "/nothing/here", "/healthz", "/readyz", "/live", "/api/nothing"] {
        let answer = client().get(https.url(path)).send().await.unwrap();
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000", "{path}");
    }
    let pressed = client().post(https.url("/events/none/enter")).send().await.unwrap();
    assert_eq!(pressed.headers()["strict-transport-security"], "max-age=31536000");
    let event = site.event(-SECOND, 5).await;
    let person = site.people(1).await.remove(0);
    for expected in [201, 200] {
        let answer = person.press(&client(), event).await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.headers()["cache-control"]), (expected, &kept_nowhere()));
    }
    for path in ["/my", "/notices", "/api/my-entries?came=all&cursor="] {
        assert_eq!(person.get(path).await.headers()["cache-control"], kept_nowhere(), "{path}");
    }
    let refused = person.post("/api/fill-claim", &[("event", &event.to_string())]).await;
    assert_eq!(refused.headers()["cache-control"], kept_nowhere());
    let signed_in = client().post(site.url("/sign-in")).form(&[("email", "a@b.c"), ("password", "wrong")]);
    assert_eq!(signed_in.send().await.unwrap().headers()["cache-control"], kept_nowhere());
}

fn kept_nowhere() -> reqwest::header::HeaderValue {
    reqwest::header::HeaderValue::from_static("private, no-store")
}

#[test]
fn the_containers_are_safe_as_they_stand() {
    let compose = include_str!("../../../deploy/compose.yaml");
    let lines = compose.lines().filter(|line| !line.trim_start().starts_with('#'));
    let settings: Vec<&str> = lines.clone().filter(|line| line.contains("PASSWORD")).collect();
    assert!(settings.len() >= 6, "{settings:?}");
    for setting in settings {
        assert!(!setting.contains(":-"), "a password by default: {setting}");
    }
    assert!(compose.contains("FIFTYNINE_DEMO: ${FIFTYNINE_DEMO:-false}"), "a demonstration is asked for");
    assert_eq!(lines.filter(|line| line.trim() == "ports:").count(), 1, "only the balancer is open to the outside");
    assert!(!compose.contains("POSTGRES_USER:"), "the site's user is not PostgreSQL's administrator");
    assert!(
        compose.contains("DATABASE_URL: postgres://fiftynine:${FIFTYNINE_DB_PASSWORD:?"),
        "nodes come as that user"
    );
    assert!(compose.contains("- ./postgres-user.sh:/docker-entrypoint-initdb.d/user.sh:ro"));
    let user = include_str!("../../../deploy/postgres-user.sh");
    let made = "create role fiftynine login password :'password' nosuperuser nocreatedb nocreaterole;";
    assert!(user.contains(made) && user.contains("revoke all on database fiftynine from public;"));
    // Metrics are asked for where nobody from outside comes: at a port that is neither published nor handed on.
    assert!(compose.contains("FIFTYNINE_METRICS_ADDR: 0.0.0.0:9059"));
    let (_, node) = compose.split_once("x-node: &node").unwrap();
    let (node, services) = node.split_once("\nservices:").unwrap();
    assert!(node.contains("networks: [inside, onward]") && !services.contains("9059"));
    assert!(compose.contains("\n  inside:\n    internal: true\n"));
    // Nodes reach whoever is configured, and nobody else reaches out; the balancer is where people come.
    assert!(!services.split_once("\nnetworks:").unwrap().0.contains("onward"));
    assert_eq!(services.matches("networks: [inside]").count(), 2, "PostgreSQL and Redis reach nobody else");
    assert!(services.contains("networks: [inside, outside]"));
    // Redis has a user of the site's own, who may what SECURITY.md says, and no other.
    assert!(compose.contains("REDIS_URL: redis://fiftynine:${REDIS_PASSWORD:?") && !compose.contains("requirepass"));
    let (_, redis) = services.split_once("\n  redis:").unwrap();
    let (command, after) = redis.split_once("command:\n").unwrap().1.split_once("    environment:").unwrap();
    let words = command.lines().map(|line| line.trim().trim_start_matches("- ").trim_matches('"'));
    let told = words.collect::<Vec<_>>().join(" ");
    let security = include_str!("../../../SECURITY.md");
    let rule = security.lines().find(|line| line.starts_with("user fiftynine on ")).unwrap();
    let (_, may) = rule.split_once(" ~").unwrap();
    assert!(told.contains("--user default off --user fiftynine on >${REDIS_PASSWORD:?"), "{told}");
    assert!(told.trim_end().ends_with(&format!("}} ~{may}")), "{told}: {rule}");
    assert!(after.contains("redis-cli --user fiftynine ping"), "its health is asked as that user");
    assert!(!include_str!("../../../deploy/nginx.conf").contains("9059"));
}

/// Whatever can be set reaches the nodes in containers, from `deploy/.env` or the environment.
#[test]
fn whatever_is_configured_reaches_the_containers() {
    let compose = include_str!("../../../deploy/compose.yaml");
    let (_, node) = compose.split_once("x-node: &node").unwrap();
    let (node, _) = node.split_once("\nservices:").unwrap();
    let image = include_str!("../../../deploy/Dockerfile");
    let told = |name: &str| node.contains(&format!("\n    {name}:")) || image.contains(&format!("{name}="));
    let options = Config::augment_args(clap::Command::new("fiftynine"));
    let names: Vec<String> = options
        .get_arguments()
        .filter(|option| !option.is_hide_set())
        .filter_map(|option| Some(option.get_env()?.to_str()?.to_owned()))
        // Nobody is everybody's admin there; and what Redis lets the site touch begins with what its keys do.
        .filter(|name| !["FIFTYNINE_DEMO_ADMIN", "FIFTYNINE_REDIS_PREFIX"].contains(&name.as_str()))
        .collect();
    assert!(names.len() > 40, "{names:?}");
    let of_buckets = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL"];
    for name in names.iter().map(String::as_str).chain(of_buckets) {
        assert!(told(name), "{name} does not reach the nodes: deploy/compose.yaml");
    }
}

both!(pages_run_only_our_scripts);
async fn pages_run_only_our_scripts(on: On) {
    let site = Site::start(on).await;
    let response = client().get(site.url("/")).header("accept", "text/html").send().await.unwrap();
    let headers = response.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap().to_owned();
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "same-origin");
    assert!(headers.contains_key("x-request-id"));
    let page = response.text().await.unwrap();
    for script in page.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "a script without the nonce: <script{tag}>");
    }
    let again = client().get(site.url("/")).header("accept", "text/html").send().await.unwrap();
    assert_ne!(again.headers()["content-security-policy"], policy.as_str(), "every page has its own nonce");
}

both!(oversized_and_malformed_bodies_are_refused);
async fn oversized_and_malformed_bodies_are_refused(on: On) {
    let site = Site::start(on).await;
    let event = site.event(MINUTE, 5).await;
    let person = site.people(1).await.remove(0);
    let post = |path: String, body: Vec<u8>, kind: &'static str| {
        let request = client().post(site.url(&path)).header("cookie", person.cookie()).header("content-type", kind);
        request.body(body).send()
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(post(format!("/events/{event}/enter"), vec![b'a'; 5000], form).await.unwrap().status(), 413);
    assert_eq!(post("/sign-in".into(), vec![b'a'; 600_000], form).await.unwrap().status(), 413);
    assert_eq!(
        post("/api/say".into(), b"--x".to_vec(), "multipart/form-data; boundary=x").await.unwrap().status(),
        400
    );
    assert_eq!(post("/sign-in".into(), b"{}".to_vec(), "application/json").await.unwrap().status(), 415);
    let (id, long) = (request().to_string(), "x".repeat(400));
    assert_eq!(person.call("say", &[("event", &event.to_string()), ("request", &id), ("text", &long)]).await, 422);
    let much = "x".repeat(200_000);
    assert_eq!(person.call("say", &[("event", &event.to_string()), ("request", &id), ("text", &much)]).await, 413);
}

both!(who_changes_things_without_end_waits_and_nobody_else_does, "multi_thread");
async fn who_changes_things_without_end_waits_and_nobody_else_does(on: On) {
    let site = Site::start(on).await;
    let people = site.people(2).await;
    let change = async |n: usize| people[n].call("set-mode", &[("mode", "shopper")]).await;
    assert_eq!(change(0).await, 200);
    eventually("they are asked to wait", async || {
        while site.engine.limits.changes(people[0].member).is_ok() {}
        change(0).await == 429
    })
    .await;
    // Our own code reads bytes, and says when to try again.
    eventually("it is told in its own form", async || {
        while site.engine.limits.changes(people[0].member).is_ok() {}
        let asked = client().post(site.url("/api/set-mode")).form(&[("mode", "shopper")]);
        let asked = asked.header("cookie", people[0].cookie()).header("accept", wire::KIND).send().await.unwrap();
        let told = wire::decode::<Result<Option<String>, Error>>(&asked.bytes().await.unwrap());
        matches!(told, Some(Err(Error::TooMany { .. })))
    })
    .await;
    assert_eq!(change(1).await, 200);
    assert_eq!(people[0].get("/my").await.status(), 200, "they go on reading");
}

both!(what_is_not_a_demonstration_offers_no_way_in);
async fn what_is_not_a_demonstration_offers_no_way_in(on: On) {
    let site = Site::start(on).await;
    let way_in = client().post(site.url("/demo/sign-in")).form(&[("as", "creator")]).send().await.unwrap();
    assert_eq!(way_in.status(), 404);
    let person = site.creator().await;
    assert_eq!(person.call("send-crowd", &[]).await, 404);
}

both!(a_suspended_member_is_told_so);
async fn a_suspended_member_is_told_so(on: On) {
    let site = Site::start(on).await;
    let event = site.event(-SECOND, 5).await;
    let person = site.people(1).await.remove(0);
    let mut tx = site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = 1 where id = $1").bind(person.member).run().await.unwrap();
    tx.commit().await.unwrap();
    let response = person.press(&client(), event).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.text().await.unwrap()),
        (403, r#"{"error":"suspended"}"#.to_owned())
    );
    let (id, request) = (event.to_string(), request().to_string());
    assert_eq!(person.call("say", &[("event", &id), ("request", &request), ("text", "안녕")]).await, 403);
}

both!(whoever_is_suspended_with_an_open_page_is_refused_at_once);
async fn whoever_is_suspended_with_an_open_page_is_refused_at_once(on: On) {
    let site = Site::start(on).await;
    let event = site.event(-SECOND, 5).await;
    let person = site.people(1).await.remove(0);
    let mut page = Page::join(&site, Some(&person), event).await;
    let mut tx = site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = 1 where id = $1").bind(person.member).run().await.unwrap();
    tx.commit().await.unwrap();
    site.engine.accounts.sessions.invalidate_member(person.member);
    for message in [
        ToServer::Enter { event, code: None, wish: None },
        ToServer::Say { event, request: request(), text: "안녕".into() },
        ToServer::Moderate { event, number: 1, what: Moderation::Hide },
    ] {
        page.send(&message).await;
        let answer = page.until(|_, message| matches!(message, ToBrowser::Refused { .. })).await;
        assert!(matches!(answer, ToBrowser::Refused { error: Error::Suspended, .. }), "{message:?}: {answer:?}");
    }
    assert_eq!((page.room().total, page.chat.len()), (0, 0));
    // And whoever signed out in another tab is nobody here.
    let other = site.people(1).await.remove(0);
    let mut page = Page::join(&site, Some(&other), event).await;
    site.engine.accounts.sessions.end(&other.token).await.unwrap();
    page.send(&ToServer::Enter { event, code: None, wish: None }).await;
    let answer = page.until(|_, message| matches!(message, ToBrowser::Refused { .. })).await;
    assert!(matches!(answer, ToBrowser::Refused { error: Error::SignedOut, .. }), "{answer:?}");
}
