//! The route table: every address with its method, who may use it, and its limits. What is not in it is closed.

use crate::{App, limit::Pace};
use access::policy::Audience;
use axum::{
    handler::Handler,
    http::Method,
    routing::{self, MethodRouter},
};
use guideline::Clause;
use std::time::Duration;

/// Largest body of a route that says nothing else, in bytes.
pub const BODY_BYTES: usize = 64 * 1024;
/// Longest time a handler may take.
const TIME_MAX: Duration = Duration::from_secs(30);

/// One address.
pub struct Route {
    method: Method,
    path: &'static str,
    audience: Audience,
    pace: Pace,
    body_bytes_max: usize,
    time_max: Duration,
    counts_as_act: bool,
    begins: bool,
    patients_word: Option<Clause>,
    reserved: Option<Clause>,
    handler: MethodRouter<App>,
}

impl Route {
    /// A page that changes nothing.
    pub fn get<H, T>(path: &'static str, audience: Audience, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self::new(Method::GET, path, audience, routing::get(handler))
    }

    /// An act.
    pub fn post<H, T>(path: &'static str, audience: Audience, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self::new(Method::POST, path, audience, routing::post(handler))
    }

    fn new(
        method: Method,
        path: &'static str,
        audience: Audience,
        handler: MethodRouter<App>,
    ) -> Self {
        Self {
            method,
            path,
            audience,
            pace: Pace::Page,
            body_bytes_max: BODY_BYTES,
            time_max: TIME_MAX,
            counts_as_act: true,
            begins: false,
            patients_word: None,
            reserved: None,
            handler,
        }
    }

    /// How often a client without a name may come here. Signed-in callers are not limited by it.
    #[must_use]
    pub const fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Takes bodies up to this many bytes: pictures of documents.
    #[must_use]
    pub const fn body_bytes_max(mut self, bytes: usize) -> Self {
        self.body_bytes_max = bytes;
        self
    }

    /// Fetched by the page itself (events, probes): it neither counts as an act of the person nor renews the session.
    #[must_use]
    pub const fn by_itself(mut self) -> Self {
        self.counts_as_act = false;
        self
    }

    /// Begins something new. With the disk full it waits, so that visits under way can be finished and documented.
    #[must_use]
    pub const fn begins(mut self) -> Self {
        self.begins = true;
        self
    }

    /// A statement that this clause asks of the patient alone: staff who send it are told so by name (403).
    #[must_use]
    pub const fn patients_word(mut self, clause: Clause) -> Self {
        self.patients_word = Some(clause);
        self
    }

    /// An act that this clause reserves to physicians: others of the staff are told so by name (403), and it is recorded.
    #[must_use]
    pub const fn reserved(mut self, clause: Clause) -> Self {
        self.reserved = Some(clause);
        self
    }

    /// The method.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path, with `{names}` for its parts.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// Who may use it.
    pub const fn audience(&self) -> Audience {
        self.audience
    }

    pub(crate) fn into_parts(self) -> (MethodRouter<App>, Rule) {
        let rule = Rule {
            path: self.path,
            audience: self.audience,
            pace: self.pace,
            body_bytes_max: self.body_bytes_max,
            time_max: self.time_max,
            counts_as_act: self.counts_as_act,
            begins: self.begins,
            patients_word: self.patients_word,
            reserved: self.reserved,
        };
        (self.handler, rule)
    }
}

/// What the gate before a handler goes by.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) path: &'static str,
    pub(crate) audience: Audience,
    pub(crate) pace: Pace,
    pub(crate) body_bytes_max: usize,
    pub(crate) time_max: Duration,
    pub(crate) counts_as_act: bool,
    pub(crate) begins: bool,
    pub(crate) patients_word: Option<Clause>,
    pub(crate) reserved: Option<Clause>,
}

/// Routes of one subject or one surface.
#[derive(Default)]
pub struct Table(Vec<Route>);

impl Table {
    /// The routes given.
    pub fn of<const N: usize>(routes: [Route; N]) -> Self {
        Self(routes.into())
    }

    /// One more.
    pub fn add(&mut self, route: Route) {
        self.0.push(route);
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl IntoIterator for Table {
    type Item = Route;
    type IntoIter = std::vec::IntoIter<Route>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
