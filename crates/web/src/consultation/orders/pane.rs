//! Draws the order pane: one block, in the visit's page and by itself.

use super::{
    super::{
        Asking, Case, address,
        show::{Band, band, covered},
    },
    Judging, STATED_CLAUSE,
};
use crate::{
    At, Lang, Problem, StaffDesk, Words,
    shelf::Shelf,
    shell::{Section, StaffShell},
};
use askama::Template;
use axum::{extract::Query, response::Response};
use care::{
    ConsultationId, Refusal,
    formulary::{Drug, LegalClass},
    medicines,
    prescription::{self, Given, Line, Supply},
    statement::Medicines as Stated,
};
use serde::Deserialize;
use store::Conn;

/// `?q=`
#[derive(Deserialize, Default)]
pub(in super::super) struct Asked {
    #[serde(default)]
    q: String,
}

/// What matters of a drug, visible wherever it stands: its words, and whether it warns.
pub(in super::super) struct Mark {
    pub(in super::super) words: String,
    pub(in super::super) bad: bool,
}

/// One line of the order.
pub(in super::super) struct Row {
    pub(in super::super) at: usize,
    pub(in super::super) code: String,
    pub(in super::super) name: String,
    pub(in super::super) taken: String,
    pub(in super::super) supply: String,
    pub(in super::super) days: String,
    pub(in super::super) marks: Vec<Mark>,
    pub(in super::super) notes: Vec<String>,
    pub(in super::super) refused: Option<Refused>,
}

/// Why a line may not stand, in plain words, with the clause and the way forward.
pub(in super::super) struct Refused {
    pub(in super::super) clause: &'static str,
    pub(in super::super) duty: String,
    pub(in super::super) remedy: String,
    pub(in super::super) items: Vec<String>,
}

/// One drug found.
pub(in super::super) struct Found {
    pub(in super::super) code: String,
    pub(in super::super) name: String,
    pub(in super::super) generic: String,
    pub(in super::super) marks: Vec<Mark>,
}

/// The pane. No `Debug`: it is of a patient.
pub(in super::super) struct Orders {
    pub(in super::super) open: bool,
    /// What the patient stated, in words.
    pub(in super::super) stated: String,
    /// Nobody said anything yet that could be checked.
    pub(in super::super) ask: bool,
    pub(in super::super) told: String,
    pub(in super::super) notebook: Vec<String>,
    pub(in super::super) running: Vec<String>,
    pub(in super::super) duplicates: Vec<String>,
    pub(in super::super) version: String,
    pub(in super::super) reviewed: Option<String>,
    pub(in super::super) rows: Vec<Row>,
    pub(in super::super) refused: usize,
    pub(in super::super) comment: String,
    pub(in super::super) may_copy: bool,
    pub(in super::super) has_master: bool,
    pub(in super::super) sought: String,
    pub(in super::super) found: Vec<Found>,
    pub(in super::super) stated_clause: &'static str,
}

#[derive(Template)]
#[template(path = "consultation/orders-page.html", blocks = ["orders"])]
struct Page {
    shell: StaffShell,
    w: Words,
    address: String,
    band: Band,
    orders: Option<Orders>,
}

/// The pane by itself: as a block for the visit's page, as a page without script.
pub(in super::super) async fn show(
    desk: StaffDesk,
    At(id): At<ConsultationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let shelf = desk.app().lists().await?;
    let asking = Asking::of(&desk);
    let mut read = desk.read().await?;
    let case = Case::treating(&mut read, id, &asking).await?;
    let orders = Orders::load(&mut read, &case, (&shelf, &asked.q), desk.w).await?;
    drop(read);
    if !covered(&desk, &case).await? {
        return Ok(crate::desk::go(&address(id)));
    }
    let page = Page {
        shell: desk.shell("orders-title", Section::Today).await?,
        w: desk.w,
        address: address(id),
        band: band(&desk, &case).await?,
        orders: Some(orders),
    };
    if desk.wants_block() {
        return desk.page(&page.as_orders());
    }
    let patient = case.booking.consultation.patient;
    crate::patients::opened(&desk, "orders", vec![patient]).await?;
    desk.page(&page)
}

