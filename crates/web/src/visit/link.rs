//! The address of a link: which institution, and a secret, in one word of the path.

use access::{TenantId, Ulid};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

/// Random bytes of a link.
pub const SECRET_BYTES: usize = 16;
/// Bytes of an institution's id.
const TENANT_BYTES: usize = 16;

/// The word of a link: 43 characters.
pub fn encode(tenant: TenantId, secret: &[u8; SECRET_BYTES]) -> String {
    let mut bytes = tenant.0.to_bytes().to_vec();
    bytes.extend(secret);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a word; `None` if it is no link of ours.
pub fn decode(word: &str) -> Option<(TenantId, [u8; SECRET_BYTES])> {
    let bytes: [u8; TENANT_BYTES + SECRET_BYTES] =
        BASE64_URL_SAFE_NO_PAD.decode(word).ok()?.try_into().ok()?;
    let (tenant, secret) = bytes.split_at(TENANT_BYTES);
    let tenant = Ulid::from_bytes(tenant.try_into().ok()?);
    Some((TenantId(tenant), secret.try_into().ok()?))
}

/// The whole address that a message carries.
pub fn address(public_url: &str, tenant: TenantId, secret: &[u8; SECRET_BYTES]) -> String {
    format!("{public_url}/v/{}", encode(tenant, secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_its_institution_and_nothing_else_is_one() {
        let tenant = TenantId(Ulid::from_parts(7, 9));
        let word = encode(tenant, &[5; SECRET_BYTES]);
        assert!(decode(&word) == Some((tenant, [5; SECRET_BYTES])));
        for wrong in ["", "abc", &word[1..], &format!("{word}A"), "=", "あ"] {
            assert!(decode(wrong).is_none(), "{wrong}");
        }
    }
}
