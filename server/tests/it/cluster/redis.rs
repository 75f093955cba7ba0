//! The real program with Redis beside it, or with none where it was told that there is one.

use crate::support::{Cluster, Site, client};
use model::SECOND;
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};
use testing::{PATIENCE, free_address};

fn program(redis_url: &str) -> (Command, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fiftynine"));
    command.env("REDIS_URL", redis_url).env("FIFTYNINE_REDIS_PREFIX", folder.path().file_name().unwrap());
    command.args(["--weak-passwords", "--data-dir"]).arg(folder.path());
    (command, folder)
}

#[test]
fn without_its_redis_it_says_why_and_ends() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, reason) in [
        (format!("redis://somebody:s3cret@{nobody}/0"), "cannot be reached"),
        ("redis//s3cret".to_owned(), "is not an address"),
    ] {
        let (mut program, _folder) = program(&url);
        let ended = program.arg("serve").output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.starts_with("fiftynine: Redis at redis://") && told.contains(reason), "{told}");
        assert!(!told.contains("s3cret") && !String::from_utf8(ended.stdout).unwrap().contains("s3cret"), "{told}");
    }
    let (mut program, _folder) = program("redis://:s3cret@cache");
    let help = program.arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("REDIS_URL") && !help.contains("s3cret"), "{help}");
}

#[tokio::test]
async fn with_redis_it_serves_and_compares_its_clock() {
    let url = std::env::var("FIFTYNINE_TEST_REDIS_URL")
        .expect("set FIFTYNINE_TEST_REDIS_URL to a Redis server for tests, or run them through scripts/with-services");
    let [address, metrics_address] = [(); 2].map(|()| free_address());
    let (mut program, _folder) = program(&url);
    let database = testing::Database::migrated();
    program
        .env("DATABASE_URL", database.url())
        .args(["--addr", &address.to_string(), "--metrics-addr", &metrics_address.to_string()])
        .env("RUST_LOG", "error")
        .stdout(Stdio::null());
    let mut running = program.spawn().unwrap();
    let serves = async {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let Ok(metrics) = client().get(format!("http://{metrics_address}/metrics")).send().await else { continue };
            if metrics.text().await.unwrap().contains("clock_offset_us ") {
                break;
            }
        }
        let wrong = [("email", "nobody@test.example"), ("password", "not the password")];
        client().post(format!("http://{address}/sign-in")).form(&wrong).send().await.unwrap().status()
    };
    let status = tokio::time::timeout(PATIENCE, serves).await;
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(status.expect("it serves"), 422);
}

/// Everything works for a user of Redis's who may do no more than SECURITY.md says.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_touch_the_sites_keys_alone_is_enough() {
    let url = std::env::var("FIFTYNINE_TEST_REDIS_URL").expect("run tests through scripts/with-services");
    let server = url.trim_start_matches("redis://").split('/').next().unwrap().to_owned();
    let said = include_str!("../../../../SECURITY.md");
    let rule = said.lines().find(|line| line.starts_with("user fiftynine on")).expect("it says which rights");
    let name = format!("fn{:016x}", u64::from_be_bytes(engine::ids::random()));
    let cluster = Cluster::on_redis(format!("redis://{name}:a-long-password@{server}"));
    let prefix = cluster.config().redis_prefix;
    let rule = rule.replace("user fiftynine", &format!("ACL SETUSER {name}")).replace("59:", &format!("{prefix}:"));
    let mut admin = TcpStream::connect(&server).unwrap();
    admin.write_all(format!("{rule}\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    BufReader::new(admin.try_clone().unwrap()).read_line(&mut answer).unwrap();
    assert_eq!(answer.trim(), "+OK");

    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let event = one.event(-SECOND, 3).await;
    for site in [&one, &two] {
        let person = site.people(1).await.remove(0);
        assert_eq!(person.enter(event).await.0, 201);
        assert_eq!(person.enter(event).await.0, 200);
    }
    let wrong = [("email", "nobody@test.example"), ("password", "not the password")];
    let signed_in = client().post(one.url("/sign-in")).form(&wrong).send().await.unwrap();
    assert_eq!(signed_in.status(), 422, "limits are counted");
    admin.write_all(format!("ACL DELUSER {name}\r\n").as_bytes()).unwrap();
}
