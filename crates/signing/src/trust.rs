//! Whom a token's signer must lead to: certificates that the operator took from the authority.

use crate::answer::Refused;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, UnixTime};
use std::fmt;
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// Certificates of one file.
const CERTIFICATES_MAX: usize = 64;
/// `id-kp-timeStamping` as its content bytes.
const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];

/// The authority's certificates.
#[derive(Clone)]
pub struct Trust(Vec<CertificateDer<'static>>);

/// A file of certificates that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrusted {
    /// It holds no certificate in PEM form, or too many.
    NoCertificate,
    /// One of its certificates cannot be a root.
    NoRoot,
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCertificate => "no certificate in PEM form",
            Self::NoRoot => "a certificate that cannot be a root",
        })
    }
}

impl std::error::Error for Untrusted {}

impl Trust {
    /// Reads a PEM file of root certificates.
    ///
    /// # Errors
    ///
    /// It holds none, or something else.
    pub fn from_pem(pem: &[u8]) -> Result<Self, Untrusted> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem)
            .take(CERTIFICATES_MAX + 1)
            .collect();
        let found = found.map_err(|_| Untrusted::NoCertificate)?;
        if found.is_empty() || found.len() > CERTIFICATES_MAX {
            return Err(Untrusted::NoCertificate);
        }
        for one in &found {
            anchor_from_trusted_cert(one).map_err(|_| Untrusted::NoRoot)?;
        }
        Ok(Self(found))
    }

    /// Whether one of them is a pretended authority's.
    #[must_use]
    pub fn pretends(&self) -> bool {
        self.0.iter().any(|one| crate::pretend::named_so(one))
    }

    /// Whether a signer's certificate led here at that time, for time-stamping.
    pub(crate) fn holds(
        &self,
        signer: &EndEntityCert<'_>,
        others: &[CertificateDer<'_>],
        at_us: i64,
    ) -> Result<(), Refused> {
        let roots: Vec<_> = self
            .0
            .iter()
            .filter_map(|one| anchor_from_trusted_cert(one).ok())
            .collect();
        let seconds = u64::try_from(at_us / 1_000_000).map_err(|_| Refused::Chain)?;
        signer
            .verify_for_usage(
                webpki::ALL_VERIFICATION_ALGS,
                &roots,
                others,
                UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                KeyUsage::required(TIME_STAMPING),
                None,
                None,
            )
            .map(|_| ())
            .map_err(|_| Refused::Chain)
    }
}
