//! `/visit/call`: seen and heard, once the physician has admitted; and the browser's offer behind it.

use super::{
    card::{self, Shown},
    given::{self, Given},
    load,
    step::{Asking, Case, Step},
};
use crate::{
    Form, PatientDesk, Problem, desk::go, room, shell::PatientShell, team::LetIn, words::Words,
};
use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use care::{Refusal, Remedy, Stage, agreement::ONLINE_CARE, place::Beside, proof};
use jiff::Timestamp;
use media::Role;
use store::request::{Asked, CANNOT_HEAR, Request, Settled};

/// What a browser may say is wrong on its side.
const TROUBLES: &[&str] = &[
    "device-denied",
    "device-none",
    "device-busy",
    "device-unsupported",
    "device-nocamera",
    "line-weak",
    "mic-paused",
    "mic-silent",
    CANNOT_HEAR,
];

/// How many are connected, as the media server itself counts them: never a guess of the page.
#[derive(Template)]
#[template(path = "visit/people-there.html")]
pub(super) struct People {
    w: Words,
    count: usize,
    /// Who attends besides the physician.
    with: Vec<LetIn>,
    /// Explanation and agreement wait to be read, after an emergency start.
    owed: bool,
    /// What the patient said of somebody beside the physician, or what was answered.
    beside: Option<&'static str>,
}

// What this template writes is escaped already.
impl askama::filters::HtmlSafe for People {}

/// Counts the people in the room.
pub(super) async fn people(desk: &PatientDesk, case: &Case) -> People {
    let count = match desk.app().media() {
        Some(media) => {
            let roster = media.roster(desk.consultation.to_string()).await;
            roster
                .iter()
                .filter(|person| person.admitted && person.connected)
                .count()
        }
        None => 0,
    };
    People {
        w: desk.w,
        count,
        with: case.attended.clone(),
        owed: case.owed(),
        beside: case.doubt.map(|doubt| match doubt.answer {
            None => "visit-beside-asked",
            Some((Beside::Nobody, _)) => "visit-beside-nobody",
            Some((Beside::Left, _)) => "visit-beside-left",
        }),
    }
}

#[derive(Template)]
#[template(path = "visit/call.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    given: Given,
    shown: Shown,
    people: People,
    mark: String,
    /// Whether this is the waiting room, in which the call stands by unseen.
    standby: bool,
}

/// What stands over the picture: which visit, and since when it is looked at.
pub(super) fn mark(case: &Case, w: Words, now: Timestamp) -> String {
    format!("{} / {}", case.booking.number, w.day_time(now))
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if case.next() != Step::Call {
        return Ok(go(&case.next().address()));
    }
    let shown = card::load_card(
        &mut *desk.read().await?,
        &case.booking.consultation,
        desk.w,
        desk.now,
    )
    .await?;
    card::put_on_screen(&desk, &case, &shown).await?;
    desk.page(&Page {
        shell: desk.shell("visit-call-title").await?,
        w: desk.w,
        given: Given {
            place: given::place(&mut *desk.read().await?, &desk, &case).await?,
            ..Given::default()
        },
        shown,
        people: people(&desk, &case).await,
        mark: mark(&case, desk.w, desk.now),
        standby: false,
    })
}

/// Answers the offer of the patient's seat: transport only, until the admit act has granted it.
pub(super) async fn signal(desk: PatientDesk, sdp: String) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if !matches!(
        case.standing.stage,
        Stage::Checks { .. } | Stage::Live { .. }
    ) {
        return Err(if case.standing.stage.is_before_live() {
            Problem::OutOfTurn
        } else {
            Problem::Over
        });
    }
    if case.standing.refused {
        return Err(Refusal::state(ONLINE_CARE, Remedy::Withdrawn)
            .because("consent_withdrawn")
            .into());
    }
    if case.card_answer == Some(proof::Answer::NotThePerson) {
        return Err(Refusal::state(proof::SHOWN, Remedy::PhysicianDisputed)
            .because("physician_disputed")
            .into());
    }
    room::restore(desk.app(), desk.tenant, desk.consultation).await?;
    let seat = room::seat(
        desk.consultation,
        &room::patient_seat(desk.proxy),
        Role::Patient,
        desk.device,
    );
    let answered = room::answer(desk.app(), seat, sdp).await;
    if let Err(Problem::Refused(refusal)) = &answered {
        told_room(&desk, refusal.reason).await?;
    }
    Ok(([(header::CONTENT_TYPE, "application/sdp")], answered?).into_response())
}

/// The physician is told when somebody without a grant asks for this seat.
async fn told_room(desk: &PatientDesk, reason: &'static str) -> Result<(), Problem> {
    let asking = Asking::of(desk);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.keep_room_refused(
                asking.consultation,
                &room::patient_seat(asking.proxy),
                reason,
            )
            .await?;
            Ok(())
        })
    })
    .await
}

/// "医師のそばに だれかいます": kept for the physician, who must answer before anything is signed (cl-2.1-v).
///
/// One question at a time: pressing again before the answer adds nothing.
pub(super) async fn beside(desk: PatientDesk) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let case = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::load(tx, &asking).await?;
                if case.next() != Step::Call {
                    return Err(Problem::OutOfTurn);
                }
                if case.doubt.is_some_and(|doubt| doubt.answer.is_none()) {
                    return Ok(case);
                }
                tx.keep_request(&asking.by(), asking.consultation, Asked::Beside, "")
                    .await?;
                Case::load(tx, &asking).await
            })
        })
        .await?;
    desk.page(&people(&desk, &case).await)
}

/// What is wrong on the patient's side, in one word: what the browser noticed at most once a minute, the patient's own
/// press while none of it is open. "聞こえました" settles it.
pub(super) async fn trouble(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let what = form.text("what");
    let asking = Asking::of(&desk);
    if what == "works" {
        desk.write(move |tx| {
            Box::pin(async move {
                tx.settle_requests(
                    &asking.by(),
                    asking.consultation,
                    Asked::Trouble,
                    Settled::Works,
                )
                .await?;
                Ok(())
            })
        })
        .await?;
        return Ok(axum::http::StatusCode::NO_CONTENT.into_response());
    }
    let Some(what) = TROUBLES.iter().copied().find(|known| *known == what) else {
        return Err(Problem::Wrong(crate::Errors::one("what", "field-wrong")));
    };
    let own = what == CANNOT_HEAR;
    let kind = format!("trouble {} {what}", desk.session);
    if own || desk.app().notes().due(kind, desk.now).is_some() {
        desk.write(move |tx| {
            Box::pin(async move {
                let visit = Case::load(tx, &asking).await?.booking.consultation.id;
                let requests = tx.requests(visit).await?;
                if !own || Request::help(&requests).is_none() {
                    tx.keep_request(&asking.by(), visit, Asked::Trouble, what)
                        .await?;
                }
                Ok(())
            })
        })
        .await?;
        desk.app().bell().ring(desk.consultation);
    }
    Ok(axum::http::StatusCode::NO_CONTENT.into_response())
}
