//! What the physician does in such a visit beside the note and the order: explains more reliable contraception, and makes sure
//! of the visit in person three weeks later. A block of the visit's page, and a page by itself.

use crate::{
    At, Form, Problem, StaffDesk,
    consultation::{Asking, Case, address},
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{
    ConsultationId, PatientId, Service,
    emergency_contraception::{
        self as ec, Case as Told, FOLLOW_UP_DAYS, FollowUp, GROUND, Ground, Kept, RELIABLE,
        THREE_WEEKS,
    },
    record,
};
use jiff::{ToSpan as _, civil::Date};
use store::Tx;

/// Longest name or number, in characters.
const TEXT_CHARS_MAX: usize = 100;

#[derive(Template)]
#[template(path = "contraception/pane-page.html", blocks = ["pane"])]
struct Page {
    shell: StaffShell,
    w: Words,
    address: String,
    patient: PatientId,
    name: String,
    told: Told,
    open: bool,
    from: String,
    until: String,
    follow_up_on: String,
    /// The key of the ground's text.
    ground: String,
    judgement: String,
    clauses: [&'static str; 3],
}

pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::own(&mut read, id, &asking).await?;
    let visit = &case.booking.consultation;
    let (kept, _) = read
        .contraception_at(visit)
        .await?
        .ok_or(Problem::NotFound)?;
    let patient = read
        .patient(visit.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    drop(read);
    if !crate::consultation::covered(&desk, &case).await? {
        return Ok(go(&address(id)));
    }
    let today = case.dossier.today;
    let w = desk.w;
    let (ground, judgement) = match &kept.case.ground {
        Some(ground @ Ground::Psychological { judgement, .. }) => {
            (ground.as_str(), judgement.clone())
        }
        Some(ground @ Ground::Geographic { explanation }) => (ground.as_str(), explanation.clone()),
        None => ("none", String::new()),
    };
    let page = Page {
        shell: desk.shell("contraception-title", Section::Today).await?,
        w,
        address: address(id),
        patient: patient.id,
        name: patient.profile.name,
        open: visit.stage.is_unsigned(),
        from: today
            .saturating_add(FOLLOW_UP_DAYS.start().days())
            .to_string(),
        until: today
            .saturating_add(FOLLOW_UP_DAYS.end().days())
            .to_string(),
        follow_up_on: kept
            .case
            .follow_up
            .as_ref()
            .map(|one| w.date(one.on))
            .unwrap_or_default(),
        told: kept.case,
        ground: format!("contraception-{ground}"),
        judgement,
        clauses: [GROUND.id(), RELIABLE.id(), THREE_WEEKS.id()],
    };
    if desk.wants_block() {
        return desk.page(&page.as_pane());
    }
    crate::patients::opened(&desk, "pathway", vec![page.patient]).await?;
    desk.page(&page)
}

/// A visit of this physician whose note is not signed, with its case.
async fn opened(tx: &mut Tx, id: ConsultationId, asking: &Asking) -> Result<(Case, Kept), Problem> {
    let case = Case::own(tx, id, asking).await?;
    record::reserved(asking.role, case.dossier.qualified)?;
    let visit = &case.booking.consultation;
    if !visit.stage.is_unsigned() {
        return Err(Problem::OutOfTurn);
    }
    let (kept, _) = tx.contraception_at(visit).await?.ok_or(Problem::NotFound)?;
    Ok((case, kept))
}

/// Where and when she is seen in person.
pub(super) async fn follow_up(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    // What is not there is said before what is wrong with the form.
    let _there = desk
        .read()
        .await?
        .consultation(id)
        .await?
        .ok_or(Problem::NotFound)?;
    let mut reading = form.reading();
    let institution = reading.need("institution", TEXT_CHARS_MAX);
    let phone = reading.need("phone", TEXT_CHARS_MAX);
    let on: Option<Date> = reading.parse("on");
    reading.done()?;
    let follow_up = FollowUp {
        institution,
        phone,
        on: on.ok_or(Problem::Malformed)?,
        appointed: form.text("appointed") == "yes",
        remind: form.has("remind"),
    };
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let (case, mut kept) = opened(tx, id, &asking).await?;
            kept.case.follow_up = Some(follow_up);
            ec::followed(Some(&kept.case), case.dossier.today)?;
            Ok(tx
                .keep_contraception(&asking.by, (THREE_WEEKS, "pathway.follow_up"), &kept)
                .await?)
        })
    })
    .await?;
    Ok(go(&format!("/consultations/{id}/contraception")))
}

/// 説明した: on the material that she has read.
pub(super) async fn explained(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    _form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let (_, mut kept) = opened(tx, id, &asking).await?;
            kept.case.explained = true;
            ec::explained(Some(&kept.case))?;
            Ok(tx
                .keep_contraception(&asking.by, (RELIABLE, "explanation.given"), &kept)
                .await?)
        })
    })
    .await?;
    Ok(go(&format!("/consultations/{id}/contraception")))
}

/// The order was signed with the note: what has to come back is open from now on. Nothing in a visit of another kind.
pub(crate) async fn ordered(tx: &mut Tx, asking: &Asking, case: &Case) -> Result<(), Problem> {
    let visit = &case.booking.consultation;
    if visit.service != Service::EmergencyContraception {
        return Ok(());
    }
    let (kept, _) = tx
        .contraception_at(visit)
        .await?
        .ok_or(Problem::OutOfTurn)?;
    Ok(tx.order_contraception(&asking.by, &kept).await?)
}
