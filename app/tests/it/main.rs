//! What of pages needs no server: addresses, texts, forms. What does is in `server/tests/it`.

#![allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

mod forms;
mod head;
mod paths;
mod terms;
mod texts;
mod words;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every Rust source in a folder of the project, however deep, with its path.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders = vec![root.join(folder)];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).unwrap();
                sources.push((path, source));
            }
        }
    }
    sources
}
