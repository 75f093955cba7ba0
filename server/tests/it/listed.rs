//! What search engines find: which pages there are, each page's one address, and what it is about.

use crate::{
    sales::{Scene, deal, ticket},
    support::{Site, client, draft, request},
};
use engine::{accounts::Actor, db::Lane, events::Pictures};
use model::{DAY, EventDraft, EventId, HOUR, MINUTE};
use serde_json::Value;
use testing::{On, both};

async fn read(site: &Site, path: &str) -> String {
    let answer = client().get(site.url(path)).header("accept", "text/html, application/xml").send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// Every address that the site's maps list, without the site.
async fn listed(site: &Site) -> Vec<String> {
    let locations = |xml: &str| -> Vec<String> {
        let parts = xml.split("<loc>").skip(1);
        parts.map(|part| part.split("</loc>").next().unwrap().replace(&site.url(""), "")).collect()
    };
    let mut all = Vec::new();
    for file in locations(&read(site, "/sitemap.xml").await) {
        let xml = read(site, &file).await;
        assert!(xml.starts_with("<?xml") && xml.ends_with("</urlset>\n"), "{xml}");
        all.extend(locations(&xml));
    }
    all
}

both!(what_everybody_may_read_is_listed_and_nothing_else, "multi_thread");
async fn what_everybody_may_read_is_listed_and_nothing_else(on: On) {
    let site = Site::start(on).await;
    assert_eq!(listed(&site).await, ["/", "/deals", "/tickets", "/parties"]);
    let (one, other, suspended) = (site.creator().await, site.creator().await, site.creator().await);
    let now = site.engine.clock.now();
    let make = async |creator: &crate::support::Person, draft: EventDraft| {
        let host = Actor::host(creator.member);
        site.engine.events.create(&host, request(), draft, Pictures::default()).await.unwrap()
    };
    let soon = make(&one, draft(now + HOUR, 3)).await;
    let later = make(&other, draft(now + 45 * DAY, 3)).await;
    let called_off = make(&one, draft(now + HOUR, 3)).await;
    site.engine.events.cancel(&Actor::host(one.member), called_off, "상품이 오지 않았어요").await.unwrap();
    let unseen = make(&suspended, draft(now + HOUR, 3)).await;
    let hidden = make(&one, draft(now + HOUR, 3)).await;
    let stopped = make(&one, draft(now + HOUR, 3)).await;
    site.engine.administration.suspend_event(&Actor::System, stopped, "신고를 살펴봐요").await.unwrap();
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update events set published_at = null where id = $1").bind(hidden).run().await.unwrap();
    tx.sql("update members set suspended_at = 1 where id = $1").bind(suspended.member).run().await.unwrap();
    tx.commit().await.unwrap();
    let all = listed(&site).await;
    for event in [soon, later] {
        assert_eq!(all.iter().filter(|path| **path == format!("/events/{event}")).count(), 1, "{all:?}");
    }
    for event in [called_off, unseen, hidden, stopped] {
        assert!(!all.contains(&format!("/events/{event}")), "{all:?}");
    }
    for (creator, is_listed) in [(&one, true), (&other, true), (&suspended, false)] {
        assert_eq!(all.contains(&format!("/creators/{}", creator.member)), is_listed);
    }
    // Each of them is there for whoever follows it.
    for path in &all {
        let answer = client().get(site.url(path)).header("accept", "text/html").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
    let robots = read(&site, "/robots.txt").await;
    assert!(robots.contains(&format!("Sitemap: {}\n", site.url("/sitemap.xml"))), "{robots}");
    let closed: Vec<&str> = robots.lines().filter_map(|line| line.strip_prefix("Disallow: ")).collect();
    for path in &all {
        assert!(!closed.iter().any(|closed| path.starts_with(closed)), "{path} is listed and closed");
    }
    for file in ["/sitemap/events-2026-13.xml", "/sitemap/members.xml", "/sitemap/creators"] {
        assert_eq!(client().get(site.url(file)).send().await.unwrap().status(), 404, "{file}");
    }
}

both!(a_long_list_is_sent_in_pieces_and_whole, "multi_thread");
async fn a_long_list_is_sent_in_pieces_and_whole(on: On) {
    const MANY: usize = 2500;
    let site = Site::start(on).await;
    let people = site.people(MANY).await;
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    for person in &people {
        tx.sql("insert into creators (member_id, name, introduction, links) values ($1, $2, '', '[]')")
            .bind(person.member)
            .bind(format!("수달상점 {}", person.member))
            .run()
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let xml = read(&site, "/sitemap/creators.xml").await;
    assert_eq!(xml.matches("<url>").count(), MANY);
    for person in &people {
        assert!(xml.contains(&format!("/creators/{}<", person.member)));
    }
}

/// What a page's head says that it is.
fn about(page: &str) -> Option<Value> {
    let (_, rest) = page.split_once("type=\"application/ld+json\"")?;
    let json = rest.split_once('>')?.1.split_once("</script>")?.0;
    Some(serde_json::from_str(json).unwrap())
}

both!(a_public_event_says_what_it_is);
async fn a_public_event_says_what_it_is(on: On) {
    let scene = Scene::new(on).await;
    let site = &scene.site;
    let page = async |event: EventId| read(site, &format!("/events/{event}")).await;
    let on_sale = scene.sale(deal(10, 2, None)).await;
    let product = about(&page(on_sale).await).unwrap();
    assert_eq!((&product["@type"], &product["name"]), (&"Product".into(), &"따끈한 겨울 머그".into()));
    assert_eq!((&product["offers"]["price"], &product["offers"]["priceCurrency"]), (&15_000.into(), &"KRW".into()));
    assert_eq!(product["offers"]["availability"], "https://schema.org/InStock");
    assert_eq!(product["offers"]["url"], site.url(&format!("/events/{on_sale}")));
    let begins = scene.clock.now() + DAY;
    let show = about(&page(scene.sale(ticket(begins, 5000)).await).await).unwrap();
    assert_eq!((&show["@type"], &show["location"]["name"]), (&"Event".into(), &"소극장".into()));
    assert_eq!(show["startDate"], begins.iso());
    // Whatever its writer calls it, it stays one text.
    let title = "</script><script>alert('수달')</script>";
    let seller = Actor::host(scene.seller.member);
    let given = EventDraft { title: title.into(), ..draft(scene.clock.now() + MINUTE, 3) };
    let given = site.engine.events.create(&seller, request(), given, Pictures::default()).await.unwrap();
    let html = page(given).await;
    let giveaway = about(&html).unwrap();
    assert_eq!((&giveaway["name"], &giveaway["isAccessibleForFree"]), (&title.into(), &true.into()));
    assert_eq!(giveaway["offers"]["availability"], "https://schema.org/PreOrder");
    assert!(!html.contains("<script>alert"));
    // A draft says nothing, even to its creator.
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update events set published_at = null where id = $1").bind(given).run().await.unwrap();
    tx.commit().await.unwrap();
    let own = scene.seller.get(&format!("/events/{given}")).await;
    assert_eq!(own.status(), 200);
    assert!(about(&own.text().await.unwrap()).is_none());
}

both!(every_page_has_one_address);
async fn every_page_has_one_address(on: On) {
    let site = Site::start(on).await;
    let event = site.event(HOUR, 3).await;
    let canonical = async |path: &str| {
        let page = client().get(site.url(path)).header("accept", "text/html").send().await.unwrap();
        let page = page.text().await.unwrap();
        let (_, rest) = page.split_once("rel=\"canonical\" href=\"")?;
        Some(rest.split('"').next().unwrap().replace(&site.url(""), ""))
    };
    for (path, address) in [
        ("/?utm_source=news".to_owned(), "/".to_owned()),
        (format!("/events/{event}?fbclid=1"), format!("/events/{event}")),
        ("/deals?category=food&utm_medium=x".to_owned(), "/deals?category=food".to_owned()),
        ("/sign-in?next=/my".to_owned(), "/sign-in".to_owned()),
    ] {
        assert_eq!(canonical(&path).await, Some(address), "{path}");
    }
    assert_eq!(canonical("/nowhere").await, None);
}
