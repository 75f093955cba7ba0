//! What reaches members outside the site, by Web Push and by mail: when, and what they see of it.

use crate::{HOUR, Notice, Span, Time, id::ids};
use serde::{Deserialize, Serialize};

/// Browsers of one member that are told; one more takes the place of the one that asked first.
pub const MOST_DEVICES: usize = 10;

/// At night nothing is sent from this hour in Korea on,
const NIGHT_FROM: i64 = 21;
/// and until this one.
const NIGHT_TO: i64 = 8;

ids! {
    /// A browser that asked to be told.
    DeviceId
}

/// Whether a notice is of use only in the hour in which it is written: somebody asked to be told then, whatever the hour. Reminders of
/// a day or half a day before can wait for the morning; the last one cannot.
pub fn is_of_the_hour(notice: &Notice) -> bool {
    matches!(notice, Notice::YourTurn { .. } | Notice::HoldEnding { .. } | Notice::Opens { hours: ..=1, .. })
}

/// When something that could be sent at `now` may be: at once, or at eight in the morning, Korea time, from 21 o'clock on. What is
/// of the hour is sent whenever it is.
pub fn due_at(of_the_hour: bool, now: Time) -> Time {
    let hour = now.civil().hour;
    if of_the_hour || (NIGHT_TO..NIGHT_FROM).contains(&hour) {
        return now;
    }
    let midnight = now.midnight();
    let morning = if hour >= NIGHT_FROM { HOUR.times(24 + NIGHT_TO) } else { HOUR.times(NIGHT_TO) };
    midnight + morning
}

/// How long is waited after the try of a number, the first being 1; `None` after the last one. A day after it was first due nothing
/// is tried again, whatever is said here.
pub fn pause(tries: u32) -> Option<Span> {
    let minutes = [1, 5, 30, 180, 720];
    let after = usize::try_from(tries).ok()?.checked_sub(1)?;
    minutes.get(after).map(|minutes| crate::MINUTE.times(*minutes))
}

/// A browser that is told, as its member sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Which.
    pub id: DeviceId,
    /// By which a browser knows that it is itself: the beginning of its address's SHA-256, in hexadecimal.
    pub mark: String,
    /// What it called itself; empty when it did not.
    pub label: String,
    /// Since when.
    pub since: Time,
    /// When it was reached last.
    pub reached_at: Option<Time>,
}

/// Whether a member is told by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// They are not.
    Off,
    /// They asked for it, and the address is still to be confirmed.
    Asked,
    /// They are.
    On,
}

/// How a member is told outside the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSettings {
    /// The public key by which browsers know the site, in base64 for addresses; `None` where nothing is pushed.
    pub push_key: Option<String>,
    /// The browsers that are told, the newest first.
    pub devices: Vec<Device>,
    /// The member's address and whether it is written to; `None` where the site sends no mail.
    pub mail: Option<(String, MailState)>,
}

/// What a link in a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailLink {
    /// To be told by mail from now on.
    Confirm,
    /// To be told no more.
    Stop,
}

impl MailLink {
    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            MailLink::Confirm => "confirm",
            MailLink::Stop => "stop",
        }
    }
}

impl std::str::FromStr for MailLink {
    type Err = ();

    fn from_str(name: &str) -> Result<MailLink, ()> {
        [MailLink::Confirm, MailLink::Stop].into_iter().find(|link| link.name() == name).ok_or(())
    }
}

/// What such a link leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailLinkView {
    /// What it is for.
    pub link: MailLink,
    /// Whether that is so already.
    pub done: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DAY, SECOND};
    use proptest::prelude::*;

    #[test]
    fn the_last_reminder_is_of_the_hour_and_earlier_ones_are_not() {
        let of_the_hour = [24, 12, 1].map(|hours| is_of_the_hour(&Notice::Opens { opens_at: Time(0), hours }));
        assert_eq!(of_the_hour, [false, false, true]);
    }

    proptest! {
        #[test]
        fn at_night_nothing_is_sent_but_what_is_of_the_hour(seconds in 0..4_000_000_000_i64) {
            let now = Time(0) + SECOND.times(seconds);
            prop_assert_eq!(due_at(true, now), now);
            let due = due_at(false, now);
            prop_assert!((NIGHT_TO..NIGHT_FROM).contains(&due.civil().hour), "{:?}", due.civil());
            prop_assert!(due >= now && due.since(now) <= HOUR.times(11));
            // By day at once; at night at eight o'clock sharp.
            let by_day = (NIGHT_TO..NIGHT_FROM).contains(&now.civil().hour);
            prop_assert_eq!(by_day, due == now);
            prop_assert!(by_day || due.since(due.midnight()) == HOUR.times(NIGHT_TO));
            prop_assert_eq!(due_at(false, due), due);
        }
    }

    #[test]
    fn the_night_ends_at_eight() {
        let at = |day, hour, minute| Time::from_civil(2026, 11, day, hour, minute, 0).unwrap();
        assert_eq!(due_at(false, at(26, 20, 59)), at(26, 20, 59));
        assert_eq!(due_at(false, at(26, 21, 0)), at(27, 8, 0));
        assert_eq!(due_at(false, at(26, 0, 0)), at(26, 8, 0));
        assert_eq!(due_at(false, at(26, 7, 59)), at(26, 8, 0));
        assert_eq!(due_at(false, at(26, 8, 0)), at(26, 8, 0));
    }

    #[test]
    fn pauses_grow_and_end_within_a_day() {
        let pauses: Vec<Span> = (1..).map_while(pause).collect();
        assert!(pauses.is_sorted() && pauses.len() == 5);
        assert!(pauses.iter().fold(Span::ZERO, |sum, pause| sum + *pause) < DAY);
        assert_eq!((pause(0), pause(6), pause(u32::MAX)), (None, None, None));
    }
}
