//! `/house/people/{id}`: what patients are shown of a physician, and who verified it: always somebody else.

use super::course;
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use access::{PersonId, Role, affiliation};
use askama::Template;
use axum::{
    extract::{Multipart, multipart::MultipartError},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use care::{Refusal, Remedy, proof as card};
use guideline::Clause;
use jiff::{ToSpan as _, civil::Date};
use std::error::Error;
use store::{
    Conn,
    dossier::legal_day,
    physician::{PhysicianProfile, Verified},
};

/// Largest photograph, in bytes.
const PHOTO_BYTES_MAX: usize = 512 * 1024;
/// Largest form that brings one.
pub(super) const FORM_BYTES_MAX: usize = PHOTO_BYTES_MAX + 16 * 1024;
/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 100;

#[derive(Template)]
#[template(path = "house/person.html")]
pub(super) struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    id: PersonId,
    name: String,
    is_physician: bool,
    /// A nurse, and the home-nursing station she belongs to, if not to this institution.
    station: Option<String>,
    is_me: bool,
    /// Whether patients can look at the licence as a picture.
    licence_shown: bool,
    profile: Option<(String, String)>,
    proof: Option<Shown>,
    courses: Vec<course::Line>,
    affiliations: Vec<(String, String)>,
    /// Specialty, designated training, counselling service.
    entries: Vec<crate::contraception::EntryLine>,
}

struct Shown {
    verified: String,
    by: String,
    year: String,
    until: String,
    stands: bool,
}

pub(super) async fn show(desk: StaffDesk, At(id): At<PersonId>) -> Result<Response, Problem> {
    let today = legal_day(desk.now);
    let typed = format!(
        "from={today}&valid_until={}",
        today.saturating_add(1.year())
    );
    let page = page(&desk, id, Errors::default(), Form::parse(typed.as_bytes())?).await?;
    desk.page(&page)
}

/// Name, department and photograph. Nobody edits what patients see of themselves; a change withdraws the proof (cl-1.4-iii-a).
pub(super) async fn profile(
    desk: StaffDesk,
    At(id): At<PersonId>,
    mut parts: Multipart,
) -> Result<Response, Problem> {
    second_person(&desk, id, card::SHOWN)?;
    let (mut name, mut department, mut photo) = (String::new(), String::new(), None);
    while let Some(part) = parts.next_field().await.map_err(|why| broken(&why))? {
        let field = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|why| broken(&why))?;
        match field.as_str() {
            "name" | "department" => {
                let text = std::str::from_utf8(&bytes)
                    .map_err(|_| Problem::Malformed)?
                    .trim()
                    .to_owned();
                if text.contains('\0') || text.chars().count() > TEXT_CHARS_MAX {
                    return Err(Problem::Wrong(Errors::one(&field, "field-long")));
                }
                if field == "name" {
                    name = text;
                } else {
                    department = text;
                }
            }
            "photo" if !bytes.is_empty() => photo = Some(bytes.to_vec()),
            _ => {}
        }
    }
    if name.is_empty() {
        return Err(Problem::Wrong(Errors::one("name", "field-empty")));
    }
    let before = known(&desk, id).await?;
    let (photo, photo_type) = match photo {
        Some(photo) => {
            if photo.len() > PHOTO_BYTES_MAX {
                return Err(Problem::TooLarge);
            }
            let kind = kind_of(&photo)
                .ok_or_else(|| Problem::Wrong(Errors::one("photo", "house-photo-wrong")))?;
            (photo, kind.to_owned())
        }
        None => match before {
            Some(before) => (before.photo, before.photo_type),
            None => return Err(Problem::Wrong(Errors::one("photo", "field-empty"))),
        },
    };
    let profile = PhysicianProfile {
        person: id,
        name,
        department,
        photo,
        photo_type,
    };
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            of_the_house(tx, profile.person).await?;
            Ok(tx.put_physician_profile(&by, &profile).await?)
        })
    })
    .await?;
    Ok(go(&format!("/house/people/{id}")))
}

/// 写真つきの証明を見た: document, face and name compared by a second person, with the year of registration.
pub(super) async fn proof(
    desk: StaffDesk,
    At(id): At<PersonId>,
    form: Form,
) -> Result<Response, Problem> {
    second_person(&desk, id, card::REGISTRATION_YEAR)?;
    let today = legal_day(desk.now);
    let mut reading = form.reading();
    let valid_until: Option<Date> = reading.parse("valid_until");
    if valid_until.is_some_and(|until| until < today) {
        reading.wrong("valid_until", "field-wrong");
    }
    if !form.has("compared") {
        reading.wrong("compared", "field-empty");
    }
    // The year of registration tells that it is a physician: none, or an impossible one, is refused by its clause.
    let year = form
        .text("registration_year")
        .parse::<i16>()
        .ok()
        .filter(|year| (card::YEAR_MIN..=today.year()).contains(year))
        .ok_or_else(|| {
            Refusal::content(card::REGISTRATION_YEAR, Remedy::EnterRegistrationYear)
                .naming([care::Part::RegistrationYear])
        })?;
    let errors = reading.errors();
    let (Some(valid_until), true) = (valid_until, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    };
    // The third term of the public search (cl-1.4-iv-c); it may be left out, and the card says so.
    let sex = ["female", "male"]
        .into_iter()
        .find(|sex| *sex == form.text("sex"));
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            of_the_house(tx, id).await?;
            let profile = tx.physician_profile(id).await?.ok_or(Problem::OutOfTurn)?;
            let verified = Verified {
                by: person,
                registration_year: Some(year),
                valid_until,
            };
            if let Some(sex) = sex {
                tx.set_physician_sex(&by, id, sex).await?;
            }
            Ok(tx.keep_proof(&by, &profile, verified).await?)
        })
    })
    .await?;
    Ok(go(&format!("/house/people/{id}")))
}

