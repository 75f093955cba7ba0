//! The schema is part of this crate, and a file that is added to it is no file that the compiler knows of.

fn main() {
    println!("cargo:rerun-if-changed=../migrations/postgres");
}
