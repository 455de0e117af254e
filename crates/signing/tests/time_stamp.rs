//! Tokens of a pretended authority and of openssl's, judged; and each thing that can be wrong with one.
#![expect(clippy::unwrap_used, reason = "tests")]

mod authority;

use authority::{Authority, authority, authority_with, purposes};
use signing::pretend::Trouble;
use signing::{Chain, Policy, Question, Refused, Stamped, Trust, Wanted, answer, judge};
use std::path::Path;
use std::process::Command;

const NOW_US: i64 = 1_795_186_800_123_456;
const MINUTE_US: i64 = 60_000_000;
const CONTENT: &[u8] = "onshin/ledger/00000000000000000000000000\n3\nroot\n".as_bytes();

fn wanted(trust: Option<&Trust>) -> Wanted<'_> {
    Wanted {
        content: CONTENT,
        between: (NOW_US - MINUTE_US, NOW_US + MINUTE_US),
        policy: None,
        trust,
        pretended: true,
    }
}

fn question() -> Question {
    Question::new(CONTENT, [0xff, 1, 2, 3, 4, 5, 6, 7], None).unwrap()
}

fn asked(
    authority: &Authority,
    trouble: Option<Trouble>,
    wanted: Wanted<'_>,
) -> Result<Stamped, Refused> {
    let question = question();
    let body = authority
        .pretend
        .answer(&question.to_der().unwrap(), NOW_US, 9, trouble)
        .unwrap();
    answer(&body, &question, wanted)
}

#[test]
fn a_sound_token_passes_and_says_when_by_whom_and_under_which_rules() {
    let authority = authority();
    let trust = Trust::from_pem(authority.root_pem.as_bytes()).unwrap();
    let stamped = asked(&authority, None, wanted(Some(&trust))).unwrap();
    assert_eq!(stamped.at_us, NOW_US);
    assert_eq!(stamped.authority, "模擬 signer");
    assert_eq!(stamped.chain, Chain::Trusted);
    assert!(stamped.pretended);
    assert_eq!(
        judge(&stamped.token, wanted(Some(&trust))).as_ref(),
        Ok(&stamped)
    );
    let untraced = asked(&authority, None, wanted(None)).unwrap();
    assert_eq!(untraced.chain, Chain::NotChecked);
}

#[test]
fn each_trouble_of_an_authority_is_refused_for_what_it_is() {
    let authority = authority();
    let trust = Trust::from_pem(authority.root_pem.as_bytes()).unwrap();
    let policy = Policy::parse("1.3.6.1.4.1.32473.3161.1");
    for (trouble, refused) in [
        (
            Trouble::Declines,
            Refused::Declined(2, "a pretended refusal".into()),
        ),
        (Trouble::OtherNonce, Refused::Nonce),
        (Trouble::OtherImprint, Refused::Imprint),
        (
            Trouble::Clock(2 * MINUTE_US),
            Refused::Time(NOW_US + 2 * MINUTE_US),
        ),
        (
            Trouble::Clock(-2 * MINUTE_US),
            Refused::Time(NOW_US - 2 * MINUTE_US),
        ),
        (Trouble::OtherPolicy, Refused::Policy),
        (Trouble::Nameless, Refused::Signer),
        (Trouble::FalseSignature, Refused::Signature),
    ] {
        let wanted = Wanted {
            policy,
            ..wanted(Some(&trust))
        };
        assert_eq!(
            asked(&authority, Some(trouble), wanted),
            Err(refused),
            "{trouble:?}"
        );
    }
}

#[test]
fn a_pretended_authority_is_refused_where_it_is_not_wanted() {
    let authority = authority();
    let strict = Wanted {
        pretended: false,
        ..wanted(None)
    };
    assert_eq!(asked(&authority, None, strict), Err(Refused::Pretended));
    // Not even under another policy: its certificates bear the mark.
    assert_eq!(
        asked(&authority, Some(Trouble::OtherPolicy), strict),
        Err(Refused::Pretended)
    );
    assert!(
        Trust::from_pem(authority.root_pem.as_bytes())
            .unwrap()
            .pretends()
    );
}

#[test]
fn a_token_of_another_authority_or_of_a_certificate_for_more_is_refused() {
    let (ours, other) = (authority(), authority());
    let trust = Trust::from_pem(other.root_pem.as_bytes()).unwrap();
    assert_eq!(
        asked(&ours, None, wanted(Some(&trust))),
        Err(Refused::Chain)
    );
    for wrong in [
        purposes(&[8], false),
        purposes(&[8, 1], true),
        purposes(&[1], true),
    ] {
        let authority = authority_with(wrong);
        assert_eq!(asked(&authority, None, wanted(None)), Err(Refused::Signer));
    }
}

#[test]
fn no_byte_of_a_token_can_be_changed_without_being_found() {
    let authority = authority();
    let trust = Trust::from_pem(authority.root_pem.as_bytes()).unwrap();
    let token = asked(&authority, None, wanted(Some(&trust))).unwrap().token;
    let mut same = Vec::new();
    for place in 0..token.len() {
        let mut changed = token.clone();
        changed[place] ^= 1;
        if let Ok(stamped) = judge(&changed, wanted(Some(&trust))) {
            // What lies outside of every signature may differ; what the token says may not.
            assert_eq!(
                (stamped.at_us, stamped.authority.as_str()),
                (NOW_US, "模擬 signer")
            );
            same.push(place);
        }
    }
    assert!(
        same.len() < 12,
        "a version and the list of algorithms only: {same:?}"
    );
}

