//! On from a pre-consultation to a first visit by a physician who is not the regular one: on which ground, who stands ready
//! near the patient, and how care in person follows (cl-1.2-iv).

mod contact;
mod guidance;
mod open;
mod pane;
mod patient;
mod reply;

pub(crate) use contact::Contacted;

use crate::{
    Problem,
    bookings::make::Wanted,
    consultation::{Asking, Case},
    limit::Pace,
    preconsultation::evening,
    route::{Route, Table},
};
use access::{Role, policy::Audience};
use care::{
    Consultation, ConsultationId, Refusal, Remedy, Service, Stage,
    first_visit::{Chosen, Route as Way},
    preconsultation::{self as pre, GROUND, Ground, LINKED, Outcome, REFERRED},
    referral::GUIDED,
    task::{self, Kind, Opening},
};
use jiff::civil::Date;
use store::{By, Conn, Tx};

/// Who opens and books: whoever books other visits.
const BOOKERS: Audience = Audience::Roles(&[Role::Reception, Role::Nurse, Role::Physician]);
const PHYSICIANS: Audience = Audience::Roles(&[Role::Physician]);
/// Days in which the reply to whoever referred is written (要確認: the sources give none).
const REPLY_DAYS: u16 = 7;
/// Days in which the administrator looks at a ground in other words.
const REVIEW_DAYS: u16 = 31;

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/onward/{id}", BOOKERS, open::show),
        Route::post("/onward/{id}", BOOKERS, open::open).begins(),
        Route::post("/onward/{id}/book", BOOKERS, open::book).begins(),
        Route::get("/consultations/{id}/linkage", PHYSICIANS, pane::show),
        Route::post("/consultations/{id}/linkage", PHYSICIANS, pane::plan).reserved(LINKED),
        Route::post("/consultations/{id}/guidance", PHYSICIANS, guidance::answer).reserved(GUIDED),
        Route::post(
            "/consultations/{id}/guidance/link",
            PHYSICIANS,
            guidance::link_anew,
        )
        .reserved(GUIDED),
        Route::get("/consultations/{id}/reply", PHYSICIANS, reply::show),
        Route::post("/consultations/{id}/reply", PHYSICIANS, reply::send).reserved(REFERRED),
    ])
}

/// What the patient holds on the way to care in person.
pub(crate) fn patients_routes() -> Table {
    Table::of([
        Route::get("/g/{token}", Audience::Anyone, patient::ask).pace(Pace::Guess),
        Route::post("/g/{token}", Audience::Anyone, patient::show).pace(Pace::Guess),
    ])
}

/// The pre-consultation that ended with "on to a first visit".
async fn led(conn: &mut Conn, id: ConsultationId) -> Result<Consultation, Problem> {
    let visit = conn
        .consultation(id)
        .await?
        .ok_or(Problem::NotFound)?
        .consultation;
    let ended = match visit.service {
        Service::PreConsultation => conn.preconsultation_result(&visit).await?,
        _ => None,
    };
    match ended {
        Some(ended) if ended.outcome == Outcome::FirstVisit => Ok(visit),
        Some(_) | None => Err(Problem::NotFound),
    }
}

/// The first visit that was booked on it and still stands, or was held.
async fn booked_already(
    conn: &mut Conn,
    from: ConsultationId,
) -> Result<Option<ConsultationId>, Problem> {
    let Some(visit) = conn.onward(from).await?.and_then(|onward| onward.visit) else {
        return Ok(None);
    };
    let stage = conn
        .consultation(visit)
        .await?
        .map(|booking| booking.consultation.stage);
    Ok(match stage {
        None | Some(Stage::Declined | Stage::NotPerformed | Stage::Aborted) => None,
        Some(_) => Some(visit),
    })
}

/// What such a first visit needs before its hour exists, whoever books it: a ground, and somebody near the patient on that
/// day. Nothing for a visit on another route.
pub(crate) async fn bookable(
    tx: &mut Tx,
    wanted: &Wanted,
    route: Option<&Way>,
    day: Date,
) -> Result<Option<(ConsultationId, Ground)>, Problem> {
    let Some(Way::Chosen(Chosen::Consulted(from))) = route else {
        return Ok(None);
    };
    let visit = led(tx, *from).await?;
    if visit.patient != wanted.patient {
        return Err(Problem::NotFound);
    }
    if booked_already(tx, *from).await?.is_some() {
        return Err(Problem::OutOfTurn);
    }
    let onward = tx.onward(*from).await?.ok_or_else(|| {
        Problem::from(Refusal::state(GROUND, Remedy::NameGround).because("no_ground"))
    })?;
    let facts = tx
        .onward_to_judge(*from, visit.patient, onward.entry)
        .await?;
    let (entry, before) = (Some(&facts.entry), facts.before.as_ref());
    pre::opened(entry, before, visit.patient, day)?;
    pre::covered(&facts, day)?;
    Ok(Some((*from, facts.entry.ground)))
}

/// Gives it the visit that was booked, ends the task that waited for it, and puts a ground in other words on the list that is
/// looked through.
pub(crate) async fn booked(
    tx: &mut Tx,
    by: &By,
    onward: Option<(ConsultationId, Ground)>,
    visit: &Consultation,
) -> Result<(), Problem> {
    let Some((from, ground)) = onward else {
        return Ok(());
    };
    tx.book_onward(from, visit.id).await?;
    tx.done_with(by, visit.patient, Kind::FirstVisitDue, |opening| {
        opening.visit == Some(from)
    })
    .await?;
    if ground == Ground::Other {
        let opening = Opening {
            kind: Kind::GroundReview,
            patient: visit.patient,
            visit: Some(visit.id),
            about: None,
            words: tx
                .onward(from)
                .await?
                .map(|onward| onward.entry.reason)
                .unwrap_or_default(),
            due: task::in_days(tx.now(), REVIEW_DAYS),
        };
        tx.open_task(by, &opening).await?;
    }
    Ok(())
}

/// With the signature the plan becomes a task: it stays open until somebody knows that the patient was seen, or why not. After
/// a referral the reply is another. Nothing in a visit on another route.
pub(crate) async fn signed(tx: &mut Tx, asking: &Asking, case: &Case) -> Result<(), Problem> {
    let Some(facts) = &case.dossier.onward else {
        return Ok(());
    };
    let visit = &case.booking.consultation;
    let opening = |kind, words, due| Opening {
        kind,
        patient: visit.patient,
        visit: Some(visit.id),
        about: None,
        words,
        due,
    };
    if let Some(linkage) = &facts.linkage {
        let words = format!("{} / {}", linkage.institution, linkage.condition);
        let due = evening(linkage.due).ok_or(Problem::Malformed)?;
        tx.open_task(&asking.by, &opening(Kind::Linkage, words, due))
            .await?;
    }
    if let Some(known) = &facts.entry.coordination {
        let words = known.referrer.clone();
        let due = task::in_days(tx.now(), REPLY_DAYS);
        tx.open_task(&asking.by, &opening(Kind::ReplyLetter, words, due))
            .await?;
    }
    Ok(())
}
