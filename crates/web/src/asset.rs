//! The browser's files and the icons, embedded; each file's address carries the hash of its content.

use crate::Problem;
use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use std::fmt;

/// One embedded file.
pub struct Asset {
    /// Its name below `assets/dist`.
    pub name: &'static str,
    /// Its address, which changes with its content.
    pub address: &'static str,
    /// Its media type.
    pub kind: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
static ICONS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/icons.rs"));

/// Whether the browser's files were built into this program (`cargo xtask assets`).
pub fn are_built_in() -> bool {
    find("onshin.css").is_some() && find("htmx.js").is_some()
}

/// The address of a file; empty if this build has none of that name.
pub fn address(name: &str) -> &'static str {
    find(name).map_or("", |asset| asset.address)
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// `GET /static/{*rest}`
pub(crate) async fn get(Path(rest): Path<String>) -> Result<Response, Problem> {
    let asset = ASSETS
        .iter()
        .find(|asset| asset.address.strip_prefix("/static/") == Some(rest.as_str()))
        .ok_or(Problem::NotFound)?;
    let mut response = asset.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    Ok(response)
}

/// A line drawing beside a word; never the only carrier of a meaning.
#[derive(Clone, Copy)]
pub struct Icon(&'static str);

/// The icon of that name (a file of `assets/img/icons`), or nothing.
pub fn icon(name: &str) -> Icon {
    let drawing = ICONS.iter().find(|(known, _)| *known == name);
    Icon(drawing.map_or("", |(_, svg)| svg.trim_end()))
}

impl Icon {
    /// Whether there is no drawing of that name.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

// The drawings are files of this repository, never input.
impl askama::filters::HtmlSafe for Icon {}
