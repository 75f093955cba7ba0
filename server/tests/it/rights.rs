//! Who may do what: every server function, page, route and frame with its case for whoever is signed out, suspended, somebody
//! else or another site. What has no case here fails. What belongs to somebody is asked for by the id of something that is really
//! there: of an id that nobody has, a function that asks for no right says as well that there is no such thing.

mod belongings;

use crate::{
    administration::admin,
    support::{Person, Site, client, make_event, request, socket::Page},
};
use app::forms::Declaration;
use belongings::Belongings;
use engine::{accounts::Actor, db::Lane};
use model::{
    EntryError, Error, EventId, EventState, HOUR, Moderation, PartyError, RequestId, Right,
    live::{Said, ToBrowser, ToServer},
};
use std::collections::BTreeSet;
use testing::{On, both};

/// A site with an event that a creator announced, who has one of everything, and people who have nothing to do with it.
struct Scene {
    site: Site,
    event: EventId,
    owner: Person,
    belongings: Belongings,
    member: Person,
    creator: Person,
    suspended: Person,
}

impl Scene {
    async fn new(on: On) -> Scene {
        let site = Site::start(on).await;
        let owner = site.neighbours(1).await.remove(0);
        let host = Actor::host(owner.member);
        site.engine.accounts.set_profile(&host, &format!("해달상점 {}", owner.member), "", "", None).await.unwrap();
        let event = make_event(&site.engine, owner.member, HOUR, 3).await;
        let others = (site.people(1).await.remove(0), site.creator().await, site.creator().await);
        let (member, creator, suspended) = others;
        // A line of chat to do something about.
        let author = Actor::host(member.member);
        site.engine.chat.say(&author, event, request(), "안녕하세요").await.unwrap();
        let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
        tx.sql("update members set suspended_at = 1 where id = $1").bind(suspended.member).run().await.unwrap();
        tx.commit().await.unwrap();
        let belongings = Belongings::of(&site, &owner, event, &member).await;
        // A password, whichever, so that pages have the forms that ask for it.
        let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
        let has_one = tx.sql("update members set password_hash = $2 where id = $1").bind(owner.member);
        has_one.bind("$argon2id$".to_owned()).run().await.unwrap();
        tx.commit().await.unwrap();
        Scene { site, event, owner, belongings, member, creator, suspended }
    }
}

/// What is sent to a function in the test of rights, registered beside the tests of its feature.
pub struct Case {
    /// The function's name.
    pub name: &'static str,
    /// Fields that would be taken from whoever may send them, beside the event and a fresh request. `{order}` stands for the id of an
    /// order of somebody else's, and so on, see [`Belongings`].
    pub form: &'static [(&'static str, &'static str)],
    /// What a creator is answered who has nothing to do with the event or with what is named.
    pub anothers: u16,
}

leptos::server_fn::inventory::collect!(Case);

/// Registers cases: `cases! { "fill-claim", [("name", "수달")] => 403; … }`.
macro_rules! cases {
    ($($name:literal, [$(($field:literal, $value:literal)),*] => $anothers:literal;)*) => {$(
        leptos::server_fn::inventory::submit! {
            $crate::rights::Case { name: $name, form: &[$(($field, $value)),*], anothers: $anothers }
        }
    )*};
}
pub(crate) use cases;

/// A text of a case, with `name` of what stands in braces in it.
pub fn filled(text: &str, name: impl Fn(&str) -> String) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (what, rest) = part.split_once('}').expect("what is begun in a case is ended");
        filled.push_str(&name(what));
        filled.push_str(rest);
    }
    filled
}

/// Whether no browser keeps an answer, and nothing on its way.
fn is_kept_nowhere(answer: &reqwest::Response) -> bool {
    answer.headers().get("cache-control").is_some_and(|kept| kept == "private, no-store")
}

fn case_of(name: &str) -> &'static Case {
    let case = leptos::server_fn::inventory::iter::<Case>.into_iter().find(|case| case.name == name);
    case.unwrap_or_else(|| panic!("{name} has no case: say beside the tests of its feature who may call it"))
}

