//! The real program under faults: of the disk, of the clock, of the people and machines at the other end.
//!
//! Short with every test run; `FAULTS=long` for `make faults`.

mod cluster;
mod disk;
mod fuzz;
mod network;
mod payments;
mod time;

/// A size or a time: the first with every test run, the second in the long form.
fn short_or_long<T>(short: T, long: T) -> T {
    if std::env::var("FAULTS").is_ok_and(|form| form == "long") { long } else { short }
}
