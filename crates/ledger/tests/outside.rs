//! Checkpoints and proofs hold before code that no one here wrote: Go's sumdb (Debian: golang, golang-golang-x-mod-dev).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what fails here fails the test"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::proof::{self, Node, Nodes};
use ledger::{Frontier, Hash, Signer, leaf_hash};
use std::fmt::Write as _;
use std::process::Command;

/// Where Debian keeps Go's libraries.
const GO_PATH: &str = "/usr/share/gocode";
/// Entries: past the first tile of level 1, so that every kind of node occurs.
const SIZE: u64 = 66_000;

struct Log {
    leaves: Vec<Hash>,
}

impl Log {
    fn new() -> Self {
        Self {
            leaves: (0..SIZE)
                .map(|n| leaf_hash(n.to_string().as_bytes()))
                .collect(),
        }
    }

    fn root(&self, size: u64) -> Hash {
        self.edge(0, size).root()
    }

    fn edge(&self, from: u64, until: u64) -> Frontier {
        let mut edge = Frontier::new();
        for n in from..until {
            edge.push(self.leaves[usize::try_from(n).unwrap()]);
        }
        edge
    }

    fn nodes(&self, needed: &[Node]) -> Nodes {
        let hash = |node: &Node| {
            self.edge(node.index << node.level, (node.index + 1) << node.level)
                .root()
        };
        needed.iter().map(|node| (*node, hash(node))).collect()
    }
}

fn list(hashes: &[Hash]) -> String {
    if hashes.is_empty() {
        return "-".to_owned();
    }
    hashes
        .iter()
        .map(Hash::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

/// Runs the Go program over the cases. Its absence is a failure: a proof nobody checked proves nothing.
fn outside(key: &str, cases: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (key_file, cases_file) = (folder.path().join("key"), folder.path().join("cases"));
    std::fs::write(&key_file, key).unwrap();
    std::fs::write(&cases_file, cases).unwrap();
    let run = Command::new("go")
        .args([
            "run",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside/main.go"),
        ])
        .arg(&key_file)
        .arg(&cases_file)
        .env("GO111MODULE", "off")
        .env("GOPATH", GO_PATH)
        .env("GOCACHE", std::env::temp_dir().join("onshin-go-cache"))
        .env("GOFLAGS", "")
        .output()
        .expect("go must be installed: apt install golang golang-golang-x-mod-dev");
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    String::from_utf8(run.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn cl_2_5_2_1_x_a_proofs_are_accepted_outside_and_altered_ones_refused() {
    let log = Log::new();
    let signer = Signer::from_seed("onshin/ledger/01ARZ3NDEKTSV4RRFFQ69G5FAV", &[7; 32]).unwrap();
    let note = |size: u64| STANDARD.encode(signer.sign(size, log.root(size)).unwrap());
    let newest = note(SIZE);
    let mut cases = String::new();
    let mut expected = Vec::new();
    let mut case = |line: String, accepted: bool| {
        writeln!(cases, "{line}").unwrap();
        expected.push((line, accepted));
    };

    case(format!("checkpoint {newest}"), true);
    let text = signer.sign(SIZE, log.root(SIZE)).unwrap();
    case(
        format!(
            "checkpoint {}",
            STANDARD.encode(text.replace("66000", "65999"))
        ),
        false,
    );
    let forger = Signer::from_seed("onshin/ledger/01ARZ3NDEKTSV4RRFFQ69G5FAV", &[8; 32]).unwrap();
    case(
        format!(
            "checkpoint {}",
            STANDARD.encode(forger.sign(SIZE, log.root(SIZE)).unwrap())
        ),
        false,
    );

    for entry in [0, 1, 255, 256, 257, 4095, 32_768, 65_535, 65_536, 65_999] {
        let nodes = log.nodes(&proof::inclusion_needs(SIZE, entry).unwrap());
        let path = proof::inclusion(SIZE, entry, &nodes).unwrap();
        let leaf = log.leaves[usize::try_from(entry).unwrap()];
        case(
            format!("inclusion {newest} {entry} {leaf} {}", list(&path)),
            true,
        );
        case(
            format!(
                "inclusion {newest} {entry} {} {}",
                leaf_hash(b"forged"),
                list(&path)
            ),
            false,
        );
        case(
            format!("inclusion {newest} {} {leaf} {}", entry ^ 1, list(&path)),
            false,
        );
        let mut altered = path.clone();
        altered[0] = leaf_hash(b"forged");
        case(
            format!("inclusion {newest} {entry} {leaf} {}", list(&altered)),
            false,
        );
        case(
            format!("inclusion {newest} {entry} {leaf} {}", list(&path[1..])),
            false,
        );
    }
    for old in [1, 2, 255, 256, 300, 32_768, 65_535, 65_536, 65_999] {
        let nodes = log.nodes(&proof::consistency_needs(SIZE, old).unwrap());
        let path = proof::consistency(SIZE, old, &nodes).unwrap();
        case(
            format!("consistency {newest} {} {}", note(old), list(&path)),
            true,
        );
        let other = STANDARD.encode(signer.sign(old, leaf_hash(b"another past")).unwrap());
        case(
            format!("consistency {newest} {other} {}", list(&path)),
            false,
        );
    }

    let answers = outside(signer.public(), &cases);
    assert_eq!(answers.len(), expected.len());
    for ((line, accepted), answer) in expected.iter().zip(&answers) {
        assert_eq!(answer == "accepted", *accepted, "{line}: {answer}");
    }
}