/// What is sent to a function in these tests, with `name` of what it names, and what a creator is answered who has nothing to do with
/// that.
pub fn case(function: &str, name: impl Fn(&str) -> String) -> (Vec<(&'static str, String)>, u16) {
    let case = case_of(function);
    let mut form: Vec<_> = case.form.iter().map(|(field, value)| (*field, filled(value, &name))).collect();
    form.extend([("event", name("event")), ("request", request().to_string())]);
    (form, case.anothers)
}

#[test]
fn no_case_names_what_nobody_has() {
    // Admins alone are asked for before anything is looked for.
    for change in Declaration::all().filter(|change| change.right != Right::Admin) {
        for (field, value) in case_of(change.name()).form {
            let says = format!("{}: {field} is an id that nobody has: name what somebody has", change.name());
            assert!(value.parse::<RequestId>().is_err(), "{says}");
        }
    }
}

#[test]
fn nothing_has_two_cases() {
    let (mut functions, mut pages) = (BTreeSet::new(), BTreeSet::new());
    for case in leptos::server_fn::inventory::iter::<Case> {
        assert!(functions.insert(case.name), "{} has two cases: one of them is never sent", case.name);
    }
    for read in leptos::server_fn::inventory::iter::<Read> {
        assert!(pages.insert(read.page), "{} has two cases: one of them is never read", read.page);
    }
}

#[test]
fn no_case_sends_what_nobody_reads() {
    for change in Declaration::all() {
        for (field, _) in case_of(change.name()).form {
            let declared = change.fields().any(|declared| declared.name == *field);
            assert!(declared, "{} does not read {field}", change.name());
        }
    }
}

both!(every_change_asks_who_makes_it, "multi_thread");
async fn every_change_asks_who_makes_it(on: On) {
    let scene = Scene::new(on).await;
    let mut count = 0;
    for change in Declaration::all() {
        let name = change.name();
        let (form, anothers) = case(name, |what| scene.belongings.name(what));
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let address = scene.site.url(change.path);
        let call = async |who: Option<&Person>, header: Option<(&str, &str)>| {
            let mut request = client().post(&address).form(&form);
            request = who.iter().fold(request, |request, who| request.header("cookie", who.cookie()));
            request = header.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            assert!(header.is_some() || is_kept_nowhere(&answer), "{name}: {status} is kept");
            // Whatever was refused says why, in JSON; what comes from another site is not even looked at.
            let ours = answer.json::<Error>().await.is_ok();
            assert!(status == 200 || ours == header.is_none(), "{name}: {status}");
            status
        };
        let anyone = change.right == Right::Anyone;
        assert_eq!(call(None, None).await, if anyone { anothers } else { 401 }, "{name}, signed out");
        let also_suspended = matches!(change.right, Right::Anyone | Right::SignedIn);
        // Last of them, since it signs them out.
        if name != "sign-out" {
            assert_eq!(call(Some(&scene.suspended), None).await == 403, !also_suspended, "{name}, suspended");
            assert_eq!(call(Some(&scene.creator), None).await, anothers, "{name}, another's");
        }
        if matches!(change.right, Right::Creator | Right::Admin) {
            assert_eq!(call(Some(&scene.member), None).await, 403, "{name}, no creator");
        }
        for header in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            assert_eq!(call(Some(&scene.creator), Some(header)).await, 403, "{name}, from another site");
        }
        // Only on its pages, and never by being looked at.
        if !change.pages.is_empty() {
            let elsewhere = scene.creator.change("/sign-up", name, &form).await;
            assert_eq!(elsewhere.status(), 404, "{name}, on a page without it");
        }
        let looked_at = scene.creator.get(&format!("{}?{}", change.path, "rank=1")).await.status().as_u16();
        assert!(looked_at >= 400, "{name} by GET: {looked_at}");
        count += 1;
    }
    assert!(count >= 17, "{count} functions");
    // All of that changed nothing of what is somebody else's.
    scene.belongings.are_as_they_were(&scene.site).await;
    assert_eq!(scene.owner.get("/my/devices").await.status(), 200, "they are still signed in");
    let view = scene.site.engine.pages.event(scene.event, &Actor::Visitor).await.unwrap();
    assert_eq!(view.card.state, EventState::Scheduled);
    assert!(matches!(view.chat[0].said, Said::Member { .. }), "{:?}", view.chat[0]);
}

/// What a page reads for whom, registered beside the tests of its feature.
pub struct Read {
    /// Its address, with `{event}` and `{host}` for the event and its creator, and so on, see [`Belongings`].
    pub page: &'static str,
    /// What a visitor is answered.
    pub visitor: u16,
    /// What a creator is answered who has nothing to do with the event.
    pub stranger: u16,
}

