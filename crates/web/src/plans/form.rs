//! Between the nine items and the fields of the form.

use crate::{
    Errors, Form, Problem,
    form::{Reading, encode},
    patients::assess::{DIAGNOSES_MAX, diagnoses},
};
use access::PersonId;
use care::{
    InPersonId, PartnerId,
    plan::{
        Acute, Basis, Combination, Cooperation, Draft, Hours, HoursMode, ItemFault, Method,
        OnlineCare, PlanPhysician, Responsibility, StopConditions, Test,
    },
    rota::Team,
};
use jiff::civil::Date;

/// Longest text of an item, in characters.
const TEXT_CHARS_MAX: usize = 2_000;
/// Most lines of a list.
const LINES_MAX: usize = 20;
/// Tests with due dates that one form takes.
pub(super) const TESTS_MAX: usize = 3;
/// Physicians that one form takes.
pub(super) const PHYSICIANS_MAX: usize = 4;

/// A form read into items, with what could not be read.
pub(super) struct Read {
    pub(super) draft: Draft,
    pub(super) basis: Option<Basis>,
    pub(super) errors: Errors,
}

/// Reads the form. `physicians` are those who work here; `responsibility` is what the boundary register says now.
pub(super) fn read(
    form: &Form,
    physicians: &[(PersonId, String)],
    responsibility: Responsibility,
) -> Read {
    let mut reading = form.reading();
    let mut text = |field: &str| reading.maybe(field, TEXT_CHARS_MAX).unwrap_or_default();
    let treatment = text("treatment");
    let lateness = text("lateness");
    let outside = text("outside");
    let (system, devices, lent, fallback) = (
        text("system"),
        text("devices"),
        text("lent"),
        text("fallback"),
    );
    let (clinical, technical) = (lines(&text("clinical")), lines(&text("technical")));
    let (destination, contact) = (text("destination"), text("contact"));
    let (statement, prepare) = (text("statement"), lines(&text("prepare")));
    let policy = text("policy");
    let every_months = number(form, "every_months", &mut reading);
    let every_visits = number(form, "every_visits", &mut reading);
    let length_minutes = number(form, "length_minutes", &mut reading).unwrap_or_default();
    let lost_seconds = number(form, "lost_seconds", &mut reading).unwrap_or_default();
    let tests = tests(form, &mut reading);
    let listed = listed(form, physicians, &mut reading);
    let assess_by = match form.text("assess_by") {
        "" => None,
        _ => reading.parse("assess_by"),
    };
    let own = form.text("acute") == "own";
    let partner = match form.text("partner") {
        "" => None,
        id => id.parse::<PartnerId>().ok(),
    };
    let basis = basis(form.text("basis"));
    Read {
        draft: Draft {
            online_care: OnlineCare {
                diagnoses: diagnoses(form),
                treatment,
            },
            combination: Combination {
                every_months,
                every_visits,
                tests,
                assess_by,
            },
            hours: Hours {
                mode: match form.text("mode") {
                    "appointment" => Some(HoursMode::Appointment),
                    "fixed" => Some(HoursMode::Fixed),
                    _ => None,
                },
                length_minutes,
                lateness,
                outside,
            },
            method: Method {
                system,
                devices,
                lent,
                fallback,
            },
            stop: StopConditions {
                clinical,
                technical,
                lost_seconds,
                destination,
                contact,
            },
            cooperation: Cooperation { statement, prepare },
            acute: Acute {
                own,
                partner: partner.filter(|_| !own),
                policy,
            },
            physicians: listed,
            responsibility,
            team: Team::parse(form.text("team")),
        },
        basis,
        errors: reading.errors(),
    }
}

/// How the field says that a plan rests on a first visit online.
const FIRST_ONLINE: &str = "first:";

/// What the plan rests on, as the field says it.
fn basis(word: &str) -> Option<Basis> {
    match word.strip_prefix(FIRST_ONLINE) {
        Some(visit) => Some(Basis::FirstOnline {
            consultation: visit.parse().ok()?,
        }),
        None => Some(Basis::InPerson {
            assessment: word.parse::<InPersonId>().ok()?,
        }),
    }
}

/// The same as the field writes it.
pub(super) fn basis_word(basis: Basis) -> String {
    match basis {
        Basis::InPerson { assessment } => assessment.to_string(),
        Basis::FirstOnline { consultation } => format!("{FIRST_ONLINE}{consultation}"),
    }
}

/// The tests with due dates; a test without a day is wrong.
fn tests(form: &Form, reading: &mut Reading<'_>) -> Vec<Test> {
    let mut tests = Vec::new();
    for line in 0..TESTS_MAX {
        let (name, due) = (format!("test-{line}"), format!("test-due-{line}"));
        let what = reading.maybe(&name, TEXT_CHARS_MAX);
        match (what, form.text(&due).parse::<Date>()) {
            (Some(name), Ok(due)) => tests.push(Test { name, due }),
            (Some(_), Err(_)) => reading.wrong(&due, "field-wrong"),
            (None, _) => {}
        }
    }
    tests
}

