//! What happens by itself, as admins see it; and once, however many nodes there are.

use crate::rights::{cases, reads};
use crate::support::{Cluster, Person, Site, client};
use model::{Job, Role, Time};
use reqwest::header;
use std::time::Duration;
use testing::{On, both, eventually, eventually_some};
use tokio::time::sleep;

reads! {
    "/admin/jobs" => 401, 403;
}

cases! {
    "run-job", [("job", "sessions")] => 403;
}

async fn admin(site: &Site) -> Person {
    let admin = site.people(1).await.remove(0);
    let email: (String,) =
        site.engine.db.sql("select email from members where id = $1").bind(admin.member).one().await.unwrap();
    engine::administration::set_admin(&site.engine.db, Time(1), &email.0, true).await.unwrap().unwrap();
    let admin = admin.anew(&site.engine).await;
    let session = site.engine.accounts.sessions.of(&admin.token).await.unwrap().unwrap();
    assert_eq!(session.role, Role::Admin);
    admin
}

/// When a job last began, by its row.
async fn began(site: &Site, job: Job) -> Option<i64> {
    let row = site.engine.db.sql("select last_started_at from jobs where name = $1").bind(job.name());
    row.optional::<(Option<i64>,)>().await.unwrap().and_then(|(at,)| at)
}

both!(only_admins_see_the_jobs_and_run_them, "multi_thread");
async fn only_admins_see_the_jobs_and_run_them(on: On) {
    let site = Site::start(on).await;
    let (admin, reader) = (admin(&site).await, site.people(1).await.remove(0));
    let job = Job::Sessions;
    let run = async |person: &Person| person.change("/admin/jobs", "run-job", &[("job", job.name())]).await;
    eventually("the job ran once", async || began(&site, job).await.is_some()).await;
    sleep(Duration::from_millis(200)).await;
    let first = began(&site, job).await;

    // Nobody else, neither the page nor the button; and no other site in an admin's name.
    assert_eq!(reader.get("/admin/jobs").await.status(), 403);
    assert_eq!(run(&reader).await.status(), 403);
    assert_eq!(client().get(site.url("/admin/jobs")).send().await.unwrap().status(), 401);
    assert_eq!(client().post(site.url("/api/run-job")).send().await.unwrap().status(), 401);
    let forged = client().post(site.url("/api/run-job")).header(header::COOKIE, admin.cookie());
    assert_eq!(forged.header("sec-fetch-site", "cross-site").send().await.unwrap().status(), 403);
    assert_eq!(admin.change("/admin/jobs", "run-job", &[("job", "mischief")]).await.status(), 404);
    assert_eq!(admin.get("/admin/mischief").await.status(), 404);
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(began(&site, job).await, first, "it did not run");

    // Admins find the way, others are not told of one.
    let linked = async |person: &Person| person.get("/my").await.text().await.unwrap().contains("\"/admin\"");
    assert!(linked(&admin).await && !linked(&reader).await);
    let page = admin.get("/admin/jobs").await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    for job in Job::ALL {
        assert!(page.contains(&format!("name=\"job\" value=\"{}\"", job.name())), "{job:?}");
    }
    let pressed = run(&admin).await;
    assert_eq!(
        (pressed.status().as_u16(), &pressed.headers()[header::LOCATION]),
        (303, &"/admin/jobs".parse().unwrap())
    );
    eventually("it runs now", async || began(&site, job).await > first).await;

    // An admin who was suspended is none.
    let mut tx = site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = 1 where id = $1").bind(admin.member).run().await.unwrap();
    tx.commit().await.unwrap();
    site.engine.accounts.sessions.invalidate_member(admin.member);
    assert_eq!(admin.get("/admin/jobs").await.status(), 403);
    assert_eq!(admin.get("/admin/reports").await.status(), 403);
    assert_eq!(run(&admin).await.status(), 403);
}

both!(a_job_that_fails_is_shown_with_its_error, "multi_thread");
async fn a_job_that_fails_is_shown_with_its_error(on: On) {
    let site = Site::start(on).await;
    let admin = admin(&site).await;
    eventually("the job ran once", async || began(&site, Job::Devices).await.is_some()).await;
    sleep(Duration::from_millis(200)).await;
    // Its table is away.
    let mut tx = site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    tx.sql("alter table devices rename to devices_away").run().await.unwrap();
    tx.commit().await.unwrap();
    admin.change("/admin/jobs", "run-job", &[("job", "devices")]).await;
    let page = async || admin.get("/admin/jobs").await.text().await.unwrap();
    let told = ["no such table: devices", "relation \"devices\" does not exist"];
    eventually("its failure is shown", async || {
        let page = page().await.replace("&quot;", "\"");
        told.iter().any(|error| page.contains(error))
    })
    .await;
    assert!(page().await.contains("failing"));
    let mut tx = site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    tx.sql("alter table devices_away rename to devices").run().await.unwrap();
    tx.commit().await.unwrap();
    // By itself, after a pause.
    eventually("it succeeds again", async || !page().await.contains("failing")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_nodes_one_runs_each_job_and_another_follows_it() {
    let cluster = Cluster::new();
    let mut one = Site::node(&cluster).await;
    let holders = async |site: &Site| -> Vec<(String, i64)> {
        let rows = site.engine.db.sql(
            "select name, leased_by from jobs where leased_until > (extract(epoch from clock_timestamp()) * 1000000)::bigint
             order by name",
        );
        rows.all().await.unwrap()
    };
    // Those that run often are held. The first node was there alone.
    let often = Job::ALL.iter().filter(|job| job.every() < Duration::from_secs(60)).count();
    let of_one = async |site: &Site| {
        let held = holders(site).await;
        (held.len() == often && held.iter().all(|(_, node)| *node == held[0].1)).then(|| held[0].1)
    };
    // One that failed is nobody's for a while.
    let first = eventually_some("one holds all", async || of_one(&one).await).await;
    let two = Site::node(&cluster).await;
    sleep(Duration::from_millis(500)).await;
    let still = eventually_some("one holds all", async || of_one(&two).await).await;
    assert_eq!(still, first, "what is held is left alone");
    let (over,): (i64,) = two.engine.db.sql("select min(leased_until) from jobs").one().await.unwrap();
    one.stop();
    eventually("the other took them", async || of_one(&two).await.is_some_and(|node| node != first)).await;
    let time = two.engine.db.sql("select (extract(epoch from clock_timestamp()) * 1000000)::bigint");
    let (taken,): (i64,) = time.one().await.unwrap();
    assert!(taken < over, "it waited until the leases of the first were over");
}
