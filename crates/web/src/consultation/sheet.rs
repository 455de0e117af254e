//! The after-visit sheet on the closing panel: filled in from the plan, the register and the next booking, and closed with the
//! note by one press (cl-1.3-ii-a).

use super::{Asking, Case};
use crate::{Form, Problem, words::tokyo};
use care::{
    Dossier,
    first_visit::sheet::{self, Explained, GoesOn, How, Next, Sheet},
    legal_day, plan,
    referral::{self, Backup},
    task::{self, Kind, Opening},
};
use jiff::{Timestamp, civil::DateTime};
use store::{Conn, Tx};

/// Longest text of a part, in characters.
const TEXT_CHARS: usize = 1_000;
/// Longest name of a place, in characters.
const NAME_CHARS: usize = 200;
/// Longest telephone number, in characters.
const PHONE_CHARS: usize = 40;

/// The sheet as the form shows it. No `Debug`: it is of a patient.
pub(super) struct Written {
    /// `online`, `in_person`, `nothing`, or nothing chosen yet.
    pub(super) next: &'static str,
    pub(super) day: String,
    pub(super) reason: String,
    pub(super) signs: String,
    pub(super) place: String,
    pub(super) phone: String,
    pub(super) goes_on: &'static str,
    pub(super) explained: &'static str,
    pub(super) called: String,
}

impl Written {
    /// What is kept, or what plan, register and booking say already; nothing where the visit ends without a sheet.
    pub(super) async fn load(
        conn: &mut Conn,
        case: &Case,
        booked: Option<Timestamp>,
    ) -> Result<Option<Self>, Problem> {
        let Some(facts) = &case.dossier.after_visit else {
            return Ok(None);
        };
        let sheet = match &facts.sheet {
            Some(sheet) => sheet.clone(),
            None => prefilled(conn, &case.dossier, booked).await?,
        };
        Ok(Some(Self::of(sheet)))
    }

    fn of(sheet: Sheet) -> Self {
        let (next, day, reason) = match sheet.next {
            Some(Next::Visit { day, how }) => (how.as_str(), day.to_string(), String::new()),
            Some(Next::Nothing { reason }) => (NOTHING, String::new(), reason),
            None => ("", String::new(), String::new()),
        };
        let (explained, called) = match sheet.explained {
            Some(Explained::CalledBack { at }) => (
                CALLED_BACK,
                at.to_zoned(tokyo()).strftime("%Y-%m-%dT%H:%M").to_string(),
            ),
            Some(Explained::Live) => (LIVE, String::new()),
            None => ("", String::new()),
        };
        Self {
            next,
            day,
            reason,
            signs: sheet.signs,
            place: sheet.place,
            phone: sheet.phone,
            goes_on: sheet.goes_on.map_or("", GoesOn::as_str),
            explained,
            called,
        }
    }
}

const NOTHING: &str = "nothing";
const LIVE: &str = "live";
const CALLED_BACK: &str = "called_back";

/// What is known already: nobody writes it twice.
async fn prefilled(
    conn: &mut Conn,
    dossier: &Dossier,
    booked: Option<Timestamp>,
) -> Result<Sheet, Problem> {
    let stop = dossier.plan.in_force.as_ref().map(|plan| &plan.draft.stop);
    let (place, phone) = in_person(conn, dossier).await?;
    Ok(Sheet {
        next: booked.map(|at| Next::Visit {
            day: legal_day(at),
            how: How::Online,
        }),
        signs: stop
            .map(|stop| stop.clinical.join("\n"))
            .unwrap_or_default(),
        place,
        phone,
        goes_on: booked.map(|_| GoesOn::Yes),
        explained: None,
    })
}

/// The place found for this visit, with its telephone.
async fn in_person(conn: &mut Conn, dossier: &Dossier) -> Result<(String, String), Problem> {
    let found = referral::backed_up(dossier.consultation.id, &dossier.referral, dossier.today);
    Ok(match found.map(|found| found.backup) {
        Ok(Backup::Own) => conn
            .institution()
            .await?
            .map(|own| (own.name, own.phone))
            .unwrap_or_default(),
        Ok(Backup::Partner { partner, .. }) => dossier
            .referral
            .partners
            .iter()
            .find(|known| known.id == partner)
            .map(|known| (known.name.clone(), known.phone.clone()))
            .unwrap_or_default(),
        Ok(Backup::Arranged { with, .. }) => (with, String::new()),
        Err(_) => (String::new(), String::new()),
    })
}

