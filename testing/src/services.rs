//! Servers of a test's own, which it may kill, stop and start again, and links to them, which it may cut.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::sync::watch;

/// A server that starts does so within this.
const SOON: Duration = Duration::from_secs(20);

/// A process that listens; killed when dropped.
struct Listening {
    child: Child,
    port: u16,
}

impl Listening {
    /// Starts what `command` makes for a port; `None` when it ended, as it does when another took the port first.
    fn on(port: u16, mut command: Command) -> Option<Listening> {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it is installed");
        let until = Instant::now() + SOON;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if child.try_wait().unwrap().is_some() || Instant::now() > until {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // Somebody else may be listening there.
        child.try_wait().unwrap().is_none().then_some(Listening { child, port })
    }

    fn start(command: impl Fn(u16) -> Command) -> Listening {
        (0..10)
            .find_map(|_| {
                let port = free_address().port();
                Listening::on(port, command(port))
            })
            .expect("the server does not start")
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A Redis that keeps nothing on its disk.
pub struct RedisServer {
    running: Listening,
    options: Vec<String>,
    folder: TempDir,
}

impl RedisServer {
    /// Starts one with these options besides.
    pub fn start(options: &[&str]) -> RedisServer {
        let folder = tempfile::tempdir().unwrap();
        let options: Vec<String> = options.iter().map(ToString::to_string).collect();
        let running = Listening::start(|port| RedisServer::command(port, &options, &folder));
        RedisServer { running, options, folder }
    }

    fn command(port: u16, options: &[String], folder: &TempDir) -> Command {
        let mut command = Command::new("redis-server");
        // A sentinel's file comes first: it rewrites it.
        command.args(options).args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--dir"]).arg(folder.path());
        if !options.iter().any(|option| option == "--sentinel") {
            command.args(["--save", "", "--appendonly", "no"]);
        }
        command
    }

    /// Kills it as a power cut does.
    pub fn kill(&mut self) {
        self.running.kill();
    }

    /// Starts it again where it was, empty.
    pub fn start_again(&mut self) {
        self.kill();
        let port = self.running.port;
        self.running =
            Listening::on(port, RedisServer::command(port, &self.options, &self.folder)).expect("it starts again");
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        self.running.signal(name);
    }

    /// Forgets everything.
    pub fn flush(&self) {
        use std::io::{Read, Write};
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.write_all(b"FLUSHALL\r\n").unwrap();
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"+OK\r\n");
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.running.port
    }
}

/// A PostgreSQL with one empty database, which reaches the disk as it should.
pub struct PostgresServer {
    running: Listening,
    folder: TempDir,
}

impl PostgresServer {
    /// Makes and starts one.
    pub fn start() -> PostgresServer {
        let folder = tempfile::tempdir().unwrap();
        give_to_postgres(folder.path());
        let mut copy = Command::new("cp");
        copy.arg("-a").arg(new_postgres()).arg(folder.path().join("data"));
        assert!(copy.status().unwrap().success(), "a copy of what initdb made");
        let running = Listening::start(|port| PostgresServer::command(port, &folder));
        let server = PostgresServer { running, folder };
        server.ready();
        server
    }

    /// It listens before it answers.
    fn ready(&self) {
        let until = Instant::now() + SOON;
        let asked = || {
            let mut ask = postgres_program("pg_isready");
            ask.args(["-q", "-h", "127.0.0.1", "-p", &self.port().to_string()]).status().unwrap().success()
        };
        while !asked() {
            assert!(Instant::now() < until, "PostgreSQL is not ready");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn command(port: u16, folder: &TempDir) -> Command {
        let mut command = postgres_program("postgres");
        command.arg("-D").arg(folder.path().join("data")).args(["-p", &port.to_string()]);
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "shared_buffers=32MB"] {
            command.args(["-c", setting]);
        }
        command
    }

    /// Kills it as a power cut does: its other processes end when they see that.
    pub fn kill(&mut self) {
        self.running.kill();
    }

    /// Starts it again where it was.
    pub fn start_again(&mut self) {
        self.kill();
        let (port, until) = (self.running.port, Instant::now() + SOON);
        // It refuses as long as a process of the killed one is there.
        self.running = loop {
            match Listening::on(port, PostgresServer::command(port, &self.folder)) {
                Some(running) => break running,
                None if Instant::now() < until => std::thread::sleep(Duration::from_millis(50)),
                None => panic!("PostgreSQL does not start again"),
            }
        };
        self.ready();
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.running.port
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0\n")
}

/// A program of the newest PostgreSQL that is installed, as a user that it agrees to run as: it refuses root.
pub fn postgres_program(name: &str) -> Command {
    let program = programs().join(name);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(program);
    command
}

/// Lets that user write to a folder.
pub fn give_to_postgres(folder: &Path) {
    if is_root() {
        assert!(Command::new("chown").arg("nobody").arg(folder).status().unwrap().success());
    }
}

/// What initdb makes, which is copied: to make it takes a second of a processor. Made when it is missing, for each version and user.
fn new_postgres() -> PathBuf {
    let whose = if is_root() { "nobody" } else { "own" };
    let version = programs().display().to_string().replace('/', "_");
    let made = std::env::temp_dir().join(format!("fiftynine_postgres_{whose}{version}"));
    if !made.exists() {
        let folder = tempfile::tempdir().unwrap();
        give_to_postgres(folder.path());
        let making = folder.path().join("data");
        let mut init = postgres_program("initdb");
        init.arg("-D").arg(&making);
        init.args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]);
        assert!(init.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success(), "initdb");
        // In the end and at once: nobody copies half of it. Somebody else may have been the first.
        let named = std::fs::rename(&making, &made);
        assert!(named.is_ok() || made.exists(), "{named:?}");
    }
    made
}

/// Where the programs of the newest PostgreSQL are.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max();
    newest.unwrap_or_else(|| {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&paths).find(|path| path.join("initdb").exists()).expect("PostgreSQL is installed")
    })
}

