//! `/house/people`: who works here, in which role, until when, and whether patients can be shown it.

use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    qr::Qr,
    shell::{Section, StaffShell},
    totp,
    words::Words,
};
use access::{PersonId, Role, TenantId, Ulid, affiliation, qualification};
use askama::Template;
use axum::response::Response;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use care::proof;
use store::{
    Conn, Fault,
    dossier::legal_day,
    person::{NewMembership, NewPerson},
};

/// Longest name and sign-in name, in characters.
const NAME_CHARS_MAX: usize = 60;
/// Random bytes of a first password: 20 letters.
const PASSWORD_BYTES: usize = 15;

#[derive(Template)]
#[template(path = "house/people.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    rows: Vec<Row>,
    roles: [Role; 4],
    me: PersonId,
}

/// One person with every role.
struct Row {
    person: PersonId,
    name: String,
    login: String,
    roles: Vec<(Ulid, String)>,
    physician: Option<Physician>,
}

/// Whether a physician may see patients, in three words.
struct Physician {
    proof: bool,
    course: bool,
    affiliated: bool,
}

#[derive(Template)]
#[template(path = "house/added.html")]
struct Added {
    shell: StaffShell,
    w: Words,
    name: String,
    login: String,
    password: String,
    secret: String,
    qr: Option<Qr>,
}

pub(super) async fn list(desk: StaffDesk) -> Result<Response, Problem> {
    desk.page(&page(&desk, Errors::default(), Form::parse(b"")?).await?)
}

/// A person joins. The first password and the authenticator's secret are shown once, and kept only as digest and sealed.
pub(super) async fn add(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let name = reading.need("name", NAME_CHARS_MAX);
    let login = reading.need("login", NAME_CHARS_MAX);
    let role: Option<Role> = reading.parse("role");
    let plain = !login.is_empty()
        && login
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if !login.is_empty() && !plain {
        reading.wrong("login", "house-login-wrong");
    }
    let errors = reading.errors();
    let (Some(role), true) = (role, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    };
    let app = desk.app();
    let chance: [u8; PASSWORD_BYTES] = app.random().ok_or(Problem::Unavailable)?;
    let secret: [u8; totp::SECRET_BYTES] = app.random().ok_or(Problem::Unavailable)?;
    let salt = app.random().ok_or(Problem::Unavailable)?;
    let password = BASE64_URL_SAFE_NO_PAD.encode(chance);
    let hash = app.hasher().hash(password.clone(), salt).await?;
    let person = PersonId(desk.fresh_id());
    let new = NewPerson {
        id: person,
        login_name: login.clone(),
        password_hash: hash,
        totp_secret: Some(secret.to_vec()),
    };
    let actor = desk.actor();
    let created: Result<(), Fault> = app
        .store()
        .write(TenantId::INSTALLATION, desk.now, move |tx| {
            Box::pin(async move { tx.create_person(&new, actor).await })
        })
        .await;
    match created {
        Err(Fault::Conflict) => {
            let errors = Errors::one("login", "house-login-taken");
            return desk.page_wrong(&page(&desk, errors, form).await?);
        }
        other => other?,
    }
    let membership = NewMembership {
        person,
        role,
        from: desk.now,
        until: None,
        name: name.clone(),
    };
    let actor = desk.actor();
    desk.write(move |tx| {
        Box::pin(async move {
            tx.add_membership(&membership, actor).await?;
            Ok(())
        })
    })
    .await?;
    desk.page(&Added {
        shell: desk.shell("house-added-title", Section::People).await?,
        w: desk.w,
        name,
        qr: Qr::of(&totp::uri(&secret, &login)),
        login,
        password,
        secret: totp::secret_text(&secret),
    })
}

/// Ends a role at this minute. Nobody ends the own role: somebody must be left to undo it.
pub(super) async fn end(desk: StaffDesk, At(id): At<String>) -> Result<Response, Problem> {
    let id: Ulid = id.parse().map_err(|_| Problem::NotFound)?;
    let (actor, me, now) = (desk.actor(), desk.person, desk.now);
    desk.write(move |tx| {
        Box::pin(async move {
            let staff = tx.staff(now).await?;
            let held = staff
                .iter()
                .find(|held| held.id == id)
                .ok_or(Problem::OutOfTurn)?;
            if held.person == me {
                return Err(Problem::Denied);
            }
            tx.end_membership(id, actor).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go("/house/people"))
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let mut read = desk.read().await?;
    let staff = read.staff(desk.now).await?;
    let mut rows: Vec<Row> = Vec::new();
    for held in staff {
        let role = (held.id, held.role);
        let key = format!("role-{}", role.1.as_str());
        match rows.iter_mut().find(|row| row.person == held.person) {
            Some(row) => row.roles.push((role.0, key)),
            None => rows.push(Row {
                person: held.person,
                name: held.name,
                login: String::new(),
                roles: vec![(role.0, key)],
                physician: None,
            }),
        }
    }
    for row in &mut rows {
        if row.roles.iter().any(|(_, key)| key == "role-physician") {
            row.physician = Some(physician(&mut read, desk, row.person).await?);
        }
    }
    drop(read);
    let mut read = desk.app().store().read(TenantId::INSTALLATION).await?;
    for row in &mut rows {
        row.login = read.login_name(row.person).await?.unwrap_or_default();
    }
    drop(read);
    Ok(Page {
        shell: desk.shell("house-people-title", Section::People).await?,
        w: desk.w,
        errors,
        typed,
        rows,
        roles: Role::ALL,
        me: desk.person,
    })
}

async fn physician(
    read: &mut Conn,
    desk: &StaffDesk,
    person: PersonId,
) -> Result<Physician, Problem> {
    let today = legal_day(desk.now);
    let facts = super::person::proof_facts(read, person).await?;
    Ok(Physician {
        proof: proof::card(&facts, today).is_ok(),
        course: qualification::trained(&read.courses().await?, person, today).is_ok(),
        affiliated: affiliation::affiliated(
            &read.affiliations(person).await?,
            person,
            desk.tenant,
            today,
        )
        .is_ok(),
    })
}
