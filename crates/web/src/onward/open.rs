//! `/onward/{id}`: a pre-consultation led on to a first visit. First on which ground, after what referral and with whom near
//! the patient; then its hour. Reception does it after the physician's answer, or the physician.

use super::{booked_already, led};
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    bookings::{
        invite::Letter,
        make::{Wanted, make},
        when,
    },
    desk::go,
    form::Reading,
    shell::{Section, StaffShell},
    words::Words,
};
use access::PersonId;
use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use care::{
    Consultation, ConsultationId, Refusal, Remedy, Service,
    first_visit::Chosen,
    preconsultation::{
        self as pre, Coordination, CoordinationId, Entry, GROUND, Ground, Named, REFERRED,
    },
};
use jiff::civil::Date;
use serde::Deserialize;
use store::{Tx, dossier::legal_day, onward::Received};

/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 500;
/// Longest content of a referral, in characters.
const CONTENT_CHARS_MAX: usize = 4_000;

#[derive(Template)]
#[template(path = "onward/open.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    /// What the rules say to what was sent: the clause, and what mends it.
    refused: Option<(&'static str, String)>,
    id: ConsultationId,
    name: String,
    /// Whom the patient named when asking; empty where there is none.
    before: String,
    grounds: [Ground; 6],
    referrals: Vec<Referral>,
    /// Partners whose entry is in force: name and areas.
    partners: Vec<String>,
    physicians: Vec<(PersonId, String)>,
    /// What was opened, in lines.
    opened: Vec<(&'static str, String)>,
    /// The visit that was booked.
    visit: Option<ConsultationId>,
    /// The ground is (again) to be named, and not the hour.
    asks_ground: bool,
}

struct Referral {
    id: CoordinationId,
    words: String,
}

/// `?edit`: what was said is said anew.
#[derive(Deserialize)]
pub(super) struct Asked {
    edit: Option<String>,
}

pub(super) async fn show(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let nothing = Form::parse(b"")?;
    let page = page(
        &desk,
        id,
        (Errors::default(), nothing),
        asked.edit.is_some(),
    )
    .await?;
    desk.page(&page)
}

async fn page(
    desk: &StaffDesk,
    id: ConsultationId,
    (errors, typed): (Errors, Form),
    edit: bool,
) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let from = led(&mut read, id).await?;
    let patient = read.patient(from.patient).await?.ok_or(Problem::NotFound)?;
    let before = read
        .appointment_for(id)
        .await?
        .map(|asked| asked.asked.regular)
        .unwrap_or_default();
    let today = legal_day(desk.now);
    let partners = read
        .partners()
        .await?
        .into_iter()
        .filter(|partner| partner.kind.sees_patients() && partner.valid_until >= today)
        .map(|partner| {
            let areas: Vec<_> = partner.areas.iter().map(ToString::to_string).collect();
            let areas = areas.join(desk.w.say("list-comma").as_ref());
            format!("{} ({areas})", partner.name)
        })
        .collect();
    let referrals = read
        .coordinations(from.patient)
        .await?
        .into_iter()
        .map(|one| Referral {
            id: one.id,
            words: said(desk.w, &one),
        })
        .collect();
    let physicians = crate::patients::physicians(&mut read, desk.now).await?;
    let known = read.onward(id).await?;
    let visit = booked_already(&mut read, id).await?;
    drop(read);
    crate::patients::opened(desk, "onward", vec![from.patient]).await?;
    let entry = known.map(|known| known.entry);
    let typed = if typed.has("on-once") {
        typed
    } else {
        typed_of(
            entry.as_ref(),
            &before,
            &patient.profile.address,
            from.physician,
        )
    };
    Ok(Page {
        shell: desk.shell("onward-title", Section::Bookings).await?,
        w: desk.w,
        errors,
        typed,
        refused: None,
        id,
        name: patient.profile.name,
        before,
        grounds: Ground::ALL,
        referrals,
        partners,
        physicians,
        asks_ground: visit.is_none() && (edit || entry.is_none()),
        opened: entry.map(|entry| lines(desk.w, &entry)).unwrap_or_default(),
        visit,
    })
}

