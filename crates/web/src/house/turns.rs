//! `/house/turns`: who hands a case over where nobody of the plan can be reached (cl-1.2-viii-d), and whether checks of mainly
//! healthy people are offered (cl-1.2-viii-e).

use crate::{
    Form, Problem, StaffDesk,
    desk::go,
    patients::physicians,
    shell::{Section, StaffShell},
    words::Words,
};
use access::PersonId;
use askama::Template;
use axum::response::Response;
use care::rota::{DEPUTIES_MAX, Rules};

#[derive(Template)]
#[template(path = "house/turns.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    rules: Rules,
    physicians: Vec<(PersonId, String)>,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let rules = read.rota_rules().await?;
    let physicians = physicians(&mut read, desk.now).await?;
    drop(read);
    desk.page(&Page {
        shell: desk.shell("turns-title", Section::Publishing).await?,
        w: desk.w,
        rules,
        physicians,
    })
}

pub(super) async fn save(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let here = physicians(&mut *desk.read().await?, desk.now).await?;
    let mut reading = form.reading();
    let mut deputies = Vec::new();
    for id in form.all("deputy") {
        match here.iter().find(|(known, _)| known.to_string() == id) {
            Some((person, _)) if !deputies.contains(person) => deputies.push(*person),
            Some(_) => {}
            None => reading.wrong("deputy", "field-wrong"),
        }
    }
    if deputies.len() > DEPUTIES_MAX {
        reading.wrong("deputy", "turns-too-many");
    }
    reading.done()?;
    let rules = Rules {
        deputies,
        wellness: form.has("wellness"),
    };
    let by = desk.by();
    desk.write(move |tx| Box::pin(async move { Ok(tx.keep_rota_rules(&by, &rules).await?) }))
        .await?;
    Ok(go("/house/turns"))
}
