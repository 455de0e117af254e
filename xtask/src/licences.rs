//! Licences (design, section 9): every crate and node package that is built in or builds is permissive, from a registry
//! we know, and none of the banned ones. `deny.toml` holds the lists, so that cargo-deny says the same where it is used.
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

use crate::{fault::Fault, install, places, shell};

/// The one registry that crates come from, as lock files call it.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";
/// Words that package authors write for a licence whose SPDX name is another.
const ALIASES: &[(&str, &str)] = &[("BSD-0-Clause", "0BSD"), ("Apache 2.0", "Apache-2.0")];

#[derive(Deserialize)]
struct Policy {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    /// `None` for our own.
    source: Option<String>,
}

#[derive(Deserialize)]
struct NodeLock {
    packages: BTreeMap<String, NodePackage>,
}

#[derive(Deserialize)]
struct NodePackage {
    license: Option<String>,
}

/// Reads both lock files' packages and judges them.
pub(crate) fn run() -> Result<(), Fault> {
    let policy = policy()?;
    let mut faults = crates(&policy, &metadata()?);
    for lock in install::node_locks() {
        let text = places::read(&lock)?;
        let read: NodeLock =
            serde_json::from_str(&text).map_err(|reason| Fault::at(&lock, reason))?;
        faults.extend(node(&policy, &read));
    }
    Fault::unless_empty(faults)
}

fn policy() -> Result<Policy, Fault> {
    let path = places::root().join("deny.toml");
    toml::from_str(&places::read(&path)?).map_err(|reason| Fault::at(&path, reason))
}

/// What is built for this machine; other systems' crates need not even be downloaded.
fn metadata() -> Result<Metadata, Fault> {
    let host = shell::answer(&mut shell::program("rustc", &["--print", "host-tuple"]))?;
    let args = [
        "metadata",
        "--locked",
        "--format-version",
        "1",
        "--filter-platform",
        host.trim(),
    ];
    let text = shell::answer(&mut shell::cargo(&args))?;
    serde_json::from_str(&text).map_err(|reason| Fault::new(reason.to_string()))
}

fn crates(policy: &Policy, metadata: &Metadata) -> Vec<String> {
    let built: BTreeSet<&str> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| node.id.as_str())
        .collect();
    let mut faults = Vec::new();
    for package in &metadata.packages {
        let Some(source) = &package.source else {
            continue;
        };
        if !built.contains(package.id.as_str()) {
            continue;
        }
        let name = format!("crate {} {}", package.name, package.version);
        if source != REGISTRY {
            faults.push(format!("{name} comes from {source}"));
        }
        for banned in &policy.bans.deny {
            if banned.name == package.name {
                faults.push(format!("{name} is banned: {}", banned.reason));
            }
        }
        faults.extend(unfit(policy, &name, package.license.as_deref()));
    }
    faults
}

fn node(policy: &Policy, lock: &NodeLock) -> Vec<String> {
    lock.packages
        .iter()
        // The package without a name is the folder itself.
        .filter(|(path, _)| !path.is_empty())
        .filter_map(|(path, package)| unfit(policy, path, package.license.as_deref()))
        .collect()
}

fn unfit(policy: &Policy, name: &str, licence: Option<&str>) -> Option<String> {
    let Some(licence) = licence else {
        return Some(format!("{name} names no licence"));
    };
    match Expression::new(licence).judge(&policy.licenses.allow) {
        Some(true) => None,
        Some(false) => Some(format!(
            "{name} is {licence}, which deny.toml does not allow"
        )),
        None => Some(format!(
            "{name} has a licence that cannot be read: {licence}"
        )),
    }
}

/// An SPDX expression, read from left to right: `AND` binds more than `OR`; crates of old write `/` for `OR`.
struct Expression {
    words: Vec<String>,
    at: usize,
}

impl Expression {
    fn new(text: &str) -> Self {
        let text = ALIASES
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let spaced = text
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('/', " OR ");
        Self {
            words: spaced.split_whitespace().map(str::to_owned).collect(),
            at: 0,
        }
    }