/// Reads the sheet, where the form has one. What cannot be read as a day or a time is not there, and the gate names it.
pub(super) fn read(form: &Form) -> Result<Option<Sheet>, Problem> {
    if !form.has("sheet-place") {
        return Ok(None);
    }
    let mut reading = form.reading();
    let mut text = |name, chars| reading.maybe(name, chars).unwrap_or_default();
    let (reason, signs) = (
        text("sheet-reason", TEXT_CHARS),
        text("sheet-signs", TEXT_CHARS),
    );
    let (place, phone) = (
        text("sheet-place", NAME_CHARS),
        text("sheet-phone", PHONE_CHARS),
    );
    reading.done()?;
    let on = |how| {
        let day = form.text("sheet-day").parse().ok()?;
        Some(Next::Visit { day, how })
    };
    let called = || {
        let local: DateTime = form.text("sheet-called").parse().ok()?;
        let at = local.to_zoned(tokyo()).ok()?.timestamp();
        Some(Explained::CalledBack { at })
    };
    Ok(Some(Sheet {
        next: match form.text("sheet-next") {
            "online" => on(How::Online),
            "in_person" => on(How::InPerson),
            NOTHING => Some(Next::Nothing { reason }),
            _ => None,
        },
        signs,
        place,
        phone,
        goes_on: GoesOn::parse(form.text("sheet-goes-on")),
        explained: match form.text("sheet-explained") {
            LIVE => Some(Explained::Live),
            CALLED_BACK => called(),
            _ => None,
        },
    }))
}

/// Keeps what was typed, where the visit ends with a sheet.
pub(super) async fn keep(tx: &mut Tx, case: &Case, sheet: Option<&Sheet>) -> Result<(), Problem> {
    if let (Some(sheet), Some(_)) = (sheet, &case.dossier.after_visit) {
        tx.keep_sheet(&case.booking.consultation, sheet).await?;
    }
    Ok(())
}

/// The sheet is whole: judged before the signature, so that nothing is signed without it.
pub(super) fn whole(case: &Case) -> Result<(), Problem> {
    let dossier = &case.dossier;
    let facts = dossier.after_visit.as_ref();
    let _ = sheet::handed(facts, &dossier.consultation, dossier.now)?;
    Ok(())
}

/// The visit is closed: the sheet is the patient's from now on, and where care goes on online a plan is due (cl-1.3-ii-b).
pub(super) async fn closed(tx: &mut Tx, asking: &Asking, case: &Case) -> Result<(), Problem> {
    let visit = &case.booking.consultation;
    let facts = case.dossier.after_visit.as_ref();
    let Some(sheet) = facts.and_then(|facts| facts.sheet.as_ref()) else {
        return Ok(());
    };
    tx.sign_sheet(&asking.by, asking.person, visit, sheet)
        .await?;
    if !sheet.goes_on.is_some_and(GoesOn::asks_plan) {
        return Ok(());
    }
    let due = task::in_days(tx.now(), plan::DUE_DAYS);
    let next = next_booked(tx, visit).await?;
    let opening = Opening {
        kind: Kind::PlanDue,
        patient: visit.patient,
        visit: Some(visit.id),
        about: None,
        words: String::new(),
        due: next.map_or(due, |next| next.min(due)),
    };
    tx.open_task(&asking.by, &opening).await?;
    Ok(())
}

/// The hour of the next visit that is booked after this one.
pub(super) async fn next_booked(
    conn: &mut Conn,
    visit: &care::Consultation,
) -> Result<Option<Timestamp>, Problem> {
    Ok(conn
        .consultations_of(visit.patient)
        .await?
        .into_iter()
        .map(|booking| booking.consultation)
        .filter(|other| other.stage.is_before_live() && other.booked_for > visit.booked_for)
        .map(|other| other.booked_for)
        .min())
}
