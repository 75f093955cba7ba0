//! The databases behind baselines and nodes, each with its data on the disk beside the build and on the servers' core.

use crate::{
    Failure,
    process::{Process, free_address, listening},
    site,
};
use std::{path::PathBuf, process::Stdio, time::Duration};
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
    // Where another user may go: the system's temporary folder is on the same disk.
    let folder = tempfile::tempdir()?;
    testing::give_to_postgres(folder.path());
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let made = testing::postgres_program("initdb")
        .args(["-D", &data, "-U", "bench", "--auth=trust", "--encoding=UTF8", "--no-locale"])
        .stdout(Stdio::null())
        .status()?;
    if !made.success() {
        return Err("initdb failed".into());
    }
    let address = free_address()?;
    let port = address.port().to_string();
    let mut postgres = testing::postgres_program("postgres");
    postgres.args(["-D", &data, "-p", &port, "-h", "127.0.0.1", "-k", "", "-c", "log_min_messages=panic"]);
    postgres.args(["-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB"]);
    let process = Process::start_command(&postgres)?;
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
