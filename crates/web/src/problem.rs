//! Why a request was not done, said to the person who asked: a page, a block, or problem+json, in both languages.

use crate::{
    App, caller, form,
    notice::Contact,
    scene::{Scene, Wants},
    shell::PublicShell,
    surface::Surface,
    text::place,
    words::{Lang, Words},
};
use access::rate::TooMany;
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use care::{Ground, Missing, Refusal};
use serde_json::{Value, json};
use std::{borrow::Cow, sync::Arc};
use store::Fault;

pub(crate) use crate::text::mender;

/// A wait is told in minutes from here, in seconds.
const MINUTES_FROM: i64 = 120;

/// Why a request was not done.
#[derive(Clone)]
pub enum Problem {
    /// A clause refuses it (409, 403 or 422).
    Refused(Box<Refusal>),
    /// Fields that cannot be taken as they are (422).
    Wrong(form::Errors),
    /// The visit is over: nothing more is connected (410).
    Over,
    /// A stale button: it does not follow from where things stand (409).
    OutOfTurn,
    /// There is none, or none for you: the two look alike (404).
    NotFound,
    /// The address knows no such method (405).
    NotAllowed,
    /// Nobody is signed in (401).
    SignIn,
    /// The screen is covered; the person unlocks it (401).
    Covered,
    /// Known, and not for this role (403).
    Denied,
    /// An act sent from another site (403).
    ForeignOrigin,
    /// The wrong host name (421).
    Misdirected,
    /// Bytes that are no form, no id, no text (400).
    Malformed,
    /// A body that did not come to its end in time (408).
    Slow,
    /// Too large a body (413).
    TooLarge,
    /// A body of a kind that is not taken here (415).
    WrongKind,
    /// Too many requests from there (429).
    TooMany {
        /// Seconds until the next is taken.
        wait_seconds: i64,
    },
    /// The disk is full: what is left is for visits under way, and nothing new begins (503).
    Scarce,
    /// Storage or a helper is not there now; nothing was changed (503).
    Unavailable,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<access::Refused> for Problem {
    fn from(refused: access::Refused) -> Self {
        Refusal::from(refused).into()
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Conflict => Self::OutOfTurn,
            Fault::UnknownTenant | Fault::Erased => Self::NotFound,
            Fault::Text => Self::Malformed,
            other => {
                tracing::error!(fault = %other, "storage");
                Self::Unavailable
            }
        }
    }
}

impl From<care::OutOfTurn> for Problem {
    fn from(_: care::OutOfTurn) -> Self {
        Self::OutOfTurn
    }
}

impl From<TooMany> for Problem {
    fn from(many: TooMany) -> Self {
        Self::TooMany {
            wait_seconds: many.wait.as_secs().max(1),
        }
    }
}

impl From<crate::password::Busy> for Problem {
    fn from(_: crate::password::Busy) -> Self {
        Self::Unavailable
    }
}

impl From<askama::Error> for Problem {
    fn from(fault: askama::Error) -> Self {
        tracing::error!(%fault, "a page could not be drawn");
        Self::Unavailable
    }
}

