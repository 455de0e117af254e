//! `/bookings/{id}/notice`: the visit notice on paper, for a patient whom no message reaches (cl-1.4-iii-b).

use crate::{
    At, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    visit::Lines,
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::ConsultationId;

#[derive(Template)]
#[template(path = "bookings/slip.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    id: ConsultationId,
    lines: Lines,
    printed: Option<String>,
}

pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let kept = desk
        .read()
        .await?
        .notice(id)
        .await?
        .ok_or(Problem::NotFound)?;
    crate::patients::opened(&desk, "visit_notice", vec![kept.patient]).await?;
    desk.page(&Page {
        shell: desk.shell("keepsake-title", Section::Bookings).await?,
        w: desk.w,
        id,
        lines: Lines::of(&kept.notice, desk.w),
        printed: kept.printed.map(|at| desk.w.day_time(at)),
    })
}

/// 印刷して渡した: by whom and when, and the visit can be closed.
pub(super) async fn printed(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            tx.notice(id).await?.ok_or(Problem::NotFound)?;
            Ok(tx.keep_notice_printed(&by, id).await?)
        })
    })
    .await?;
    Ok(go(&format!("/bookings/{id}/notice")))
}
