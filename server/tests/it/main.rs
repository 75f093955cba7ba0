//! The server as its users meet it: over HTTP and the live socket, on a real database.

#![allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

mod accounts;
mod creating;
mod database;
mod entering;
mod faults;
mod history;
mod jobs;
mod kill;
mod lists;
mod live;
mod moderation;
mod nodes;
mod operations;
mod pages;
mod pictures;
mod program;
mod redis;
mod results;
mod security;
mod sharing;
mod support;
mod together;
