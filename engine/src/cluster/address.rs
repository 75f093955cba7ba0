//! Where Redis is: `redis://`, `rediss://` or, behind sentinels, `redis+sentinel://` and `rediss+sentinel://`.

use redis::{
    Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo, RedisResult, TlsMode,
    sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType},
};
use std::{convert::Infallible, fmt, str::FromStr};
use tokio::sync::Mutex;

/// Where sentinels listen when nothing else is said.
const SENTINEL_PORT: u16 = 26379;

/// The address as configured. Written out, in errors and logs, it is without its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    /// Nothing was configured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where to connect to; says what is wrong with the address, without its secrets.
    pub(super) fn target(&self) -> Result<RedisTarget, &'static str> {
        const FORM: &str = "it must look like redis://[user:password@]host:port/0, rediss://… for TLS, \
             or redis+sentinel://[user:password@]host:port,host:port/service";
        let target = match self.0.split_once("+sentinel://") {
            None => self.0.as_str().into_connection_info().ok().map(|info| RedisTarget::Server(Box::new(info))),
            Some((scheme @ ("redis" | "rediss"), rest)) => sentinels(scheme, rest),
            Some(_) => None,
        };
        target.ok_or(FORM)
    }
}

/// Any text is taken here. Where it turns out to be unusable, the error does not repeat it: it may hold a password.
impl FromStr for RedisUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<RedisUrl, Infallible> {
        Ok(RedisUrl(text.trim().to_owned()))
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A password may hold any character, and a query a second one.
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("redis", "***"));
        let hosts = rest.rsplit_once('@').map_or(rest, |(_, hosts)| hosts);
        let hosts = hosts.split_once('?').map_or(hosts, |(hosts, _)| hosts);
        write!(f, "{scheme}://{hosts}")
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where connections lead.
pub(super) enum RedisTarget {
    /// To one server.
    Server(Box<ConnectionInfo>),
    /// To the server that the sentinels call the master now.
    Sentinels(Box<Mutex<SentinelClient>>),
}

impl RedisTarget {
    /// What connects there. Asks the sentinels anew each time: after a fail-over it is another server.
    pub(super) async fn client(&self) -> RedisResult<Client> {
        match self {
            RedisTarget::Server(info) => Client::open(ConnectionInfo::clone(info)),
            RedisTarget::Sentinels(sentinels) => sentinels.lock().await.async_get_client().await,
        }
    }

    /// Whether connections are encrypted.
    pub(super) fn is_encrypted(&self, url: &RedisUrl) -> bool {
        match self {
            RedisTarget::Server(info) => matches!(info.addr(), ConnectionAddr::TcpTls { .. }),
            RedisTarget::Sentinels(_) => url.0.starts_with("rediss"),
        }
    }
}

/// `[user:password@]host:port,host:port/service[/database][?sentinel_password=…]`: user and password are the servers'.
fn sentinels(scheme: &str, rest: &str) -> Option<RedisTarget> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (credentials, rest) = rest.rsplit_once('@').map_or(("", rest), |(credentials, rest)| (credentials, rest));
    let (hosts, path) = rest.split_once('/')?;
    let (service, database) = path.split_once('/').unwrap_or((path, ""));
    if service.is_empty() {
        return None;
    }
    // The library's own reading of a single address takes care of escapes and numbers.
    let read = |url: String| url.into_connection_info().ok();
    let at = if credentials.is_empty() { "" } else { "@" };
    let server = read(format!("redis://{credentials}{at}server/{database}"))?.redis_settings().clone();
    let own = match query.strip_prefix("sentinel_password=") {
        Some(password) => read(format!("redis://:{password}@sentinel"))?.redis_settings().clone(),
        None if query.is_empty() => RedisConnectionInfo::default(),
        None => return None,
    };
    let sentinel = |host: &str| {
        let port = if host.ends_with(']') || !host.contains(':') { format!(":{SENTINEL_PORT}") } else { String::new() };
        Some(read(format!("{scheme}://{host}{port}"))?.set_redis_settings(own.clone()))
    };
    let sentinels = hosts.split(',').map(sentinel).collect::<Option<Vec<_>>>()?;
    let mut server = SentinelNodeConnectionInfo::default().set_redis_connection_info(server);
    if scheme == "rediss" {
        server = server.set_tls_mode(TlsMode::Secure);
    }
    let client = SentinelClient::build(sentinels, service, Some(server), SentinelServerType::Master).ok()?;
    Some(RedisTarget::Sentinels(Box::new(Mutex::new(client))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> RedisUrl {
        text.parse().unwrap()
    }

    #[test]
    fn every_form_is_understood_and_written_without_its_secrets() {
        for (text, written) in [
            ("redis://127.0.0.1", "redis://127.0.0.1"),
            ("redis://:s3cret@cache:6380/2", "redis://cache:6380/2"),
            ("rediss://user:s3cret%40@cache", "rediss://cache"),
            ("redis+sentinel://a:1,b,[::1]/main", "redis+sentinel://a:1,b,[::1]/main"),
            ("redis+sentinel://user:s3cret@a,b/main/2?sentinel_password=s3cret", "redis+sentinel://a,b/main/2"),
            ("rediss+sentinel://:s3cret@a/main", "rediss+sentinel://a/main"),
        ] {
            let url = url(text);
            let target = url.target().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(target.is_encrypted(&url), text.starts_with("rediss"));
            assert_eq!((url.to_string(), format!("{url:?}")), (written.into(), written.into()));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_never_repeated() {
        for text in [
            "",
            "s3cret",
            "http://:s3cret@cache",
            "redis+sentinel://:s3cret@a,b",
            "redis+sentinel://a/main?s3cret",
            "redis+sentinel://:s3cret@a/main/zero",
            "redis://:s3cret@cache:port",
            "redis://:s3cret@cache/0?p=s3cret@",
        ] {
            let url = url(text);
            assert!(url.to_string().find("s3cret").is_none(), "{url}");
            if !text.ends_with('@') {
                assert!(url.target().is_err(), "{text}");
            }
        }
    }
}