impl Orders {
    pub(in super::super) async fn load(
        conn: &mut Conn,
        case: &Case,
        (shelf, sought): (&Shelf, &str),
        w: Words,
    ) -> Result<Self, Problem> {
        let visit = &case.booking.consultation;
        let prescription = conn.prescription(visit.id).await?;
        let judging = Judging::load(conn, case).await?;
        let signed = prescription
            .as_ref()
            .is_some_and(|prescription| prescription.signed.is_some());
        let running_stage = visit.stage.is_unsigned();
        let (lines, comment) = prescription
            .map(|prescription| (prescription.lines, prescription.comment))
            .unwrap_or_default();
        let facts = judging.facts(case, shelf);
        let refusals = if signed {
            Vec::new()
        } else {
            prescription::refusals(&facts, &lines)
        };
        let rows: Vec<Row> = lines
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let refused = refusals.iter().find(|(of, _)| *of == at);
                row(
                    w,
                    shelf,
                    (at, line),
                    refused.map(|(_, refusal)| refusal),
                    case,
                )
            })
            .collect();
        let list = &judging.medicines;
        let ask = medicines::checkable(
            list.stated.as_ref().map(|(said, _)| said),
            list.told.as_ref().map(|(words, _)| words.as_str()),
        )
        .is_err();
        let today = case.dossier.today;
        Ok(Self {
            open: running_stage && !signed,
            stated: stated(w, list.stated.as_ref().map(|(said, _)| said)),
            ask,
            told: list
                .told
                .as_ref()
                .map(|(words, _)| words.clone())
                .unwrap_or_default(),
            notebook: list.notebook.clone(),
            running: list.running.iter().map(|one| given(w, one)).collect(),
            duplicates: duplicates(shelf, &list.running, &lines, case),
            version: list.version.clone(),
            reviewed: judging.reviewed.map(|at| w.time(at)),
            refused: refusals.len(),
            rows,
            comment,
            may_copy: !judging.given.is_empty(),
            has_master: shelf.formulary.is_some(),
            sought: sought.trim().to_owned(),
            found: shelf
                .search(sought, today)
                .into_iter()
                .map(|drug| Found {
                    code: drug.code.to_string(),
                    name: drug.name.clone(),
                    generic: drug.generic_name.clone().unwrap_or_default(),
                    marks: marks(w, shelf, drug),
                })
                .collect(),
            stated_clause: STATED_CLAUSE,
        })
    }
}

fn row(
    w: Words,
    shelf: &Shelf,
    (at, line): (usize, &Line),
    refused: Option<&Refusal>,
    case: &Case,
) -> Row {
    let drug = shelf.drug(line.drug, case.dossier.today);
    let notes = [
        line.reason.clone(),
        line.extension
            .as_ref()
            .map(|extension| format!("{} {}", extension.diagnosis, extension.grounds)),
        line.risk
            .as_ref()
            .map(|risk| format!("{} {}", w.date(risk.monitor), risk.signs)),
    ];
    Row {
        at,
        code: line.drug.to_string(),
        name: drug.map_or_else(|| line.drug.to_string(), |drug| drug.name.clone()),
        taken: taken(
            w,
            line,
            drug.map(|drug| drug.unit.as_str()).unwrap_or_default(),
        ),
        supply: supply(w, line),
        days: line
            .supply
            .days(line.refills)
            .map(|days| days.to_string())
            .unwrap_or_default(),
        marks: drug.map(|drug| marks(w, shelf, drug)).unwrap_or_default(),
        notes: notes.into_iter().flatten().collect(),
        refused: refused.map(|refusal| Refused {
            clause: refusal.clause.id(),
            duty: refusal
                .clause
                .text()
                .map(|text| match w.lang() {
                    Lang::Ja => text.ja.to_owned(),
                    Lang::En => text.en.to_owned(),
                })
                .unwrap_or_default(),
            remedy: w.say(refusal.remedy.key()).into_owned(),
            items: refusal.items.iter().map(|item| w.missing(item)).collect(),
        }),
    }
}