/// What stands in the form when it is opened.
fn typed_of(entry: Option<&Entry>, before: &str, address: &str, physician: PersonId) -> Form {
    let mut fields = vec![("physician".to_owned(), physician.to_string())];
    let mut put = |name: &str, value: &str| fields.push((name.to_owned(), value.to_owned()));
    match entry {
        None => {
            put("regular", before);
            put("location", address);
        }
        Some(entry) => {
            put("ground", entry.ground.as_str());
            put("reason", &entry.reason);
            put("regular", entry.regular.as_deref().unwrap_or_default());
            put("location", &entry.location);
            if let Some(known) = &entry.coordination {
                put("coordination", &known.id.to_string());
            }
            if let Some(named) = &entry.named {
                put("institution", &named.institution);
                put("accepted_by", &named.accepted_by);
            }
        }
    }
    Form::of(fields)
}

fn said(w: Words, one: &Coordination) -> String {
    format!("{} {} {}", w.date(one.on), one.referrer, one.content)
}

/// What was opened, label and words; what is empty is left out.
fn lines(w: Words, entry: &Entry) -> Vec<(&'static str, String)> {
    let regular = entry.regular.clone();
    [
        (
            "onward-ground",
            w.say(format!("onward-ground-{}", entry.ground.as_str()))
                .into_owned(),
        ),
        ("onward-reason", entry.reason.clone()),
        (
            "ask-regular",
            regular.unwrap_or_else(|| w.say("ask-no-regular").into_owned()),
        ),
        (
            "onward-referral",
            entry
                .coordination
                .as_ref()
                .map(|one| said(w, one))
                .unwrap_or_default(),
        ),
        ("onward-location", entry.location.clone()),
        (
            "onward-institution",
            entry
                .named
                .as_ref()
                .map(|named| format!("{} ({})", named.institution, named.accepted_by))
                .unwrap_or_default(),
        ),
    ]
    .into_iter()
    .filter(|(_, words)| !words.trim().is_empty())
    .collect()
}

/// Which referral: one that is on record, or one that is entered now.
enum Referred {
    None,
    Known(CoordinationId),
    New(Received),
}

/// What was sent. The rules say what is missing in it.
struct Sent {
    ground: Option<Ground>,
    entry: Entry,
    referred: Referred,
}

fn read(form: &Form, reading: &mut Reading<'_>) -> Sent {
    let mut text = |field| reading.maybe(field, TEXT_CHARS_MAX).unwrap_or_default();
    let (reason, regular, location) = (text("reason"), text("regular"), text("location"));
    let (institution, accepted_by) = (text("institution"), text("accepted_by"));
    let sender = text("referrer");
    let content = reading
        .maybe("content", CONTENT_CHARS_MAX)
        .unwrap_or_default();
    let on: Option<Date> = match form.text("referred_on") {
        "" => None,
        _ => reading.parse("referred_on"),
    };
    let referred = match (form.text("coordination"), on) {
        ("" | "new", None) => Referred::None,
        ("" | "new", Some(on)) => Referred::New(Received {
            referrer: sender,
            on,
            content,
        }),
        _ => reading
            .parse("coordination")
            .map_or(Referred::None, Referred::Known),
    };
    let ground = Ground::parse(form.text("ground"));
    Sent {
        ground,
        entry: Entry {
            ground: ground.unwrap_or(Ground::Other),
            reason,
            regular: (!regular.is_empty()).then_some(regular),
            coordination: None,
            location,
            named: (!institution.is_empty()).then_some(Named {
                institution,
                accepted_by,
            }),
        },
        referred,
    }
}

