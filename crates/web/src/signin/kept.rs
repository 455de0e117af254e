//! What somebody had written when the screen was covered: carried through the unlock page in the body of its own form.
//!
//! Nothing of it is stored, neither here nor on the terminal: the page that asks who it is holds it, and gives it back.

use crate::{
    Errors, Form, Problem, desk::page, scene::local_place, shell::PublicShell, words::Words,
};
use askama::Template;
use axum::{
    body::to_bytes,
    extract::Request,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Longest body that is carried, in bytes: with its names it still fits into one form.
const BYTES_MAX: usize = 56 * 1024;

/// A form that was on its way.
pub(super) struct Kept {
    /// Where it was sent.
    pub(super) to: String,
    /// Its fields in the order sent, as JSON: one field of the unlock form.
    pub(super) fields: String,
}

impl Kept {
    /// What the unlock form carries; nothing where it carries nothing that can be given back.
    pub(super) fn of(form: &Form) -> Option<Self> {
        let to = local_place(form.text("kept_to"))?;
        let fields = form.get("kept")?;
        pairs(fields)?;
        Some(Self {
            to: to.to_owned(),
            fields: fields.to_owned(),
        })
    }

    /// The page that gives it back: the words before the person's eyes, and one press that sends them where they went.
    pub(super) fn give_back(self, shell: PublicShell, w: Words) -> Result<Response, Problem> {
        let fields = pairs(&self.fields).ok_or(Problem::Malformed)?;
        page(
            StatusCode::OK,
            &Back {
                shell,
                w,
                to: self.to,
                fields,
            },
        )
    }
}

fn pairs(fields: &str) -> Option<Vec<(String, String)>> {
    serde_json::from_str(fields).ok()
}

#[derive(Template)]
#[template(path = "signin/back.html")]
struct Back {
    shell: PublicShell,
    w: Words,
    to: String,
    fields: Vec<(String, String)>,
}

/// Reads the form that met a covered screen. `None` for everything that is no form, says nothing, or is too long.
pub(crate) async fn read(request: Request) -> Option<(String, String)> {
    let is_form = *request.method() == Method::POST
        && request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| {
                kind.as_bytes()
                    .starts_with(b"application/x-www-form-urlencoded")
            });
    if !is_form {
        return None;
    }
    let to = local_place(request.uri().path())?.to_owned();
    let body = to_bytes(request.into_body(), BYTES_MAX).await.ok()?;
    let form = Form::parse(&body).ok()?;
    let fields: Vec<(&str, &str)> = form.fields().collect();
    if fields.iter().all(|(_, value)| value.trim().is_empty()) {
        return None;
    }
    Some((to, serde_json::to_string(&fields).ok()?))
}

/// Answers a page's form that met a covered screen: who is it, with what was written carried along (401).
pub(crate) fn interrupted(
    shell: PublicShell,
    w: Words,
    (to, fields): (String, String),
) -> Response {
    let asked = super::unlock::Page {
        shell,
        w,
        errors: Errors::default(),
        to: String::new(),
        kept: Some(Kept { to, fields }),
    };
    page(StatusCode::UNAUTHORIZED, &asked).unwrap_or_else(IntoResponse::into_response)
}
