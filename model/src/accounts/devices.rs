//! Where a member is signed in, as they recognise it.

use crate::Time;
use serde::{Deserialize, Serialize};

/// A browser that a member is signed in on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedInDevice {
    /// Names it among the member's own; says nothing of the cookie.
    pub id: String,
    /// As [`device_name`] has it; empty when it did not say.
    pub name: String,
    /// When they signed in.
    pub since: Time,
    /// The day of its last use, to a day.
    pub used: Time,
    /// Whether it is the one that asks.
    pub here: bool,
}

/// Browsers by what they call themselves: the first that is found, since many claim to be others as well.
const BROWSERS: [(&str, &str); 12] = [
    ("KAKAOTALK", "KakaoTalk"),
    ("Instagram", "Instagram"),
    ("FBAN", "Facebook"),
    ("NAVER(", "NAVER"),
    ("Whale/", "Whale"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
];

/// Systems likewise.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

/// `Chrome · Android`, from what a browser calls itself; what is not known of it is left out.
pub fn device_name(agent: &str) -> String {
    let named = |names: &[(&'static str, &'static str)]| {
        names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
    };
    let browser = named(&BROWSERS).or_else(|| agent.contains("Safari/").then_some("Safari"));
    [browser, named(&SYSTEMS)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn browsers_are_called_what_people_call_them() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S911N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
                "Chrome · Android",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S911N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
                "Samsung Internet · Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari · iPhone",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 KAKAOTALK 11.0.0",
                "KakaoTalk · iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
                "Edge · Windows",
            ),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox · Mac"),
            ("curl/8.5.0", ""),
            ("", ""),
        ] {
            assert_eq!(device_name(agent), name, "{agent}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_a_browser_says_is_shown_as_it_is(agent in ".*") {
            let name = device_name(&agent);
            prop_assert!(name.len() < 40 && !name.contains(['<', '"', '\n']));
        }
    }
}