impl IntoResponse for Problem {
    /// Carries the problem to [`tell`], which knows the reader's language and how to answer.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl Problem {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => match refusal.ground {
                Ground::State => StatusCode::CONFLICT,
                Ground::Person => StatusCode::FORBIDDEN,
                Ground::Content => StatusCode::UNPROCESSABLE_ENTITY,
            },
            Self::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Over => StatusCode::GONE,
            Self::OutOfTurn => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignIn | Self::Covered => StatusCode::UNAUTHORIZED,
            Self::Denied | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongKind => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Scarce | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The word that names the kind, and its texts `problem-…-title` and `problem-…-detail`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Wrong(_) => "wrong",
            Self::Over => "over",
            Self::OutOfTurn => "out-of-turn",
            Self::NotFound => "not-found",
            Self::NotAllowed => "not-allowed",
            Self::SignIn => "sign-in",
            Self::Covered => "covered",
            Self::Denied => "denied",
            Self::ForeignOrigin => "foreign-origin",
            Self::Misdirected => "misdirected",
            Self::Malformed => "malformed",
            Self::Slow => "slow",
            Self::TooLarge => "too-large",
            Self::WrongKind => "wrong-kind",
            Self::TooMany { .. } => "too-many",
            Self::Scarce => "scarce",
            Self::Unavailable => "unavailable",
        }
    }

    /// The problem that a framework's own refusal stands for.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::NotAllowed,
            StatusCode::GONE => Self::Over,
            StatusCode::REQUEST_TIMEOUT => Self::Slow,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::WrongKind,
            status if status.is_client_error() => Self::Malformed,
            _ => Self::Unavailable,
        }
    }

    fn title(&self, w: Words) -> Cow<'static, str> {
        w.say(format!("problem-{}-title", self.kind()))
    }

    fn detail(&self, w: Words) -> Cow<'static, str> {
        match self {
            Self::Refused(refusal) => refusal
                .clause
                .text()
                .map(|text| match w.lang() {
                    Lang::Ja => text.ja,
                    Lang::En => text.en,
                })
                .map_or_else(|| w.say("problem-refused-detail"), Cow::Borrowed),
            Self::TooMany { wait_seconds } if *wait_seconds >= MINUTES_FROM => {
                let minutes = wait_seconds.saturating_add(59) / 60;
                w.fill("problem-too-many-minutes", "minutes", minutes)
            }
            Self::TooMany { wait_seconds } => {
                w.fill("problem-too-many-detail", "seconds", wait_seconds)
            }
            _ => w.say(format!("problem-{}-detail", self.kind())),
        }
    }

    fn json(&self, scene: &Scene) -> Value {
        let w = scene.words();
        let (ja, en) = (Words::of(Lang::Ja), Words::of(Lang::En));
        let mut body = json!({
            "type": format!("urn:onshin:problem:{}", self.kind()),
            "status": self.status().as_u16(),
            "title": self.title(w),
            "title_ja": self.title(ja),
            "title_en": self.title(en),
            "detail": self.detail(w),
            "detail_ja": self.detail(ja),
            "detail_en": self.detail(en),
        });
        let Some(members) = body.as_object_mut() else {
            return body;
        };
        match self {
            Self::Refused(refusal) => {
                let key = refusal.remedy.key();
                members.insert("clause".into(), json!(refusal.clause.id()));
                members.insert("reason".into(), json!(refusal.reason));
                let codes: Vec<&str> = refusal.items.iter().map(Missing::as_str).collect();
                let said = |w: Words| -> Vec<String> {
                    let words = refusal.items.iter().map(|item| w.missing(item));
                    words.collect()
                };
                members.insert("items".into(), json!(codes));
                members.insert("items_ja".into(), json!(said(ja)));
                members.insert("items_en".into(), json!(said(en)));
                members.insert(
                    "remedy".into(),
                    json!({ "key": key, "who": mender(refusal.remedy.mender()), "place": place(refusal.remedy, scene.surface(), scene.path()), "ja": ja.say(key), "en": en.say(key) }),
                );
            }
            Self::Wrong(errors) => {
                let list: Vec<Value> = errors
                    .iter()
                    .map(|error| json!({ "field": error.field, "key": error.key, "ja": ja.say(error.key), "en": en.say(error.key) }))
                    .collect();
                members.insert("errors".into(), json!(list));
            }
            _ => {}
        }
        body
    }
}

/// Turns a refused response into what its reader can use.
pub(crate) async fn tell(app: &App, scene: &Scene, mut response: Response) -> Response {
    let told = response.extensions_mut().remove::<Arc<Problem>>();
    let unsaid = || {
        let status = response.status();
        let plain = !response.headers().contains_key(header::CONTENT_TYPE)
            || response
                .headers()
                .get(header::CONTENT_TYPE)
                .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
        let refused = status.is_client_error() || status.is_server_error();
        (refused && plain && scene.surface() != Surface::Admin)
            .then(|| Arc::new(Problem::of_status(status)))
    };
    let Some(problem) = told.or_else(unsaid) else {
        return response;
    };
    if let (Problem::Refused(refusal), Some(caller)) = (&*problem, scene.caller()) {
        caller::refused(app, caller, refusal, scene.path(), scene.now()).await;
    }
    let mut answer = match (&*problem, scene.wants(), scene.surface()) {
        (_, _, Surface::Admin) => plain(&problem),
        (Problem::SignIn | Problem::Covered, Wants::Page | Wants::Block, Surface::Staff) => {
            to_sign_in(&problem, scene)
        }
        (_, Wants::Json, _) => as_json(&problem, scene),
        (_, Wants::Page, _) => as_page(app, scene, &problem).await,
        (_, Wants::Block, _) => as_block(scene, &problem),
    };
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    let wait = match &*problem {
        Problem::TooMany { wait_seconds } => Some(*wait_seconds),
        Problem::Unavailable => Some(5),
        _ => None,
    };
    if let Some(wait) = wait {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, wait.into());
    }
    answer
}

fn plain(problem: &Problem) -> Response {
    let words = Words::of(Lang::En);
    let text = format!("{}\n{}\n", problem.title(words), problem.detail(words));
    (problem.status(), text).into_response()
}

/// A browser without a session is shown the way in, and comes back to where it was.
fn to_sign_in(problem: &Problem, scene: &Scene) -> Response {
    let way = match problem {
        Problem::Covered => "/unlock",
        _ => "/sign-in",
    };
    let to = crate::scene::local_place(scene.place()).filter(|place| *place != "/");
    let way = to.map_or_else(
        || way.to_owned(),
        |to| format!("{way}?to={}", form::encode(to)),
    );
    let Ok(way) = HeaderValue::from_str(&way) else {
        return problem.status().into_response();
    };
    match scene.wants() {
        Wants::Page => (StatusCode::SEE_OTHER, [(header::LOCATION, way)]).into_response(),
        // The page stays as it is, with what is typed in it, and draws its cover.
        Wants::Block if matches!(problem, Problem::Covered) => {
            let headers = [("hx-trigger", "on-covered"), ("hx-reswap", "none")];
            (problem.status(), headers).into_response()
        }
        Wants::Block | Wants::Json => (problem.status(), [("hx-redirect", way)]).into_response(),
    }
}

