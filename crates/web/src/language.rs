//! `/lang`: the reader's language, kept in a cookie.

use crate::{
    AnonymousDesk, Form, Problem, cookie,
    desk::go,
    form::Errors,
    route::{Route, Table},
    scene::local_place,
    words::Lang,
};
use access::policy::Audience;
use axum::{http::header, response::Response};

pub(crate) fn routes() -> Table {
    Table::of([Route::post("/lang", Audience::Anyone, post)])
}

async fn post(_: AnonymousDesk, form: Form) -> Result<Response, Problem> {
    let lang = Lang::parse(form.text("lang"))
        .ok_or_else(|| Problem::Wrong(Errors::one("lang", "field-wrong")))?;
    let mut response = go(local_place(form.text("to")).unwrap_or("/"));
    response
        .headers_mut()
        .append(header::SET_COOKIE, cookie::set_lang(lang));
    Ok(response)
}
