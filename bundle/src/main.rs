//! Makes of a compiled frontend what browsers load: the part that every page loads, the parts that some pages load when they need
//! them, and the JavaScript around both. Called by `bundle.mjs`.
//!
//! This and `bundle.mjs` do what `cargo leptos build --split` does. That tool takes sixteen minutes to build where this takes one.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, transform};

/// What the files are called: as `LEPTOS_OUTPUT_NAME` in `.cargo/config.toml` says.
const NAME: &str = "fiftynine";
/// What loads the other parts. WASM names it by these very bytes.
const LINK: &str = "./__wasm_split.______________________.js";
/// Which part needs which files, for pages that say so at once.
const MANIFEST: &str = "__wasm_split_manifest.json";

fn main() -> Result<(), Box<dyn Error>> {
    // Of what cannot be cut out it says so.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(std::io::stderr)
        .init();
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(compiled), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bundle COMPILED.wasm FOLDER".into());
    };
    fs::create_dir_all(&folder)?;
    let main = split(&compiled, &folder)?;
    bind(&main, &folder)
}

/// Writes the parts that some pages load; where the one is that all load.
fn split(compiled: &Path, folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let whole = fs::read(compiled)?;
    let main = compiled.with_file_name("frontend_split.wasm");
    let script = format!("./{NAME}.js");
    let mut options = Options::new(&whole);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.main_module = &script;
    options.link_name = LINK;
    let parts = transform(options)?.prefetch_map;
    fs::write(folder.join(MANIFEST), serde_json::to_string(&parts)?)?;
    Ok(main)
}

/// Writes the part that all load, and its JavaScript.
fn bind(main: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    Bindgen::new()
        .web(true)?
        .input_path(main)
        .out_name(NAME)
        // The other parts are linked by what the linker exported.
        .keep_lld_exports(true)
        .demangle(false)
        .omit_default_module_path(false)
        .generate(folder)?;
    fs::rename(folder.join(format!("{NAME}_bg.wasm")), folder.join(format!("{NAME}.wasm")))?;
    Ok(())
}
