//! No module beside the others here leads back to itself through them, and none of those within the turnstile: each can be read with
//! those that it stands on, and without those that stand on it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What may lead back, by whom and to whom.
const ALLOWED: &[(&str, &str)] = &[
    // A row of the log says which `Actor` did something, and what is done to accounts is a row as well.
    ("audit", "accounts"),
];

/// In these files features declare what they keep of people, for the list of all.
const DECLARING: (&str, &str) = ("/personal.rs", "personal");

/// The sources below a folder but for those of tests, by their paths within it.
fn sources(folder: &Path, within: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{within}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            sources(&path, &format!("{name}/"), found);
        } else if !["tests", "simulation", "lib.rs", "circles.rs"].iter().any(|not| name.contains(not)) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code = code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
            found.push((name, code));
        }
    }
}

fn word(text: &str) -> String {
    text.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect()
}

/// What a source names behind `path`, as `crate::`.
fn named(source: &str, path: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for rest in source.split(path).skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            named.insert(word(rest));
            continue;
        };
        let (mut depth, mut begins) = (1, true);
        for (at, char) in group.char_indices() {
            match char {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => begins = true,
                _ if begins && !char.is_whitespace() => {
                    named.insert(word(&group[at..]));
                    begins = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    named
}

/// Every module that is reached from one.
fn reached<'a>(from: &str, leads: &'a BTreeMap<String, BTreeSet<String>>, seen: &mut BTreeSet<&'a str>) {
    for next in leads.get(from).into_iter().flatten() {
        if seen.insert(next) {
            reached(next, leads, seen);
        }
    }
}

/// What leads back to where it comes from.
fn circles(leads: &BTreeMap<String, BTreeSet<String>>) -> Vec<(&str, &str)> {
    let mut circles = Vec::new();
    for (from, next) in leads {
        for to in next {
            let mut seen = BTreeSet::new();
            reached(to, leads, &mut seen);
            if seen.contains(from.as_str()) {
                circles.push((from.as_str(), to.as_str()));
            }
        }
    }
    circles
}

#[test]
fn no_module_leads_back_to_itself() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    let module = |name: &str| name.split(['/', '.']).next().unwrap().to_owned();
    let modules: BTreeSet<String> = found.iter().map(|(name, _)| module(name)).collect();
    assert!(modules.len() > 40, "{modules:?}");
    let mut leads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, code) in &found {
        let from = module(name);
        for to in named(code, "crate::").into_iter().filter(|to| modules.contains(to) && *to != from) {
            let declares = name.ends_with(DECLARING.0) && to == DECLARING.1;
            if !declares && !ALLOWED.contains(&(from.as_str(), to.as_str())) {
                leads.entry(from.clone()).or_default().insert(to);
            }
        }
    }
    let circles = circles(&leads);
    assert!(circles.is_empty(), "these lead back to themselves: {circles:?}");
}

#[test]
fn no_module_within_the_turnstile_leads_back_to_itself() {
    /// What starts the others, and passes on what is theirs.
    const FRONT: &str = "mod";
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/turnstile"), "", &mut found);
    let sources: BTreeMap<&str, &str> =
        found.iter().map(|(name, code)| (name.trim_end_matches(".rs"), code.as_str())).collect();
    assert!(sources.len() > 25, "{:?}", sources.keys());
    let mut passed_on = BTreeMap::new();
    for used in sources[FRONT].split("use ").skip(1) {
        let Some((of, names)) = used.split(';').next().unwrap().split_once("::") else { continue };
        if sources.contains_key(of) {
            let names = names.split(|char: char| !char.is_alphanumeric() && char != '_');
            passed_on.extend(names.filter(|name| !name.is_empty()).map(|name| (name, of)));
        }
    }
    let mut leads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, code) in &sources {
        let mut next: BTreeSet<String> = named(code, "super::");
        next.extend(named(code, "crate::turnstile::"));
        if *from == FRONT {
            next = sources.keys().map(|&name| name.to_owned()).collect();
        }
        // What is none of theirs is the front's own.
        let module = |name: String| match sources.contains_key(name.as_str()) {
            true => name,
            false => passed_on.get(name.as_str()).copied().unwrap_or(FRONT).to_owned(),
        };
        let next = next.into_iter().map(module).filter(|to| to != from).collect();
        leads.insert((*from).to_owned(), next);
    }
    let circles = circles(&leads);
    assert!(circles.is_empty(), "these lead back to themselves: {circles:?}");
}
