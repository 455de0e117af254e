//! `/house/surgery`: the switch by attestation, the registers, and what is attested each year.

use super::Me;
use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::response::Response;
use care::{
    Service,
    surgery::{self, Attestation, Content, Entry, EntryId, Register, STRUCTURE_PARTS, Subject},
};
use jiff::ToSpan as _;
use store::{Fault, dossier::legal_day};

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 200;
/// Longest list of criteria, in characters.
const CRITERIA_CHARS_MAX: usize = 2000;

#[derive(Template)]
#[template(path = "surgery/house.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    on: bool,
    guidelines: Vec<Row>,
    sites: Vec<Row>,
    lines: Vec<Row>,
    /// Each site after each guideline.
    structures: Vec<Structure>,
    drill: Option<(String, bool)>,
    parts: [&'static str; 4],
}

struct Row {
    id: EntryId,
    name: String,
    facts: Vec<(&'static str, String)>,
    /// Until when it is attested, and whether that is over.
    attested: Option<(String, bool)>,
}

struct Structure {
    site: EntryId,
    guideline: EntryId,
    site_name: String,
    guideline_name: String,
    attested: Option<(String, bool)>,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let page = page(&desk, Errors::default()).await?;
    desk.page(&page)
}

async fn page(desk: &StaffDesk, errors: Errors) -> Result<Page, Problem> {
    let (w, today) = (desk.w, legal_day(desk.now));
    let mut read = desk.read().await?;
    let on = read
        .joint_services()
        .await?
        .contains(&Service::RemoteSurgery);
    let entries = read.surgery_entries().await?;
    let attested = read.surgery_attestations().await?;
    drop(read);
    let until = |of: &dyn Fn(&Attestation) -> bool| {
        attested.iter().find(|one| of(one)).map(|one| {
            let over = legal_day(one.at).saturating_add(surgery::ATTESTED_YEARS.years());
            (w.date(over.saturating_sub(1.day())), over <= today)
        })
    };
    let rows = |register: Register| {
        entries
            .iter()
            .filter(|entry| entry.content.register() == register)
            .map(|entry| Row {
                id: entry.id,
                name: entry.content.name().to_owned(),
                facts: facts(w, &entry.content),
                attested: until(&|one: &Attestation| {
                    one.subject == Subject::Guideline && one.guideline == Some(entry.id)
                }),
            })
            .collect::<Vec<_>>()
    };
    let of = |register: Register| {
        entries
            .iter()
            .filter(move |entry| entry.content.register() == register)
    };
    let mut structures = Vec::new();
    for site in of(Register::Site) {
        for guideline in of(Register::Guideline) {
            structures.push(Structure {
                site: site.id,
                guideline: guideline.id,
                site_name: site.content.name().to_owned(),
                guideline_name: guideline.content.name().to_owned(),
                attested: until(&|one: &Attestation| {
                    one.subject == Subject::Structure
                        && one.site == Some(site.id)
                        && one.guideline == Some(guideline.id)
                }),
            });
        }
    }
    Ok(Page {
        shell: desk
            .shell("house-surgery-title", Section::Publishing)
            .await?,
        w,
        errors,
        on,
        guidelines: rows(Register::Guideline),
        sites: rows(Register::Site),
        lines: rows(Register::Network),
        structures,
        drill: until(&|one: &Attestation| one.subject == Subject::Drill),
        parts: STRUCTURE_PARTS,
    })
}

fn facts(w: Words, content: &Content) -> Vec<(&'static str, String)> {
    match content {
        Content::Guideline {
            edition, criteria, ..
        } => vec![
            ("surgery-edition", edition.clone()),
            ("surgery-criteria-of", criteria.join("、")),
        ],
        Content::Site { .. } => Vec::new(),
        Content::Network {
            dedicated,
            mbps,
            redundancy,
            delay_ms_max,
            ..
        } => vec![
            (
                "surgery-dedicated",
                w.say(if *dedicated {
                    "surgery-dedicated-yes"
                } else {
                    "surgery-dedicated-no"
                })
                .into_owned(),
            ),
            ("surgery-mbps", mbps.to_string()),
            ("surgery-redundancy", redundancy.clone()),
            ("surgery-delay-max", delay_ms_max.to_string()),
        ],
    }
}

/// On by an attestation, off by a press.
pub(super) async fn switch(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let on = form.text("on") == "yes";
    if on && !form.has("attest") {
        let errors = Errors::one("attest", "field-empty");
        return desk.page_wrong(&page(&desk, errors).await?);
    }
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            if on {
                tx.attest_surgery(&me.by, me.person, (Subject::Service, None, None))
                    .await?;
            }
            Ok(tx.offer_joint(&me.by, Service::RemoteSurgery, on).await?)
        })
    })
    .await?;
    Ok(go("/house/surgery"))
}