leptos::server_fn::inventory::collect!(Read);

/// Registers them: `reads! { "/creator/events/{event}" => 401, 403; … }`.
macro_rules! reads {
    ($($page:literal => $visitor:literal, $stranger:literal;)*) => {$(
        leptos::server_fn::inventory::submit! {
            $crate::rights::Read { page: $page, visitor: $visitor, stranger: $stranger }
        }
    )*};
}
pub(crate) use reads;

/// The value of an attribute in a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next()
}

/// Holds the forms in a page that call functions against what these declare; their names.
fn functions_in(page: &str) -> Vec<&'static str> {
    let mut functions = Vec::new();
    for form in page.split("<form").skip(1) {
        let form = form.split("</form>").next().and_then(|form| form.split_once('>'));
        let Some((tag, form)) = form else { continue };
        let Some(name) = attribute(tag, "action").and_then(|to| to.split("do=").nth(1)?.split('&').next()) else {
            continue;
        };
        let function = Declaration::named(name).unwrap_or_else(|| panic!("nothing is called {name}"));
        let controls = ["<input", "<select", "<textarea", "<button"].map(|control| form.split(control).skip(1));
        for control in controls.into_iter().flatten().filter_map(|control| control.split('>').next()) {
            let Some(field) = attribute(control, "name") else { continue };
            // What belongs to no form, and by what a form that comes back is told from a fresh one, whether its function needs it or not.
            if attribute(control, "form").is_some() || field == "request" {
                continue;
            }
            let is_file = attribute(control, "type") == Some("file");
            let declared = function.fields().any(|declared| declared.name == field && declared.file == is_file);
            assert!(declared, "{name} does not read {field}");
        }
        functions.push(function.name());
    }
    functions
}

both!(every_page_asks_who_reads);
async fn every_page_asks_who_reads(on: On) {
    let scene = Scene::new(on).await;
    let (admin, mut functions) = (admin(&scene.site).await, BTreeSet::new());
    let address = |read: &Read| filled(read.page, |what| scene.belongings.name(what));
    let reads: Vec<&Read> = leptos::server_fn::inventory::iter::<Read>.into_iter().collect();
    for pattern in app::features::PAGES.iter().flat_map(|page| page.patterns) {
        let has_case = |read: &&&Read| app::page::fits(pattern, &address(read)).is_some();
        let Some(read) = reads.iter().find(has_case) else {
            panic!("{pattern} has no case: say beside the tests of its feature who may read it");
        };
        let address = address(read);
        // As a document, as a program reads it, and as our own code does.
        for accept in ["text/html", "application/json", app::page::KIND] {
            let ask = |request: reqwest::RequestBuilder| request.header("accept", accept).send();
            let visitor = ask(client().get(scene.site.url(&address))).await.unwrap();
            assert_eq!(visitor.status().as_u16(), read.visitor, "{address}, signed out, {accept}");
            let stranger = client().get(scene.site.url(&address)).header("cookie", scene.creator.cookie());
            let stranger = ask(stranger).await.unwrap();
            assert_eq!(stranger.status().as_u16(), read.stranger, "{address}, another's, {accept}");
            if accept == "application/json" && stranger.status() == 200 && !is_kept_nowhere(&stranger) {
                // What everybody is told alike, and nothing beside.
                assert!(stranger.headers().get("set-cookie").is_none(), "{address}, {accept}");
                let [told, told_stranger] = [visitor, stranger].map(reqwest::Response::bytes);
                assert_eq!(told.await.unwrap(), told_stranger.await.unwrap(), "{address}, {accept}");
                continue;
            }
            assert!(is_kept_nowhere(&stranger), "{address}, {accept}");
        }
        // Most forms are in it for whoever it belongs to, or who looks after the site.
        let reader = if address.starts_with("/admin") { &admin } else { &scene.owner };
        let page = reader.get(&address).await;
        assert!(is_kept_nowhere(&page), "{address}, whose it is");
        functions.extend(functions_in(&page.text().await.unwrap()));
    }
    assert!(functions.len() > 25, "{functions:?}");
}

both!(admins_alone_read_what_is_theirs);
async fn admins_alone_read_what_is_theirs(on: On) {
    let scene = Scene::new(on).await;
    for page in ["/admin/jobs", "/admin/reports"] {
        for who in [&scene.member, &scene.creator, &scene.suspended] {
            assert_eq!(who.get(page).await.status(), 403, "{page}");
        }
    }
}

