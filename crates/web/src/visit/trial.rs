//! `/t/{token}`: the device check before the day, for whoever holds the link. No birth date, and nothing of the patient.

use super::{landing, link, step::Window};
use crate::{AnonymousDesk, At, Form, Problem, desk::go, room, shell::PatientShell, words::Words};
use access::TenantId;
use askama::Template;
use axum::{
    extract::Query,
    http::header,
    response::{IntoResponse, Response},
};
use care::Stage;
use serde::Deserialize;
use store::{Conn, Fault, consultation::Booking, invitation::Invitation, trial::Trial};

#[derive(Template)]
#[template(path = "visit/trial.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    token: String,
    echo: String,
    act: String,
    opens: String,
    done: Option<bool>,
}

/// `?done` after the trial.
#[derive(Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

/// A visit whose device may be tried: its waiting room is not open yet.
struct Ahead {
    link: Invitation,
    booking: Booking,
    opens: jiff::Timestamp,
}

/// Where the link leads, if a trial is still ahead of its day.
async fn ahead(
    conn: &mut Conn,
    secret: &[u8],
    now: jiff::Timestamp,
) -> Result<Option<Ahead>, Fault> {
    let Some((link, booking)) = landing::known(conn, secret, now).await? else {
        return Ok(None);
    };
    let rules = conn.house_rules().await?;
    let visit = &booking.consultation;
    let opens = Window::opens(visit.booked_for, &rules);
    let early = visit.stage == Stage::Booked
        && Window::of(visit.booked_for, &rules, now) == Window::Early
        && !link.rests(now);
    Ok(early.then_some(Ahead {
        link,
        booking,
        opens,
    }))
}

/// Opens the institution of a link. `None`: nobody knows it.
async fn read(desk: &AnonymousDesk, tenant: TenantId) -> Result<Option<store::Read>, Problem> {
    match desk.app().store().read(tenant).await {
        Err(Fault::UnknownTenant) => Ok(None),
        other => Ok(Some(other?)),
    }
}

/// Everything that is no trial (any more) goes on to the landing, which says the rest.
pub(super) async fn show(
    desk: AnonymousDesk,
    At(token): At<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let Some((tenant, secret)) = link::decode(&token) else {
        return Ok(go("/lost"));
    };
    let Some(mut read) = read(&desk, tenant).await? else {
        return Ok(go("/lost"));
    };
    let Some(ahead) = ahead(&mut read, &secret, desk.now).await? else {
        return Ok(go(&format!("/v/{token}")));
    };
    let done = match asked.done {
        Some(_) => read
            .trial(ahead.booking.consultation.id)
            .await?
            .map(|trial| trial.is_good()),
        None => None,
    };
    drop(read);
    desk.page(&Page {
        shell: desk.patient_shell(tenant, "visit-trial-title").await?,
        w: desk.w,
        echo: format!("/t/{token}/echo"),
        act: format!("/t/{token}"),
        opens: desk.w.day_time(ahead.opens),
        token,
        done,
    })
}

/// Keeps what the browser found. It counts for no gate: the check of the day is made anew.
pub(super) async fn keep(
    desk: AnonymousDesk,
    At(token): At<String>,
    form: Form,
) -> Result<Response, Problem> {
    let (tenant, secret) = link::decode(&token).ok_or(Problem::NotFound)?;
    let yes = |name: &str| form.text(name) == "yes";
    let trial = Trial {
        at: desk.now,
        camera: yes("camera"),
        microphone: yes("mic"),
        tone: yes("tone"),
        line: matches!(form.text("path"), "udp" | "tcp"),
    };
    desk.app()
        .store()
        .write::<(), Problem, _>(tenant, desk.now, move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let ahead = ahead(tx, &secret, now).await?.ok_or(Problem::OutOfTurn)?;
                Ok(tx.keep_trial(ahead.booking.consultation.id, &trial).await?)
            })
        })
        .await?;
    Ok(go(&format!("/t/{token}?done=1")))
}

/// A room of one, for this link: what is sent comes back to it, for at most a minute.
pub(super) async fn echo(
    desk: AnonymousDesk,
    At(token): At<String>,
    sdp: String,
) -> Result<Response, Problem> {
    let (tenant, secret) = link::decode(&token).ok_or(Problem::NotFound)?;
    let mut read = read(&desk, tenant).await?.ok_or(Problem::NotFound)?;
    let ahead = ahead(&mut read, &secret, desk.now)
        .await?
        .ok_or(Problem::NotFound)?;
    drop(read);
    let media = desk.app().media().ok_or(Problem::Unavailable)?;
    let answer = media
        .echo(format!("trial-{}", ahead.link.id), sdp)
        .await
        .map_err(room::refused)?;
    Ok(([(header::CONTENT_TYPE, "application/sdp")], answer).into_response())
}
