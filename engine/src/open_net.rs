//! Calling servers that members name: the push service of a browser, a creator's own server. It may be any address, so only web servers
//! of the open net are called: a name, and only where it resolves to an address that everybody can reach, at the moment of the call.

use reqwest::{
    Client, Response, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::sync::OnceCell;

/// A server that does not answer within this was not reached.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
const CONNECTS_WITHIN: Duration = Duration::from_secs(5);
/// The most bytes of an answer that are read.
const ANSWER: usize = 4 << 10;
/// The longest endpoint, in bytes: those that there are have up to 500.
const LONGEST: usize = 1_000;
/// Names that never leave a network of one's own.
const OWN: [&str; 5] = [".local", ".localhost", ".internal", ".home.arpa", ".lan"];

/// The address of an endpoint; `None` when nothing is ever sent there. `local` lets tests name a server of this machine.
pub fn endpoint(text: &str, local: bool) -> Option<Url> {
    if text.len() > LONGEST {
        return None;
    }
    let url: Url = text.parse().ok()?;
    let host = url.host_str()?;
    if local && url.scheme() == "http" && host == "127.0.0.1" {
        return Some(url);
    }
    let bare = host.trim_matches(['[', ']']);
    // A name, not an address in whatever notation (the parser has made those alike).
    let named = bare.parse::<IpAddr>().is_err() && host.contains('.') && !host.ends_with('.');
    let own = OWN.iter().any(|end| host.ends_with(end));
    let plain = url.username().is_empty() && url.password().is_none() && url.port_or_known_default() == Some(443);
    (url.scheme() == "https" && named && !own && plain).then_some(url)
}

/// Whether everybody can reach an address: not this machine, not a network of one's own, not what stands for such.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let own = address.is_private() || address.is_loopback() || address.is_link_local() || a == 0;
    // Shared by carriers, for protocols, for measuring, and what is nobody's.
    let special =
        (a == 100 && (64..128).contains(&b)) || (a, b, c) == (192, 0, 0) || (a == 198 && (18..20).contains(&b));
    !own && !special && !address.is_documentation() && !address.is_multicast() && a < 240
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // An address of IPv4 in another form: by itself, by translation, by a tunnel.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // For documentation, for other tunnels.
        [0x2001, 0xdb8, ..] | [0x2001, 0, ..] => false,
        // Global unicast.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

/// What calls endpoints, once somebody needs it: the certificates of the system are read for it, by no thread that others wait for.
/// Cheap to clone.
#[derive(Clone, Default)]
pub struct LateClient(Arc<OnceCell<Option<Client>>>);

impl LateClient {
    /// What calls; `None` when there is no TLS.
    pub async fn get(&self) -> Option<&Client> {
        let made = || async {
            let made = tokio::task::spawn_blocking(client).await.ok()?;
            if let Err(error) = &made {
                tracing::error!(%error, "no server is called that members name");
            }
            made.ok()
        };
        self.0.get_or_init(made).await.as_ref()
    }
}

fn client() -> reqwest::Result<Client> {
    crate::tls::prepare();
    Client::builder()
        .connect_timeout(CONNECTS_WITHIN)
        .timeout(ANSWERS_WITHIN)
        .redirect(Policy::none())
        // By a proxy of the environment names would be resolved elsewhere, past what is checked here.
        .no_proxy()
        .dns_resolver(Arc::new(PublicOnly))
        .build()
}

/// Reads an answer so that its connection can be used again, unless it is long.
pub async fn read_some(mut answer: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        read += chunk.len();
        if read > ANSWER {
            return;
        }
    }
}

/// Resolves names to what everybody can reach, and to nothing else.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            match public.is_empty() {
                true => Err(io::Error::new(io::ErrorKind::PermissionDenied, "no public address").into()),
                false => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_open_net_are_endpoints() {
        for good in ["https://push.example.com/send/abc?x=1", "https://fcm.googleapis.com:443/fcm/send/a:b"] {
            assert!(endpoint(good, false).is_some(), "{good}");
        }
        let long = format!("https://push.example.com/{}", "a".repeat(LONGEST));
        for bad in [
            "http://push.example.com/a",
            "https://push.example.com:8443/a",
            "https://user:word@push.example.com/a",
            "https://127.0.0.1/a",
            "https://2130706433/a",
            "https://0x7f.1/a",
            "https://[::1]/a",
            "https://[2606:4700::1]/a",
            "https://8.8.8.8/a",
            "https://localhost/a",
            "https://redis/a",
            "https://redis.internal/a",
            "https://printer.local/a",
            "https://name.localhost/a",
            "https://push.example.com./a",
            "ftp://push.example.com/a",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://127.0.0.1:9/a",
            "",
            &long,
        ] {
            assert!(endpoint(bad, false).is_none(), "{bad}");
        }
        // Tests alone may name this machine.
        assert!(endpoint("http://127.0.0.1:9/a", true).is_some());
        assert!(endpoint("http://10.0.0.1:9/a", true).is_none());
    }

    #[test]
    fn only_addresses_that_everybody_reaches_are_called() {
        for good in ["8.8.8.8", "100.63.0.1", "198.17.0.1", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"] {
            assert!(is_public(good.parse().unwrap()), "{good}");
        }
        for bad in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "127.0.0.1",
            "127.9.9.9",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
        ] {
            assert!(!is_public(bad.parse().unwrap()), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_resolves_to_nothing() {
        assert!(PublicOnly.resolve("localhost".parse().unwrap()).await.is_err());
    }
}
