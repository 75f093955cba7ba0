//! Load generator and baselines.

fn main() {}
