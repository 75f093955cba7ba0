//! Clicks: who was first, whatever happens to the program.

mod entering;
mod kill;