both!(the_button_asks_who_presses);
async fn the_button_asks_who_presses(on: On) {
    let scene = Scene::new(on).await;
    let address = scene.site.url(&format!("/events/{}/enter", scene.event));
    let press = async |who: Option<&Person>, header: Option<(&str, &str)>| {
        let request = who.iter().fold(client().post(&address), |request, who| request.header("cookie", who.cookie()));
        let request = header.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(press(None, None).await, 401);
    assert_eq!(press(Some(&scene.suspended), None).await, 403);
    assert_eq!(press(Some(&scene.member), Some(("sec-fetch-site", "cross-site"))).await, 403);
    assert_eq!(press(Some(&scene.member), None).await, 425, "a member may, and is too early");
}

/// What a visitor is answered at a plain route.
fn asked_by_a_visitor(path: &str) -> (&'static str, u16) {
    match path {
        "/sign-up" | "/sign-in" => ("GET", 200),
        // Kakao is not configured.
        "/sign-in/kakao" | "/sign-in/kakao/return" | "/sign-in/kakao/join" | "/sign-in/kakao/new" => ("GET", 404),
        "/my/account/kakao" | "/my/leave/kakao" => ("GET", 401),
        "/api" | "/api/openapi.json" | "/api/suggest" => ("GET", 200),
        "/demo/sign-in" => ("POST", 415),
        "/demo/crowd" => ("GET", 404),
        "/events/{id}/board" | "/events/{id}/chat" | "/events/{id}/qr.svg" | "/events/{id}/qr.png" => ("GET", 200),
        "/events/{id}/preview.png" | "/preview.png" | "/items" | "/search/suggestions" => ("GET", 200),
        // Of another build than this one.
        "/build/{version}" | "/build/{version}/notices.js" | "/build/{version}/pkg/{name}" => ("GET", 404),
        "/manifest.webmanifest" | "/offline" | "/sw.js" => ("GET", 200),
        "/robots.txt" | "/sitemap.xml" | "/sitemap/{file}" => ("GET", 200),
        "/notices/stream" | "/my/addresses/suggestions" => ("GET", 401),
        // Nobody signed that token.
        "/mail/{link}/{token}" => ("GET", 404),
        "/events/{id}/enter" => ("GET", 303),
        "/events/{id}/table/{file}" | "/events/{id}/pulse" | "/events/{id}/orders/{file}" => ("GET", 401),
        "/creator/sales/{file}" | "/my/data.json" => ("GET", 401),
        "/pictures/{id}/{name}" | "/payments/{id}/return" => ("GET", 404),
        "/payments/{id}/notify" => ("POST", 204),
        "/payments/{id}/window" => ("GET", 404),
        "/payments/call-back/{provider}" => ("POST", 403),
        "/payments/{id}/go" => ("GET", 401),
        "/parties/{id}/receipt.jpg" => ("GET", 401),
        "/payments/{id}/qr.svg" | "/tickets/{id}/qr.svg" | "/tickets/{id}/calendar.ics" => ("GET", 401),
        path => panic!("{path} has no case: say who may ask there"),
    }
}

both!(every_route_asks_who_is_there);
async fn every_route_asks_who_is_there(on: On) {
    let scene = Scene::new(on).await;
    for route in server::routes::table() {
        let (method, status) = asked_by_a_visitor(route.path);
        // What belongs to somebody is that of somebody else.
        let of = match route.path.split('/').nth(1) {
            Some("payments") if route.right != Right::Anyone => "payment",
            Some("tickets") => "ticket",
            Some("parties") => "party",
            _ => "event",
        };
        let id = scene.belongings.name(of);
        let file = match route.path {
            "/events/{id}/orders/{file}" => "orders.csv",
            "/creator/sales/{file}" => "statements.csv",
            "/sitemap/{file}" => "pages.xml",
            _ => "entrants.csv",
        };
        let path = route.path.replace("{file}", file).replace("{name}", "card.jpg").replace("{id}", &id);
        let ask = async |who: Option<&Person>, header: Option<(&str, &str)>| {
            let mut request = client().request(method.parse().unwrap(), scene.site.url(&path));
            request = who.iter().fold(request, |request, who| request.header("cookie", who.cookie()));
            request = header.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let answer = request.send().await.unwrap();
            assert!(route.right == Right::Anyone || is_kept_nowhere(&answer), "{path}: {} is kept", answer.status());
            answer.status().as_u16()
        };
        assert_eq!(ask(None, None).await, status, "{path}");
        assert_eq!(status == 401, route.right != Right::Anyone, "{path}");
        if route.right != Right::Anyone {
            let anothers = match path.split('/').nth(1) {
                // Nobody is told whether there is another's payment, ticket or receipt.
                Some("payments" | "tickets" | "parties") => 404,
                // Kakao is not configured.
                _ if path.ends_with("/kakao") => 404,
                // It is one's own.
                Some("creator" | "notices" | "my") => 200,
                _ => 403,
            };
            assert_eq!(ask(Some(&scene.creator), None).await, anothers, "{path}, another's");
            let own = ask(Some(&scene.owner), None).await;
            assert!(own == 200 || !matches!(of, "payment" | "ticket"), "{path}, one's own: {own}");
        }
        if route.right == Right::Active {
            assert_eq!(ask(Some(&scene.suspended), None).await, 403, "{path}, suspended");
        }
        if method == "POST" {
            assert_eq!(ask(None, Some(("sec-fetch-site", "cross-site"))).await, 403, "{path}, from another site");
        }
    }
    for path in server::routes::OPERATIONS {
        let status = client().get(scene.site.url(path)).send().await.unwrap().status().as_u16();
        // A socket is opened by an upgrade.
        assert!(if path == "/live" { status >= 400 } else { status == 200 }, "{path}: {status}");
    }
}

/// With what a visitor and a suspended member are refused a frame; `None` where they are not.
fn framed(frame: &ToServer) -> [Option<Error>; 2] {
    match frame {
        ToServer::Enter { .. } | ToServer::Say { .. } | ToServer::Moderate { .. } => {
            [Some(Error::SignedOut), Some(Error::Suspended)]
        }
        // They are none of its members.
        ToServer::FollowParty { .. } => [Some(Error::SignedOut), Some(PartyError::NotJoined.into())],
        // There nothing is sold.
        ToServer::FollowLine { .. } => [Some(Error::SignedOut), Some(Error::NotFound)],
        // Reading on is allowed to them.
        ToServer::ReadParty { .. } | ToServer::FollowUnread => [Some(Error::SignedOut), None],
        ToServer::Join { .. } | ToServer::Leave { .. } | ToServer::Ping { .. } => [None, None],
    }
}

both!(every_frame_asks_who_sends_it);
async fn every_frame_asks_who_sends_it(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.event;
    let party = scene.belongings.name("party").parse().unwrap();
    let frames = [
        ToServer::Ping { sent: 1 },
        ToServer::Enter { event, code: None, wish: None },
        ToServer::Say { event, request: request(), text: "안녕".into() },
        ToServer::Moderate { event, number: 1, what: Moderation::Hide },
        ToServer::Leave { event },
        ToServer::Join { event, chat_seen: 0 },
        ToServer::FollowParty { party, seen: 0, changes: 0 },
        ToServer::ReadParty { party, number: 1 },
        ToServer::FollowUnread,
        ToServer::FollowLine { event, given: false },
    ];
    let refused = |message: &ToBrowser| matches!(message, ToBrowser::Refused { .. });
    for (who, person) in [None, Some(&scene.suspended)].into_iter().enumerate() {
        let mut page = Page::join(&scene.site, person, event).await;
        for frame in &frames {
            page.send(frame).await;
            if let Some(expected) = &framed(frame)[who] {
                let ToBrowser::Refused { error, .. } = page.until(|_, message| refused(message)).await else {
                    panic!()
                };
                assert_eq!(error, *expected, "{frame:?}");
            }
        }
    }
    // A member is heard: too early, and not the one who may hide.
    let mut page = Page::join(&scene.site, Some(&scene.member), event).await;
    page.send(&frames[1]).await;
    let ToBrowser::Refused { error, .. } = page.until(|_, message| refused(message)).await else { panic!() };
    assert!(matches!(error, Error::Entry(EntryError::TooEarly { .. })), "{error:?}");
    page.send(&frames[3]).await;
    let ToBrowser::Refused { error, .. } = page.until(|_, message| refused(message)).await else { panic!() };
    assert_eq!(error, Error::Forbidden, "it is somebody else's event");
    scene.belongings.are_as_they_were(&scene.site).await;
}
