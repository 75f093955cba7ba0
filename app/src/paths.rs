//! Every address of the site that is not a change, written once: pages and files. Names say where one comes to. Each feature has its
//! own (`features/<name>/paths.rs`), and all of them are called by this module; here are those of the whole site, and how
//! addresses are put together.

pub use crate::features::paths::*;

#[cfg(feature = "ssr")]
use crate::texts::Lang;
use model::Cursor;
#[cfg(feature = "ssr")]
use model::EventId;

/// The home page.
pub const HOME: &str = "/";
/// The live socket.
pub const LIVE: &str = "/live";

/// The picture that is drawn of an event, or of the site, for other sites to show.
#[cfg(feature = "ssr")]
pub fn preview(event: Option<EventId>, lang: Lang) -> String {
    let page = event.map(room).unwrap_or_default();
    format!("{page}/preview.png?lang={}", lang.code())
}

/// What a home screen has of the site.
#[cfg(feature = "ssr")]
pub fn manifest(lang: Lang) -> String {
    with("/manifest.webmanifest", &[("lang", lang.code())])
}

/// From where a list goes on, as it stands in an address; empty for its beginning.
pub(crate) fn text(cursor: Option<&Cursor>) -> String {
    cursor.map(Cursor::to_string).unwrap_or_default()
}

/// A path with those parameters that are not empty.
pub(crate) fn with(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(if address.len() == path.len() { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        encode(value, &mut address);
    }
    address
}

/// Writes a value into a query: percent-encoded but for what RFC 3986 leaves unreserved, and `/`, which stays readable.
fn encode(value: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            into.push(byte.into());
        } else {
            into.push('%');
            into.push(HEX[usize::from(byte >> 4)].into());
            into.push(HEX[usize::from(byte & 15)].into());
        }
    }
}

/// The page at an address, without the form that was sent there: what is answered to a press is the room's page, and nothing
/// leads to another site, however many slashes an address begins with.
pub fn page_of(path: &str, query: &str) -> String {
    let path = path.trim_start_matches('/');
    let path = path.strip_suffix("/enter").filter(|page| page.starts_with("events/")).unwrap_or(path);
    let of_a_form = |part: &&str| part.starts_with("do=") || part.starts_with("form=");
    let parts = query.trim_start_matches('?').split('&').filter(|part| !part.is_empty() && !of_a_form(part));
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { format!("/{path}") } else { format!("/{path}?{}", parts.join("&")) }
}

/// What of a page's query makes it another page for everybody; all else is about how its reader came there.
#[cfg(feature = "ssr")]
const TELLING: [&str; 9] = ["day", "show", "category", "after", "before", "from", "item", "kind", "q"];

/// The one address of a page, of all by which it is found.
#[cfg(feature = "ssr")]
pub fn canonical(here: &str) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let is_telling = |part: &&str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        TELLING.contains(&name) && !value.is_empty()
    };
    let parts: Vec<_> = query.split('&').filter(is_telling).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

/// Addresses of every kind that a feature makes, for the test that holds them against the table of pages.
#[cfg(feature = "ssr")]
pub struct Examples {
    /// Of pages.
    pub pages: Vec<String>,
    /// Of files and sockets, which are no pages.
    pub files: Vec<String>,
}

/// What makes the [`Examples`] of a feature, in the list of all.
#[cfg(feature = "ssr")]
pub struct Registered(pub fn() -> Examples);

#[cfg(feature = "ssr")]
server_fn::inventory::collect!(Registered);

#[cfg(feature = "ssr")]
impl Examples {
    /// Those of every feature, and of the whole site.
    pub fn all() -> impl Iterator<Item = Examples> {
        server_fn::inventory::iter::<Registered>.into_iter().map(|registered| (registered.0)())
    }
}

/// Gives an example of every address that a `paths.rs` makes; what they are made of stands before them. An address without one fails
/// a test.
///
/// ```ignore
/// examples! {
///     let ticket = TicketId(uuid::Uuid::nil());
///     pages: [MY_TICKETS, my_tickets(true, Some(&Cursor::of(&7)))];
///     files: [ticket_qr(ticket)];
/// }
/// ```
macro_rules! examples {
    (
        $(let $name:pat = $value:expr;)*
        $(pages: [$($page:expr),* $(,)?];)?
        $(files: [$($file:expr),* $(,)?];)?
    ) => {
        #[cfg(feature = "ssr")]
        server_fn::inventory::submit! {
            $crate::paths::Registered(|| {
                $(let $name = $value;)*
                $crate::paths::Examples {
                    pages: vec![$($(String::from($page)),*)?],
                    files: vec![$($(String::from($file)),*)?],
                }
            })
        }
    };
}
pub(crate) use examples;

examples! {
    let event = EventId(uuid::Uuid::nil());
    pages: [HOME];
    files: [LIVE, preview(Some(event), Lang::Ko), preview(None, Lang::En), manifest(Lang::Ko)];
}
