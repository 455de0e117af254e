//! `/house/statement`: the security statement that vendor, institution and patient stand on (sec-0.b).

use crate::{
    Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::{Lang, Words},
};
use askama::Template;
use axum::response::Response;
use care::agreement::Kind;

#[derive(Template)]
#[template(path = "house/statement.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    title: String,
    body: String,
    material: i64,
    vendor: bool,
    signed: bool,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let statement = read.security_statement().await?;
    let texts = read.texts("agreement").await?;
    drop(read);
    let text = texts
        .into_iter()
        .find(|text| text.tag == Kind::SecurityRisk.as_str());
    let (title, body) = text
        .map(|text| match desk.lang() {
            Lang::Ja => (text.title_ja, text.body_ja),
            Lang::En => (text.title_en, text.body_en),
        })
        .unwrap_or_default();
    desk.page(&Page {
        shell: desk
            .shell("house-statement-title", Section::Publishing)
            .await?,
        w: desk.w,
        title,
        body,
        material: statement.material,
        vendor: statement.vendor == Some(statement.material),
        signed: statement.institution == Some(statement.material),
    })
}

pub(super) async fn sign(desk: StaffDesk) -> Result<Response, Problem> {
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let statement = tx.security_statement().await?;
            if statement.vendor != Some(statement.material)
                || statement.institution == Some(statement.material)
            {
                return Err(Problem::OutOfTurn);
            }
            Ok(tx.sign_statement(&by).await?)
        })
    })
    .await?;
    Ok(go("/house/statement"))
}
