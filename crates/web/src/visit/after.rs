//! `/visit/after`: what was decided, what comes next, whom to ask, and who it was.

use super::{
    body::{Nearby, partners},
    card::{self, Shown},
    load, opened,
    step::{Asking, Case, Step},
};
use crate::{
    Form, PatientDesk, Problem, cookie, desk::go, shell::PatientShell, surface::Surface,
    words::Words,
};
use askama::Template;
use axum::{http::header, response::Response};
use care::{Service, Stage, first_visit::sheet::Sheet};
use store::{Conn, Fault};

/// What of the note is the patient's, once a physician has finalised it.
#[derive(Template)]
#[template(path = "visit/told.html")]
pub(super) struct Told {
    w: Words,
    decided: Option<Decided>,
    /// What the patient was told before a correction, newest first.
    before: Vec<Decided>,
    next: Option<String>,
    /// What follows a first visit, once it is signed.
    sheet: Option<Sheet>,
    /// What was prescribed.
    drugs: Vec<Drug>,
}

/// One drug as the patient reads it.
struct Drug {
    name: String,
    taken: String,
    supply: String,
    /// Warning signs to call about (cl-1.5-i-e).
    signs: Option<String>,
}

/// What one finalised version tells the patient.
struct Decided {
    plan: String,
    explained: String,
    /// When it was finalised.
    at: String,
}

impl Told {
    /// Whether the note is signed.
    pub(super) const fn documented(&self) -> bool {
        self.decided.is_some()
    }
}

// What this template writes is escaped already.
impl askama::filters::HtmlSafe for Told {}

#[derive(Template)]
#[template(path = "visit/after.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    told: Told,
    owed: bool,
    when: String,
    shown: Shown,
    acute: String,
    partners: Vec<Nearby>,
    /// Something was prescribed: how it is taken can be told here (cl-1.5-i-f).
    asks: bool,
    /// What was told last of it: whether something is wrong.
    drugs: Option<bool>,
    /// The day has come on which it is asked.
    due: bool,
    /// The way to the messages.
    messages: Option<bool>,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if case.next() != Step::After {
        return Ok(go(&case.next().address()));
    }
    if case.booking.consultation.service == Service::PreConsultation {
        opened(&desk, "after").await?;
        return crate::preconsultation::after(&desk, &case).await;
    }
    let mut read = desk.read().await?;
    let visit = &case.booking.consultation;
    let told = told(&mut read, &case, desk.w).await?;
    let drugs = read.adherence(visit).await?.map(|said| said.problem);
    let due = read.check_is_due(visit, desk.now).await?;
    let shown = card::load_card(&mut read, visit, desk.w, desk.now).await?;
    let messages = crate::chat::entrance(&mut read, desk.patient).await?;
    let acute = read
        .plan_in_force(desk.patient)
        .await?
        .map(|plan| crate::words::unbroken(&plan.draft.acute.policy))
        .unwrap_or_default();
    drop(read);
    opened(&desk, "after").await?;
    sheet_shown(&desk, &case, &told).await?;
    let when = match visit.stage {
        Stage::Ended { since, at }
        | Stage::Documented { since, at }
        | Stage::Closed { since, at } => {
            format!("{}–{}", desk.w.day_time(since), desk.w.time(at))
        }
        _ => String::new(),
    };
    desk.page(&Page {
        shell: desk.shell("visit-after-title").await?,
        w: desk.w,
        asks: !told.drugs.is_empty(),
        drugs,
        due,
        messages,
        told,
        owed: case.owed(),
        when,
        shown,
        acute,
        partners: partners(&desk).await?,
    })
}

/// What the finalised note says to the patient; nothing while it is being signed.
pub(super) async fn told(conn: &mut Conn, case: &Case, w: Words) -> Result<Told, Fault> {
    let visit = &case.booking.consultation;
    let signed = matches!(visit.stage, Stage::Documented { .. } | Stage::Closed { .. });
    let mut versions: Vec<Decided> = Vec::new();
    for note in conn.notes_of(visit.id).await?.into_iter().rev() {
        let Some((_, at)) = note.finalized.filter(|_| signed) else {
            continue;
        };
        let version = Decided {
            plan: note.soap.plan,
            explained: note.soap.explained,
            at: w.day_time(at),
        };
        match versions.last_mut() {
            // An amendment of what only the chart says is no news to the patient; the words are as old as they are.
            Some(newer) if newer.plan == version.plan && newer.explained == version.explained => {
                newer.at = version.at;
            }
            _ => versions.push(version),
        }
    }
    let mut versions = versions.into_iter();
    let decided = versions.next();
    let next = conn
        .consultations_of(visit.patient)
        .await?
        .into_iter()
        .map(|booking| booking.consultation)
        .filter(|other| other.stage.is_before_live() && other.booked_for > visit.booked_for)
        .map(|other| other.booked_for)
        .min();
    Ok(Told {
        w,
        decided,
        before: versions.collect(),
        drugs: drugs(conn, case, w).await?,
        sheet: conn
            .sheet(visit)
            .await?
            .filter(|kept| kept.signed.is_some())
            .map(|kept| kept.sheet),
        next: next.map(|at| w.day_time(at)),
    })
}

/// Keeps that the signed sheet stands on the patient's page (cl-1.3-ii-a).
pub(super) async fn sheet_shown(
    desk: &PatientDesk,
    case: &Case,
    told: &Told,
) -> Result<(), Problem> {
    if told.sheet.is_none() {
        return Ok(());
    }
    let (by, visit) = (Asking::of(desk).by(), case.booking.consultation.clone());
    desk.write(move |tx| Box::pin(async move { Ok(tx.sheet_shown(&by, &visit).await?) }))
        .await
}

/// The lines of the signed prescription.
async fn drugs(conn: &mut Conn, case: &Case, w: Words) -> Result<Vec<Drug>, Fault> {
    let prescription = conn
        .prescription(case.booking.consultation.id)
        .await?
        .filter(|prescription| prescription.signed.is_some());
    Ok(prescription
        .map(|prescription| prescription.ordered)
        .unwrap_or_default()
        .into_iter()
        .map(|one| Drug {
            taken: crate::consultation::taken(w, &one.line, &one.unit),
            supply: crate::consultation::supply(w, &one.line),
            signs: one.line.risk.map(|risk| risk.signs),
            name: one.name,
        })
        .collect())
}

/// 読みました。閉じる: the read receipt, and the end of this browser's session.
pub(super) async fn read(desk: PatientDesk, _form: Form) -> Result<Response, Problem> {
    let (asking, session) = (Asking::of(&desk), desk.session);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            if case.next() != Step::After {
                return Err(Problem::OutOfTurn);
            }
            let entry = asking
                .by()
                .entry("notice.delivered")
                .object("consultation", asking.consultation.to_string());
            tx.record(entry).await?;
            tx.sheet_read(&asking.by(), &case.booking.consultation)
                .await?;
            tx.end_session(session).await?;
            Ok(())
        })
    })
    .await?;
    let mut answer = go("/?done=1");
    if let Some(cookie) = cookie::end_session(Surface::Patient) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}
