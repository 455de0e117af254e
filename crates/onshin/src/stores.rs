//! The register of stores (保存先の登録): the only places that may receive patients' records, looked at before every start.

use crate::{
    config::{Config, lies_in},
    tell::Both,
};
use guideline::{Clause, clause};
use std::path::Path;

/// Care data lie in medical information systems only, nowhere else.
pub(crate) const REGISTERED_ONLY: Clause = clause("cl-2.5.2.1-vi-a");

/// Every configured place that would receive records although the register does not name it.
pub(crate) fn unregistered(config: &Config) -> Vec<Both> {
    places(config)
        .into_iter()
        .filter(|(_, place)| !registered(config, place))
        .map(|(key, place)| {
            let id = REGISTERED_ONLY;
            Both::new(
                format!("{key}: 「{place}」は、stores.register に登録された保存先ではありません。登録するか、この設定を消してください。({id})"),
                format!("{key}: {place} is not in stores.register, the register of places that may hold records. Register it, or remove the setting. ({id})"),
            )
        })
        .collect()
}

/// What would receive records, by the key of its setting.
fn places(config: &Config) -> Vec<(&'static str, String)> {
    let data = &config.data;
    let mut places = Vec::new();
    match &data.postgres_url_file {
        None => places.push(("data.sqlite_file", data.sqlite().display().to_string())),
        Some(file) => places.extend(postgres(file).map(|place| ("data.postgres_url_file", place))),
    }
    places.extend(data.objects.clone().map(|place| ("data.objects", place)));
    places.extend(data.backup.clone().map(|place| ("data.backup", place)));
    places
}

/// The server and database of a URL, without user and password: these are said and registered.
fn postgres(file: &Path) -> Option<String> {
    let url = std::fs::read_to_string(file).ok()?;
    let (scheme, rest) = url.trim().split_once("://")?;
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let place = place.split_once('?').map_or(place, |(place, _)| place);
    Some(format!("{scheme}://{place}"))
}

/// Addresses are compared by their whole parts, folders by where they lead.
fn registered(config: &Config, place: &str) -> bool {
    let own = config.data.folder.display().to_string();
    let own = config.stores.register.is_empty().then_some(own);
    config
        .stores
        .register
        .iter()
        .chain(&own)
        .any(|entry| holds(entry, place))
}

fn holds(entry: &str, place: &str) -> bool {
    let is_address = |text: &str| text.contains("://");
    match (is_address(entry), is_address(place)) {
        (false, false) => lies_in(Path::new(place), Path::new(entry)),
        (true, true) => {
            let entry = entry.trim_end_matches('/');
            place
                .strip_prefix(entry)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                && !place.contains("/../")
        }
        (true, false) | (false, true) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_held_only_by_its_own_register_entry() {
        for (entry, place, expected) in [
            ("/srv/onshin", "/srv/onshin/onshin.sqlite", true),
            ("/srv/onshin", "/srv/onshin-copy/onshin.sqlite", false),
            ("/srv/onshin", "/srv/onshin/../elsewhere", false),
            ("s3://clinic", "s3://clinic/objects", true),
            ("s3://clinic", "s3://clinic-2/objects", false),
            ("s3://clinic", "s3://clinic/../other", false),
            ("/srv/onshin", "s3://srv/onshin", false),
        ] {
            assert_eq!(holds(entry, place), expected, "{entry} {place}");
        }
    }
}
