//! The line of a sale: whose turn it is when, as a place among those who wait and as a range of minutes.

use crate::{MINUTE, SECOND, Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A place among those who wait: for units, or with their units to be let into checkout. Exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePlace {
    /// Which of those who wait now it is, from 1: one more than are ahead.
    pub number: u64,
    /// How many wait with a smaller rank. Who left, and whose time ran out, does not count.
    pub ahead: u64,
    /// How many units those of them ask for who have none yet: so many come back before one's own do.
    pub ahead_units: u64,
}

impl LinePlace {
    /// How soon a page that shows it asks again: whoever is nearly there hears of each step, and a long line does not ask more
    /// often than a short one does. Being let in is told at once ([`crate::Notice`]), wherever one looks.
    pub fn ask_again(self) -> Span {
        match self.ahead {
            0..=9 => SECOND.times(2),
            10..=99 => SECOND.times(5),
            100..=999 => SECOND.times(15),
            _ => SECOND.times(30),
        }
    }
}

/// How long something is expected to take, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minutes {
    /// At least.
    pub from: u32,
    /// At most; more than `from`.
    pub to: u32,
}

/// How many happenings a rate is taken from at most: the more, the steadier, and the later it follows when people become slower.
const KEPT: usize = 64;
/// Fewer say nothing.
const FEWEST: usize = 4;
/// What happened before says nothing of now.
const WINDOW: Span = MINUTE.times(15);

/// The newest happenings of one sort, such as checkouts that ended, each with how many it counts for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent(VecDeque<(Time, u32)>);

impl Recent {
    /// One more happened, at or after all others.
    pub fn note(&mut self, at: Time, count: u32) {
        if count > 0 {
            self.0.push_back((at, count));
            self.0.drain(..self.0.len().saturating_sub(KEPT + 1));
        }
    }

    /// How long `count` more take at the recent rate, and how far off that may well be, both ways; `None` when too few happened.
    pub fn time_for(&self, count: u64, now: Time) -> Option<(Span, Span)> {
        let mut recent = self.0.iter().skip_while(|(at, _)| now.since(*at) > WINDOW);
        // The first is where the time begins in which the others happened.
        let (since, _) = recent.next()?;
        let (times, counted) =
            recent.fold((0_usize, 0_u64), |(times, all), (_, count)| (times + 1, all + u64::from(*count)));
        if times < FEWEST {
            return None;
        }
        let took = now.since(*since).max(SECOND).micros() as f64;
        let time = took * count as f64 / counted as f64;
        // Both what is counted and what is to come happen as by chance: about as many as the root of their number off.
        let happenings = count as f64 * times as f64 / counted as f64;
        let off = (1.0 / happenings.max(1.0) + 1.0 / times as f64).sqrt();
        Some((Span::from_micros(time as i64), Span::from_micros((time * off) as i64)))
    }
}

/// What moved a sale's line lately.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineFlow {
    /// Checkouts that ended, paid or not: each lets the next in.
    pub ends: Recent,
    /// Units that came back, as many at once as one had.
    pub returns: Recent,
}

impl LineFlow {
    /// How long it takes at `now` until whoever stands at `place` may pay. `units` are those that must come back for them, none
    /// when they have theirs; `limited` says whether they also wait for others' checkouts to end. `None` when too little
    /// happened to say.
    pub fn minutes(&self, place: LinePlace, units: u32, limited: bool, now: Time) -> Option<Minutes> {
        let (time, off) = self.time(place, units, limited, now)?;
        let from = ((time - off).max(Span::ZERO) / MINUTE) as u32;
        let to = begun_minutes((time + off).max(MINUTE));
        Some(Minutes { from: from.min(to - 1), to })
    }

    /// The same as what is expected, and how far off it may well be.
    pub fn time(&self, place: LinePlace, units: u32, limited: bool, now: Time) -> Option<(Span, Span)> {
        let units_back = match units {
            0 => None,
            units => Some(self.returns.time_for(place.ahead_units + u64::from(units), now)?),
        };
        let turn = if limited { Some(self.ends.time_for(place.number, now)?) } else { None };
        // Both are waited for at the same time.
        [units_back, turn].into_iter().flatten().max()
    }
}