fn as_json(problem: &Problem, scene: &Scene) -> Response {
    let body = problem.json(scene).to_string();
    let kind = [(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    )];
    (problem.status(), kind, body).into_response()
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'p> {
    shell: PublicShell,
    told: Told<'p>,
}

#[derive(Template)]
#[template(path = "told.html")]
struct Block<'p> {
    told: Told<'p>,
}

struct Told<'p> {
    w: Words,
    problem: &'p Problem,
    surface: Surface,
    path: &'p str,
    /// Whether the page's own heading says the title already.
    heading: bool,
}

impl Told<'_> {
    fn title(&self) -> Cow<'static, str> {
        let own = self.own("title");
        own.unwrap_or_else(|| self.problem.title(self.w))
    }

    fn detail(&self) -> Cow<'static, str> {
        let own = self.own("detail");
        own.unwrap_or_else(|| self.problem.detail(self.w))
    }

    /// A patient has no sign-in and no role: the words for one say what a patient can do.
    fn own(&self, part: &str) -> Option<Cow<'static, str>> {
        let key = format!("patient-problem-{}-{part}", self.problem.kind());
        (self.surface == Surface::Patient && self.w.has(&key)).then(|| self.w.say(key))
    }

    /// Whether a patient needs a link to come back in.
    fn wants_link(&self) -> bool {
        self.surface == Surface::Patient && matches!(self.problem, Problem::SignIn)
    }

    /// Where the page leads back to: what a moment's patience mends is tried again.
    fn back(&self) -> Cow<'static, str> {
        let again = matches!(
            self.problem,
            Problem::Unavailable
                | Problem::Scarce
                | Problem::Slow
                | Problem::TooMany { .. }
                | Problem::OutOfTurn
        );
        if self.surface == Surface::Patient && again {
            self.w.say("visit-device-retry")
        } else {
            self.w.say("problem-back")
        }
    }

    /// Clause ids are for those who work by them, never for patients.
    fn is_staff(&self) -> bool {
        self.surface == Surface::Staff
    }

    fn place(&self, refusal: &Refusal) -> String {
        place(refusal.remedy, self.surface, self.path)
    }

    fn refusal(&self) -> Option<&Refusal> {
        match self.problem {
            Problem::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    fn errors(&self) -> Option<&form::Errors> {
        match self.problem {
            Problem::Wrong(errors) => Some(errors),
            _ => None,
        }
    }

    /// A patient is spoken to as "you" wherever there are such words.
    fn remedy(&self, refusal: &Refusal) -> Cow<'static, str> {
        let key = refusal.remedy.key();
        let own = format!("patient-{key}");
        if self.surface == Surface::Patient && self.w.has(&own) {
            self.w.say(own)
        } else {
            self.w.say(key)
        }
    }

    fn who(&self, refusal: &Refusal) -> Cow<'static, str> {
        self.w
            .say(format!("mender-{}", mender(refusal.remedy.mender())))
    }
}

async fn as_page(app: &App, scene: &Scene, problem: &Problem) -> Response {
    let w = scene.words();
    let tenant = scene.tenant().or(app.settings().home);
    let institution = match tenant {
        Some(tenant) => app.institution(tenant, scene.now()).await,
        None => None,
    };
    let contact = institution
        .as_deref()
        .and_then(|institution| Contact::of(institution, w));
    let told = told(scene, problem, true);
    let page = Page {
        shell: PublicShell::new(scene, told.title().into_owned(), contact),
        told,
    };
    drawn(problem, page.render())
}

fn as_block(scene: &Scene, problem: &Problem) -> Response {
    let mut response = drawn(
        problem,
        Block {
            told: told(scene, problem, false),
        }
        .render(),
    );
    let headers = response.headers_mut();
    headers.insert("hx-retarget", HeaderValue::from_static("#told"));
    headers.insert("hx-reswap", HeaderValue::from_static("innerHTML"));
    headers.insert("hx-reselect", HeaderValue::from_static(".on-told"));
    response
}

fn told<'p>(scene: &'p Scene, problem: &'p Problem, heading: bool) -> Told<'p> {
    Told {
        w: scene.words(),
        problem,
        surface: scene.surface(),
        path: scene.path(),
        heading,
    }
}

fn drawn(problem: &Problem, html: askama::Result<String>) -> Response {
    match html {
        Ok(html) => (problem.status(), axum::response::Html(html)).into_response(),
        Err(fault) => {
            tracing::error!(%fault, "a refusal could not be drawn");
            problem.status().into_response()
        }
    }
}