#[test]
fn what_is_no_token_is_refused_and_never_more_than_is_bounded_is_read() {
    let question = question();
    for body in [
        &b""[..],
        b"<html>",
        &[0x30, 0x80],
        &[0x30, 0x03, 0x02, 0x01, 0x00],
        &vec![0x30; 1 << 20],
    ] {
        assert!(matches!(
            answer(body, &question, wanted(None)),
            Err(Refused::Malformed(_))
        ));
    }
}

/// openssl, or nothing where it is not installed.
fn openssl(folder: &Path, arguments: &[&str]) -> Option<bool> {
    let done = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .ok()?;
    Some(done.status.success())
}

fn is_there() -> bool {
    let there = openssl(Path::new("."), &["version"]).is_some();
    assert!(
        there || std::env::var_os("CI").is_none(),
        "openssl is a program that `cargo xtask install` gets"
    );
    there
}

#[test]
fn openssl_accepts_what_the_pretended_authority_made_and_refuses_it_altered() {
    if !is_there() {
        return;
    }
    let authority = authority();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let trust = Trust::from_pem(authority.root_pem.as_bytes()).unwrap();
    let stamped = asked(&authority, None, wanted(Some(&trust))).unwrap();
    std::fs::write(at("root.pem"), &authority.root_pem).unwrap();
    std::fs::write(at("content"), CONTENT).unwrap();
    std::fs::write(at("other"), b"something else").unwrap();
    std::fs::write(at("token.der"), &stamped.token).unwrap();
    let mut altered = stamped.token.clone();
    // A digit of genTime.
    let time = b"20261120150000.123456Z";
    let place = altered
        .windows(time.len())
        .position(|window| window == time)
        .unwrap();
    altered[place + 3] = b'5';
    std::fs::write(at("altered.der"), altered).unwrap();
    let verifies = |token: &str, content: &str| {
        let arguments = [
            "ts",
            "-verify",
            "-in",
            token,
            "-token_in",
            "-data",
            content,
            "-CAfile",
            "root.pem",
            "-attime",
            "1795186801",
        ];
        openssl(folder.path(), &arguments).unwrap()
    };
    assert!(verifies("token.der", "content"));
    assert!(!verifies("altered.der", "content"));
    assert!(!verifies("token.der", "other"));
}

const CONFIGURATION: &str = "
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = signer.pem
signer_key = signer.key
certs = root.pem
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = ESS
clock_precision_digits = 3
ess_cert_id_chain = no
accuracy = secs:1, millisecs:500
[stamping]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = critical,timeStamping
[root]
basicConstraints = critical,CA:TRUE
";

fn run(folder: &Path, arguments: &[&str]) {
    assert_eq!(openssl(folder, arguments), Some(true), "{arguments:?}");
}

/// An authority with a root of its own.
fn openssl_authority(folder: &Path, key: &[&str], ess: &str) {
    std::fs::write(folder.join("tsa.cnf"), CONFIGURATION.replace("ESS", ess)).unwrap();
    std::fs::write(folder.join("serial"), "01\n").unwrap();
    for name in ["root.key", "signer.key"] {
        run(folder, &[&["genpkey", "-out", name], key].concat());
    }
    run(
        folder,
        &[
            "req",
            "-x509",
            "-new",
            "-key",
            "root.key",
            "-subj",
            "/CN=Test Root",
            "-days",
            "3650",
            "-out",
            "root.pem",
            "-config",
            "tsa.cnf",
            "-extensions",
            "root",
        ],
    );
    run(
        folder,
        &[
            "req",
            "-new",
            "-key",
            "signer.key",
            "-subj",
            "/O=Test/CN=Test TSA",
            "-out",
            "signer.csr",
        ],
    );
    run(
        folder,
        &[
            "x509",
            "-req",
            "-in",
            "signer.csr",
            "-CA",
            "root.pem",
            "-CAkey",
            "root.key",
            "-CAcreateserial",
            "-days",
            "3650",
            "-out",
            "signer.pem",
            "-extfile",
            "tsa.cnf",
            "-extensions",
            "stamping",
        ],
    );
}

/// Its answer to `question.tsq`.
fn openssl_answers(folder: &Path) {
    run(
        folder,
        &[
            "ts",
            "-reply",
            "-queryfile",
            "question.tsq",
            "-config",
            "tsa.cnf",
            "-out",
            "answer.tsr",
        ],
    );
}

/// openssl as an authority: with RSA and elliptic curves, naming its certificate in the old way and the new.
#[test]
fn tokens_made_by_openssl_pass_and_altered_ones_do_not() {
    if !is_there() {
        return;
    }
    for (key, ess) in [
        (
            &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"][..],
            "sha256",
        ),
        (
            &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
            "sha1",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        openssl_authority(folder.path(), key, ess);
        let question = question();
        std::fs::write(at("question.tsq"), question.to_der().unwrap()).unwrap();
        openssl_answers(folder.path());
        let body = std::fs::read(at("answer.tsr")).unwrap();
        let trust = Trust::from_pem(&std::fs::read(at("root.pem")).unwrap()).unwrap();
        let wanted = Wanted {
            between: (0, i64::MAX),
            policy: Policy::parse("1.2.3.4.1"),
            pretended: false,
            ..wanted(Some(&trust))
        };
        let stamped = answer(&body, &question, wanted).unwrap();
        assert_eq!(stamped.authority, "Test TSA, Test");
        assert_eq!(stamped.accuracy_us, Some(1_500_000));
        assert!(!stamped.pretended);
        let mut altered = body.clone();
        let last = altered.len() - 1;
        altered[last] ^= 1;
        assert!(answer(&altered, &question, wanted).is_err());
    }
}
