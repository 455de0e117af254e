//! The end of a pre-consultation: on to a first visit, in person here or elsewhere, or no further care. Nothing is diagnosed,
//! prescribed or signed in it.

use crate::{
    At, Form, Problem, StaffDesk, Words,
    consultation::{Asking, Case, address},
    desk::go,
    room,
    words::tokyo,
};
use axum::response::Response;
use care::{
    ConsultationId, Service, Stage,
    preconsultation::{self, Ending, Outcome, WORDS_CHARS_MAX},
    referral::{Contact, PassOn},
    task::{self, Kind, Opening},
};
use jiff::{
    Timestamp,
    civil::{Date, Time, time},
};
use store::{Conn, preconsultation::Ended};

/// Longest name, place or way, in characters.
const LINE_CHARS_MAX: usize = 200;
/// Longest document, in characters.
const DOCUMENT_CHARS_MAX: usize = 4_000;
/// Days in which the first visit is booked: then reception asks the patient.
const BOOK_DAYS: u16 = 7;

/// The panel on the visit's page. No `Debug`: it is of a patient.
pub(crate) struct Panel {
    outcomes: [&'static str; 4],
    /// The patient's word on sharing.
    pub(crate) shares: Option<bool>,
    /// What the patient wrote when asking.
    pub(crate) about: String,
    /// The regular physician as the patient named one; empty where there is none.
    pub(crate) regular: String,
    /// The fee that was acknowledged.
    pub(crate) fee: Option<String>,
    /// Partners in force, to choose from.
    pub(crate) partners: Vec<String>,
    pub(crate) today: String,
    /// What came of it, once it is over.
    pub(crate) ended: Option<Shown>,
}

/// A result in words.
pub(crate) struct Shown {
    pub(crate) outcome: &'static str,
    pub(crate) lines: Vec<(&'static str, String)>,
}

impl Panel {
    /// Every outcome offered.
    pub(crate) const fn outcomes(&self) -> [&'static str; 4] {
        self.outcomes
    }

    /// The panel of a pre-consultation; none for any other visit.
    pub(crate) async fn load(
        conn: &mut Conn,
        case: &Case,
        w: Words,
    ) -> Result<Option<Self>, Problem> {
        let visit = &case.booking.consultation;
        if visit.service != Service::PreConsultation {
            return Ok(None);
        }
        let asked = conn.appointment_for(visit.id).await?;
        let today = case.dossier.today;
        let partners = conn
            .partners()
            .await?
            .into_iter()
            .filter(|partner| partner.kind.sees_patients() && partner.valid_until >= today)
            .map(|partner| format!("{} {}", partner.name, partner.phone))
            .collect();
        let ended = conn.preconsultation_result(visit).await?;
        Ok(Some(Self {
            outcomes: Outcome::ALL.map(Outcome::as_str),
            shares: conn.sharing_of(visit).await?,
            fee: asked
                .as_ref()
                .and_then(|asked| asked.acknowledged)
                .map(|known| super::yen(known.fee_yen)),
            about: asked
                .as_ref()
                .map(|asked| asked.asked.about.clone())
                .unwrap_or_default(),
            regular: asked.map(|asked| asked.asked.regular).unwrap_or_default(),
            partners,
            today: today.to_string(),
            ended: ended.map(|ended| Shown::of(&ended, w)),
        }))
    }
}

impl Shown {
    fn of(ended: &Ended, w: Words) -> Self {
        let content = &ended.content;
        let contact = content
            .contact
            .as_ref()
            .map(|contact| format!("{} {} {}", w.day_time(contact.at), contact.who, contact.how));
        Self {
            outcome: ended.outcome.as_str(),
            lines: [
                ("pre-heard", content.heard.clone()),
                ("pre-told", content.told.clone()),
                ("pre-destination", content.destination.clone()),
                (
                    "pre-target",
                    content.target.map(|day| w.date(day)).unwrap_or_default(),
                ),
                ("pre-contact", contact.unwrap_or_default()),
                ("pre-document", content.document.clone().unwrap_or_default()),
                ("pre-nothing", content.nothing.clone().unwrap_or_default()),
            ]
            .into_iter()
            .filter(|(_, words)| !words.trim().is_empty())
            .collect(),
        }
    }
}

/// Ends it, in one commit with what follows: the task, the result, the call.
pub(super) async fn end(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let ending = read(&form, desk.now)?;
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::own(tx, id, &asking).await?;
            let visit = &case.booking.consultation;
            if visit.service != Service::PreConsultation {
                return Err(Problem::NotFound);
            }
            let (now, today) = (tx.now(), case.dossier.today);
            let shares = tx.sharing_of(visit).await?;
            let concluded = preconsultation::conclude(visit, ending, shares, (now, today))?;
            tx.keep_preconsultation_result(&asking.by, asking.person, visit, &concluded)
                .await?;
            if let Some(opening) = follows(visit, &concluded.ending, now) {
                tx.open_task(&asking.by, &opening).await?;
            }
            let mut visit = visit.clone();
            if matches!(visit.stage, Stage::Live { .. }) {
                let event = visit.end(now)?;
                visit = tx.keep_event(&asking.by, &visit, &event).await?;
            }
            let event = visit.conclude(&concluded)?;
            tx.keep_event(&asking.by, &visit, &event).await?;
            tx.end_call(&asking.by, asking.person, id).await?;
            Ok(())
        })
    })
    .await?;
    room::close(desk.app(), id).await;
    Ok(go(&address(id)))
}

