//! What is done for one patient at the desk: identity, a new contact, a registered proxy (登録代理人).

use super::{Band, register::phone_number};
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{
    PatientId,
    identity::Document,
    patient::{Era, birth_date},
};
use store::patient::ProxyPerson;

/// Longest name or relation, in characters.
const NAME_CHARS_MAX: usize = 80;

#[derive(Template)]
#[template(path = "patients/desk.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    band: Band,
    act: Act,
    documents: Vec<crate::document::Offered>,
    eras: [Era; 6],
}

/// Which of the three acts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Identity,
    Recover,
    Proxy,
}

impl Act {
    const fn title(self) -> &'static str {
        match self {
            Self::Identity => "patients-identity-title",
            Self::Recover => "patients-recover-title",
            Self::Proxy => "patients-proxy-title",
        }
    }

    fn is(self, word: &str) -> bool {
        word == match self {
            Self::Identity => "identity",
            Self::Recover => "recover",
            Self::Proxy => "proxy",
        }
    }
}

pub(super) async fn identity(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    first(&desk, id, Act::Identity).await
}

pub(super) async fn recover(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    first(&desk, id, Act::Recover).await
}

pub(super) async fn proxy(desk: StaffDesk, At(id): At<PatientId>) -> Result<Response, Problem> {
    first(&desk, id, Act::Proxy).await
}

/// Compared at the desk: which document, and whether face and name match. Its number is asked nowhere (cl-1.4-i-a).
pub(super) async fn check_identity(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    // At the desk the face is seen; a document without a photograph is compared in no other way.
    let document = Document::parse(form.text("document")).filter(|document| document.kind().photo);
    if document.is_none() {
        reading.wrong("document", "field-empty");
    }
    let matches = match form.text("matches") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => {
            reading.wrong("matches", "field-empty");
            None
        }
    };
    let errors = reading.errors();
    let (Some(document), Some(matches), true) = (document, matches, errors.is_empty()) else {
        return again(&desk, id, Act::Identity, errors, form).await;
    };
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.patient(id).await?.ok_or(Problem::NotFound)?;
            Ok(tx
                .keep_identity_check(&by, person, id, document, matches)
                .await?)
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}")))
}

/// A new contact, given in person: identity is due again afterwards.
pub(super) async fn renew(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let typed = reading.need("phone", NAME_CHARS_MAX);
    let phone = phone_number(&typed);
    if phone.is_none() && !typed.is_empty() {
        reading.wrong("phone", "patients-phone-wrong");
    }
    let errors = reading.errors();
    let (Some(phone), true) = (phone, errors.is_empty()) else {
        return again(&desk, id, Act::Recover, errors, form).await;
    };
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let patient = tx.patient(id).await?.ok_or(Problem::NotFound)?;
            Ok(tx.recover_patient(&by, &patient, &phone).await?)
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}")))
}

/// A parent or helper by name, with a contact and a birth date of the own: the own link asks for the own date.
pub(super) async fn add_proxy(
    desk: StaffDesk,
    At(id): At<PatientId>,
    form: Form,
) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let name = reading.need("name", NAME_CHARS_MAX);
    let relation = reading.need("relation", NAME_CHARS_MAX);
    let typed = reading.need("phone", NAME_CHARS_MAX);
    let phone = phone_number(&typed);
    if phone.is_none() && !typed.is_empty() {
        reading.wrong("phone", "patients-phone-wrong");
    }
    let birth = birth_date(
        form.text("era"),
        form.text("year"),
        form.text("month"),
        form.text("day"),
    );
    if birth.is_none() {
        reading.wrong("year", "patients-birth-wrong");
    }
    let errors = reading.errors();
    let (Some(phone), Some(birth), true) = (phone, birth, errors.is_empty()) else {
        return again(&desk, id, Act::Proxy, errors, form).await;
    };
    let proxy = ProxyPerson {
        name,
        relation,
        phone,
        birth,
    };
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.patient(id).await?.ok_or(Problem::NotFound)?;
            tx.add_proxy(&by, person, id, &proxy).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go(&format!("/patients/{id}")))
}

async fn first(desk: &StaffDesk, id: PatientId, act: Act) -> Result<Response, Problem> {
    let typed = Form::parse(b"era=western")?;
    let page = page(desk, id, act, Errors::default(), typed).await?;
    // Written before the first byte, and only of a patient who is one here.
    super::opened(desk, "desk", vec![id]).await?;
    desk.page(&page)
}

async fn again(
    desk: &StaffDesk,
    id: PatientId,
    act: Act,
    errors: Errors,
    typed: Form,
) -> Result<Response, Problem> {
    desk.page_wrong(&page(desk, id, act, errors, typed).await?)
}

async fn page(
    desk: &StaffDesk,
    id: PatientId,
    act: Act,
    errors: Errors,
    typed: Form,
) -> Result<Page, Problem> {
    let (band, _) = Band::load(&mut *desk.read().await?, id, desk.w, desk.now).await?;
    let [reiwa, heisei, showa, taisho, meiji] = Era::JAPANESE;
    Ok(Page {
        shell: desk.shell(act.title(), Section::Patients).await?,
        w: desk.w,
        errors,
        typed,
        band,
        act,
        documents: crate::document::offered(desk.w, true),
        eras: [Era::Western, showa, heisei, reiwa, taisho, meiji],
    })
}
