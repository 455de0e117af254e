//! Lists what is embedded: the browser's files (assets/dist), the icons, and the texts of both languages.

use sha2::{Digest, Sha256};
use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// Letters of the content hash in a file's address: enough that two contents never share one.
const HASH_LETTERS: usize = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let home = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("assets.rs"), assets(&home.join("assets/dist"))?)?;
    fs::write(out.join("icons.rs"), icons(&home.join("assets/img/icons"))?)?;
    fs::write(out.join("texts.rs"), texts(&home.join("locales"))?)?;
    Ok(())
}

#[expect(
    clippy::unnecessary_debug_formatting,
    reason = "a Rust string literal is wanted"
)]
fn assets(dist: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", dist.display());
    let files = files(dist)?;
    if files.is_empty() {
        println!(
            "cargo::warning=crates/web/assets/dist is missing: run `cargo xtask assets`; pages will have no style and no script"
        );
    }
    let mut list = String::from("&[\n");
    for path in files {
        let name = path
            .strip_prefix(dist)?
            .to_string_lossy()
            .replace('\\', "/");
        let Some(kind) = kind(&name) else { continue };
        let mut hash = String::new();
        for byte in Sha256::digest(fs::read(&path)?) {
            write!(hash, "{byte:02x}")?;
        }
        let hash = hash.get(..HASH_LETTERS).unwrap_or(&hash);
        let (stem, end) = name.rsplit_once('.').unwrap_or((&name, "bin"));
        writeln!(
            list,
            "Asset {{ name: {name:?}, address: {:?}, kind: {kind:?}, bytes: include_bytes!({path:?}) }},",
            format!("/static/{stem}.{hash}.{end}"),
        )?;
    }
    list.push_str("]\n");
    Ok(list)
}

fn kind(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        "txt" => Some("text/plain; charset=utf-8"),
        "mp3" => Some("audio/mpeg"),
        "wav" => Some("audio/wav"),
        _ => None,
    }
}

#[expect(
    clippy::unnecessary_debug_formatting,
    reason = "a Rust string literal is wanted"
)]
fn icons(folder: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut list = String::from("&[\n");
    for path in files(folder)? {
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        writeln!(list, "({name:?}, include_str!({path:?})),")?;
    }
    list.push_str("]\n");
    Ok(list)
}

#[expect(
    clippy::unnecessary_debug_formatting,
    reason = "a Rust string literal is wanted"
)]
fn texts(folder: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut list = String::from("&[\n");
    for path in files(folder)? {
        let lang = path
            .parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        writeln!(list, "({lang:?}, {name:?}, include_str!({path:?})),")?;
    }
    list.push_str("]\n");
    Ok(list)
}

/// Every file below a folder, in the order of their names; none where the folder is missing.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
            Err(fault) => return Err(fault),
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
