//! A pretended authority with keys and certificates of its own, for the tests of this crate and of `store`.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    SigningKey as _,
};
use signing::pretend::Pretend;

/// A root, and a signer that is for time-stamping alone.
pub(crate) struct Authority {
    pub(crate) root_pem: String,
    pub(crate) pretend: Pretend,
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
    params
}

/// id-ce-extKeyUsage with these purposes under id-kp.
pub(crate) fn purposes(last: &[u8], critical: bool) -> CustomExtension {
    let mut inner = Vec::new();
    for one in last {
        inner.extend([0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, *one]);
    }
    let mut content = vec![0x30, u8::try_from(inner.len()).unwrap()];
    content.extend(inner);
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 37], content);
    extension.set_criticality(critical);
    extension
}

pub(crate) fn authority_with(purposes: CustomExtension) -> Authority {
    let root_key = KeyPair::generate().unwrap();
    let mut root = named("模擬 root");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_certificate = root.self_signed(&root_key).unwrap();
    let issuer = Issuer::new(root, root_key);
    let key = KeyPair::generate().unwrap();
    let mut signer = named("模擬 signer");
    signer.custom_extensions.push(purposes);
    let signer = signer.signed_by(&key, &issuer).unwrap();
    let chain = [signer.der().as_ref().to_vec()];
    Authority {
        root_pem: root_certificate.pem(),
        pretend: Pretend::new(&chain, Box::new(move |bytes| key.sign(bytes).ok())).unwrap(),
    }
}

pub(crate) fn authority() -> Authority {
    authority_with(purposes(&[8], true))
}
