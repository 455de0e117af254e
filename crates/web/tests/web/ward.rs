//! A clinic ready for patients: a proved and trained physician, texts, an owner for each part of the way, one patient.

use crate::support::{Answer, Browser, House, house, person_id};
use access::{DeviceId, Role, Ulid, qualification::CourseCertificate};
use axum::{
    body::Body,
    http::{Method, header},
};
use care::{ConsultationId, PatientId, patient::Profile, plan::Segment};
use store::{
    By, Fault,
    physician::{PhysicianProfile, Verified},
};
use web::form::encode;

/// A picture of one pixel's worth of header: the type is told by the first bytes.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000";

/// A house in which the physician may see patients.
pub(crate) struct Ward {
    pub(crate) house: House,
    pub(crate) patient: PatientId,
}

/// Somebody of the staff as an author.
pub(crate) fn by(login_name: &str, role: Role) -> By {
    By::Person {
        id: person_id(login_name),
        role,
        device: DeviceId(Ulid::from_parts(3, 3)),
    }
}

pub(crate) async fn ward() -> Ward {
    let house = house().await;
    let administrator = by("administrator", Role::Administrator);
    let patient = house
        .store
        .write::<_, Fault, _>(house.tenant, house.now(), move |tx| {
            Box::pin(async move {
                tx.seed_texts().await?;
                for (place, (name, owner)) in [("patient_device", "患者"), ("host", "病院")]
                    .into_iter()
                    .enumerate()
                {
                    let segment = Segment {
                        name: name.into(),
                        owners: vec![owner.into()],
                    };
                    tx.put_boundary(&administrator, i64::try_from(place).unwrap(), &segment)
                        .await?;
                }
                let profile = PhysicianProfile {
                    person: person_id("physician"),
                    name: "例沢 はるか".into(),
                    department: "内科".into(),
                    photo: PNG.into(),
                    photo_type: "image/png".into(),
                };
                tx.put_physician_profile(&administrator, &profile).await?;
                let verified = Verified {
                    by: person_id("administrator"),
                    registration_year: Some(1998),
                    valid_until: "2027-11-20".parse().unwrap(),
                };
                tx.keep_proof(&administrator, &profile, verified).await?;
                let course = CourseCertificate {
                    person: person_id("physician"),
                    number: "R7-1001".into(),
                    completed_on: "2025-04-01".parse().unwrap(),
                    file: "0".repeat(64),
                    verified_by: Some(person_id("administrator")),
                };
                tx.enter_course(&administrator, &course).await?;
                for room in ["診察室1", "診察室2"] {
                    tx.add_room(&administrator, room, "2026-11-01".parse().unwrap())
                        .await?;
                }
                let since = ("2020-04-01".parse().unwrap(), None);
                tx.set_affiliation(
                    &administrator,
                    person_id("administrator"),
                    person_id("physician"),
                    since,
                )
                .await?;
                tx.add_patient(&administrator, &profile_of("見本 正男", "みほん まさお"))
                    .await
            })
        })
        .await
        .unwrap();
    Ward { house, patient }
}

/// A made-up person.
pub(crate) fn profile_of(name: &str, kana: &str) -> Profile {
    Profile {
        name: name.into(),
        kana: kana.into(),
        birth: "1951-04-03".parse().unwrap(),
        sex: "male".into(),
        phone: "09000001111".into(),
        mail: String::new(),
        address: "長野県みほん郡".into(),
        alerts: vec!["ペニシリン".into()],
    }
}

impl Ward {
    /// Books over HTTP, as reception does, and answers the visit's id.
    pub(crate) async fn book(&self, reception: &mut Browser) -> ConsultationId {
        let answer = reception.post("/bookings/new", &self.booking()).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer
            .location()
            .rsplit_once('/')
            .unwrap()
            .1
            .parse()
            .unwrap()
    }

    /// The fields of a booking for today 15:00.
    pub(crate) fn booking(&self) -> Vec<(&'static str, &'static str)> {
        let leak = |text: String| -> &'static str { text.leak() };
        vec![
            ("patient", leak(self.patient.to_string())),
            ("physician", leak(person_id("physician").to_string())),
            ("date", "2026-11-20"),
            ("time", "15:00"),
            ("route", "sources"),
        ]
    }
}

/// Sends a form and asks for the answer that programs get.
pub(crate) async fn post_json(
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
) -> (u16, serde_json::Value) {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    let mut request = browser
        .request(&Method::POST, path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")))
        .unwrap();
    request
        .headers_mut()
        .insert(header::ACCEPT, "application/problem+json".parse().unwrap());
    let answer = browser.send(request).await;
    let body = serde_json::from_str(&answer.body).unwrap_or_default();
    (answer.status.as_u16(), body)
}

/// Sends a form with a photograph.
pub(crate) async fn upload(
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
    photo: Option<&[u8]>,
) -> Answer {
    upload_as(browser, path, fields, photo.map(|photo| ("photo", photo))).await
}

/// Sends a form with a file in one of its fields.
pub(crate) async fn upload_as(
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> Answer {
    const EDGE: &str = "edge-of-the-part";
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(
            format!(
                "--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .as_bytes(),
        );
    }
    if let Some((name, file)) = file {
        body.extend_from_slice(
            format!(
                "--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"p.html\"\r\n\
                 Content-Type: text/html\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{EDGE}--\r\n").as_bytes());
    let request = browser
        .request(&Method::POST, path)
        .header(
            header::CONTENT_TYPE,
            format!("multipart/form-data; boundary={EDGE}"),
        )
        .body(Body::from(body))
        .unwrap();
    browser.send(request).await
}