/// How much is taken at once, and when.
pub(crate) fn taken(w: Words, line: &Line, unit: &str) -> String {
    let amount = line.directions.amount_milli;
    let (whole, part) = (amount / 1_000, amount % 1_000);
    let amount = if part == 0 {
        whole.to_string()
    } else {
        let text = format!("{whole}.{part:03}");
        text.trim_end_matches('0').to_owned()
    };
    let usage = w.say(format!("orders-usage-{}", line.directions.usage.as_str()));
    w.fill_all(
        "orders-taken",
        &[
            ("amount", amount),
            ("unit", unit.to_owned()),
            ("usage", usage.into_owned()),
        ],
    )
    .into_owned()
}

/// How much is supplied.
pub(crate) fn supply(w: Words, line: &Line) -> String {
    let once = match line.supply {
        Supply::AsNeeded { doses, .. } => w.fill("orders-for-doses", "doses", i64::from(doses)),
        Supply::Daily { days }
        | Supply::Package {
            days: Some(days), ..
        } => w.fill("orders-for-days", "days", i64::from(days)),
        Supply::Package { days: None, .. } => w.say("orders-smallest"),
    };
    if line.refills == 0 {
        return once.into_owned();
    }
    let refills = w.fill("orders-refilled", "times", i64::from(line.refills));
    format!("{once} {refills}")
}

fn given(w: Words, one: &Given) -> String {
    let line = &one.ordered.line;
    format!(
        "{} {} {} ({})",
        one.ordered.name,
        taken(w, line, &one.ordered.unit),
        supply(w, line),
        w.date(one.on)
    )
}

/// Lines whose ingredient another line has, or something that has not run out.
fn duplicates(shelf: &Shelf, running: &[Given], lines: &[Line], case: &Case) -> Vec<String> {
    let mut seen: Vec<_> = running
        .iter()
        .map(|one| (one.ordered.ingredient.clone(), one.ordered.line.drug))
        .collect();
    let mut found = Vec::new();
    for line in lines {
        let Some(drug) = shelf.drug(line.drug, case.dossier.today) else {
            continue;
        };
        let ingredient = drug.ingredient();
        if seen.iter().any(|(known, _)| *known == ingredient) {
            found.push(drug.name.clone());
        }
        seen.push((ingredient, line.drug));
    }
    found
}

fn stated(w: Words, said: Option<&Stated>) -> String {
    match said {
        None => w.say("orders-stated-nothing").into_owned(),
        Some(Stated::Same) => w.say("medicines-same").into_owned(),
        Some(Stated::Changed { words }) => w
            .fill("medicines-changed", "words", words.clone())
            .into_owned(),
        Some(Stated::None) => w.say("medicines-none").into_owned(),
        Some(Stated::Unknown) => w.say("medicines-unknown").into_owned(),
    }
}

/// What the law, the list of special management and the societies say of a drug.
pub(in super::super) fn marks(w: Words, shelf: &Shelf, drug: &Drug) -> Vec<Mark> {
    let mark = |key: &str, bad| Mark {
        words: w.say(key).into_owned(),
        bad,
    };
    let mut marks = Vec::new();
    if drug.class != LegalClass::Ordinary {
        marks.push(mark(
            &format!("orders-class-{}", drug.class.as_str().replace('_', "-")),
            drug.class.is_controlled(),
        ));
    }
    if shelf.is_managed(drug.code) {
        marks.push(mark("orders-high-safety", false));
    }
    if shelf.group(drug).is_some() {
        marks.push(mark("orders-careful", false));
    }
    marks
}
