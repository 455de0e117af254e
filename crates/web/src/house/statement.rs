//! `/house/statement`: the security statement that vendor, institution and patient stand on (sec-0.b).

use crate::{
    Problem, StaffDesk,
    desk::go,
    difference::{self, Mark},
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
    difference: Vec<(Mark, String)>,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let statement = read.security_statement().await?;
    let texts = read.texts("agreement").await?;
    let text = texts
        .into_iter()
        .find(|text| text.tag == Kind::SecurityRisk.as_str());
    let before = match &text {
        Some(text) => read.text_before(text).await?,
        None => None,
    };
    drop(read);
    let before = before.map(|(ja, en)| match desk.lang() {
        Lang::Ja => ja,
        Lang::En => en,
    });
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
        difference: before
            .map(|before| difference::lines(&before, &body))
            .unwrap_or_default(),
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

/// 事業者の文に戻す: the release's own text is published again, and the vendor stands on it.
pub(super) async fn release(desk: StaffDesk) -> Result<Response, Problem> {
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let statement = tx.security_statement().await?;
            if statement.vendor == Some(statement.material) {
                return Err(Problem::OutOfTurn);
            }
            Ok(tx.publish_release_statement(&by).await?)
        })
    })
    .await?;
    Ok(go("/house/statement"))
}
