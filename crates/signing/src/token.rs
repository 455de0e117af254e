//! The signed envelope of a token (CMS `SignedData`, RFC 5652): one signer, who is named by the token itself.

use crate::answer::Refused;
use crate::trust::Trust;
use crate::wire::{
    CONTENT_TYPE, MESSAGE_DIGEST, SHA_256, SHA_384, SHA_512, SIGNED_DATA, SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2, SigningCertificate, SigningCertificateV2, TIME_STAMPING, TST_INFO,
};
use aws_lc_rs::digest::{self, digest};
use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Any, Decode as _, Encode as _, Tagged as _};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::{EndEntityCert, aws_lc_rs as algorithms};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectKeyIdentifier};

/// Certificates in a token: a signer and its chain.
const CERTIFICATES_MAX: usize = 16;

/// An opened token. Nothing of it is proved yet.
pub(crate) struct Signed {
    /// The bytes of `TSTInfo`.
    pub(crate) content: Vec<u8>,
    info: SignerInfo,
    certificates: Vec<(Certificate, CertificateDer<'static>)>,
}

/// The signer's certificate.
pub(crate) struct Signer {
    certificate: Certificate,
    der: CertificateDer<'static>,
}

/// Opens a token.
pub(crate) fn open(token: &[u8]) -> Result<Signed, Refused> {
    let outer = ContentInfo::from_der(token).map_err(|_| Refused::Malformed("ContentInfo"))?;
    if outer.content_type != SIGNED_DATA {
        return Err(Refused::Malformed("no SignedData"));
    }
    let data: SignedData = outer
        .content
        .decode_as()
        .map_err(|_| Refused::Malformed("SignedData"))?;
    if data.encap_content_info.econtent_type != TST_INFO {
        return Err(Refused::Malformed("no TSTInfo"));
    }
    let content = data
        .encap_content_info
        .econtent
        .ok_or(Refused::Malformed("no content"))?;
    let content = content
        .decode_as::<OctetStringRef<'_>>()
        .map_err(|_| Refused::Malformed("content"))?
        .as_bytes()
        .to_vec();
    let mut signers = data.signer_infos.0.into_vec().into_iter();
    let (Some(info), None) = (signers.next(), signers.next()) else {
        return Err(Refused::Malformed("not one signer"));
    };
    let mut certificates = Vec::new();
    for choice in data.certificates.iter().flat_map(|set| set.0.iter()) {
        if certificates.len() >= CERTIFICATES_MAX {
            return Err(Refused::Malformed("too many certificates"));
        }
        if let CertificateChoices::Certificate(certificate) = choice {
            let der = certificate
                .to_der()
                .map_err(|_| Refused::Malformed("certificate"))?;
            certificates.push((certificate.clone(), CertificateDer::from(der)));
        }
    }
    Ok(Signed {
        content,
        info,
        certificates,
    })
}

impl Signed {
    /// The signer's certificate among those of the token; it must be for time-stamping and nothing else.
    pub(crate) fn signer(&self) -> Result<Signer, Refused> {
        let (certificate, der) = self
            .certificates
            .iter()
            .find(|(certificate, _)| is_named(&self.info.sid, certificate))
            .ok_or(Refused::Signer)?;
        let usage = certificate
            .tbs_certificate
            .get::<ExtendedKeyUsage>()
            .map_err(|_| Refused::Signer)?;
        match usage {
            Some((true, ExtendedKeyUsage(uses))) if uses == [TIME_STAMPING] => Ok(Signer {
                certificate: certificate.clone(),
                der: der.clone(),
            }),
            Some(_) | None => Err(Refused::Signer),
        }
    }

    /// The signature over the signed attributes, and these over the content and the signer's certificate.
    pub(crate) fn prove(&self, signer: &Signer) -> Result<(), Refused> {
        let algorithm = digest_of(self.info.digest_alg.oid).ok_or(Refused::Signature)?;
        if self.attribute(CONTENT_TYPE)?.decode_as() != Ok(TST_INFO) {
            return Err(Refused::Malformed("content type"));
        }
        let said = self.attribute(MESSAGE_DIGEST)?;
        let said = said
            .decode_as::<OctetStringRef<'_>>()
            .map_err(|_| Refused::Malformed("message digest"))?;
        if said.as_bytes() != digest(algorithm, &self.content).as_ref() {
            return Err(Refused::Signature);
        }
        self.names(signer)?;
        // What is signed is the SET itself, not its place in the envelope (RFC 5652 section 5.4).
        let attributes = self
            .info
            .signed_attrs
            .as_ref()
            .ok_or(Refused::Malformed("no signed attributes"))?
            .to_der()
            .map_err(|_| Refused::Malformed("signed attributes"))?;
        let certificate = signer.webpki()?;
        let signature = self.info.signature.as_bytes();
        let kinds = kinds(self.info.signature_algorithm.oid, self.info.digest_alg.oid);
        if kinds.iter().any(|kind| {
            certificate
                .verify_signature(*kind, &attributes, signature)
                .is_ok()
        }) {
            Ok(())
        } else {
            Err(Refused::Signature)
        }
    }

    /// Whether the signer leads to the authority's certificates at that time.
    pub(crate) fn trace(&self, signer: &Signer, trust: &Trust, at_us: i64) -> Result<(), Refused> {
        let others: Vec<_> = self
            .certificates
            .iter()
            .map(|(_, der)| der.clone())
            .filter(|der| *der != signer.der)
            .collect();
        trust.holds(&signer.webpki()?, &others, at_us)
    }