fn begun_minutes(time: Span) -> u32 {
    u32::try_from((time.begun_seconds() + 59) / 60).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(ahead: u64, ahead_units: u64) -> LinePlace {
        LinePlace { number: ahead + 1, ahead, ahead_units }
    }

    #[test]
    fn the_recent_rate_says_how_long_it_takes() {
        let mut flow = LineFlow::default();
        let now = Time(0) + 10 * MINUTE;
        assert_eq!(flow.minutes(place(9, 0), 0, true, now), None, "nothing happened yet");
        // Ten checkouts a minute end, and five units a minute come back.
        for tenth in 0..100 {
            let at = Time(0) + tenth * 6 * SECOND;
            flow.ends.note(at, 1);
            flow.returns.note(at, u32::from(tenth % 4 == 0) * 2);
        }
        let (time, off) = flow.time(place(29, 0), 0, true, now).unwrap();
        assert!(time > 175 * SECOND && time < 190 * SECOND && off < time / 2, "{time:?} ± {off:?}");
        let minutes = flow.minutes(place(29, 0), 0, true, now).unwrap();
        assert!(minutes.from <= 3 && minutes.to >= 4 && minutes.to <= 5, "{minutes:?}");
        // For units and not for a turn; for both, what takes longer.
        let (time, _) = flow.time(place(29, 48), 2, false, now).unwrap();
        assert!(time > 9 * MINUTE && time < 11 * MINUTE, "{time:?}");
        assert_eq!(flow.time(place(29, 48), 2, true, now).unwrap().0, time);
        assert!(flow.time(place(29, 0), 1, true, now).unwrap().0 < 4 * MINUTE);
        // Who is neither behind anybody nor waits for anything.
        assert_eq!(flow.time(place(0, 0), 0, false, now), None);
        // What happened long ago says nothing.
        assert_eq!(flow.minutes(place(9, 0), 0, true, now + 2 * WINDOW), None);
    }

    /// Numbers as by chance, the same for the same seed (G. Marsaglia, "Xorshift RNGs", 2003).
    struct Chance(u64);

    impl Chance {
        /// From 0 to 1.
        fn part(&mut self) -> f64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }

        fn between(&mut self, from: f64, to: f64) -> f64 {
            from + self.part() * (to - from)
        }

        /// About 0, with a deviation of 1.
        fn normal(&mut self) -> f64 {
            (0..12).map(|_| self.part()).sum::<f64>() - 6.0
        }
    }

    /// A simulated sale in seconds: how far off what is expected was in all, and how far off whoever divides by the rate since the
    /// opening.
    fn errors_of_sale(seed: u64) -> (f64, f64) {
        const HOLD: f64 = 300.0;
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let (at_once, with_units) = (chance.between(15.0, 60.0) as usize, chance.between(300.0, 700.0) as usize);
        let standing = with_units / 2;
        // How long paying takes becomes shorter or longer, as likely; and the longer people waited, the more have gone away.
        let (mut typical, unpaid_at_first) = (chance.between(40.0, 120.0), chance.between(0.05, 0.2));
        let (mut changes_at, gone_within) = (chance.between(120.0, 600.0), chance.between(600.0, 2_400.0));
        // Who waits with units, in order; who stands by, in order; checkouts, by when and whether they end with units back.
        let mut given: VecDeque<usize> = (0..with_units).collect();
        let mut standby: VecDeque<usize> = (with_units..with_units + standing).collect();
        let mut checkouts: Vec<(f64, bool)> = Vec::new();
        let (mut flow, mut ended, mut returned) = (LineFlow::default(), 0_u64, 0_u64);
        // What was said to whom, and when they were let in.
        let mut said: Vec<(usize, f64, f64, f64)> = Vec::new();
        let mut admitted: Vec<Option<f64>> = vec![None; with_units + standing];
        let (mut now, mut look_at) = (0.0, 30.0);
        let time = |seconds: f64| Time((seconds * 1e6) as i64);
        loop {
            while checkouts.len() < at_once
                && let Some(next) = given.pop_front()
            {
                admitted[next] = Some(now);
                let takes = typical * (0.5 * chance.normal()).exp();
                let unpaid = unpaid_at_first + (0.6 - unpaid_at_first) * (1.0 - (-now / gone_within).exp());
                let pays = chance.part() >= unpaid && takes < HOLD;
                // Some of those who do not pay say so.
                let ends = if pays {
                    takes
                } else if chance.part() < 0.2 {
                    chance.between(5.0, 200.0)
                } else {
                    HOLD
                };
                checkouts.push((now + ends, !pays));
            }
            let Some((at, (ends_at, back))) =
                checkouts.iter().copied().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0))
            else {
                break;
            };
            while look_at < ends_at {
                let place = |ahead: usize, ahead_units: usize| place(ahead as u64, ahead_units as u64);
                let mut waits = Vec::new();
                for part in [0.1, 0.3, 0.6, 0.9] {
                    let ahead = (given.len() as f64 * part) as usize;
                    waits.extend(given.get(ahead).map(|who| (*who, place(ahead, 0), 0)));
                    let before = (standby.len() as f64 * part) as usize;
                    waits.extend(standby.get(before).map(|who| (*who, place(given.len() + before, before), 1)));
                }
                for (who, place, units) in waits {
                    let Some((expected, _)) = flow.time(place, units, true, time(look_at)) else { continue };
                    let turn = place.number as f64 * look_at / ended as f64;
                    let units_back = (place.ahead_units + u64::from(units)) as f64 * look_at / returned.max(1) as f64;
                    let naive = if units > 0 { turn.max(units_back) } else { turn };
                    said.push((who, look_at, expected.micros() as f64 / 1e6, naive));
                }
                look_at += 20.0;
            }
            now = ends_at;
            checkouts.swap_remove(at);
            ended += 1;
            flow.ends.note(time(now), 1);
            if back {
                returned += 1;
                flow.returns.note(time(now), 1);
                given.extend(standby.pop_front());
            }
            if now > changes_at {
                let factor = chance.between(-1.5_f64.ln(), 1.5_f64.ln()).exp();
                typical = (typical * factor).clamp(25.0, 200.0);
                changes_at = now + chance.between(300.0, 900.0);
            }
        }
        let mut errors = (0.0, 0.0);
        for (who, at, expected, naive) in said {
            if let Some(admitted) = admitted[who] {
                errors.0 += (at + expected - admitted).abs();
                errors.1 += (at + naive - admitted).abs();
            }
        }
        errors
    }

    /// Figure 18 of performance.md.
    #[test]
    fn the_recent_rate_is_less_off_than_the_rate_since_the_opening() {
        let all: Vec<(f64, f64)> = (1..=400).map(errors_of_sale).collect();
        let (ours, naive) = all.iter().fold((0.0, 0.0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        let ratio = ours / naive;
        println!("line_position_error: 0 exact, ETA error ÷ naive {ratio:.2}");
        assert!(ratio < 0.8, "{ratio:.2}");
    }
}