/// The lines of item 8: somebody who is a physician here, with a rule.
fn listed(
    form: &Form,
    physicians: &[(PersonId, String)],
    reading: &mut Reading<'_>,
) -> Vec<PlanPhysician> {
    let mut listed = Vec::new();
    for line in 0..PHYSICIANS_MAX {
        let field = format!("physician-{line}");
        let person = form.text(&field);
        if person.is_empty() {
            continue;
        }
        let known = physicians.iter().find(|(id, _)| id.to_string() == person);
        let Some((person, name)) = known else {
            reading.wrong(&field, "field-wrong");
            continue;
        };
        let institution = format!("partner-{line}");
        let partner = match form.text(&institution) {
            "" => None,
            _ => reading.parse(&institution),
        };
        listed.push(PlanPhysician {
            person: *person,
            name: name.clone(),
            when: reading
                .maybe(&format!("when-{line}"), TEXT_CHARS_MAX)
                .unwrap_or_default(),
            specialty: String::new(),
            partner,
        });
    }
    listed
}

/// The field that a fault of the core stands under, and its words.
pub(super) fn field(fault: &ItemFault) -> (&'static str, &'static str) {
    match fault.part.as_str() {
        "diagnosis" => ("code-0", "plans-fault-diagnosis"),
        "treatment" => ("treatment", "plans-fault-treatment"),
        "rule" => ("every_months", "plans-fault-rule"),
        "mode" => ("mode", "plans-fault-mode"),
        "length" => ("length_minutes", "plans-fault-length"),
        "outside" => ("outside", "plans-fault-outside"),
        "system" => ("system", "plans-fault-system"),
        "fallback" => ("fallback", "plans-fault-fallback"),
        "clinical" => ("clinical", "plans-fault-clinical"),
        "technical" => ("technical", "plans-fault-technical"),
        "destination" => ("destination", "plans-fault-destination"),
        "statement" => ("statement", "plans-fault-statement"),
        "institution" => ("acute", "plans-fault-institution"),
        "policy" => ("policy", "plans-fault-policy"),
        "names" => ("physician-0", "plans-fault-names"),
        "when" => ("when-0", "plans-fault-when"),
        "team" => ("team", "plans-fault-team"),
        "segments" => ("responsibility", "plans-fault-segments"),
        _ => ("treatment", "field-wrong"),
    }
}

/// The items as the form's fields.
pub(super) fn fields(draft: &Draft, basis: Option<Basis>) -> Result<Form, Problem> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, value: String| pairs.push((name.to_owned(), value));
    if let Some(basis) = basis {
        put("basis", basis_word(basis));
    }
    for (line, diagnosis) in draft
        .online_care
        .diagnoses
        .iter()
        .take(DIAGNOSES_MAX)
        .enumerate()
    {
        put(&format!("code-{line}"), diagnosis.code.clone());
        put(&format!("name-{line}"), diagnosis.name.clone());
    }
    put("treatment", draft.online_care.treatment.clone());
    put("every_months", shown(draft.combination.every_months));
    put("every_visits", shown(draft.combination.every_visits));
    put("assess_by", shown(draft.combination.assess_by));
    for (line, test) in draft.combination.tests.iter().take(TESTS_MAX).enumerate() {
        put(&format!("test-{line}"), test.name.clone());
        put(&format!("test-due-{line}"), test.due.to_string());
    }
    put(
        "mode",
        match draft.hours.mode {
            Some(HoursMode::Appointment) => "appointment",
            Some(HoursMode::Fixed) => "fixed",
            None => "",
        }
        .to_owned(),
    );
    put(
        "length_minutes",
        shown(Some(draft.hours.length_minutes).filter(|length| *length > 0)),
    );
    put("lateness", draft.hours.lateness.clone());
    put("outside", draft.hours.outside.clone());
    put("system", draft.method.system.clone());
    put("devices", draft.method.devices.clone());
    put("lent", draft.method.lent.clone());
    put("fallback", draft.method.fallback.clone());
    put("clinical", draft.stop.clinical.join("\n"));
    put("technical", draft.stop.technical.join("\n"));
    put(
        "lost_seconds",
        shown(Some(draft.stop.lost_seconds).filter(|seconds| *seconds > 0)),
    );
    put("destination", draft.stop.destination.clone());
    put("contact", draft.stop.contact.clone());
    put("statement", draft.cooperation.statement.clone());
    put("prepare", draft.cooperation.prepare.join("\n"));
    if draft.acute.own {
        put("acute", "own".to_owned());
    } else if let Some(partner) = draft.acute.partner {
        put("acute", "partner".to_owned());
        put("partner", partner.to_string());
    }
    put("policy", draft.acute.policy.clone());
    for (line, listed) in draft.physicians.iter().take(PHYSICIANS_MAX).enumerate() {
        put(&format!("physician-{line}"), listed.person.to_string());
        put(&format!("when-{line}"), listed.when.clone());
        if let Some(partner) = listed.partner {
            put(&format!("partner-{line}"), partner.to_string());
        }
    }
    if let Some(team) = draft.team {
        put("team", team.as_str().to_owned());
    }
    let text: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    Form::parse(text.join("&").as_bytes())
}

fn shown<T: ToString>(number: Option<T>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// A whole number, or nothing; a word such as 適宜 is no number (cl-1.3-i-b).
fn number<T: std::str::FromStr>(form: &Form, field: &str, reading: &mut Reading<'_>) -> Option<T> {
    match form.text(field) {
        "" => None,
        _ => reading.parse(field),
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(LINES_MAX)
        .map(ToOwned::to_owned)
        .collect()
}