    /// `None` where it is no expression.
    fn judge(mut self, allowed: &BTreeSet<String>) -> Option<bool> {
        let fits = self.either(allowed)?;
        (self.at == self.words.len()).then_some(fits)
    }

    fn either(&mut self, allowed: &BTreeSet<String>) -> Option<bool> {
        let mut fits = self.all(allowed)?;
        while self.take("OR") {
            fits |= self.all(allowed)?;
        }
        Some(fits)
    }

    fn all(&mut self, allowed: &BTreeSet<String>) -> Option<bool> {
        let mut fits = self.one(allowed)?;
        while self.take("AND") {
            fits &= self.one(allowed)?;
        }
        Some(fits)
    }

    fn one(&mut self, allowed: &BTreeSet<String>) -> Option<bool> {
        if self.take("(") {
            let fits = self.either(allowed)?;
            return self.take(")").then_some(fits);
        }
        let mut licence = self.name()?;
        if self.take("WITH") {
            licence = format!("{licence} WITH {}", self.name()?);
        }
        Some(allowed.contains(&licence))
    }

    fn name(&mut self) -> Option<String> {
        let word = self.words.get(self.at)?.clone();
        self.at += 1;
        (!matches!(word.as_str(), "(" | ")" | "AND" | "OR" | "WITH")).then_some(word)
    }

    fn take(&mut self, word: &str) -> bool {
        let there = self.words.get(self.at).is_some_and(|next| next == word);
        self.at += usize::from(there);
        there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, licence: Option<&str>, source: Option<&str>) -> Package {
        Package {
            id: name.to_owned(),
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: licence.map(str::to_owned),
            source: source.map(str::to_owned),
        }
    }

    fn faults(planted: Package) -> usize {
        let metadata = Metadata {
            resolve: Resolve {
                nodes: vec![Node {
                    id: planted.id.clone(),
                }],
            },
            packages: vec![planted, package("elsewhere", None, Some(REGISTRY))],
        };
        crates(&policy().unwrap(), &metadata).len()
    }

    #[test]
    fn a_planted_licence_is_found() {
        for (licence, count) in [
            ("MIT", 0),
            ("MIT/Apache-2.0", 0),
            ("GPL-3.0-only", 1),
            ("AGPL-3.0-or-later", 1),
            ("GPL-3.0-only OR MIT", 0),
            ("MIT AND GPL-2.0-only", 1),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", 0),
            ("MIT OR Apache-2.0 AND SSPL-1.0", 0),
            ("(MIT OR Apache-2.0) AND SSPL-1.0", 1),
            ("Apache-2.0 WITH LLVM-exception", 0),
            ("GPL-2.0-only WITH Classpath-exception-2.0", 1),
            ("see the file", 1),
            ("(MIT", 1),
            ("", 1),
        ] {
            assert_eq!(
                faults(package("planted", Some(licence), Some(REGISTRY))),
                count,
                "{licence}"
            );
        }
        assert_eq!(faults(package("planted", None, Some(REGISTRY))), 1);
        assert_eq!(faults(package("ours", None, None)), 0);
    }

    #[test]
    fn a_banned_crate_and_an_unknown_source_are_found() {
        assert_eq!(faults(package("openssl", Some("MIT"), Some(REGISTRY))), 1);
        let elsewhere = Some("git+https://example.invalid/planted");
        assert_eq!(faults(package("planted", Some("MIT"), elsewhere)), 1);
    }

    #[test]
    fn a_planted_node_package_is_found() {
        let lock = |licence: &str| {
            let text = format!(
                r#"{{"packages":{{"":{{}},"node_modules/planted":{{"license":"{licence}"}}}}}}"#
            );
            serde_json::from_str::<NodeLock>(&text).unwrap()
        };
        let policy = policy().unwrap();
        assert!(node(&policy, &lock("BSD-0-Clause")).is_empty());
        assert_eq!(node(&policy, &lock("CC-BY-NC-4.0")).len(), 1);
    }

    #[test]
    fn what_is_built_today_is_permissive() {
        if let Err(fault) = run() {
            panic!("{fault}");
        }
    }
}