/// What stays open until somebody confirms it.
fn follows(visit: &care::Consultation, ending: &Ending, now: Timestamp) -> Option<Opening> {
    let (kind, words, due) = match ending.outcome {
        Outcome::NoFurther => return None,
        Outcome::FirstVisit => (
            Kind::FirstVisitDue,
            ending.told.clone(),
            task::in_days(now, BOOK_DAYS),
        ),
        Outcome::InPersonHere | Outcome::InPersonElsewhere => (
            // Elsewhere somebody was spoken to: it ends with their acceptance, or the arrival (cl-1.2-iv-e).
            if ending.outcome == Outcome::InPersonHere {
                Kind::Referred
            } else {
                Kind::HandedOver
            },
            ending.destination.clone(),
            ending
                .target
                .and_then(evening)
                .unwrap_or_else(|| task::in_days(now, BOOK_DAYS)),
        ),
    };
    Some(Opening {
        kind,
        patient: visit.patient,
        visit: Some(visit.id),
        about: None,
        words,
        due,
    })
}

/// The end of a day in Japan.
pub(crate) fn evening(day: Date) -> Option<Timestamp> {
    let end = day
        .to_datetime(time(23, 59, 59, 0))
        .to_zoned(tokyo())
        .ok()?;
    Some(end.timestamp())
}

/// Reads the form. What a result needs beyond its words, the rule says.
fn read(form: &Form, now: Timestamp) -> Result<Ending, Problem> {
    let mut reading = form.reading();
    let outcome = Outcome::parse(form.text("outcome"));
    if outcome.is_none() {
        reading.wrong("outcome", "field-empty");
    }
    let mut words = |field, most| reading.maybe(field, most).unwrap_or_default();
    let heard = words("heard", WORDS_CHARS_MAX);
    let told = words("told", WORDS_CHARS_MAX);
    let destination = words("destination", LINE_CHARS_MAX);
    let (who, how) = (
        words("contact_who", LINE_CHARS_MAX),
        words("contact_how", LINE_CHARS_MAX),
    );
    let document = words("document", DOCUMENT_CHARS_MAX);
    let nothing = words("nothing", WORDS_CHARS_MAX);
    let target: Option<Date> = match form.text("target") {
        "" => None,
        _ => reading.parse("target"),
    };
    let at: Option<Time> = match form.text("contact_at") {
        "" => None,
        _ => reading.parse("contact_at"),
    };
    reading.done()?;
    let today = now.to_zoned(tokyo()).date();
    let at = at
        .and_then(|at| today.to_datetime(at).to_zoned(tokyo()).ok())
        .map(|at| at.timestamp());
    Ok(Ending {
        outcome: outcome.ok_or(Problem::Malformed)?,
        heard,
        told,
        destination,
        target,
        contact: at.map(|at| Contact { who, how, at }),
        pass_on: match form.text("pass_on") {
            "yes" => Some(PassOn::Yes(document)),
            "no" => Some(PassOn::No(nothing)),
            _ => None,
        },
    })
}
