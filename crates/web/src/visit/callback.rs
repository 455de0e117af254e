//! "電話で呼んでほしい": asked for by a press, seen on the page from then on, settled when reception has called.

use super::{
    load,
    step::{Asking, Case},
};
use crate::{Form, PatientDesk, Problem, desk::go, words::Words};
use axum::response::Response;
use care::ConsultationId;
use store::{
    Conn, Fault,
    request::{Asked, Request},
};

/// Why a call is asked for, in the code words that reception reads.
const REASONS: [&str; 3] = ["turn", "place", "agreement"];

/// What the page says of a call: asked for at, or called at.
#[derive(Clone, Default)]
pub(super) struct Callback {
    pub(super) asked: Option<String>,
    pub(super) called: Option<String>,
}

impl Callback {
    /// How the newest request stands.
    pub(super) async fn load(
        conn: &mut Conn,
        visit: ConsultationId,
        w: Words,
    ) -> Result<Self, Fault> {
        let requests = conn.requests(visit).await?;
        let newest = requests
            .iter()
            .find(|request| request.kind == Asked::Callback);
        Ok(Self {
            asked: Request::open(&requests, Asked::Callback).map(|open| w.time(open.at)),
            called: newest
                .and_then(|newest| newest.settled)
                .map(|at| w.time(at)),
        })
    }
}

/// Written down for reception; the place in line and the step of the way stay. Asked twice is one request.
pub(super) async fn ask(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let why = form.text("why");
    let why = REASONS.into_iter().find(|known| *known == why);
    let why = why.unwrap_or("turn");
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            case.before_live()?;
            let requests = tx.requests(asking.consultation).await?;
            if Request::open(&requests, Asked::Callback).is_none() {
                tx.keep_request(&asking.by(), asking.consultation, Asked::Callback, why)
                    .await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(go(&load(&desk).await?.next().address()))
}
