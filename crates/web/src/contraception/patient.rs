//! `/visit/pharmacy`: the patient chooses where she takes the tablet, from the published list, and reads what is more reliable.
//! The page names no drug in its title: somebody may look over her shoulder.

use crate::{
    Form, PatientDesk, Problem,
    desk::go,
    shell::PatientShell,
    visit::step::{Asking, Case, Step},
    words::Words,
};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
    response::Response,
};
use care::{
    area::Area,
    emergency_contraception::{self as ec, Chosen, PHARMACIST, Way, list::Place},
};
use serde::Deserialize;
use store::dossier::legal_day;

/// Most pharmacies on one page.
const SHOWN_MAX: usize = 30;
/// Longest area, in characters.
const AREA_CHARS_MAX: usize = 60;

/// `?area=`
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    area: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Query::<Self>::from_request_parts(parts, state)
            .await
            .map(|Query(asked)| asked)
            .unwrap_or_default())
    }
}

#[derive(Template)]
#[template(path = "contraception/pharmacy.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    area: String,
    pharmacies: Vec<(usize, Place)>,
    edition: String,
    source: String,
}

pub(super) async fn show(desk: PatientDesk, asked: Asked) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let case = Case::load(&mut read, &Asking::of(&desk)).await?;
    if case.next() != Step::Pharmacy {
        return Ok(go("/visit"));
    }
    let visit = &case.booking.consultation;
    let (kept, _) = read
        .contraception_at(visit)
        .await?
        .ok_or(Problem::NotFound)?;
    let facts = read
        .contraception_facts(visit.patient, Some(kept.id))
        .await?;
    drop(read);
    let today = legal_day(desk.now);
    ec::open(facts.setting.as_ref(), &facts.lists, today)?;
    let days_max = facts.setting.as_ref().map_or(0, |setting| setting.days_max);
    let list = facts.lists.pharmacies(days_max, today)?;
    let words: String = asked.area.chars().take(AREA_CHARS_MAX).collect();
    let words = if words.trim().is_empty() {
        kept.case.place.clone()
    } else {
        words
    };
    let area = Area::read(&words).map(|area| match Area::read(&kept.case.place) {
        Some(usual) => area.said_by_one_of(&usual),
        None => area,
    });
    let near: Vec<Place> = area
        .as_ref()
        .map(|area| {
            list.places
                .iter()
                .filter(|one| one.area.meets(area))
                .cloned()
                .collect()
        })
        .unwrap_or_default();
    // None in the municipality: those of the prefecture.
    let found = match (&area, near.is_empty()) {
        (Some(area), true) => list
            .places
            .iter()
            .filter(|one| one.area.shares_prefecture(area))
            .cloned()
            .collect(),
        (Some(_) | None, _) => near,
    };
    desk.page(&Page {
        shell: desk.shell("pharmacy-title").await?,
        w: desk.w,
        area: words,
        pharmacies: found.into_iter().take(SHOWN_MAX).enumerate().collect(),
        edition: list.edition.clone(),
        source: desk.w.date(list.source),
    })
}

pub(super) async fn choose(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let name = form.text("pharmacy").to_owned();
    let address = form.text("address").to_owned();
    let way = match form.text("way") {
        "" | "counter" => Way::Counter,
        _ => Way::Other,
    };
    if !form.has("read") {
        return Err(Problem::Wrong(crate::Errors::one("read", "field-empty")));
    }
    let asking = Asking::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let case = Case::load(tx, &asking).await?;
            case.before_live()?;
            let visit = &case.booking.consultation;
            let (mut kept, _) = tx.contraception_at(visit).await?.ok_or(Problem::NotFound)?;
            let facts = tx.contraception_facts(visit.patient, Some(kept.id)).await?;
            let today = legal_day(tx.now());
            let place = ec::sendable(&facts, (&name, &address), way, today)?;
            kept.case.pharmacy = Some(Chosen {
                name: place.name.clone(),
                address: place.address.clone(),
                phone: place.phone.clone(),
                number: facts
                    .lists
                    .pharmacies
                    .as_ref()
                    .map_or(0, |loaded| loaded.number),
            });
            kept.case.read = true;
            Ok(tx
                .keep_contraception(
                    &asking.by(),
                    (PHARMACIST, "explanation.acknowledged"),
                    &kept,
                )
                .await?)
        })
    })
    .await?;
    Ok(go("/visit"))
}
