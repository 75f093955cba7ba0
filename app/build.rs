//! Names the sources that pages are made of: both sides compute the same from the same files, and another from others.

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
};

/// What decides how a page's data is written and read, and what of the page is taken over.
const SOURCES: [&str; 3] = ["../model/src", "../views/src", "src"];
/// The libraries that do so, by their versions.
const LIBRARIES: &str = "../Cargo.lock";

fn main() -> io::Result<()> {
    let mut files = BTreeSet::new();
    for folder in SOURCES {
        println!("cargo:rerun-if-changed={folder}");
        collect(Path::new(folder), &mut files)?;
    }
    println!("cargo:rerun-if-changed={LIBRARIES}");
    files.insert(PathBuf::from(LIBRARIES));
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
    }
    println!("cargo:rustc-env=PAGE_SOURCES={:016x}", hasher.finish());
    Ok(())
}

fn collect(folder: &Path, files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(path);
        }
    }
    Ok(())
}
