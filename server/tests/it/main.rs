//! The server as its users meet it: over HTTP and the live socket, on a real database.

#![allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

mod accounts;
mod addresses;
mod administration;
mod analytics;
mod audited;
mod channels;
mod chat;
mod cluster;
mod connections;
mod contrast;
mod database;
mod events;
mod faults;
mod forms;
mod giveaways;
mod home;
mod inside;
mod installing;
mod jobs;
mod listed;
mod lists;
mod markets;
mod notices;
mod operations;
mod pages;
mod parties;
mod payments;
mod pictures;
mod previews;
mod programs;
mod reviews;
mod rights;
mod rooms;
mod sales;
mod search;
mod security;
mod sellers;
mod slots;
mod subscriptions;
mod support;
mod turnstile;
mod webhooks;
mod wishes;
