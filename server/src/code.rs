//! The browser's code and style sheet, as they were built: under an address that names what is in them, so that a browser which has
//! them never asks again.

use crate::AppState;
use app::features::notices::SCRIPT;
use axum::{
    extract::{Path, Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{path::Path as File, sync::Arc};

/// Where the builder puts it, within the site's folder.
pub const FOLDER: &str = "pkg";
/// The same as an address of the router.
pub const PATH: &str = "/build/{version}/pkg";
/// What is under this address is the same for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const LOOK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// What was found in the site's folder at the start.
pub struct Code {
    /// Told from other builds' by its content: 16 hexadecimal digits.
    version: String,
    /// All rules of the style sheet; empty when it was not built.
    sheet: Arc<str>,
}

impl Code {
    /// Reads what is in the site's folder. Before it was built there is nothing, and pages come without code.
    pub fn read(site: &File) -> Code {
        let folder = site.join(FOLDER);
        let mut files: Vec<_> =
            std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|file| file.path()).collect();
        files.sort();
        let contents: Vec<Vec<u8>> = files.iter().filter_map(|file| std::fs::read(file).ok()).collect();
        let mut parts: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
        parts.push(SCRIPT.as_bytes());
        let hash = engine::ids::hash(&parts);
        let version = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let sheet = std::fs::read_to_string(folder.join("fiftynine.css")).unwrap_or_default();
        Code { version, sheet: sheet.into() }
    }

    /// What stands before `/pkg` in addresses of this build.
    pub fn root(&self) -> String {
        format!("/build/{}", self.version)
    }

    /// The style sheet, to stand in a page.
    pub fn sheet(&self) -> Arc<str> {
        self.sheet.clone()
    }
}

/// The script that follows notices, which is in the program itself.
pub async fn notices(State(state): State<AppState>, Path(version): Path<String>) -> Response {
    let kept = if version == state.code.version { FOR_EVER } else { LOOK_AGAIN };
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], SCRIPT).into_response()
}

/// Has files of this very build kept for ever. While nodes are restarted one after the other, one may be asked for another's: it
/// gives what it has, for now.
pub async fn kept(
    State(state): State<AppState>,
    Path(version): Path<String>,
    request: Request,
    next: Next,
) -> Response {
    let mut answer = next.run(request).await;
    let ours = version == state.code.version && answer.status().is_success();
    answer.headers_mut().insert(header::CACHE_CONTROL, if ours { FOR_EVER } else { LOOK_AGAIN });
    answer
}
