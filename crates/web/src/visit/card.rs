//! The physician's proof card: who it is, and how that was proven. At a first meeting it is answered.

use super::{
    landing::picture,
    load,
    step::{Asking, Case},
};
use crate::{
    Form, PatientDesk, Problem, desk::go, house::marked_licence, room, shell::PatientShell,
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{
    Consultation, Refusal, Remedy, Stage,
    patient::era_year,
    proof::{self, Answer},
    task::{self, Kind, Opening},
};
use jiff::{Timestamp, civil::Date};
use store::{Conn, Fault, dossier::legal_day, physician::PhysicianProfile};

/// Days in which a proof that a patient could not be shown is renewed.
const RENEWAL_DAYS: u16 = 3;

/// A card that may be shown, in the reader's words.
pub(super) struct Card {
    pub(super) name: String,
    pub(super) department: String,
    pub(super) year: String,
    pub(super) verified: String,
    pub(super) course: Option<i16>,
    /// The terms of the public search, and where it is.
    pub(super) sex: Option<String>,
    /// Where another device sees that the card is ours.
    pub(super) genuine: Option<String>,
    /// Whether there is a picture of the licence to look at (cl-1.4-iv-b).
    pub(super) licence: bool,
}

/// What of the physician is shown, and what was said to it.
pub(super) struct Shown {
    /// `None` where no proof is in force: then nobody is admitted, and the clinic is called.
    pub(super) card: Option<Card>,
    pub(super) answer: Option<Answer>,
    /// The two know each other from a visit in person: nothing is asked (cl-1.4-iii-c).
    pub(super) known: bool,
    /// The patient asked for the proof, and has not accepted the licence on camera yet.
    pub(super) asked: bool,
    /// Identity is still to be checked: the patient may say that there is no document with a photograph.
    pub(super) document_due: bool,
    /// The patient has said so.
    pub(super) no_photo: bool,
}

impl Shown {
    /// Whether the patient must say that it is this person.
    pub(super) fn due(&self) -> bool {
        self.answer.is_none() && !self.known
    }

    pub(super) fn disputed(&self) -> bool {
        self.answer == Some(Answer::NotThePerson)
    }
}

/// Loads the card of a visit's physician, judged on this day.
pub(super) async fn load_card(
    conn: &mut Conn,
    visit: &Consultation,
    w: Words,
    now: Timestamp,
) -> Result<Shown, Fault> {
    let profile = conn.physician_profile(visit.physician).await?;
    let (shown, answer) = conn.proof_card(visit).await?;
    let facts = proof::Facts {
        proof: conn.physician_proof(visit.physician).await?,
        profile: proof::Profile {
            name: profile
                .as_ref()
                .map(|profile| profile.name.clone())
                .unwrap_or_default(),
            photo: profile
                .as_ref()
                .map(PhysicianProfile::photo_digest)
                .unwrap_or_default(),
        },
        shown,
        answer,
        request: conn.proof_request(visit).await?,
    };
    let sex = conn.physician_sex(visit.physician).await?;
    let genuine = crate::card::address(conn, visit.physician, legal_day(now)).await?;
    let licence = conn.licence_is_shown(visit.physician).await?;
    let course = conn
        .courses()
        .await?
        .into_iter()
        .filter(|course| course.person == visit.physician && course.verified_by.is_some())
        .map(|course| course.completed_on.year())
        .max();
    let card = proof::card(&facts, legal_day(now)).ok().map(|card| Card {
        name: card.name,
        department: profile
            .map(|profile| profile.department)
            .unwrap_or_default(),
        year: year(card.registration_year, w),
        verified: w.date(legal_day(card.verified)),
        course,
        sex,
        genuine,
        licence,
    });
    let check = conn.identity_check(visit.patient).await?;
    Ok(Shown {
        card,
        answer,
        known: conn.known_from_person(visit).await?,
        asked: facts
            .request
            .is_some_and(|request| request.accepted.is_none()),
        document_due: visit.stage.is_before_live() && !check.is_some_and(|check| check.matches),
        no_photo: conn.said_no_photo(visit.id).await?,
    })
}

/// A year in both calendars.
pub(crate) fn year(western: i16, w: Words) -> String {
    let era = Date::new(western, 12, 31).ok().and_then(era_year);
    match era {
        Some((era, in_era)) => {
            let era = w.say(format!("visit-era-{}", era.as_str()));
            w.fill_all(
                "visit-year-both",
                &[
                    ("year", western.to_string()),
                    ("era", era.into_owned()),
                    ("in_era", in_era.to_string()),
                ],
            )
            .into_owned()
        }
        None => western.to_string(),
    }
}

#[derive(Template)]
#[template(path = "visit/physician.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    shown: Shown,
}

/// One tap away at any time, without a forced answer.
pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    let visit = &case.booking.consultation;
    let mut shown = load_card(&mut *desk.read().await?, visit, desk.w, desk.now).await?;
    put_on_screen(&desk, &case, &shown).await?;
    if request(&desk, &case, &shown).await? {
        shown = load_card(&mut *desk.read().await?, visit, desk.w, desk.now).await?;
    }
    desk.page(&Page {
        shell: desk.shell("visit-physician-title").await?,
        w: desk.w,
        shown,
    })
}

