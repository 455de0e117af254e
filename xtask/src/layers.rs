//! `cargo xtask layers`: which crate may know which, from the manifests, and then the house rules of the source.
use std::collections::BTreeSet;

use serde::Deserialize;

use crate::{fault::Fault, lint, shell, templates};

/// One crate: what it may know of ours.
struct Layer {
    name: &'static str,
    may_use: &'static [&'static str],
}

const DOMAIN: &[&str] = &["guideline", "access", "care", "governance"];

/// The map of the design. A crate that is not listed is a fault: it has to be given its place.
const LAYERS: &[Layer] = &[
    Layer {
        name: "guideline",
        may_use: &[],
    },
    Layer {
        name: "access",
        may_use: &["guideline"],
    },
    Layer {
        name: "care",
        may_use: &["access", "guideline"],
    },
    Layer {
        name: "governance",
        may_use: &["care", "access", "guideline"],
    },
    Layer {
        name: "exchange",
        may_use: &["care", "access", "guideline"],
    },
    Layer {
        name: "ledger",
        may_use: &[],
    },
    Layer {
        name: "signing",
        may_use: &[],
    },
    Layer {
        name: "media",
        may_use: &[],
    },
    Layer {
        name: "document",
        may_use: &[],
    },
    Layer {
        name: "store",
        may_use: &[
            "guideline",
            "access",
            "care",
            "governance",
            "exchange",
            "ledger",
            "signing",
        ],
    },
    Layer {
        name: "web",
        may_use: &[
            "guideline",
            "access",
            "care",
            "governance",
            "exchange",
            "ledger",
            "signing",
            "media",
            "store",
        ],
    },
    Layer {
        name: "onshin",
        may_use: &[
            "guideline",
            "access",
            "care",
            "governance",
            "exchange",
            "ledger",
            "signing",
            "media",
            "store",
            "web",
        ],
    },
    Layer {
        name: "xtask",
        may_use: &[],
    },
];

/// Engines that belong to few: who may depend on them, and why nobody else.
struct Engine {
    names: &'static [&'static str],
    owners: &'static [&'static str],
    why: &'static str,
}

const ENGINES: &[Engine] = &[
    Engine {
        names: &["axum", "http", "hyper", "tower", "tower-http", "askama"],
        owners: &["web", "onshin"],
        why: "only web knows HTTP",
    },
    Engine {
        names: &["sqlx", "rusqlite", "libsqlite3-sys", "tokio-postgres"],
        owners: &["store"],
        why: "only store writes SQL",
    },
    Engine {
        names: &["mio", "str0m", "socket2"],
        owners: &["media"],
        why: "only media's driver and onshin open sockets",
    },
];

/// What the domain may not depend on: it does no input or output, and time and chance are arguments.
const NOT_IN_THE_DOMAIN: &[&str] = &[
    "tokio",
    "futures-util",
    "getrandom",
    "rand",
    "mio",
    "reqwest",
    "tracing",
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `null`, `dev` or `build`.
    kind: Option<String>,
}

/// Proves the arrows and the house rules.
pub(crate) fn run() -> Result<(), Fault> {
    let mut faults = arrows(&packages()?);
    faults.extend(lint::faults()?);
    faults.extend(templates::faults()?);
    Fault::unless_empty(faults)
}

fn packages() -> Result<Vec<Package>, Fault> {
    let text = shell::answer(&mut shell::cargo(&[
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
    ]))?;
    let metadata: Metadata =
        serde_json::from_str(&text).map_err(|reason| Fault::new(reason.to_string()))?;
    Ok(metadata.packages)
}

fn arrows(packages: &[Package]) -> Vec<String> {
    let ours: BTreeSet<&str> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    packages
        .iter()
        .flat_map(|package| arrows_of(package, &ours))
        .collect()
}

/// Tests may know more than what they test, so development dependencies are free.
fn arrows_of(package: &Package, ours: &BTreeSet<&str>) -> Vec<String> {
    let own = package.name.as_str();
    let Some(layer) = LAYERS.iter().find(|layer| layer.name == own) else {
        return vec![format!(
            "{own} has no place in the map of xtask/src/layers.rs"
        )];
    };
    let mut faults = Vec::new();
    for used in package
        .dependencies
        .iter()
        .filter(|used| used.kind.as_deref() != Some("dev"))
    {
        let name = used.name.as_str();
        if ours.contains(name) && !layer.may_use.contains(&name) {
            faults.push(format!("{own} may not depend on {name}"));
        }
        for engine in ENGINES {
            if engine.names.contains(&name) && !engine.owners.contains(&own) {
                faults.push(format!("{own} may not depend on {name}: {}", engine.why));
            }
        }
        if is_pure(own) && NOT_IN_THE_DOMAIN.contains(&name) {
            faults.push(format!(
                "{own} may not depend on {name}: the domain does no input or output"
            ));
        }
    }
    faults
}

/// The crates without input, output, clock and chance.
pub(crate) fn is_pure(name: &str) -> bool {
    DOMAIN.contains(&name) || matches!(name, "exchange" | "ledger" | "signing")
}

#[cfg(test)]
mod tests {
    use super::{Dependency, Package, arrows};

    fn package(name: &str, uses: &[(&str, Option<&str>)]) -> Package {
        Package {
            name: name.to_owned(),
            dependencies: uses
                .iter()
                .map(|(name, kind)| Dependency {
                    name: (*name).to_owned(),
                    kind: kind.map(str::to_owned),
                })
                .collect(),
        }
    }

    #[test]
    fn each_arrow_is_judged() {
        let cases = [
            ("care", vec![("access", None)], 0),
            ("access", vec![("care", None)], 1),
            ("access", vec![("care", Some("dev"))], 0),
            ("access", vec![("care", Some("build"))], 1),
            ("care", vec![("axum", None)], 1),
            ("web", vec![("axum", None), ("store", None)], 0),
            ("web", vec![("sqlx", None)], 1),
            ("ledger", vec![("tokio", None)], 1),
            ("media", vec![("tokio", None)], 0),
            ("helpers", vec![], 1),
        ];
        for (name, uses, count) in cases {
            let packages = [
                package(name, &uses),
                package("care", &[]),
                package("access", &[]),
                package("store", &[]),
            ];
            assert_eq!(arrows(&packages).len(), count, "{name} {uses:?}");
        }
    }
}
