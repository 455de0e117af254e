//! `/consultations/{id}/symptoms`: each symptom that the patient chose, and the physician's decision on it with grounds.

use super::{Asking, Case, address, admit::before_live};
use crate::{
    At, Errors, Form, Problem, StaffDesk, Words,
    desk::go,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::response::Response;
use care::{
    ConsultationId,
    suitability::{self, Phase, Verdict},
    symptom::{self, Fit, Row},
};
use store::Conn;

/// Longest grounds, in characters.
const GROUNDS_CHARS: usize = 500;

#[derive(Template)]
#[template(path = "consultation/symptoms.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    id: ConsultationId,
    band: super::show::Band,
    edition: String,
    words: String,
    hits: Vec<Hit>,
    errors: Errors,
    /// The row whose form was sent last, with what was written.
    sent: (String, String),
}

struct Hit {
    key: String,
    /// As the list says it.
    physician: String,
    /// As the patient read it.
    patient: String,
    verified: bool,
    /// The decision, if there is one.
    decided: Option<(&'static str, String)>,
}

/// What is said of the list beside today's other answers; nothing where it is not asked.
pub(super) async fn words(conn: &mut Conn, case: &Case, w: Words) -> Result<Vec<String>, Problem> {
    let dossier = &case.dossier;
    let visit = &dossier.consultation;
    if !symptom::is_asked(visit.class, dossier.body.as_ref()) {
        return Ok(Vec::new());
    }
    let Some(answered) = dossier.symptoms.answered.as_ref() else {
        return Ok(vec![w.say("symptoms-unanswered").into_owned()]);
    };
    let rows = conn.symptom_rows().await?;
    let mut said: Vec<String> = answered
        .hits
        .iter()
        .map(|hit| {
            let name = name(&rows, hit);
            w.fill("symptoms-hit", "name", name).into_owned()
        })
        .collect();
    if said.is_empty() {
        said.push(w.say("symptoms-no-hit").into_owned());
    }
    if !answered.words.is_empty() {
        said.push(
            w.fill("symptoms-words", "words", answered.words.clone())
                .into_owned(),
        );
    }
    Ok(said)
}

fn name(rows: &[Row], hit: &str) -> String {
    rows.iter()
        .find(|row| row.key == hit)
        .map_or_else(|| hit.to_owned(), |row| row.physician.clone())
}

pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let case = Case::own(&mut *desk.read().await?, id, &asking).await?;
    crate::patients::opened(&desk, "symptoms", vec![case.booking.consultation.patient]).await?;
    let page = page(&desk, &case, Errors::default(), Default::default()).await?;
    desk.page(&page)
}

async fn page(
    desk: &StaffDesk,
    case: &Case,
    errors: Errors,
    sent: (String, String),
) -> Result<Page, Problem> {
    let rows = desk.read().await?.symptom_rows().await?;
    let facts = &case.dossier.symptoms;
    let answered = facts.current(case.booking.consultation.id);
    let hits = answered
        .into_iter()
        .flat_map(|answered| &answered.hits)
        .filter_map(|hit| rows.iter().find(|row| row.key == *hit))
        .map(|row| Hit {
            key: row.key.clone(),
            physician: row.physician.clone(),
            patient: row.ja.clone(),
            verified: row.verified,
            decided: facts
                .decision(&row.key)
                .map(|decision| (decision.fit.as_str(), decision.grounds.clone())),
        })
        .collect();
    Ok(Page {
        shell: desk.shell("symptoms-title", Section::Today).await?,
        w: desk.w,
        id: case.booking.consultation.id,
        band: super::show::band(desk, case).await?,
        edition: answered
            .map(|answered| answered.edition.clone())
            .unwrap_or_default(),
        words: answered
            .map(|answered| answered.words.clone())
            .unwrap_or_default(),
        hits,
        errors,
        sent,
    })
}

/// One symptom decided. "Not online" is the physician's no to this visit: the hand-over is the only way on (cl-1.2-ii-b).
pub(super) async fn decide(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let hit = reading.need("hit", 64);
    let grounds = reading.need("grounds", GROUNDS_CHARS);
    let fit = Fit::parse(form.text("fit"));
    if fit.is_none() {
        reading.wrong("fit", "field-empty");
    }
    let errors = reading.errors();
    let (Some(fit), true) = (fit, errors.is_empty()) else {
        if !desk.wants_page() {
            return Err(Problem::Wrong(errors));
        }
        let asking = Asking::of(&desk);
        let case = Case::own(&mut *desk.read().await?, id, &asking).await?;
        let page = page(&desk, &case, errors, (hit, grounds)).await?;
        return desk.page_wrong(&page);
    };
    let asking = Asking::of(&desk);
    let open = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::own(tx, id, &asking).await?;
                before_live(&case)?;
                let visit = &case.booking.consultation;
                suitability::may_abort(id, &case.dossier.judgements)?;
                symptom::may_decide(id, &case.dossier.symptoms, &hit, &grounds)?;
                tx.keep_symptom_decision(&asking.by, asking.person, visit, (&hit, fit, &grounds))
                    .await?;
                if fit == Fit::InPerson {
                    tx.keep_judgement(
                        &asking.by,
                        asking.person,
                        visit,
                        (Phase::Provisional, Verdict::NoGo, "symptom"),
                    )
                    .await?;
                }
                let facts = tx.symptom_facts(visit).await?;
                Ok(symptom::judged(id, visit.class, case.dossier.body.as_ref(), &facts).is_err())
            })
        })
        .await?;
    let here = address(id);
    Ok(go(&match (fit, open) {
        (Fit::InPerson, _) => format!("{here}/stop?reason=symptom"),
        (Fit::Online, true) => format!("{here}/symptoms"),
        (Fit::Online, false) => here,
    }))
}
