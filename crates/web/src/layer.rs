//! What every response of every surface carries, and what no request gets past.

use crate::{
    App, Problem,
    once::KeptNonce,
    problem,
    scene::{self, Scene},
    surface::Surface,
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::FutureExt as _;
use std::{net::SocketAddr, panic::AssertUnwindSafe};

/// Random bytes of a nonce.
const NONCE_BYTES: usize = 18;

/// Headers that are the same on every response.
const FIXED: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    // Not `no-referrer`: under it browsers send `Origin: null` with a form, and the origin check is exact.
    // Other sites are told nothing by either.
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(self), microphone=(self), display-capture=(), geolocation=(), payment=(), usb=(), midi=(), serial=(), browsing-topics=()",
    ),
];

/// Dresses every response and turns away what was sent to the wrong door.
pub(crate) async fn dress(
    State((app, surface)): State<(App, Surface)>,
    mut request: Request,
    next: Next,
) -> Response {
    let sealed = app.settings().url(surface).starts_with("https://");
    let Some(chance) = app.random::<NONCE_BYTES>() else {
        return finish(StatusCode::SERVICE_UNAVAILABLE.into_response(), "", sealed);
    };
    let nonce = BASE64_URL_SAFE_NO_PAD.encode(chance);
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| *peer);
    let client = scene::client(peer, request.headers(), &app.settings().proxies);
    let scene = Scene::new(
        surface,
        app.now(),
        nonce,
        request.uri(),
        request.headers(),
        client,
    );
    request.extensions_mut().insert(scene.clone());
    let response = match door(&app, surface, &request) {
        Ok(()) => AssertUnwindSafe(next.run(request))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                tracing::error!("a handler broke; the request is answered with 503");
                Problem::Unavailable.into_response()
            }),
        Err(Problem::Misdirected) => home(app.settings().url(surface), &request)
            .unwrap_or_else(|| Problem::Misdirected.into_response()),
        Err(problem) => problem.into_response(),
    };
    let told = problem::tell(&app, &scene, response).await;
    let nonce = told
        .extensions()
        .get::<KeptNonce>()
        .map_or_else(|| scene.nonce().to_owned(), |kept| kept.0.clone());
    finish(told, &nonce, sealed)
}

/// Host and origin must be this surface's own.
fn door(app: &App, surface: Surface, request: &Request) -> Result<(), Problem> {
    let url = app.settings().url(surface);
    let headers = request.headers();
    let host = match request.version() {
        Version::HTTP_2 | Version::HTTP_3 => request
            .uri()
            .authority()
            .map(axum::http::uri::Authority::as_str),
        _ => only(headers, &header::HOST),
    };
    let own = url.split_once("://").map(|(_, authority)| authority);
    let at_home = host
        .is_some_and(|host| Some(host) == own || (surface == Surface::Admin && is_loopback(host)));
    if !at_home {
        return Err(Problem::Misdirected);
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    let same_origin = only(headers, &header::ORIGIN) == Some(url);
    let fetch_site = headers.get("sec-fetch-site");
    if same_origin && fetch_site.is_none_or(|site| site == "same-origin") {
        Ok(())
    } else {
        Err(Problem::ForeignOrigin)
    }
}

/// A page asked for at another name of this very machine is at home under the surface's own: nobody need know that
/// `127.0.0.1` and `localhost` are two to a browser.
fn home(url: &str, request: &Request) -> Option<Response> {
    let host = only(request.headers(), &header::HOST)?;
    let own = url.strip_prefix("http://")?;
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    if !(asks && is_loopback(host) && is_loopback(own) && port(host) == port(own)) {
        return None;
    }
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    Some(Redirect::temporary(&format!("{url}{path}")).into_response())
}

fn port(host: &str) -> Option<&str> {
    let (_, port) = host.rsplit_once(':')?;
    port.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(port)
}

/// The operator's tools speak to loopback by number or by name.
fn is_loopback(host: &str) -> bool {
    let name = host
        .rsplit_once(':')
        .filter(|_| port(host).is_some())
        .map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

/// A header that was sent exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    let one = all.next()?;
    all.next().is_none().then(|| one.to_str().ok()).flatten()
}

fn finish(mut response: Response, nonce: &str, sealed: bool) -> Response {
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.remove(header::SERVER);
    if sealed {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000"),
        );
    }
    if let Ok(policy) = HeaderValue::from_str(&policy(nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self' blob:; \
         font-src 'self'; connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types htmx"
    )
}

pub(crate) async fn not_found() -> Problem {
    Problem::NotFound
}

pub(crate) async fn not_allowed() -> Problem {
    Problem::NotAllowed
}

/// Compresses embedded files only.
pub(crate) fn is_file(
    _: StatusCode,
    _: Version,
    headers: &HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    headers
        .get(header::CACHE_CONTROL)
        .is_some_and(|value| value.as_bytes().ends_with(b"immutable"))
}
