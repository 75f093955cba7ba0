//! Faults of disk and clock in a running program: compiles `shim.c`, which goes between the program and the C library, and
//! steers it.

use std::{fs::File, os::unix::fs::FileExt, path::PathBuf, process::Command};
use tempfile::TempDir;

/// The fields of the shim's `struct faults`, in their order.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// 1: writes of the database find the disk full; 2: those of the search's index do.
    NoSpace,
    /// So many of the next syncs fail.
    FailingSyncs,
    /// Every sync takes so much longer.
    SyncTakesUs,
    /// Counts the syncs that succeeded.
    Syncs,
    /// The wall clock is so far ahead.
    ClockAheadUs,
    /// Not 0: the wall clock stands there.
    ClockStandsAt,
}

/// A shim of its own and the file that steers it.
pub struct Faults {
    folder: TempDir,
    control: File,
}

#[allow(clippy::new_without_default)]
impl Faults {
    /// None yet.
    pub fn new() -> Faults {
        let folder = tempfile::tempdir().unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/shim.c");
        let compiled = Command::new("cc")
            .args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", source, "-o"])
            .arg(folder.path().join("shim.so"))
            .status()
            .unwrap();
        assert!(compiled.success());
        let control = folder.path().join("control");
        let control = File::options().read(true).write(true).create_new(true).open(control).unwrap();
        control.set_len((Fault::ClockStandsAt as u64 + 1) * 8).unwrap();
        Faults { folder, control }
    }

    /// What puts the shim into a program's way.
    pub fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [("LD_PRELOAD", self.folder.path().join("shim.so")), ("FAULTS_CONTROL", self.folder.path().join("control"))]
    }

    /// From now on.
    pub fn set(&self, fault: Fault, value: i64) {
        self.control.write_all_at(&value.to_ne_bytes(), fault as u64 * 8).unwrap();
    }

    /// As it stands, or was counted.
    pub fn get(&self, fault: Fault) -> i64 {
        let mut value = [0; 8];
        self.control.read_exact_at(&mut value, fault as u64 * 8).unwrap();
        i64::from_ne_bytes(value)
    }
}
