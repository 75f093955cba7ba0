//! The server as its users meet it: over HTTP and the live socket, on a real database.

#![allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

mod accounts;
mod administration;
mod analytics;
mod catalogue;
mod chat;
mod cluster;
mod connections;
mod database;
mod deliveries;
mod events;
mod faults;
mod forms;
mod giveaways;
mod home;
mod jobs;
mod kakao;
mod lists;
mod notices;
mod operations;
mod pages;
mod parties;
mod payments;
mod phones;
mod pictures;
mod previews;
mod programs;
mod providers;
mod reviews;
mod rights;
mod rooms;
mod sales;
mod search;
mod security;
mod sellers;
mod shelves;
mod slots;
mod subscriptions;
mod support;
mod turnstile;
mod webhooks;