/// Keeps that a valid card was on this patient's screen.
pub(super) async fn put_on_screen(
    desk: &PatientDesk,
    case: &Case,
    shown: &Shown,
) -> Result<(), Problem> {
    if shown.card.is_none() {
        return Ok(());
    }
    let (asking, visit) = (Asking::of(desk), case.booking.consultation.clone());
    desk.write(move |tx| {
        Box::pin(async move {
            tx.keep_card_shown(&asking.by(), &visit).await?;
            Ok(())
        })
    })
    .await
}

/// Opening the page asks for the proof, and the card answers at once. With none in force during a visit both sides are told,
/// nothing is signed until the licence was seen, and the proof is renewed (cl-1.4-iv-d). Answers whether something was kept.
async fn request(desk: &PatientDesk, case: &Case, shown: &Shown) -> Result<bool, Problem> {
    let (asking, visit) = (Asking::of(desk), case.booking.consultation.clone());
    let in_force = shown.card.is_some();
    // Before the call there is nobody to show it, and nobody is admitted without a card.
    let runs = matches!(visit.stage, Stage::Live { .. } | Stage::Ended { .. });
    if !in_force && !runs {
        return Ok(false);
    }
    // A page that is drawn again and again asks once a minute.
    let kind = format!("proof {}", desk.session);
    if in_force && desk.app().notes().due(kind, desk.now).is_none() {
        return Ok(false);
    }
    desk.write(move |tx| {
        Box::pin(async move {
            tx.keep_proof_request(&asking.by(), &visit, in_force)
                .await?;
            if !in_force {
                let opening = Opening {
                    kind: Kind::ProofRenewal,
                    patient: visit.patient,
                    visit: Some(visit.id),
                    about: None,
                    words: String::new(),
                    due: task::in_days(tx.now(), RENEWAL_DAYS),
                };
                tx.open_task(&asking.by(), &opening).await?;
            }
            Ok(())
        })
    })
    .await?;
    desk.app().bell().ring(desk.consultation);
    Ok(true)
}

/// "免許証を画面で見ました": the patient accepts the licence that was held into the camera.
pub(super) async fn licence(desk: PatientDesk, _form: Form) -> Result<Response, Problem> {
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            tx.keep_licence_seen(&asking.by(), &case.booking.consultation)
                .await?;
            Ok(())
        })
    })
    .await?;
    desk.app().bell().ring(desk.consultation);
    Ok(go("/visit/physician"))
}

/// The masked licence, with the number of the visit and the time across it (cl-1.4-iv-b).
pub(super) async fn licence_picture(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    let visit = &case.booking.consultation;
    let mut read = desk.read().await?;
    let card = load_card(&mut read, visit, desk.w, desk.now).await?.card;
    let licence = read.licence(visit.physician).await?;
    drop(read);
    let shown = licence
        .filter(|licence| licence.masked.is_some())
        .filter(|_| card.is_some())
        .ok_or(Problem::NotFound)?;
    marked_licence(shown.picture, &case.booking.number.to_string(), desk.now).await
}

pub(super) async fn photo(desk: PatientDesk) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let booking = read
        .consultation(desk.consultation)
        .await?
        .ok_or(Problem::NotFound)?;
    picture(
        read.physician_profile(booking.consultation.physician)
            .await?,
    )
}

/// "顔写真つきの証明は ない": the patient's own word, which opens the way with two documents (cl-1.4-ii-b).
pub(super) async fn no_photo(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let none = match form.text("photo") {
        "none" => true,
        "there" => false,
        _ => return Err(Problem::Wrong(crate::Errors::one("photo", "field-empty"))),
    };
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            case.before_live()?;
            tx.keep_no_photo(&asking.by(), &case.booking.consultation, none)
                .await?;
            Ok(())
        })
    })
    .await?;
    Ok(go("/visit/physician"))
}

/// "この医師で確認しました" or "ちがう人です": the second closes the room at once.
pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let answer = match form.text("answer") {
        "confirmed" => Answer::Confirmed,
        "not_the_person" => Answer::NotThePerson,
        _ => return Err(Problem::Wrong(crate::Errors::one("answer", "field-empty"))),
    };
    let (asking, w) = (Asking::of(&desk), desk.w);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            let visit = &case.booking.consultation;
            if visit.stage.is_over() {
                return Err(Problem::OutOfTurn);
            }
            let (shown, _) = tx.proof_card(visit).await?;
            let valid = load_card(tx, visit, w, asking.now).await?.card.is_some();
            if !shown || (!valid && answer == Answer::Confirmed) {
                return Err(Refusal::state(proof::SHOWN, Remedy::VerifyProof).into());
            }
            tx.keep_card_answer(&asking.by(), visit, answer).await?;
            if answer == Answer::NotThePerson && !tx.grants(visit.id).await?.is_empty() {
                tx.end_call(&asking.by(), visit.physician, visit.id).await?;
            }
            Ok(())
        })
    })
    .await?;
    if answer == Answer::NotThePerson {
        room::close(desk.app(), desk.consultation).await;
    }
    Ok(go("/visit"))
}
