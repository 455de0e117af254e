//! What is known of a request before anybody is asked for: surface, hour, language, nonce, and how to answer.

use crate::{
    caller::Caller,
    cookie,
    surface::Surface,
    words::{Lang, Words},
};
use access::TenantId;
use axum::http::{HeaderMap, Uri, header};
use jiff::Timestamp;
use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
};

/// Longest address that somebody may be sent back to.
const PLACE_BYTES_MAX: usize = 512;

/// How a refusal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    /// A whole page.
    Page,
    /// A block for the page that stands (htmx).
    Block,
    /// `application/problem+json`.
    Json,
}

/// One request's surroundings, in its extensions.
#[derive(Clone)]
pub(crate) struct Scene(Arc<Inner>);

struct Inner {
    surface: Surface,
    now: Timestamp,
    lang: Lang,
    keys: bool,
    nonce: String,
    wants: Wants,
    client: IpAddr,
    place: String,
    tenant: OnceLock<TenantId>,
    caller: OnceLock<Caller>,
}

impl Scene {
    pub(crate) fn new(
        surface: Surface,
        now: Timestamp,
        nonce: String,
        uri: &Uri,
        headers: &HeaderMap,
        client: IpAddr,
    ) -> Self {
        Self(Arc::new(Inner {
            surface,
            now,
            lang: cookie::lang(headers).unwrap_or_default(),
            keys: cookie::keys(headers),
            nonce,
            wants: wants(headers),
            client,
            place: uri
                .path_and_query()
                .map_or_else(|| "/".to_owned(), ToString::to_string),
            tenant: OnceLock::new(),
            caller: OnceLock::new(),
        }))
    }

    pub(crate) fn surface(&self) -> Surface {
        self.0.surface
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.now
    }

    pub(crate) fn words(&self) -> Words {
        Words::of(self.0.lang)
    }

    /// Whether the reader lets keys act by themselves.
    pub(crate) fn keys(&self) -> bool {
        self.0.keys
    }

    pub(crate) fn nonce(&self) -> &str {
        &self.0.nonce
    }

    pub(crate) fn wants(&self) -> Wants {
        self.0.wants
    }

    pub(crate) fn client(&self) -> IpAddr {
        self.0.client
    }

    /// Where the request went: path and query.
    pub(crate) fn place(&self) -> &str {
        &self.0.place
    }

    /// Where the request went, without the query.
    pub(crate) fn path(&self) -> &str {
        let place = self.place();
        place.split_once('?').map_or(place, |(path, _)| path)
    }

    /// Which institution the caller belongs to, once known: its telephone number stands on refusals too.
    pub(crate) fn set_tenant(&self, tenant: TenantId) {
        let _ = self.0.tenant.set(tenant);
    }

    /// Who was let in: a clause's refusal to somebody known is written down.
    pub(crate) fn set_caller(&self, caller: Caller) {
        let _ = self.0.caller.set(caller);
    }

    pub(crate) fn caller(&self) -> Option<&Caller> {
        self.0.caller.get()
    }

    pub(crate) fn tenant(&self) -> Option<TenantId> {
        self.0.tenant.get().copied()
    }
}

fn wants(headers: &HeaderMap) -> Wants {
    let accepts = |kind| {
        headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains(kind))
    };
    if headers
        .get("hx-request")
        .is_some_and(|value| value == "true")
    {
        Wants::Block
    } else if accepts("text/html") {
        Wants::Page
    } else {
        Wants::Json
    }
}

/// Whose request it is: the peer, or what a configured proxy says of it.
pub(crate) fn client(peer: Option<SocketAddr>, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let unknown = IpAddr::from([0, 0, 0, 0]);
    let Some(peer) = peer.map(|peer| peer.ip().to_canonical()) else {
        return unknown;
    };
    if !proxies.contains(&peer) {
        return peer;
    }
    headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.trim().parse::<IpAddr>().ok())
        .rfind(|address| !proxies.contains(address))
        .unwrap_or(peer)
}

/// A place of this surface to go back to; never another site.
pub(crate) fn local_place(to: &str) -> Option<&str> {
    let fits = to.len() <= PLACE_BYTES_MAX
        && to.starts_with('/')
        && !to.starts_with("//")
        && to
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    fits.then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (to, good) in [
            ("/today", true),
            ("/a?b=c", true),
            ("//evil", false),
            ("/\\evil", false),
            ("https://evil", false),
            ("", false),
            ("/a b", false),
            ("/a\r\nX: y", false),
        ] {
            assert_eq!(local_place(to).is_some(), good, "{to}");
        }
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_configured_proxy() {
        let headers = HeaderMap::from_iter([(
            header::HeaderName::from_static("x-forwarded-for"),
            "203.0.113.9, 198.51.100.7".parse().unwrap(),
        )]);
        let peer: SocketAddr = "192.0.2.1:9".parse().unwrap();
        assert_eq!(client(Some(peer), &headers, &[]), peer.ip());
        let through = client(Some(peer), &headers, &[peer.ip()]);
        assert_eq!(through, "198.51.100.7".parse::<IpAddr>().unwrap());
    }
}
