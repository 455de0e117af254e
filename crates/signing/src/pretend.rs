//! A pretended time-stamp authority (模擬): it behaves like a real one, failures included, and proves nothing.
//!
//! Everything it makes carries its mark, so that [`crate::judge`] refuses it wherever it is not expressly wanted.

use crate::answer::Refused;
use crate::question::Policy;
use crate::token::subject;
use crate::wire::{
    CONTENT_TYPE, EssCertIdV2, GenTime, MESSAGE_DIGEST, PkiStatusInfo, SIGNED_DATA,
    SIGNING_CERTIFICATE_V2, SigningCertificateV2, TST_INFO, TimeStampReq, TimeStampResp, TstInfo,
    sha_256,
};
use aws_lc_rs::digest::{SHA256, digest};
use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{Int, ObjectIdentifier, OctetString, SetOfVec, Uint};
use der::{Any, Decode as _, Encode as _};
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::spki::AlgorithmIdentifierOwned;

/// How the names in its certificates begin.
pub const MARK: &str = "模擬";
/// Its policy, in the arc that is kept for examples (RFC 5612).
const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.3161.1");
/// That arc.
const EXAMPLES: [u32; 7] = [1, 3, 6, 1, 4, 1, 32473];
const ECDSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
/// `rejection`, RFC 3161 section 2.4.2.
const REJECTION: u8 = 2;

/// What can go wrong at an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It declines.
    Declines,
    /// It answers somebody else's question.
    OtherNonce,
    /// It stamps something else.
    OtherImprint,
    /// Its clock is this many µs wrong.
    Clock(i64),
    /// Its policy is another.
    OtherPolicy,
    /// It does not name its own certificate.
    Nameless,
    /// Its signature does not fit.
    FalseSignature,
}

/// Signs bytes with ECDSA over P-256 and SHA-256, the signature in DER form. The key is the shell's.
pub type Sign = Box<dyn Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync>;

/// The pretended authority. Not printable: it signs.
pub struct Pretend {
    /// The signer's certificate first.
    chain: Vec<Certificate>,
    sign: Sign,
}

impl Pretend {
    /// An authority with these certificates in DER form, the signer's first. Their names must begin with [`MARK`].
    ///
    /// # Errors
    ///
    /// There is none, or one cannot be read or is not marked.
    pub fn new(chain: &[Vec<u8>], sign: Sign) -> Result<Self, Refused> {
        let chain: Vec<Certificate> = chain
            .iter()
            .map(|der| Certificate::from_der(der).map_err(|_| Refused::Malformed("certificate")))
            .collect::<Result<_, _>>()?;
        if chain.is_empty() || !chain.iter().all(|one| subject(one).starts_with(MARK)) {
            return Err(Refused::Signer);
        }
        Ok(Self { chain, sign })
    }

    /// Answers a request. `serial` must be new each time.
    ///
    /// # Errors
    ///
    /// The request is none.
    pub fn answer(
        &self,
        request: &[u8],
        now_us: i64,
        serial: u64,
        trouble: Option<Trouble>,
    ) -> Result<Vec<u8>, Refused> {
        let asked = TimeStampReq::from_der(request).map_err(|_| Refused::Malformed("request"))?;
        let made = match trouble {
            Some(Trouble::Declines) => Ok(declined()),
            Some(_) | None => self.granted(asked, now_us, serial, trouble),
        };
        made.and_then(|answer| answer.to_der())
            .map_err(|_| Refused::Malformed("answer"))
    }

