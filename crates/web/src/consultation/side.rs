//! The patient's end of the line as the physician is told of it: which browser, who helps, what is asked for.

use super::{Asking, Case, address};
use crate::{At, Form, Problem, StaffDesk, Words, desk::go, room};
use axum::response::Response;
use care::{ConsultationId, statement::Body};
use store::{
    Conn,
    request::{Asked, Request, Settled},
};

/// What is known of it. No `Debug`: it names people.
pub(super) struct Side {
    /// Another browser than the one admitted, or than the one this person came with before.
    pub(super) new_device: bool,
    /// The helper who is on the line in the patient's place, with the relation.
    pub(super) helper: Option<String>,
    /// The patient has pressed "I cannot hear", and nobody has settled it.
    pub(super) help: bool,
}

impl Side {
    pub(super) async fn load(conn: &mut Conn, case: &Case, w: Words) -> Result<Self, Problem> {
        let visit = &case.booking.consultation;
        let here = room::patient_side(conn, visit).await?;
        let admitted = conn
            .grants(visit.id)
            .await?
            .into_iter()
            .find(|grant| grant.role == "patient");
        let helper = room::helper(conn, visit).await?;
        Ok(Self {
            new_device: match admitted {
                Some(grant) => here.is_some_and(|side| side.device != grant.device),
                None => here.is_some_and(|side| side.changed),
            },
            helper: helper.map(|helper| {
                w.fill2(
                    "side-helper",
                    "name",
                    helper.name,
                    "relation",
                    helper.relation,
                )
                .into_owned()
            }),
            help: Request::help(&conn.requests(visit.id).await?).is_some(),
        })
    }
}

/// Earlier answers of this visit about the body, newest first: a mistake that was put right stays visible (cl-1.2-ii-c).
pub(super) async fn earlier(
    conn: &mut Conn,
    case: &Case,
    w: Words,
    words: impl Fn(Words, Option<&Body>) -> String,
) -> Result<Vec<String>, Problem> {
    let visit = &case.booking.consultation;
    let answers = conn.body_answers(visit.id, visit.patient).await?;
    Ok(answers
        .iter()
        .skip(1)
        .map(|answer| {
            w.fill2(
                "answer-earlier",
                "at",
                w.day_time(answer.at),
                "said",
                words(w, Some(&answer.body)),
            )
            .into_owned()
        })
        .collect())
}

/// "つながりました": the physician has heard the patient, and the call for help is settled.
pub(super) async fn helped(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            Case::own(tx, id, &asking).await?;
            if tx
                .settle_requests(&asking.by, id, Asked::Trouble, Settled::Helped)
                .await?
            {
                Ok(())
            } else {
                Err(Problem::OutOfTurn)
            }
        })
    })
    .await?;
    Ok(go(&address(id)))
}
