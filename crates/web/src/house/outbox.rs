//! `/outbox`: the messages of a demonstration, with their links; elsewhere there is no such page.

use crate::{
    Problem, StaffDesk,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "house/outbox.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    messages: Vec<Message>,
}

struct Message {
    to: String,
    at: String,
    subject: String,
    lines: Vec<Line>,
}

struct Line {
    text: String,
    is_link: bool,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    if !desk.app().settings().demo {
        return Err(Problem::NotFound);
    }
    let url = &desk.app().settings().patient_url;
    let messages = desk
        .read()
        .await?
        .outbox()
        .await?
        .into_iter()
        .map(|sent| Message {
            at: desk.w.day_time(sent.created),
            to: sent.message.to,
            subject: sent.message.subject,
            lines: sent
                .message
                .text
                .lines()
                .map(|line| Line {
                    is_link: line
                        .trim()
                        .strip_prefix(url.as_str())
                        .is_some_and(|rest| rest.starts_with('/')),
                    text: line.trim().to_owned(),
                })
                .collect(),
        })
        .collect();
    desk.page(&Page {
        shell: desk.shell("house-outbox-title", Section::Elsewhere).await?,
        w: desk.w,
        messages,
    })
}
