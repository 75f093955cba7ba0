//! The drawing of folders in ARCHITECTURE.md is what there is.

use std::{collections::BTreeSet, fs, path::Path};

/// What is in a folder, but for what stands for the folder itself, and for its tests.
fn inside(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|name| name.ends_with(".rs") || folder.join(name).is_dir());
    let modules = names.map(|name| name.trim_end_matches(".rs").to_owned());
    let is_left_out = |name: &String| {
        ["lib", "mod"].contains(&name.as_str()) || name.ends_with("tests") || name.ends_with("simulation")
    };
    modules.filter(|name| !is_left_out(name)).collect()
}

/// The line of the drawing that begins so, with those that are part of it.
fn part(drawing: &str, of: &str) -> String {
    let mut lines = drawing.lines().skip_while(|line| !line.starts_with(of));
    let first = lines.next().unwrap_or_else(|| panic!("{of} is not in the drawing"));
    let rest = lines.take_while(|line| line.starts_with(' '));
    [first].into_iter().chain(rest).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_drawing_of_folders_is_what_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let drawing = text.split("```").nth(1).unwrap();
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|char: char| !char.is_alphanumeric() && char != '_').map(str::to_owned).collect()
    };
    for (of, folders) in [
        ("model/", &["model/src"][..]),
        ("engine/", &["engine/src", "engine/src/turnstile"][..]),
        ("app/", &["app/src", "app/src/features"][..]),
    ] {
        let part = part(drawing, of);
        // Pages have the names of what they are pages of.
        let (drawn, in_engine) = (words(&part), inside(&root.join("engine/src")));
        for folder in folders {
            let (known, of) = if folder.ends_with("features") { (&in_engine, "engine") } else { (&drawn, "drawing") };
            for name in inside(&root.join(folder)) {
                assert!(known.contains(&name), "{folder}/{name} is not in the {of}");
            }
        }
        let named = part.split([' ', '\n', '(']).filter(|word| word.len() > 1 && word.ends_with('/'));
        for name in named.filter(|name| *name != of) {
            let there = folders.iter().any(|folder| root.join(folder).join(name).is_dir());
            assert!(there, "{name} is drawn in {of}, and not there");
        }
    }
    for entry in fs::read_dir(root).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_drawn = drawing.lines().any(|line| line.starts_with(&format!("{name}/")));
        let part_of_all = drawing.lines().any(|line| line.contains(&format!(" {name}/")));
        let is_crate = root.join(&name).join("Cargo.toml").is_file();
        assert!(!is_crate || is_drawn || part_of_all, "{name}/ is not in the drawing");
    }
}
