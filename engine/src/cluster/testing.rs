//! Redis servers for tests: the one that the test run provides, and others that a test may kill.

use super::{Redis, RedisUrl};
use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The server that tests share, under a prefix of the caller's own.
pub(crate) async fn shared() -> Redis {
    let url = std::env::var("FIFTYNINE_TEST_REDIS_URL").unwrap_or_else(|_| {
        panic!(
            "tests need a Redis server: run them through scripts/with-services, or start `redis-server --port 6399 --save ''` \
             and set FIFTYNINE_TEST_REDIS_URL=redis://127.0.0.1:6399"
        )
    });
    let prefix = format!("test-{:016x}", u64::from_be_bytes(crate::ids::random()));
    Redis::connect(&url.parse().unwrap(), &prefix).await.unwrap()
}

/// A server of the test's own; killed when dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
    options: Vec<String>,
    folder: TempDir,
}

impl Server {
    /// Starts one that keeps nothing on its disk.
    pub(crate) fn start(options: &[&str]) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let options: Vec<String> = options.iter().map(ToString::to_string).collect();
        // Another test may take the port first.
        for _ in 0..10 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if let Some(child) = run(port, &options, &folder) {
                return Server { child, port, options, folder };
            }
        }
        panic!("redis-server does not start");
    }

    /// Kills it as a power cut does.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again where it was, empty.
    pub(crate) fn start_again(&mut self) {
        self.kill();
        self.child = run(self.port, &self.options, &self.folder).expect("redis-server starts again");
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where it is.
    pub(crate) fn url(&self) -> RedisUrl {
        format!("redis://127.0.0.1:{}", self.port).parse().unwrap()
    }

    /// A connection of the site's to it.
    pub(crate) async fn redis(&self) -> Redis {
        Redis::connect(&self.url(), "test").await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(port: u16, options: &[String], folder: &TempDir) -> Option<Child> {
    let mut command = Command::new("redis-server");
    // A sentinel's file comes first: it rewrites it.
    command.args(options).args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--dir"]).arg(folder.path());
    if !options.iter().any(|option| option == "--sentinel") {
        command.args(["--save", "", "--appendonly", "no"]);
    }
    let mut child = command.stdout(Stdio::null()).spawn().expect("redis-server is installed");
    let until = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if child.try_wait().unwrap().is_some() || Instant::now() > until {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    // Somebody else may be listening there.
    child.try_wait().unwrap().is_none().then_some(child)
}

/// What comes soon, or the test fails instead of waiting for ever.
pub(crate) async fn soon<T>(coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), coming).await.expect("it did not come")
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
