//! `/consultations/{id}/linkage`: how care in person follows a first visit after a pre-consultation, and what the patient has in
//! hand until then. A block of the visit's page, and a page by itself. Nothing of the visit is signed without.

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
    ConsultationId, Dossier, PartnerId, PatientId,
    preconsultation::{self as pre, Facts, LINKED, Linkage, REFERRED, Who},
    record,
    referral::{GUIDED, Guidance, Reach, reachable},
};
use jiff::{ToSpan as _, civil::Date};
use store::{Conn, linkage::KeptGuidance};

/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 500;
/// Days after which it is looked at, unless the physician says otherwise (要確認: the sources give none).
const DUE_DAYS: i64 = 14;

#[derive(Template)]
#[template(path = "onward/pane.html", blocks = ["pane"])]
struct Page {
    shell: StaffShell,
    w: Words,
    address: String,
    patient: PatientId,
    name: String,
    /// Nothing is signed yet.
    open: bool,
    today: String,
    /// Where: the value sent, and the words.
    places: Vec<(String, String)>,
    place: String,
    due: String,
    condition: String,
    who: Option<Who>,
    people: [Who; 2],
    /// What is planned, in one line; nothing yet.
    planned: String,
    /// Whom the patient can reach at this hour: the value sent, and the words.
    reaches: Vec<(String, String)>,
    guidance: Told,
    clauses: [&'static str; 3],
    /// After a referral: whom the reply goes to, and when it went.
    reply: Option<(String, String)>,
}

/// The answer on guidance, as the pane shows it.
#[derive(Default)]
struct Told {
    answered: bool,
    needed: bool,
    symptoms: String,
    summary: String,
    until: String,
    reason: String,
    /// Until when the link opens; empty where it has ended.
    expires: String,
    /// When the patient opened it first.
    shown: String,
}

impl Told {
    fn of(kept: Option<KeptGuidance>, dossier: &Dossier, w: Words) -> Self {
        let Some(kept) = kept else {
            return Self {
                until: dossier.today.saturating_add(DUE_DAYS.days()).to_string(),
                ..Self::default()
            };
        };
        let said = Self {
            answered: true,
            expires: kept
                .expires
                .filter(|at| *at > dossier.now)
                .map(|at| w.day_time(at))
                .unwrap_or_default(),
            shown: kept.shown.map(|at| w.day_time(at)).unwrap_or_default(),
            ..Self::default()
        };
        match kept.answer {
            Guidance::Needed(guide) => Self {
                needed: true,
                symptoms: guide.symptoms,
                summary: guide.summary,
                until: guide.until.to_string(),
                ..said
            },
            Guidance::NotNeeded(reason) => Self { reason, ..said },
        }
    }
}

/// A visit of this physician after a pre-consultation.
pub(super) async fn after(
    conn: &mut Conn,
    id: ConsultationId,
    asking: &Asking,
) -> Result<(Case, Facts), Problem> {
    let case = Case::own(conn, id, asking).await?;
    let facts = case.dossier.onward.clone().ok_or(Problem::NotFound)?;
    Ok((case, *facts))
}

pub(super) async fn show(desk: StaffDesk, At(id): At<ConsultationId>) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let (case, facts) = after(&mut read, id, &asking).await?;
    let visit = &case.booking.consultation;
    let patient = read
        .patient(visit.patient)
        .await?
        .ok_or(Problem::NotFound)?;
    let guidance = read.guidance_of(visit).await?;
    let replied = read.reply_letter(visit).await?;
    let own = read.institution().await?;
    drop(read);
    if !crate::consultation::covered(&desk, &case).await? {
        return Ok(go(&address(id)));
    }
    let (w, today) = (desk.w, case.dossier.today);
    let known = facts.linkage.as_ref();
    let reply = facts.entry.coordination.as_ref().map(|one| {
        let sent = replied.map(|(_, at)| w.day_time(at)).unwrap_or_default();
        (one.referrer.clone(), sent)
    });
    let own_line = own.map(|own| format!("{} {}", own.name, own.phone));
    let page = Page {
        shell: desk.shell("linkage-title", Section::Today).await?,
        w,
        address: address(id),
        patient: patient.id,
        name: patient.profile.name,
        open: visit.stage.is_unsigned(),
        today: today.to_string(),
        places: places(&facts, today),
        place: known.map(place_of).unwrap_or_default(),
        due: known
            .map_or_else(|| today.saturating_add(DUE_DAYS.days()), |one| one.due)
            .to_string(),
        condition: known.map(|one| one.condition.clone()).unwrap_or_default(),
        who: known.map(|one| one.who),
        people: Who::ALL,
        planned: known
            .map(|one| format!("{} {}", w.date(one.due), one.institution))
            .unwrap_or_default(),
        reaches: reaches(&case.dossier, own_line),
        guidance: Told::of(guidance, &case.dossier, w),
        clauses: [LINKED.id(), GUIDED.id(), REFERRED.id()],
        reply,
    };
    if desk.wants_block() {
        return desk.page(&page.as_pane());
    }
    crate::patients::opened(&desk, "linkage", vec![page.patient]).await?;
    desk.page(&page)
}