pub(super) async fn open(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    // What is not there is said before what is wrong with the form.
    led(&mut *desk.read().await?, id).await?;
    let mut reading = form.reading();
    let sent = read(&form, &mut reading);
    let errors = reading.errors();
    if !errors.is_empty() {
        if !desk.wants_page() {
            return Err(Problem::Wrong(errors));
        }
        return desk.page_wrong(&page(&desk, id, (errors, form), true).await?);
    }
    let by = desk.by();
    let kept = desk
        .write(move |tx| {
            Box::pin(async move {
                let from = led(tx, id).await?;
                let entry = judged(tx, &by, &from, sent).await?;
                Ok(tx.keep_onward(&by, &from, &entry).await?)
            })
        })
        .await;
    match kept {
        Err(Problem::Refused(refusal)) => again(&desk, id, form, &refusal).await,
        kept => kept.map(|()| go(&format!("/onward/{id}"))),
    }
}

/// Judged as it will be when its hour is booked, so that whoever opens it learns at once what is missing.
async fn judged(
    tx: &mut Tx,
    by: &store::By,
    from: &Consultation,
    sent: Sent,
) -> Result<Entry, Problem> {
    if booked_already(tx, from.id).await?.is_some() {
        return Err(Problem::OutOfTurn);
    }
    if sent.ground.is_none() {
        return Err(Refusal::state(GROUND, Remedy::NameGround)
            .because("no_ground")
            .into());
    }
    let coordination = match sent.referred {
        Referred::None => None,
        Referred::Known(id) => Some(tx.coordination(id).await?.ok_or_else(|| {
            Refusal::state(REFERRED, Remedy::EnterCoordination).because("no_coordination")
        })?),
        Referred::New(received) => {
            let id = tx.keep_coordination(by, from.patient, &received).await?;
            tx.coordination(id).await?
        }
    };
    let entry = Entry {
        coordination,
        ..sent.entry
    };
    let today = legal_day(tx.now());
    let facts = tx.onward_to_judge(from.id, from.patient, entry).await?;
    let before = facts.before.as_ref();
    pre::opened(Some(&facts.entry), before, from.patient, today)?;
    pre::covered(&facts, today)?;
    Ok(facts.entry)
}

/// The form again with what was written in it, and what the rules say to it.
async fn again(
    desk: &StaffDesk,
    id: ConsultationId,
    form: Form,
    refusal: &Refusal,
) -> Result<Response, Problem> {
    if !desk.wants_page() {
        return Err(refusal.clone().into());
    }
    let mut page = page(desk, id, (Errors::default(), form), true).await?;
    let mends = desk.w.say(refusal.remedy.key()).into_owned();
    page.refused = Some((refusal.clause.id(), mends));
    Ok((StatusCode::CONFLICT, desk.page(&page)?).into_response())
}

pub(super) async fn book(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    led(&mut *desk.read().await?, id).await?;
    let mut reading = form.reading();
    let physician: Option<PersonId> = reading.parse("physician");
    let hour = when(&form, &mut reading, desk.now);
    let errors = reading.errors();
    let (Some(physician), Some(when), true) = (physician, hour, errors.is_empty()) else {
        if !desk.wants_page() {
            return Err(Problem::Wrong(errors));
        }
        return desk.page_wrong(&page(&desk, id, (errors, form), false).await?);
    };
    let letter = Letter::new(&desk)?;
    let by = desk.by();
    let booked = desk
        .write(move |tx| {
            Box::pin(async move {
                let from = led(tx, id).await?;
                let wanted = Wanted {
                    patient: from.patient,
                    physician,
                    when,
                    new_condition: true,
                    route: Some(Chosen::Consulted(id)),
                    service: Service::Care,
                    place: None,
                };
                Ok(make(tx, &by, letter, wanted).await?.consultation.id)
            })
        })
        .await?;
    Ok(go(&format!("/bookings/{booked}")))
}