    /// The one value of a signed attribute that stands there once.
    fn attribute(&self, kind: ObjectIdentifier) -> Result<Any, Refused> {
        self.optional(kind)?
            .ok_or(Refused::Malformed("a signed attribute is missing"))
    }

    fn optional(&self, kind: ObjectIdentifier) -> Result<Option<Any>, Refused> {
        let all = self.info.signed_attrs.iter().flat_map(|set| set.iter());
        let mut found = all.filter(|attribute| attribute.oid == kind);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(one), None) if one.values.len() == 1 => Ok(one.values.get(0).cloned()),
            (Some(_), _) => Err(Refused::Malformed("a signed attribute stands twice")),
        }
    }

    /// Whether the token itself names this certificate as its signer's: another one with the same key will not do.
    fn names(&self, signer: &Signer) -> Result<(), Refused> {
        let bad = |_| Refused::Malformed("signing certificate");
        if let Some(value) = self.optional(SIGNING_CERTIFICATE_V2)? {
            let named: SigningCertificateV2 = value.decode_as().map_err(bad)?;
            let first = named.certs.first().ok_or(Refused::Signer)?;
            let oid = first
                .hash_algorithm
                .as_ref()
                .map_or(SHA_256, |said| said.oid);
            let algorithm = digest_of(oid).ok_or(Refused::Signer)?;
            return same(first.cert_hash.as_bytes(), algorithm, signer);
        }
        let value = self.optional(SIGNING_CERTIFICATE)?.ok_or(Refused::Signer)?;
        let named: SigningCertificate = value.decode_as().map_err(bad)?;
        let first = named.certs.first().ok_or(Refused::Signer)?;
        same(
            first.cert_hash.as_bytes(),
            &digest::SHA1_FOR_LEGACY_USE_ONLY,
            signer,
        )
    }
}

impl Signer {
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// The subject, as a reader knows it.
    pub(crate) fn name(&self) -> String {
        subject(&self.certificate)
    }

    fn webpki(&self) -> Result<EndEntityCert<'_>, Refused> {
        EndEntityCert::try_from(&self.der).map_err(|_| Refused::Signer)
    }
}

/// The subject's names, parted by commas: the most telling first.
pub(crate) fn subject(certificate: &Certificate) -> String {
    let mut names = Vec::new();
    for part in certificate.tbs_certificate.subject.0.iter().rev() {
        for named in part.0.iter() {
            if matches!(
                named.value.tag(),
                der::Tag::Utf8String | der::Tag::PrintableString | der::Tag::Ia5String
            ) && let Ok(text) = str::from_utf8(named.value.value())
            {
                names.push(text.to_owned());
            }
        }
    }
    names.join(", ")
}

fn same(
    said: &[u8],
    algorithm: &'static digest::Algorithm,
    signer: &Signer,
) -> Result<(), Refused> {
    if said == digest(algorithm, &signer.der).as_ref() {
        Ok(())
    } else {
        Err(Refused::Signer)
    }
}

fn is_named(sid: &SignerIdentifier, certificate: &Certificate) -> bool {
    let held = &certificate.tbs_certificate;
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            named.issuer == held.issuer && named.serial_number == held.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => held
            .get::<SubjectKeyIdentifier>()
            .is_ok_and(|found| found.is_some_and(|(_, key)| key == *named)),
    }
}

/// The digests that are accepted.
fn digest_of(oid: ObjectIdentifier) -> Option<&'static digest::Algorithm> {
    match oid {
        SHA_256 => Some(&digest::SHA256),
        SHA_384 => Some(&digest::SHA384),
        SHA_512 => Some(&digest::SHA512),
        _ => None,
    }
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const RSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const ECDSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");

/// The kinds of signature that an algorithm can mean; the key of the certificate decides between them.
fn kinds(
    algorithm: ObjectIdentifier,
    digest: ObjectIdentifier,
) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
    let same = |with| digest == with;
    match algorithm {
        RSA if same(SHA_256) => vec![algorithms::RSA_PKCS1_2048_8192_SHA256],
        RSA if same(SHA_384) => vec![algorithms::RSA_PKCS1_2048_8192_SHA384],
        RSA if same(SHA_512) => vec![algorithms::RSA_PKCS1_2048_8192_SHA512],
        RSA_SHA_256 => vec![algorithms::RSA_PKCS1_2048_8192_SHA256],
        RSA_SHA_384 => vec![algorithms::RSA_PKCS1_2048_8192_SHA384],
        RSA_SHA_512 => vec![algorithms::RSA_PKCS1_2048_8192_SHA512],
        RSA_PSS if same(SHA_256) => vec![algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY],
        RSA_PSS if same(SHA_384) => vec![algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY],
        RSA_PSS if same(SHA_512) => vec![algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY],
        ECDSA_SHA_256 => vec![
            algorithms::ECDSA_P256_SHA256,
            algorithms::ECDSA_P384_SHA256,
            algorithms::ECDSA_P521_SHA256,
        ],
        ECDSA_SHA_384 => vec![
            algorithms::ECDSA_P256_SHA384,
            algorithms::ECDSA_P384_SHA384,
            algorithms::ECDSA_P521_SHA384,
        ],
        ECDSA_SHA_512 => vec![algorithms::ECDSA_P521_SHA512],
        _ => Vec::new(),
    }
}
