//! Whether a Redis is one that the site can run on: asked once, at the start, and answered in one line.

use super::address::RedisUrl;
use redis::{ErrorKind, RedisError, RedisResult, ServerErrorKind, aio::MultiplexedConnection};
use std::collections::HashMap;

/// The oldest version that trims a stream by position.
const OLDEST: (u32, u32) = (6, 2);

/// Why a Redis cannot be used and what to do about it: one line, without secrets.
#[derive(Debug, thiserror::Error)]
#[error("Redis at {url} {reason}")]
pub struct Unusable {
    url: String,
    reason: String,
}

impl Unusable {
    pub(super) fn new(url: &RedisUrl, reason: impl Into<String>) -> Unusable {
        Unusable { url: url.to_string(), reason: reason.into() }
    }
}

/// No connection came about, or no answer.
pub(super) fn unreachable(url: &RedisUrl, error: &RedisError) -> Unusable {
    let reason = match (error.kind(), error.code()) {
        (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS")) => {
            "refused the password: correct user and password in REDIS_URL".to_owned()
        }
        (_, Some("NOAUTH")) => {
            "asks for a password: write it into REDIS_URL, as in redis://user:password@host:port".to_owned()
        }
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => {
            format!("forbids what the site needs ({error}): allow its user all commands but those of administrators")
        }
        (ErrorKind::MasterNameNotFoundBySentinel, _) => {
            "has no such master: correct the service's name at the end of REDIS_URL".to_owned()
        }
        (ErrorKind::Server(ServerErrorKind::BusyLoading), _) => {
            "is still loading what it had saved: start again in a moment".to_owned()
        }
        _ => format!("cannot be reached ({error}): start it, or correct REDIS_URL"),
    };
    Unusable::new(url, reason)
}

/// Refuses what cannot work and warns of what would hurt.
pub(super) async fn check(url: &RedisUrl, connection: &mut MultiplexedConnection) -> Result<(), Unusable> {
    let info = info(connection, "server").await.map_err(|error| unreachable(url, &error))?;
    let version = info.get("redis_version").map_or("", String::as_str);
    if version_of(version).is_none_or(|version| version < OLDEST) {
        let (major, minor) = OLDEST;
        return Err(Unusable::new(url, format!("is version {version:?}: {major}.{minor} or newer is needed")));
    }
    if is_replica(connection).await.map_err(|error| unreachable(url, &error))? {
        let reason = "is a read-only replica: give the address of its master, or of its sentinels as redis+sentinel://";
        return Err(Unusable::new(url, reason));
    }
    // Managed services often forbid the question: then they answer for it.
    if let Ok(policy) = setting(connection, "maxmemory-policy").await
        && policy != "noeviction"
    {
        tracing::warn!(
            policy,
            "Redis may throw away what is still needed when its memory is full, which would hurt: \
             set its maxmemory-policy to noeviction"
        );
    }
    let (saves, appends) = (setting(connection, "save").await, setting(connection, "appendonly").await);
    if let (Ok(saves), Ok(appends)) = (saves, appends)
        && saves.is_empty()
        && appends == "no"
    {
        tracing::info!("Redis keeps nothing on its disk, which does not hurt: the database is the truth");
    }
    tracing::info!(version, "using Redis at {url}");
    Ok(())
}

/// Whether the server follows another and refuses to be written to.
pub(super) async fn is_replica(connection: &mut MultiplexedConnection) -> RedisResult<bool> {
    Ok(info(connection, "replication").await?.get("role").is_some_and(|role| role == "slave"))
}

async fn info(connection: &mut MultiplexedConnection, section: &str) -> RedisResult<HashMap<String, String>> {
    let text: String = redis::cmd("INFO").arg(section).query_async(connection).await?;
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    Ok(fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect())
}

async fn setting(connection: &mut MultiplexedConnection, name: &str) -> RedisResult<String> {
    let (_, value): (String, String) = redis::cmd("CONFIG").arg("GET").arg(name).query_async(connection).await?;
    Ok(value)
}

fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}
