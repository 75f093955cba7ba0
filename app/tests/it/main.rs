//! What of pages needs no server: addresses, texts, forms. What does is in `server/tests/it`.

#![allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

mod forms;
mod head;
mod paths;
mod terms;
mod texts;
mod words;
