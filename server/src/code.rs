//! The browser's code and style sheet, as they were built: under an address that names what is in them, so that a browser which has
//! them never asks again. They are given out as they were at the start, whatever is copied over them since: what a browser keeps for
//! a year is what its address says.

use crate::AppState;
use app::features::notices::SCRIPT;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::{collections::BTreeMap, path::Path as Folder, sync::Arc};

/// Where the builder puts it, within the site's folder.
pub const FOLDER: &str = "pkg";
/// What is under this address is the same for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");
/// How files that were compressed beforehand are named behind their own name, and what that is called; the smallest first.
const CODINGS: [(&str, &str); 2] = [("br", "br"), ("gz", "gzip")];

/// What was found in the site's folder at the start.
pub struct Code {
    /// Told from other builds' by its content: 16 hexadecimal digits.
    version: String,
    /// By their names; a few megabytes.
    files: BTreeMap<String, Bytes>,
    /// All rules of the style sheet; empty when it was not built.
    sheet: Arc<str>,
}

impl Code {
    /// Reads what is in the site's folder. Before it was built there is nothing, and pages come without code.
    pub fn read(site: &Folder) -> Code {
        let found = std::fs::read_dir(site.join(FOLDER)).into_iter().flatten().flatten();
        let read = found.filter_map(|file| {
            let bytes = std::fs::read(file.path()).ok()?;
            Some((file.file_name().into_string().ok()?, Bytes::from(bytes)))
        });
        let files: BTreeMap<String, Bytes> = read.collect();
        let mut parts: Vec<&[u8]> = files.values().map(|bytes| &bytes[..]).collect();
        parts.push(SCRIPT.as_bytes());
        let hash = engine::ids::hash(&parts);
        let version = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let sheet = files.get("fiftynine.css").map(|sheet| String::from_utf8_lossy(sheet).into_owned());
        Code { version, files, sheet: sheet.unwrap_or_default().into() }
    }

    /// What addresses of this build begin with.
    pub fn root(&self) -> String {
        format!("/build/{}", self.version)
    }

    /// The style sheet, to stand in a page.
    pub fn sheet(&self) -> Arc<str> {
        self.sheet.clone()
    }

    /// A file, and how it is compressed: as small as whoever asks for it takes it.
    fn find(&self, name: &str, asked: &HeaderMap) -> Option<(Bytes, Option<&'static str>)> {
        let whole = self.files.get(name)?;
        let compressed = CODINGS.iter().filter(|(_, coding)| takes(asked, coding)).find_map(|(ending, coding)| {
            let bytes = self.files.get(&format!("{name}.{ending}"))?;
            Some((bytes.clone(), Some(*coding)))
        });
        Some(compressed.unwrap_or((whole.clone(), None)))
    }
}

/// Whether somebody takes what is compressed in a way.
fn takes(asked: &HeaderMap, coding: &str) -> bool {
    let lines = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim() == coding && weight.is_none_or(|weight| weight > 0.0)
    })
}

/// What another build has. While nodes are restarted one after the other, one may be asked for another's: what it has itself does not
/// fit what is on the page already, so that it has none, for now. The page notices (`app/src/anew.js`).
fn not_here() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, NOT_KEPT)]).into_response()
}

/// Whether this node has the code of a build.
pub async fn known(State(state): State<AppState>, Path(version): Path<String>) -> Response {
    if version != state.code.version {
        return not_here();
    }
    (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, NOT_KEPT)]).into_response()
}

/// The script that follows notices, which is in the program itself.
pub async fn notices(State(state): State<AppState>, Path(version): Path<String>) -> Response {
    if version != state.code.version {
        return not_here();
    }
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOR_EVER)], SCRIPT).into_response()
}

/// A file of this very build.
pub async fn file(
    State(state): State<AppState>,
    Path((version, name)): Path<(String, String)>,
    asked: HeaderMap,
) -> Response {
    let found = if version == state.code.version { state.code.find(&name, &asked) } else { None };
    let Some((bytes, coding)) = found else { return not_here() };
    let kind = HeaderValue::from_static(match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("wasm") => "application/wasm",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    });
    let varies = HeaderValue::from_static("accept-encoding");
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOR_EVER), (header::VARY, varies)];
    let mut answer = (headers, bytes).into_response();
    if let Some(coding) = coding {
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    answer
}
