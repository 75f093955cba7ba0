//! How far a command is: a bar in a terminal, elsewhere a line now and then.

use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::IsTerminal,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often a line is written.
const SAID_EVERY: Duration = Duration::from_secs(2);

/// How far something is. Where it cannot be a bar, it is said in lines.
pub enum Progress {
    /// In a terminal.
    Bar(ProgressBar),
    /// When something was said last, and what.
    Lines(Mutex<Option<(Instant, String)>>),
}

impl Progress {
    /// Of something that begins.
    pub fn new() -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress::Lines(Mutex::default());
        }
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        Progress::Bar(bar)
    }

    /// It is so far.
    pub fn say(&self, done: u64, of: u64, words: &str) {
        match self {
            Progress::Bar(bar) => {
                bar.set_length(of);
                bar.set_message(words.to_owned());
                bar.set_position(done);
            }
            Progress::Lines(said) => {
                let line = format!("{done} of {of} {words}");
                let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                let due = said
                    .as_ref()
                    .is_none_or(|(at, before)| *before != line && (done == of || at.elapsed() >= SAID_EVERY));
                if due {
                    println!("{line}");
                    *said = Some((Instant::now(), line));
                }
            }
        }
    }

    /// It is over: what was said last stays.
    pub fn end(&self) {
        if let Progress::Bar(bar) = self {
            bar.abandon();
        }
    }
}
