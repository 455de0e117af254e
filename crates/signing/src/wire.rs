//! The forms of RFC 3161 and of the ESS attributes (RFC 5035) as they travel, and nothing about their meaning.
//!
//! Written here because `x509-tsp` 0.1 reads no fraction of a second in `genTime`, which authorities do send.

use der::asn1::{Any, BitString, Int, ObjectIdentifier, OctetString};
use der::{
    DateTime, DecodeValue, EncodeValue, ErrorKind, FixedTag, Header, Length, Reader, Sequence, Tag,
    Writer,
};
use x509_cert::ext::Extensions;
use x509_cert::spki::AlgorithmIdentifierOwned;

/// `id-ct-TSTInfo`.
pub(crate) const TST_INFO: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// `id-signedData`.
pub(crate) const SIGNED_DATA: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// The attribute that repeats the type of what is signed.
pub(crate) const CONTENT_TYPE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
/// The attribute with the digest of what is signed.
pub(crate) const MESSAGE_DIGEST: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// The attribute that names the signer's certificate by its SHA-1.
pub(crate) const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
/// The same by any digest.
pub(crate) const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
pub(crate) const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
pub(crate) const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
pub(crate) const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
/// `id-kp-timeStamping`.
pub(crate) const TIME_STAMPING: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// SHA-256 without parameters, as both sides write it.
pub(crate) const fn sha_256() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid: SHA_256,
        parameters: None,
    }
}

