//! Pressed twice, done once: a form's one-time token makes the second press get the first one's answer.

use crate::{Problem, scene::Scene};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tokio::sync::OnceCell;

/// The hidden field of every form that acts.
pub(crate) const FIELD: &str = "on-once";

/// Longest form body, in bytes.
const FORM_BYTES_MAX: usize = 64 * 1024;
/// Longest answer that is kept, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Most answers kept at one time.
const ANSWERS_MAX: usize = 512;
/// How long an answer is kept.
const KEEP: SignedDuration = SignedDuration::from_secs(60);
/// The field in which a page says how long it was open.
const SECONDS: &[u8] = b"seconds=";

/// The nonce that a kept answer was written with.
#[derive(Clone)]
pub(crate) struct KeptNonce(pub(crate) String);

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    nonce: String,
    problem: Option<Arc<Problem>>,
}

type Slot = Arc<OnceCell<Answer>>;

pub(crate) struct Once(Mutex<HashMap<[u8; 32], (Timestamp, Slot)>>);

impl Once {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Runs a POST; with a one-time token only the first of equal ones is run.
    ///
    /// The run goes on when the browser hangs up: that is what it does when a button is pressed again.
    pub(crate) async fn run(&self, request: Request, next: Next) -> Response {
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| {
                kind.as_bytes()
                    .starts_with(b"application/x-www-form-urlencoded")
            });
        let Some(scene) = request
            .extensions()
            .get::<Scene>()
            .cloned()
            .filter(|_| is_form)
        else {
            return next.run(request).await;
        };
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, FORM_BYTES_MAX).await else {
            return Problem::TooLarge.into_response();
        };
        if !has_token(&body) {
            return next.run(Request::from_parts(parts, Body::from(body))).await;
        }
        let key = key(&parts.headers, &scene, &body);
        let Some(slot) = self.slot(key, scene.now()) else {
            return Problem::Unavailable.into_response();
        };
        let nonce = scene.nonce().to_owned();
        let first = async move {
            let request = Request::from_parts(parts, Body::from(body));
            let run = tokio::spawn(async move { keep(next.run(request).await, nonce).await });
            run.await.unwrap_or_else(|_| Answer::broken())
        };
        let answer = slot.get_or_init(|| first).await.clone();
        if !answer.is_final() {
            self.forget(&key);
        }
        answer.into_response()
    }

    fn slot(&self, key: [u8; 32], now: Timestamp) -> Option<Slot> {
        let mut slots = self.0.lock().ok()?;
        slots.retain(|_, (at, _)| now.duration_since(*at) < KEEP);
        if slots.len() >= ANSWERS_MAX && !slots.contains_key(&key) {
            let oldest = slots
                .iter()
                .min_by_key(|(_, (at, _))| *at)
                .map(|(key, _)| *key)?;
            slots.remove(&oldest);
        }
        let (_, slot) = slots.entry(key).or_insert_with(|| (now, Slot::default()));
        Some(Arc::clone(slot))
    }

    fn forget(&self, key: &[u8; 32]) {
        if let Ok(mut slots) = self.0.lock() {
            slots.remove(key);
        }
    }
}

impl Answer {
    fn broken() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            nonce: String::new(),
            problem: Some(Arc::new(Problem::Unavailable)),
        }
    }

    /// Whether the act was done; a refusal changed nothing, and the same form may be sent again.
    fn is_final(&self) -> bool {
        self.status.is_success() || self.status.is_redirection()
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        let extensions = response.extensions_mut();
        extensions.insert(KeptNonce(self.nonce));
        if let Some(problem) = self.problem {
            extensions.insert(problem);
        }
        response
    }
}

async fn keep(response: Response, nonce: String) -> Answer {
    let (mut parts, body) = response.into_parts();
    match to_bytes(body, ANSWER_BYTES_MAX).await {
        Ok(body) => Answer {
            status: parts.status,
            headers: parts.headers,
            body,
            nonce,
            problem: parts.extensions.remove(),
        },
        Err(_) => Answer::broken(),
    }
}

fn pairs(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    body.split(|byte| *byte == b'&')
}

fn has_token(body: &[u8]) -> bool {
    pairs(body)
        .filter_map(|pair| pair.strip_prefix(FIELD.as_bytes())?.strip_prefix(b"="))
        .any(|token| !token.is_empty())
}

/// Equal only for the same browser (its cookies), the same address, the same token and the same content: a form that
/// stays on the page may be sent again with other words. How long the page was open is no content.
fn key(headers: &HeaderMap, scene: &Scene, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for cookie in headers.get_all(header::COOKIE) {
        hash.update(cookie.as_bytes());
    }
    hash.update(scene.client().to_string());
    hash.update([0]);
    hash.update(scene.place());
    for pair in pairs(body).filter(|pair| !pair.starts_with(SECONDS)) {
        hash.update([0]);
        hash.update(pair);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_wherever_it_stands() {
        for (body, found) in [
            ("on-once=a", true),
            ("x=1&on-once=a", true),
            ("on-once=", false),
            ("non-once=a", false),
            ("", false),
        ] {
            assert_eq!(has_token(body.as_bytes()), found, "{body}");
        }
    }
}