pub(super) async fn enter(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let name = reading.need("name", NAME_CHARS_MAX);
    let content = match Register::parse(form.text("register")) {
        Some(Register::Guideline) => {
            let edition = reading.need("edition", NAME_CHARS_MAX);
            let criteria = reading.need("criteria", CRITERIA_CHARS_MAX);
            Some(Content::Guideline {
                name,
                edition,
                criteria: criteria
                    .lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect(),
            })
        }
        Some(Register::Site) => Some(Content::Site { name }),
        Some(Register::Network) => {
            let mbps: Option<u32> = reading.parse("mbps");
            let redundancy = reading.need("redundancy", NAME_CHARS_MAX);
            let delay: Option<u32> = reading.parse("delay_ms_max");
            mbps.zip(delay)
                .map(|(mbps, delay_ms_max)| Content::Network {
                    name,
                    dedicated: form.has("dedicated"),
                    mbps,
                    redundancy,
                    delay_ms_max,
                })
        }
        None => {
            reading.wrong("register", "field-empty");
            None
        }
    };
    let errors = reading.errors();
    let (Some(content), true) = (content, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, errors).await?);
    };
    surgery::enterable(&content)?;
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            tx.enter_surgery(&me.by, me.person, &content).await?;
            Ok(())
        })
    })
    .await?;
    Ok(go("/house/surgery"))
}

pub(super) async fn end(
    desk: StaffDesk,
    At(id): At<EntryId>,
    _form: Form,
) -> Result<Response, Problem> {
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            match tx.end_surgery_entry(&me.by, id).await {
                Err(Fault::Conflict) => Err(Problem::NotFound),
                done => Ok(done?),
            }
        })
    })
    .await?;
    Ok(go("/house/surgery"))
}

/// Signs that something stands: the current edition, a site's structure part by part, or that the take-over was practised.
pub(super) async fn attest(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let subject = Subject::parse(form.text("subject")).filter(|one| *one != Subject::Service);
    let guideline: Option<EntryId> = form.text("guideline").parse().ok();
    let site: Option<EntryId> = form.text("site").parse().ok();
    let mut errors = Errors::default();
    let whole = match subject {
        Some(Subject::Guideline) => guideline.is_some() && form.has("attest"),
        Some(Subject::Structure) => {
            guideline.is_some()
                && site.is_some()
                && STRUCTURE_PARTS.iter().all(|part| form.has(part))
        }
        Some(Subject::Drill) => form.has("attest"),
        Some(Subject::Service) | None => false,
    };
    if !whole {
        errors.add("attest", "field-empty");
    }
    let (Some(subject), true) = (subject, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, errors).await?);
    };
    let about = match subject {
        Subject::Guideline => (guideline, None),
        Subject::Structure => (guideline, site),
        Subject::Drill | Subject::Service => (None, None),
    };
    let me = Me::of(&desk);
    desk.write(move |tx| {
        Box::pin(async move {
            let entries: Vec<Entry> = tx.surgery_entries().await?;
            let known = |id: Option<EntryId>| {
                id.is_none_or(|id| entries.iter().any(|entry| entry.id == id))
            };
            if !known(about.0) || !known(about.1) {
                return Err(Problem::NotFound);
            }
            Ok(tx
                .attest_surgery(&me.by, me.person, (subject, about.0, about.1))
                .await?)
        })
    })
    .await?;
    Ok(go("/house/surgery"))
}
