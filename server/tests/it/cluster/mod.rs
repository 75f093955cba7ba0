//! Several nodes of one site, and the Redis between them.

mod nodes;
mod redis;
