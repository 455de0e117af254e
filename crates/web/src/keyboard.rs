//! `/keys`: whether the keys of the keyboard do something by themselves (WCAG 2.1.4), kept in a cookie of this browser.

use crate::{
    AnonymousDesk, Form, Problem, cookie,
    desk::go,
    form::Errors,
    route::{Route, Table},
    scene::local_place,
};
use access::policy::Audience;
use axum::{http::header, response::Response};

pub(crate) fn routes() -> Table {
    Table::of([Route::post("/keys", Audience::Anyone, post)])
}

async fn post(_: AnonymousDesk, form: Form) -> Result<Response, Problem> {
    let on = match form.text("keys") {
        "on" => true,
        "off" => false,
        _ => return Err(Problem::Wrong(Errors::one("keys", "field-wrong"))),
    };
    let mut response = go(local_place(form.text("to")).unwrap_or("/"));
    response
        .headers_mut()
        .append(header::SET_COOKIE, cookie::set_keys(on));
    Ok(response)
}
