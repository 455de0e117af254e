//! Cookies: one name per surface, so that no surface ever takes another's sign-in.

use crate::{surface::Surface, words::Lang};
use access::TenantId;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Random bytes of a token.
pub(crate) const TOKEN_BYTES: usize = 32;
/// Longest cookie header that is read; browsers send less.
const HEADER_BYTES_MAX: usize = 8 * 1024;
/// How long a browser keeps its device cookie: the longest that browsers allow.
const DEVICE_SECONDS: u32 = 400 * 24 * 60 * 60;
/// The language cookie.
const LANG: &str = "on-lang";
/// The cookie of who wants no keys that act by themselves.
const KEYS: &str = "on-keys";

/// A 256-bit token as it stands in a cookie. Not printable.
#[derive(Clone)]
pub(crate) struct Token([u8; TOKEN_BYTES]);

impl Token {
    pub(crate) const fn new(bytes: [u8; TOKEN_BYTES]) -> Self {
        Self(bytes)
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What storage keeps.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

fn names(surface: Surface) -> Option<(&'static str, &'static str, &'static str)> {
    match surface {
        Surface::Patient => Some((
            "__Host-onshin-patient",
            "__Host-onshin-patient-device",
            "Lax",
        )),
        Surface::Staff => Some((
            "__Host-onshin-staff",
            "__Host-onshin-staff-device",
            "Strict",
        )),
        Surface::Admin => None,
    }
}

/// The session cookie of a surface: which institution's sessions to look in, and the token.
pub(crate) fn session(surface: Surface, headers: &HeaderMap) -> Option<(TenantId, Token)> {
    let (name, _, _) = names(surface)?;
    let (tenant, token) = find(headers, name)?.split_once('.')?;
    Some((tenant.parse().ok()?, Token::parse(token)?))
}

/// The device cookie of a surface.
pub(crate) fn device(surface: Surface, headers: &HeaderMap) -> Option<Token> {
    let (_, name, _) = names(surface)?;
    Token::parse(find(headers, name)?)
}

/// The language that the reader chose.
pub(crate) fn lang(headers: &HeaderMap) -> Option<Lang> {
    Lang::parse(find(headers, LANG)?)
}

pub(crate) fn set_session(
    surface: Surface,
    tenant: TenantId,
    token: &Token,
) -> Option<HeaderValue> {
    let (name, _, site) = names(surface)?;
    let text = token.text();
    HeaderValue::from_str(&format!(
        "{name}={tenant}.{text}; Path=/; Secure; HttpOnly; SameSite={site}"
    ))
    .ok()
}

pub(crate) fn set_device(surface: Surface, token: &Token) -> Option<HeaderValue> {
    let (_, name, site) = names(surface)?;
    let text = token.text();
    HeaderValue::from_str(&format!(
        "{name}={text}; Path=/; Max-Age={DEVICE_SECONDS}; Secure; HttpOnly; SameSite={site}"
    ))
    .ok()
}

pub(crate) fn set_lang(lang: Lang) -> HeaderValue {
    HeaderValue::from_static(match lang {
        Lang::Ja => "on-lang=ja; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax",
        Lang::En => "on-lang=en; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax",
    })
}

/// Whether keys act by themselves: yes, until the reader has said no.
pub(crate) fn keys(headers: &HeaderMap) -> bool {
    find(headers, KEYS) != Some("off")
}

pub(crate) fn set_keys(on: bool) -> HeaderValue {
    HeaderValue::from_static(if on {
        "on-keys=on; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax"
    } else {
        "on-keys=off; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax"
    })
}

pub(crate) fn end_session(surface: Surface) -> Option<HeaderValue> {
    let (name, _, site) = names(surface)?;
    HeaderValue::from_str(&format!(
        "{name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite={site}"
    ))
    .ok()
}

/// A cookie by its name. A name sent twice counts as none: one of them is not ours.
fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut found = None;
    for header in headers.get_all(header::COOKIE) {
        let text = header
            .to_str()
            .ok()
            .filter(|text| text.len() <= HEADER_BYTES_MAX)?;
        for pair in text.split(';') {
            if let Some((key, value)) = pair.trim().split_once('=')
                && key == name
            {
                if found.is_some() {
                    return None;
                }
                found = Some(value);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(text))])
    }

    #[test]
    fn a_cookie_sent_twice_counts_as_none() {
        assert_eq!(find(&headers("a=1; b=2"), "b"), Some("2"));
        assert_eq!(find(&headers("a=1; a=2"), "a"), None);
        assert_eq!(find(&headers("xa=1"), "a"), None);
    }

    #[test]
    fn a_token_survives_its_cookie_and_only_on_its_surface() {
        let token = Token::new([9; TOKEN_BYTES]);
        let set = set_session(Surface::Staff, TenantId::INSTALLATION, &token).unwrap();
        let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        let returned =
            HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&pair).unwrap())]);
        let (tenant, read) = session(Surface::Staff, &returned).unwrap();
        assert!(tenant == TenantId::INSTALLATION && read.hash() == token.hash());
        assert!(session(Surface::Patient, &returned).is_none());
        assert!(session(Surface::Admin, &returned).is_none());
    }
}