/// What is stamped, by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct MessageImprint {
    pub(crate) hash_algorithm: AlgorithmIdentifierOwned,
    pub(crate) hashed_message: OctetString,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct TimeStampReq {
    pub(crate) version: u8,
    pub(crate) message_imprint: MessageImprint,
    #[asn1(optional = "true")]
    pub(crate) req_policy: Option<ObjectIdentifier>,
    #[asn1(optional = "true")]
    pub(crate) nonce: Option<Int>,
    #[asn1(default = "Default::default")]
    pub(crate) cert_req: bool,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) extensions: Option<Extensions>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct TimeStampResp {
    pub(crate) status: PkiStatusInfo,
    #[asn1(optional = "true")]
    pub(crate) time_stamp_token: Option<Any>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct PkiStatusInfo {
    pub(crate) status: u8,
    #[asn1(optional = "true")]
    pub(crate) status_string: Option<Vec<String>>,
    #[asn1(optional = "true")]
    pub(crate) fail_info: Option<BitString>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct TstInfo {
    pub(crate) version: u8,
    pub(crate) policy: ObjectIdentifier,
    pub(crate) message_imprint: MessageImprint,
    pub(crate) serial_number: Int,
    pub(crate) gen_time: GenTime,
    #[asn1(optional = "true")]
    pub(crate) accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    pub(crate) ordering: bool,
    #[asn1(optional = "true")]
    pub(crate) nonce: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) tsa: Option<Any>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) extensions: Option<Extensions>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct Accuracy {
    #[asn1(optional = "true")]
    pub(crate) seconds: Option<u32>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) millis: Option<u16>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) micros: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct SigningCertificate {
    pub(crate) certs: Vec<EssCertId>,
    #[asn1(optional = "true")]
    pub(crate) policies: Option<Any>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct EssCertId {
    pub(crate) cert_hash: OctetString,
    #[asn1(optional = "true")]
    pub(crate) issuer_serial: Option<Any>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct SigningCertificateV2 {
    pub(crate) certs: Vec<EssCertIdV2>,
    #[asn1(optional = "true")]
    pub(crate) policies: Option<Any>,
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct EssCertIdV2 {
    /// SHA-256 where it is left out.
    #[asn1(optional = "true")]
    pub(crate) hash_algorithm: Option<AlgorithmIdentifierOwned>,
    pub(crate) cert_hash: OctetString,
    #[asn1(optional = "true")]
    pub(crate) issuer_serial: Option<Any>,
}

/// `GeneralizedTime` in UTC with a fraction of a second, in µs since 1970. What is finer than a µs is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GenTime(pub(crate) i64);

/// Bytes of `YYYYMMDDhhmmss`.
const WHOLE: usize = 14;
/// Longest form read: nine digits after the point are more than anybody means.
const GEN_TIME_BYTES_MAX: u32 = 32;
const MICROS: i64 = 1_000_000;

impl GenTime {
    fn parse(text: &[u8]) -> Option<Self> {
        let (whole, rest) = text.split_at_checked(WHOLE)?;
        let number = |from: usize, digits: usize| {
            whole
                .get(from..from + digits)?
                .iter()
                .try_fold(0_u16, |sum, byte| {
                    byte.is_ascii_digit()
                        .then(|| sum * 10 + u16::from(byte - b'0'))
                })
        };
        let small = |from| number(from, 2).and_then(|number| u8::try_from(number).ok());
        let at = DateTime::new(
            number(0, 4)?,
            small(4)?,
            small(6)?,
            small(8)?,
            small(10)?,
            small(12)?,
        )
        .ok()?;
        let fraction = match rest.strip_suffix(b"Z")? {
            [] => 0,
            [b'.', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
                let padded = digits.iter().chain(&[b'0'; 6]).take(6);
                padded.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
            }
            _ => return None,
        };
        let seconds = i64::try_from(at.unix_duration().as_secs()).ok()?;
        Some(Self(seconds.checked_mul(MICROS)?.checked_add(fraction)?))
    }

    fn text(self) -> der::Result<String> {
        let seconds = u64::try_from(self.0.div_euclid(MICROS)).map_err(|_| ErrorKind::DateTime)?;
        let at = DateTime::from_unix_duration(std::time::Duration::from_secs(seconds))?;
        let fraction = self.0.rem_euclid(MICROS);
        let fraction = match fraction {
            0 => String::new(),
            fraction => format!(".{fraction:06}").trim_end_matches('0').to_owned(),
        };
        Ok(format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}{fraction}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minutes(),
            at.seconds()
        ))
    }
}

impl FixedTag for GenTime {
    const TAG: Tag = Tag::GeneralizedTime;
}

impl<'a> DecodeValue<'a> for GenTime {
    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        if u32::from(header.length) > GEN_TIME_BYTES_MAX {
            return Err(Self::TAG.value_error());
        }
        Self::parse(&reader.read_vec(header.length)?).ok_or_else(|| Self::TAG.value_error())
    }
}

impl EncodeValue for GenTime {
    fn value_len(&self) -> der::Result<Length> {
        Length::try_from(self.text()?.len())
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.text()?.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::{Decode as _, Encode as _};

    #[test]
    fn a_fraction_of_a_second_is_read_and_written() {
        for (text, us) in [
            ("20261120150000Z", 1_795_186_800_000_000),
            ("20261120150000.5Z", 1_795_186_800_500_000),
            ("20261120150000.123456Z", 1_795_186_800_123_456),
        ] {
            assert_eq!(GenTime::parse(text.as_bytes()), Some(GenTime(us)), "{text}");
            let der = GenTime(us).to_der().unwrap();
            assert_eq!(&der[2..], text.as_bytes());
            assert_eq!(GenTime::from_der(&der), Ok(GenTime(us)));
        }
        assert_eq!(
            GenTime::parse(b"20261120150000.1234569Z"),
            Some(GenTime(1_795_186_800_123_456))
        );
    }

    #[test]
    fn what_is_no_utc_time_is_refused() {
        for text in [
            "",
            "20261120150000",
            "20261120150000+0900",
            "20261120150000.Z",
            "20261120150000.1aZ",
            "20261320150000Z",
            "2026112015000Z",
            "\u{ff12}0261120150000Z",
        ] {
            assert_eq!(GenTime::parse(text.as_bytes()), None, "{text}");
        }
    }
}