fn place_of(linkage: &Linkage) -> String {
    linkage
        .partner
        .map_or_else(|| linkage.institution.clone(), |id| id.to_string())
}

/// Partners in force, whoever accepted this patient, and this house.
fn places(facts: &Facts, today: Date) -> Vec<(String, String)> {
    let mut places: Vec<(String, String)> = facts
        .partners
        .iter()
        .filter(|partner| partner.kind.sees_patients() && partner.valid_until >= today)
        .map(|partner| (partner.id.to_string(), partner.name.clone()))
        .collect();
    let named = facts.entry.named.iter().map(|named| &named.institution);
    places.extend(
        named
            .chain([&facts.own])
            .map(|name| (name.clone(), name.clone())),
    );
    places
}

/// Whom the patient can call at this hour: this house, and partners.
fn reaches(dossier: &Dossier, own: Option<String>) -> Vec<(String, String)> {
    let (facts, today) = (&dossier.referral, dossier.today);
    let here = own
        .filter(|_| reachable(Reach::Own, facts, today))
        .map(|words| ("own".to_owned(), words));
    let partners = facts
        .partners
        .iter()
        .filter(|partner| reachable(Reach::Partner(partner.id), facts, today))
        .map(|partner| {
            let words = format!("{} {}", partner.name, partner.phone);
            (partner.id.to_string(), words)
        });
    here.into_iter().chain(partners).collect()
}

/// Keeps the plan. A blank one, or one that names an institution nobody knows here, is none.
pub(super) async fn plan(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    after(&mut *desk.read().await?, id, &asking).await?;
    let mut reading = form.reading();
    let mut text = |field| reading.maybe(field, TEXT_CHARS_MAX).unwrap_or_default();
    let (place, condition) = (text("place"), text("condition"));
    let due: Option<Date> = reading.parse("due");
    let who = Who::parse(form.text("who"));
    if who.is_none() {
        reading.wrong("who", "field-empty");
    }
    reading.done()?;
    let (due, who) = due.zip(who).ok_or(Problem::Malformed)?;
    desk.write(move |tx| {
        Box::pin(async move {
            let (case, facts) = after(tx, id, &asking).await?;
            record::reserved(asking.role, case.dossier.qualified)?;
            let visit = &case.booking.consultation;
            if !visit.stage.is_unsigned() {
                return Err(Problem::OutOfTurn);
            }
            let partner: Option<PartnerId> = place.parse().ok();
            let named = partner.and_then(|id| {
                let mut partners = facts.partners.iter();
                partners.find(|partner| partner.id == id)
            });
            let linkage = Linkage {
                institution: named.map_or(place, |partner| partner.name.clone()),
                partner,
                due,
                condition,
                who,
            };
            pre::linked(Some(&linkage), &facts, case.dossier.today)?;
            Ok(tx.keep_linkage(&asking.by, visit, &linkage).await?)
        })
    })
    .await?;
    Ok(go(&format!("{}/linkage", address(id))))
}
