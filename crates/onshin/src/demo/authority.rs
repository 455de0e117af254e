//! The demo's pretended time-stamp authority (模擬): its own key, made at the first start and kept in the demo's folder.

use crate::{outcome::Outcome, timestamp::Authority};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    SigningKey as _,
};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use signing::{
    Trust,
    pretend::{MARK, Pretend},
};
use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

/// The root's certificate, by which the demo's tokens are verified.
pub(crate) const ROOT: &str = "time-stamp-root.pem";
/// The signer's certificate.
pub(super) const SIGNER: &str = "time-stamp-signer.pem";
/// The signer's key.
pub(super) const KEY: &str = "time-stamp-signer.key";

/// id-ce-extKeyUsage, and in it id-kp-timeStamping alone.
const USAGE: &[u64] = &[2, 5, 29, 37];
const TIME_STAMPING: &[u8] = &[
    0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08,
];

/// The authority of a demo's folder.
///
/// # Errors
///
/// Its files can be neither made nor read.
pub(crate) fn of(state: &Path) -> Result<Authority, Outcome> {
    let (root, signer, key) = (state.join(ROOT), state.join(SIGNER), state.join(KEY));
    if ![&root, &signer, &key].iter().all(|file| file.exists()) {
        let made = make().map_err(Outcome::machine)?;
        for (file, text) in [(&root, made.root), (&signer, made.signer), (&key, made.key)] {
            keep(file, &text).map_err(|why| Outcome::file(file, &why))?;
        }
    }
    let pem = std::fs::read(&root).map_err(|why| Outcome::file(&root, &why))?;
    let trust = Trust::from_pem(&pem).map_err(Outcome::machine)?;
    let certificate = CertificateDer::from_pem_file(&signer).map_err(Outcome::machine)?;
    let pem = std::fs::read_to_string(&key).map_err(|why| Outcome::file(&key, &why))?;
    let key = KeyPair::from_pem(&pem).map_err(Outcome::machine)?;
    let sign = Box::new(move |bytes: &[u8]| key.sign(bytes).ok());
    let pretend = Pretend::new(&[certificate.as_ref().to_vec()], sign).map_err(Outcome::machine)?;
    Ok(Authority::pretended(pretend, trust))
}

/// What was made, as PEM.
struct Made {
    root: String,
    signer: String,
    key: String,
}

fn make() -> Result<Made, rcgen::Error> {
    let root_key = KeyPair::generate()?;
    let mut root = named("時刻認証局の証明書 (onshin demo root)");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_certificate = root.self_signed(&root_key)?;
    let key = KeyPair::generate()?;
    let mut signer = named("時刻認証局 (onshin demo time-stamping)");
    let mut usage = CustomExtension::from_oid_content(USAGE, TIME_STAMPING.to_vec());
    usage.set_criticality(true);
    signer.custom_extensions.push(usage);
    let signer = signer.signed_by(&key, &Issuer::new(root, root_key))?;
    Ok(Made {
        root: root_certificate.pem(),
        signer: signer.pem(),
        key: key.serialize_pem(),
    })
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, format!("{MARK} {name}"));
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2099, 1, 1);
    params
}

fn keep(file: &Path, text: &str) -> std::io::Result<()> {
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    out.write_all(text.as_bytes())
}