    fn granted(
        &self,
        asked: TimeStampReq,
        now_us: i64,
        serial: u64,
        trouble: Option<Trouble>,
    ) -> der::Result<TimeStampResp> {
        let mut info = TstInfo {
            version: 1,
            policy: POLICY,
            message_imprint: asked.message_imprint,
            serial_number: Int::from(Uint::new(&serial.to_be_bytes())?),
            gen_time: GenTime(now_us),
            accuracy: None,
            ordering: false,
            nonce: asked.nonce,
            tsa: None,
            extensions: None,
        };
        match trouble {
            Some(Trouble::OtherNonce) => info.nonce = Some(Int::new(&[7])?),
            Some(Trouble::OtherImprint) => {
                info.message_imprint.hashed_message = OctetString::new([7; 32])?;
            }
            Some(Trouble::Clock(us)) => info.gen_time = GenTime(now_us + us),
            Some(Trouble::OtherPolicy) => {
                info.policy = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.3161.2");
            }
            Some(Trouble::Declines | Trouble::Nameless | Trouble::FalseSignature) | None => {}
        }
        let token = self.signed(&info.to_der()?, trouble)?;
        Ok(TimeStampResp {
            status: PkiStatusInfo {
                status: 0,
                status_string: None,
                fail_info: None,
            },
            time_stamp_token: Some(Any::encode_from(&token)?),
        })
    }

    fn signed(&self, content: &[u8], trouble: Option<Trouble>) -> der::Result<ContentInfo> {
        let Some(signer) = self.chain.first() else {
            return Err(der::ErrorKind::Failed.into());
        };
        let mut attributes = SetOfVec::new();
        attributes.insert(attribute(CONTENT_TYPE, &TST_INFO)?)?;
        let hash = digest(&SHA256, content);
        attributes.insert(attribute(
            MESSAGE_DIGEST,
            &OctetString::new(hash.as_ref())?,
        )?)?;
        if trouble != Some(Trouble::Nameless) {
            let named = SigningCertificateV2 {
                certs: vec![EssCertIdV2 {
                    hash_algorithm: None,
                    cert_hash: OctetString::new(digest(&SHA256, &signer.to_der()?).as_ref())?,
                    issuer_serial: None,
                }],
                policies: None,
            };
            attributes.insert(attribute(SIGNING_CERTIFICATE_V2, &named)?)?;
        }
        let mut over = attributes.to_der()?;
        if trouble == Some(Trouble::FalseSignature) {
            over.push(0);
        }
        let signature = (self.sign)(&over).ok_or(der::ErrorKind::Failed)?;
        let info = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: signer.tbs_certificate.issuer.clone(),
                serial_number: signer.tbs_certificate.serial_number.clone(),
            }),
            digest_alg: sha_256(),
            signed_attrs: Some(attributes),
            signature_algorithm: AlgorithmIdentifierOwned {
                oid: ECDSA_SHA_256,
                parameters: None,
            },
            signature: OctetString::new(signature)?,
            unsigned_attrs: None,
        };
        let mut certificates = SetOfVec::new();
        for one in &self.chain {
            certificates.insert(CertificateChoices::Certificate(one.clone()))?;
        }
        let data = SignedData {
            version: CmsVersion::V3,
            digest_algorithms: SetOfVec::from_iter([sha_256()])?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: TST_INFO,
                econtent: Some(Any::encode_from(&OctetString::new(content)?)?),
            },
            certificates: Some(CertificateSet(certificates)),
            crls: None,
            signer_infos: SignerInfos(SetOfVec::from_iter([info])?),
        };
        Ok(ContentInfo {
            content_type: SIGNED_DATA,
            content: Any::encode_from(&data)?,
        })
    }
}

fn attribute(
    oid: ObjectIdentifier,
    value: &(impl der::EncodeValue + der::Tagged),
) -> der::Result<Attribute> {
    Ok(Attribute {
        oid,
        values: SetOfVec::from_iter([Any::encode_from(value)?])?,
    })
}

fn declined() -> TimeStampResp {
    TimeStampResp {
        status: PkiStatusInfo {
            status: REJECTION,
            status_string: Some(vec!["a pretended refusal".to_owned()]),
            fail_info: None,
        },
        time_stamp_token: None,
    }
}

/// Whether a policy or a certificate is a pretended authority's.
pub(crate) fn pretends(policy: Policy, certificate: &[u8]) -> bool {
    policy.0.arcs().take(EXAMPLES.len()).eq(EXAMPLES) || named_so(certificate)
}

/// Whether a certificate bears the mark.
pub(crate) fn named_so(certificate: &[u8]) -> bool {
    Certificate::from_der(certificate).is_ok_and(|one| subject(&one).contains(MARK))
}