/// What becomes of what goes over a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It arrives.
    Open,
    /// Connections end, and no new ones are made.
    Cut,
    /// Nothing arrives, and connections stay open.
    Stalled,
}

/// The way to a server, which may fail.
pub struct Link {
    address: SocketAddr,
    state: watch::Sender<State>,
}

impl Link {
    /// To the server that listens on a port of this machine.
    pub async fn to(port: u16) -> Link {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = watch::Sender::new(State::Open);
        let mut seen = state.subscribe();
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    changed = seen.changed() => match changed {
                        Ok(()) => continue,
                        Err(_) => return,
                    },
                };
                if let Ok((client, _)) = accepted
                    && *seen.borrow() != State::Cut
                {
                    tokio::spawn(pass(client, port, seen.clone()));
                }
            }
        });
        Link { address, state }
    }

    /// Where it begins.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on.
    pub fn set(&self, state: State) {
        self.state.send_replace(state);
    }
}

async fn pass(mut client: tokio::net::TcpStream, port: u16, mut state: watch::Receiver<State>) {
    // A link that was stalled is not connected before it is open.
    if state.wait_for(|state| *state != State::Stalled).await.is_err() || *state.borrow() == State::Cut {
        return;
    }
    let Ok(mut server) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let mut waits = state.clone();
    let both = async {
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        tokio::select! {
            () = carry(&mut from_client, &mut to_server, state.clone()) => {}
            () = carry(&mut from_server, &mut to_client, state) => {}
        }
    };
    tokio::select! {
        () = both => {}
        _ = waits.wait_for(|state| *state == State::Cut) => {}
    }
}

async fn carry(
    from: &mut (impl tokio::io::AsyncRead + Unpin),
    to: &mut (impl tokio::io::AsyncWrite + Unpin),
    mut state: watch::Receiver<State>,
) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut buffer = vec![0; 16 << 10];
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        if state.wait_for(|state| *state == State::Open).await.is_err() || to.write_all(&buffer[..read]).await.is_err()
        {
            return;
        }
    }
}

/// An address that nobody listens on. Its port is below those that the system gives to connections (from 32,768 on): another test's would
/// take it before a program listens there.
pub fn free_address() -> SocketAddr {
    loop {
        let address = SocketAddr::from(([127, 0, 0, 1], rand::random_range(10_000..20_000)));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
