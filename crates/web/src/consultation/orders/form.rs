//! One line of an order as it is written: the drug is a code, how it is taken comes from a closed list.

use super::{
    super::{
        Asking, Case,
        show::{Band, band},
    },
    pane::{Mark, marks},
};
use crate::{
    At, Form, Lang, Problem, StaffDesk, Words,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::{extract::Query, response::Response};
use care::{
    ConsultationId,
    formulary::{Code, Form as Taken},
    prescription::{Directions, Extension, Line, Risk, Supply, Usage},
};
use serde::Deserialize;

/// Longest reason, in characters.
const REASON_CHARS: usize = 300;
/// Most days of one line.
const DAYS_MAX: u16 = 365;
/// Most doses as needed.
const DOSES_MAX: u16 = 200;
/// Most refills (リフィル): three supplies in all.
const REFILLS_MAX: u8 = 2;
/// Most that is taken at once, in thousandths of a unit.
const AMOUNT_MAX: u32 = 1_000_000;

/// `?drug=`
#[derive(Deserialize)]
pub(in super::super) struct Asked {
    #[serde(default)]
    drug: String,
}

#[derive(Template)]
#[template(path = "consultation/order-line.html", blocks = ["line"])]
struct Page {
    shell: StaffShell,
    w: Words,
    address: String,
    band: Band,
    code: String,
    name: String,
    unit: String,
    marks: Vec<Mark>,
    /// Taken by the mouth; else by package.
    oral: bool,
    /// What the societies' list says of it, at a first visit.
    caution: Option<(String, String, bool)>,
    /// Diagnoses of the plan, to choose one for a drug not given before.
    diagnoses: Vec<(String, String)>,
    /// The block about its risk is asked for.
    risky: bool,
    usages: Vec<&'static str>,
}

/// The form for one drug, with what the guideline asks of just this one.
pub(in super::super) async fn line(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let code: Code = asked.drug.parse().map_err(|()| Problem::NotFound)?;
    let shelf = desk.app().lists().await?;
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::treating(&mut read, id, &asking).await?;
    let visit = &case.booking.consultation;
    let given = read.given(visit.patient).await?;
    drop(read);
    if !super::super::show::covered(&desk, &case).await? {
        return Ok(crate::desk::go(&format!("/consultations/{id}")));
    }
    let drug = shelf
        .drug(code, case.dossier.today)
        .ok_or(Problem::NotFound)?;
    let known = given
        .iter()
        .any(|one| one.ordered.ingredient == drug.ingredient() && one.ordered.tie.is_some());
    let first = visit.class.is_first();
    let w = desk.w;
    let page = Page {
        shell: desk.shell("visit-title", Section::Today).await?,
        w,
        address: super::super::address(id),
        band: band(&desk, &case).await?,
        code: drug.code.to_string(),
        name: drug.name.clone(),
        unit: drug.unit.clone(),
        marks: marks(w, &shelf, drug),
        oral: matches!(drug.form, Taken::Oral | Taken::Other | Taken::Dental),
        caution: shelf.group(drug).filter(|_| first).map(|group| {
            let caution = match w.lang() {
                Lang::Ja => &group.caution_ja,
                Lang::En => &group.caution_en,
            };
            (group.name.clone(), caution.clone(), group.verified)
        }),
        diagnoses: case
            .dossier
            .plan
            .in_force
            .iter()
            .filter(|_| !first && !known)
            .flat_map(|plan| &plan.draft.online_care.diagnoses)
            .map(|diagnosis| (diagnosis.code.clone(), diagnosis.name.clone()))
            .collect(),
        risky: shelf.is_managed(code),
        usages: Usage::ALL.iter().map(|usage| usage.as_str()).collect(),
    };
    if desk.wants_block() {
        return desk.page(&page.as_line());
    }
    crate::patients::opened(&desk, "orders", vec![visit.patient]).await?;
    desk.page(&page)
}

/// Reads a line. A drug that is no code is no line (cl-1.5-i-a).
pub(super) fn line_of(form: &Form) -> Result<Line, Problem> {
    let mut reading = form.reading();
    let drug = form.text("drug").parse::<Code>().ok();
    if drug.is_none() {
        reading.wrong("drug", "orders-no-code");
    }
    let usage = Usage::parse(form.text("usage"));
    if usage.is_none() {
        reading.wrong("usage", "field-empty");
    }
    let amount_milli =
        milli(form.text("amount")).filter(|amount| (1..=AMOUNT_MAX).contains(amount));
    if amount_milli.is_none() {
        reading.wrong("amount", "field-wrong");
    }
    let mut number = |name: &str, most: u16| match form.text(name) {
        "" => None,
        text => match text.parse::<u16>() {
            Ok(value) if (1..=most).contains(&value) => Some(value),
            _ => {
                reading.wrong(name, "field-wrong");
                None
            }
        },
    };
    let (days, doses) = (number("days", DAYS_MAX), number("doses", DOSES_MAX));
    let refills = match form.text("refills") {
        "" => Some(0),
        text => text
            .parse::<u8>()
            .ok()
            .filter(|times| *times <= REFILLS_MAX),
    };
    if refills.is_none() {
        reading.wrong("refills", "field-wrong");
    }
    let supply = match form.text("kind") {
        "daily" => days.map(|days| Supply::Daily { days }),
        "as_needed" => doses.map(|doses| Supply::AsNeeded { doses, days }),
        "package" => Some(Supply::Package {
            days,
            smallest: form.has("smallest"),
        }),
        _ => None,
    };
    if supply.is_none() {
        reading.wrong("days", "field-wrong");
    }
    let mut words = |name: &str| reading.maybe(name, REASON_CHARS);
    let reason = words("reason");
    let diagnosis = words("diagnosis");
    let grounds = words("grounds").unwrap_or_default();
    let (why, checks, signs) = (
        words("risk_reason"),
        words("risk_checks"),
        words("risk_signs"),
    );
    let monitor = form.text("risk_monitor").parse().ok();
    let errors = reading.errors();
    let (Some(drug), Some(usage), Some(amount_milli), Some(supply), Some(refills), true) = (
        drug,
        usage,
        amount_milli,
        supply,
        refills,
        errors.is_empty(),
    ) else {
        return Err(Problem::Wrong(errors));
    };
    // A block without a day is none: where one is asked for, that is said by its clause.
    let risk = match (
        why.is_some() || checks.is_some() || signs.is_some(),
        monitor,
    ) {
        (true, Some(monitor)) => Some(Risk {
            reason: why.unwrap_or_default(),
            checks: checks.unwrap_or_default(),
            signs: signs.unwrap_or_default(),
            monitor,
            origin: None,
        }),
        _ => None,
    };
    Ok(Line {
        drug,
        directions: Directions {
            amount_milli,
            usage,
        },
        supply,
        refills,
        reason,
        extension: diagnosis.map(|diagnosis| Extension { diagnosis, grounds }),
        risk,
    })
}

/// An amount in thousandths: "1", "0.5", "2.25".
fn milli(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 4 || part.len() > 3 || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let part: u32 = format!("{part:0<3}").parse().ok()?;
    whole.checked_mul(1_000)?.checked_add(part)
}
