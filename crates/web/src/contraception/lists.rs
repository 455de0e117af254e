//! `/house/lists`: the published lists and the switch (一覧と設定). The administrator loads, nobody else.

use crate::{
    Form, Problem, StaffDesk,
    desk::go,
    house::Handed,
    shell::{Section, StaffShell},
    words::Words,
};
use askama::Template;
use axum::{extract::Multipart, response::Response};
use care::{
    emergency_contraception::{
        self as ec, GROUND, INSTITUTIONS_DAYS_MAX, PHARMACIES_DAYS_MAX, Setting,
        list::{self, BYTES_MAX, HEADING, List},
    },
    formulary::Fault,
};
use jiff::civil::Date;
use store::{
    dossier::legal_day,
    pathway::CONTRACEPTION,
    place_list::{NewPlaces, digest},
};

/// Longest name of an edition, in characters.
const NAME_CHARS_MAX: usize = 60;

struct Row {
    list: &'static str,
    edition: Option<(String, String, String, i64)>,
    by: String,
    stale: bool,
    reload: bool,
}

#[derive(Template)]
#[template(path = "contraception/lists.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    typed: Form,
    errors: crate::Errors,
    /// Where a file is not what it should be, in words.
    fault: Option<String>,
    rows: Vec<Row>,
    offered: bool,
    drugs: String,
    days_max: u16,
    heading: String,
    /// The drugs by name, so that a code is no riddle.
    names: Vec<String>,
}

pub(super) async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let page = page(&desk, Form::parse(b"")?, crate::Errors::default(), None).await?;
    desk.page(&page)
}

async fn page(
    desk: &StaffDesk,
    typed: Form,
    errors: crate::Errors,
    fault: Option<String>,
) -> Result<Page, Problem> {
    let (w, today) = (desk.w, legal_day(desk.now));
    let shelf = desk.app().lists().await?;
    let mut read = desk.read().await?;
    let setting = read.pathway_setting(CONTRACEPTION).await?;
    let days_max = setting
        .as_ref()
        .map_or(PHARMACIES_DAYS_MAX, |setting| setting.days_max);
    let mut rows = Vec::new();
    for list in List::ALL {
        let edition = read.place_edition(list).await?;
        let age = edition.as_ref().map(|edition| {
            edition
                .source
                .until(today)
                .map_or(0, |span| span.get_days())
        });
        let limit = match list {
            List::Institutions => INSTITUTIONS_DAYS_MAX,
            List::Pharmacies => days_max,
        };
        let by = match &edition {
            Some(edition) => read.name_of(edition.loaded_by).await?.unwrap_or_default(),
            None => String::new(),
        };
        rows.push(Row {
            list: list.as_str(),
            by,
            stale: age.is_none_or(|age| age > i32::from(limit)),
            reload: age.is_some_and(|age| age > i32::from(ec::RELOAD_DAYS)),
            edition: edition.map(|one| (one.name, w.date(one.source), one.digest, one.rows)),
        });
    }
    drop(read);
    let codes = setting.as_ref().map_or(&[][..], |setting| &setting.drugs);
    Ok(Page {
        shell: desk.shell("lists-title", Section::Publishing).await?,
        w,
        typed,
        errors,
        fault,
        rows,
        offered: setting.as_ref().is_some_and(|setting| setting.offered),
        drugs: codes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" "),
        names: codes
            .iter()
            .filter_map(|code| shelf.drug(*code, today))
            .map(|drug| drug.name.clone())
            .collect(),
        days_max,
        heading: HEADING.join(","),
    })
}

/// Loads a file: all of it or nothing.
pub(super) async fn load(desk: StaffDesk, parts: Multipart) -> Result<Response, Problem> {
    let Handed { fields, file } = Handed::read(parts, BYTES_MAX).await?;
    let form = Form::of(fields);
    let mut reading = form.reading();
    let list = List::parse(form.text("list"));
    if list.is_none() {
        reading.wrong("list", "field-empty");
    }
    let edition = reading.need("edition", NAME_CHARS_MAX);
    let source: Option<Date> = reading.parse("source_date");
    let said = form.text("digest").trim().to_ascii_lowercase();
    if !said.is_empty() && said != digest(&file) {
        reading.wrong("digest", "lists-digest-wrong");
    }
    if file.is_empty() {
        reading.wrong("file", "field-empty");
    }
    let errors = reading.errors();
    let (Some(list), Some(source), true) = (list, source, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, form, errors, None).await?);
    };
    let rows = match list::read(list, &file) {
        Ok(places) => places.len(),
        Err(fault) => {
            let told = told(desk.w, fault);
            return desk.page_wrong(&page(&desk, form, errors, Some(told)).await?);
        }
    };
    let (by, person, today) = (desk.by(), desk.person, legal_day(desk.now));
    desk.write(move |tx| {
        Box::pin(async move {
            let before = tx.place_edition(list).await?.map(|edition| edition.source);
            ec::loadable(list, source, before, today)?;
            let new = NewPlaces {
                list,
                edition: &edition,
                source,
                rows,
                file: &file,
            };
            Ok(tx.load_places(&by, person, &new).await?)
        })
    })
    .await?;
    Ok(go("/house/lists"))
}

fn told(w: Words, fault: Fault) -> String {
    let column = fault.column.map_or_else(String::new, |column| {
        w.fill("lists-fault-column", "column", column.to_string())
            .into_owned()
    });
    w.fill_all(
        "lists-fault",
        &[
            ("line", fault.line.to_string()),
            ("column", column),
            (
                "why",
                w.say(format!("lists-why-{}", fault.why.as_str()))
                    .into_owned(),
            ),
        ],
    )
    .into_owned()
}

/// Switches the service on with its drugs, or off. It opens only where both lists can be used.
pub(super) async fn offer(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let days_max: Option<u16> = reading.parse("days_max");
    // An institution may be stricter than the default, never laxer.
    if days_max.is_some_and(|days| !(1..=PHARMACIES_DAYS_MAX).contains(&days)) {
        reading.wrong("days_max", "field-wrong");
    }
    let shelf = desk.app().lists().await?;
    let today = legal_day(desk.now);
    let drugs = shelf.typed(form.text("drugs"), today);
    if drugs.is_none() {
        reading.wrong("drugs", "lists-drug-wrong");
    }
    let errors = reading.errors();
    let (Some(days_max), true) = (days_max, errors.is_empty()) else {
        return desk.page_wrong(&page(&desk, form, errors, None).await?);
    };
    let setting = Setting {
        offered: form.has("offered"),
        drugs: drugs.unwrap_or_default(),
        days_max,
    };
    let (by, person) = (desk.by(), desk.person);
    desk.write(move |tx| {
        Box::pin(async move {
            if setting.offered {
                ec::open(Some(&setting), &tx.place_lists().await?, today)?;
            }
            Ok(tx
                .put_pathway(&by, person, (CONTRACEPTION, GROUND), &setting)
                .await?)
        })
    })
    .await?;
    Ok(go("/house/lists"))
}
