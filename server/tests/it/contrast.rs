//! The colours of `style/tokens.css`: what is written in one on another can be read (WCAG 2.2, 1.4.3 and 1.4.11), in the light and in the
//! dark.

use std::collections::HashMap;

/// Each is written on each.
const WRITTEN: [&str; 5] = ["ink", "ink-2", "ink-3", "signal-ink", "won"];
const PAPERS: [&str; 3] = ["paper", "surface", "sunken"];
/// And these on theirs.
const PAIRS: [(&str, &str); 19] = [
    ("over", "sunken"),
    ("ink", "signal-wash"),
    ("ink-2", "signal-wash"),
    ("ink-3", "signal-wash"),
    ("signal-ink", "signal-wash"),
    ("ink", "won-wash"),
    ("ink-3", "won-wash"),
    ("won", "won-wash"),
    ("on-signal", "signal-fill"),
    ("on-night", "night"),
    ("on-night-2", "night"),
    ("on-night-signal", "night"),
    ("paper", "ink"),
    ("ink", "tint-0"),
    ("ink", "tint-1"),
    ("ink", "tint-2"),
    ("ink", "tint-3"),
    ("ink", "tint-4"),
    ("ink", "tint-5"),
];
/// Edges of fields, what is lit in drawings, and what marks the focus.
const DRAWN: [(&str, &str); 8] = [
    ("line-strong", "paper"),
    ("line-strong", "surface"),
    ("line-strong", "sunken"),
    ("signal", "paper"),
    ("signal", "surface"),
    ("signal-fill", "sunken"),
    ("signal-ink", "paper"),
    ("signal-ink", "night"),
];

fn colours(block: &str) -> HashMap<&str, [f64; 3]> {
    let mut found = HashMap::new();
    for part in block.split("--").skip(1) {
        let Some((name, value)) = part.split_once(": #") else { continue };
        let channel = |at: usize| value.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (Some(red), Some(green), Some(blue)) = (channel(0), channel(2), channel(4)) {
            found.insert(name, [red, green, blue].map(|channel| f64::from(channel) / 255.0));
        }
    }
    found
}

/// Relative luminance, as WCAG 2.2 defines it.
fn luminance(colour: [f64; 3]) -> f64 {
    let [red, green, blue] =
        colour.map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn what_is_written_can_be_read_in_both_themes() {
    let tokens = include_str!("../../../style/tokens.css");
    let (light, rest) = tokens.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let (by_system, chosen) = rest.split_once(":root[data-theme=\"dark\"]").unwrap();
    assert_eq!(colours(by_system), colours(chosen), "the dark is the same, whoever chose it");
    let light = colours(light);
    let mut dark = light.clone();
    dark.extend(colours(chosen));
    for (theme, colours) in [("light", light), ("dark", dark)] {
        let check = |one: &str, other: &str, least: f64| {
            let is = contrast(colours[one], colours[other]);
            assert!(is >= least, "{one} on {other} in the {theme}: {is:.2}, at least {least}");
        };
        for written in WRITTEN {
            for paper in PAPERS {
                check(written, paper, 4.5);
            }
        }
        for (written, on) in PAIRS {
            check(written, on, 4.5);
        }
        for (drawn, on) in DRAWN {
            check(drawn, on, 3.0);
        }
    }
}
