//! The databases behind baselines and nodes, each with its data on the disk beside the build and on the servers' core.

use crate::{
    Failure,
    process::{Process, free_address, listening},
    site,
};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// A database of its own. Whoever is connected to it ends before it does.
pub struct Database {
    pub url: String,
    pub process: Process,
    _folder: TempDir,
}

/// A Redis with these options.
pub async fn redis_server(options: &[&str]) -> Result<Database, Failure> {
    let folder = site::folder()?;
    let address = free_address()?;
    let (port, dir) = (address.port().to_string(), folder.path().canonicalize()?.to_string_lossy().into_owned());
    let mut arguments = vec!["--port", &port, "--dir", &dir, "--bind", "127.0.0.1"];
    arguments.extend(options);
    let process = Process::start(&PathBuf::from("redis-server"), &arguments)?;
    listening(address).await?;
    Ok(Database { url: format!("redis://{address}/"), process, _folder: folder })
}

/// A PostgreSQL with one empty database. It is durable as it comes (fsync and synchronous_commit are on); beyond that it is
/// given memory, and room for a log that no measurement fills.
pub async fn postgres() -> Result<Database, Failure> {
    let bin = std::fs::read_dir("/usr/lib/postgresql")?
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .find(|bin| bin.join("initdb").exists())
        .ok_or("PostgreSQL is not installed")?;
    // Where another user may go: the system's temporary folder is on the same disk.
    let folder = tempfile::tempdir()?;
    let as_user = unprivileged(folder.path())?;
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let command = |program: &str| [as_user.clone(), vec![bin.join(program).to_string_lossy().into_owned()]].concat();
    let initdb = command("initdb");
    let made = Command::new(&initdb[0])
        .args(&initdb[1..])
        .args(["-D", &data, "-U", "bench", "--auth=trust", "--encoding=UTF8", "--no-locale"])
        .stdout(Stdio::null())
        .status()?;
    if !made.success() {
        return Err("initdb failed".into());
    }
    let address = free_address()?;
    let port = address.port().to_string();
    let postgres = command("postgres");
    let mut arguments: Vec<&str> = postgres[1..].iter().map(String::as_str).collect();
    arguments.extend(["-D", &data, "-p", &port, "-h", "127.0.0.1", "-k", "", "-c", "log_min_messages=panic"]);
    arguments.extend(["-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB"]);
    let process = Process::start(Path::new(&postgres[0]), &arguments)?;
    listening(address).await?;
    let database = Database { url: format!("postgres://bench@{address}/postgres"), process, _folder: folder };
    // It listens before it answers.
    while connect(&database.url).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(database)
}

/// A connection to PostgreSQL, closed when dropped.
pub async fn connect(url: &str) -> Result<Client, Failure> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// PostgreSQL refuses to run as root: then what to put before its programs, which may write to `folder`.
fn unprivileged(folder: &Path) -> Result<Vec<String>, Failure> {
    let id = |arguments: &[&str]| -> Result<String, Failure> {
        Ok(String::from_utf8(Command::new("id").args(arguments).output()?.stdout)?.trim().to_owned())
    };
    if id(&["-u"])? != "0" {
        return Ok(Vec::new());
    }
    Command::new("chown").arg("nobody").arg(folder).status()?;
    let group = format!("--regid={}", id(&["-g", "nobody"])?);
    Ok(["setpriv", "--reuid=nobody", &group, "--clear-groups", "--"].map(str::to_owned).into())
}