/// The administrator sets who belongs to the institution, never the physician (cl-2.1-i-a).
pub(super) async fn affiliation(
    desk: StaffDesk,
    At(id): At<PersonId>,
    form: Form,
) -> Result<Response, Problem> {
    second_person(&desk, id, affiliation::AFFILIATION)?;
    let mut reading = form.reading();
    let from: Option<Date> = reading.parse("from");
    let until: Option<Date> = if form.text("until").is_empty() {
        None
    } else {
        reading.parse("until")
    };
    if until.zip(from).is_some_and(|(until, from)| until < from) {
        reading.wrong("until", "field-wrong");
    }
    let errors = reading.errors();
    let (Some(from), true) = (from, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, id, errors, form).await?);
    };
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            of_the_house(tx, id).await?;
            Ok(tx.set_affiliation(&by, person, id, (from, until)).await?)
        })
    })
    .await?;
    Ok(go(&format!("/house/people/{id}")))
}

/// The photograph as it was stored. The layer adds `nosniff` and a policy under which a drawing runs nothing.
pub(super) async fn photo(desk: StaffDesk, At(id): At<PersonId>) -> Result<Response, Problem> {
    let profile = known(&desk, id).await?.ok_or(Problem::NotFound)?;
    let kind = kind_of(&profile.photo).ok_or(Problem::NotFound)?;
    Ok((
        [(header::CONTENT_TYPE, HeaderValue::from_static(kind))],
        profile.photo,
    )
        .into_response())
}

/// Too much, or no form at all. The limit of the route lies below the form's reader, which only passes its words on.
pub(super) fn broken(why: &MultipartError) -> Problem {
    let mut cause: Option<&dyn Error> = Some(why);
    while let Some(error) = cause {
        if error.to_string() == "length limit exceeded" {
            return Problem::TooLarge;
        }
        cause = error.source();
    }
    if why.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::TooLarge
    } else {
        Problem::Malformed
    }
}

/// What the proof of a physician is judged by, outside any visit.
pub(super) async fn proof_facts(read: &mut Conn, person: PersonId) -> Result<card::Facts, Problem> {
    let profile = read.physician_profile(person).await?;
    Ok(card::Facts {
        proof: read.physician_proof(person).await?,
        profile: card::Profile {
            name: profile
                .as_ref()
                .map(|profile| profile.name.clone())
                .unwrap_or_default(),
            photo: profile
                .as_ref()
                .map(PhysicianProfile::photo_digest)
                .unwrap_or_default(),
        },
        shown: false,
        answer: None,
        request: None,
    })
}

async fn known(desk: &StaffDesk, id: PersonId) -> Result<Option<PhysicianProfile>, Problem> {
    Ok(desk.read().await?.physician_profile(id).await?)
}

/// Nobody vouches for oneself.
pub(crate) fn second_person(desk: &StaffDesk, of: PersonId, clause: Clause) -> Result<(), Problem> {
    Ok(card::may_verify(desk.person, of, clause)?)
}

/// Persons are of the whole installation: only those who work or worked here have anything written of them here.
async fn of_the_house(conn: &mut Conn, person: PersonId) -> Result<(), Problem> {
    let known = conn.name_of(person).await?;
    known.map(|_| ()).ok_or(Problem::NotFound)
}

/// The media type by the first bytes, whatever the browser called it.
fn kind_of(photo: &[u8]) -> Option<&'static str> {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    const JPEG: &[u8] = b"\xff\xd8\xff";
    let begins = |mark: &[u8]| photo.starts_with(mark);
    if begins(PNG) {
        Some("image/png")
    } else if begins(JPEG) {
        Some("image/jpeg")
    } else if begins(b"<svg")
        || (begins(b"<?xml") && photo.windows(4).any(|window| window == b"<svg"))
    {
        Some("image/svg+xml")
    } else {
        None
    }
}

pub(super) async fn page(
    desk: &StaffDesk,
    id: PersonId,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let w = desk.w;
    let today = legal_day(desk.now);
    let mut read = desk.read().await?;
    let name = read.name_of(id).await?.ok_or(Problem::NotFound)?;
    let held = read.memberships(id, desk.now).await?;
    let station = if held.iter().any(|held| held.role == Role::Nurse) {
        Some(read.station_of(id).await?.unwrap_or_default())
    } else {
        None
    };
    let profile = read.physician_profile(id).await?;
    let facts = proof_facts(&mut read, id).await?;
    let proof = match &facts.proof {
        Some(proof) => Some(Shown {
            verified: w.day_time(proof.verified),
            by: read.name_of(proof.verified_by).await?.unwrap_or_default(),
            year: proof
                .registration_year
                .map(|year| year.to_string())
                .unwrap_or_default(),
            until: w.date(proof.valid_until),
            stands: card::card(&facts, today).is_ok(),
        }),
        None => None,
    };
    let courses = course::lines(&mut read, w, id).await?;
    let licence_shown = read.licence_is_shown(id).await?;
    let affiliations = read
        .affiliations(id)
        .await?
        .into_iter()
        .map(|row| {
            (
                w.date(row.from),
                row.until.map(|until| w.date(until)).unwrap_or_default(),
            )
        })
        .collect();
    let entries = crate::contraception::entry_lines(&mut read, w, id).await?;
    drop(read);
    Ok(Page {
        entries,
        shell: desk.shell("house-person-title", Section::People).await?,
        w,
        errors,
        typed,
        id,
        name,
        is_physician: held.iter().any(|held| held.role == Role::Physician),
        station,
        is_me: desk.person == id,
        licence_shown,
        profile: profile.map(|profile| (profile.name, profile.department)),
        proof,
        courses,
        affiliations,
    })
}
