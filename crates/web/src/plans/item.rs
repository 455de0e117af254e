//! The nine items as they are read: one list of short texts each.

use crate::words::Words;
use care::plan::{Draft, HoursMode, Item, Partner, PlanPhysician};

/// One item as it is read.
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) key: String,
    pub(crate) clause: &'static str,
    pub(crate) texts: Vec<String>,
}

/// Every item, in the guideline's order.
pub(crate) fn lines(w: Words, draft: &Draft, partners: &[Partner]) -> Vec<Line> {
    Item::ALL
        .into_iter()
        .enumerate()
        .map(|(at, item)| Line {
            number: at + 1,
            key: key(item),
            clause: item.clause().id(),
            texts: texts(w, item, draft, partners)
                .into_iter()
                .filter(|text| !text.trim().is_empty())
                .collect(),
        })
        .collect()
}

/// The text that names an item.
pub(super) fn key(item: Item) -> String {
    format!("plans-item-{}", item.as_str())
}

fn texts(w: Words, item: Item, draft: &Draft, partners: &[Partner]) -> Vec<String> {
    match item {
        Item::OnlineCare => draft
            .online_care
            .diagnoses
            .iter()
            .map(|diagnosis| format!("{} ({})", diagnosis.name, diagnosis.code))
            .chain([draft.online_care.treatment.clone()])
            .collect(),
        Item::Combination => combination(w, draft),
        Item::Hours => vec![
            w.say(match draft.hours.mode {
                Some(HoursMode::Fixed) => "plans-mode-fixed",
                Some(HoursMode::Appointment) | None => "plans-mode-appointment",
            })
            .into_owned(),
            w.fill("plans-minutes", "minutes", draft.hours.length_minutes)
                .into_owned(),
            draft.hours.lateness.clone(),
            draft.hours.outside.clone(),
        ],
        Item::Method => vec![
            draft.method.system.clone(),
            draft.method.devices.clone(),
            draft.method.lent.clone(),
            draft.method.fallback.clone(),
        ],
        Item::StopConditions => draft
            .stop
            .clinical
            .iter()
            .chain(&draft.stop.technical)
            .cloned()
            .chain([
                w.fill("plans-lost", "seconds", draft.stop.lost_seconds)
                    .into_owned(),
                format!("{} {}", draft.stop.destination, draft.stop.contact),
            ])
            .collect(),
        Item::Cooperation => [draft.cooperation.statement.clone()]
            .into_iter()
            .chain(draft.cooperation.prepare.iter().cloned())
            .collect(),
        Item::AcutePolicy => acute(w, draft, partners),
        Item::Physicians => draft
            .physicians
            .iter()
            .map(|listed| physician(listed, partners))
            .chain(
                draft
                    .team
                    .map(|team| w.say(format!("plans-team-{}", team.as_str())).into_owned()),
            )
            .collect(),
        Item::Responsibility => draft
            .responsibility
            .segments
            .iter()
            .map(|segment| {
                format!(
                    "{}: {}",
                    w.segment(&segment.name),
                    segment.owners.join(", ")
                )
            })
            .collect(),
    }
}

/// Name, specialty and institution, and when this physician sees the patient.
fn physician(listed: &PlanPhysician, partners: &[Partner]) -> String {
    let institution = listed
        .partner
        .and_then(|id| partners.iter().find(|partner| partner.id == id))
        .map(|partner| partner.name.as_str());
    let about: Vec<&str> = [Some(listed.specialty.as_str()), institution]
        .into_iter()
        .flatten()
        .filter(|text| !text.trim().is_empty())
        .collect();
    if about.is_empty() {
        format!("{}: {}", listed.name, listed.when)
    } else {
        format!("{} ({}): {}", listed.name, about.join(", "), listed.when)
    }
}

fn combination(w: Words, draft: &Draft) -> Vec<String> {
    let rule = &draft.combination;
    let months = rule
        .every_months
        .map(|months| w.fill("plans-every-months", "months", months).into_owned());
    let visits = rule
        .every_visits
        .map(|visits| w.fill("plans-every-visits", "visits", visits).into_owned());
    let tests = rule
        .tests
        .iter()
        .map(|test| format!("{} {}", test.name, w.date(test.due)));
    let assessed = rule.assess_by.map(|day| {
        w.fill("plans-assess-by-says", "day", w.date(day))
            .into_owned()
    });
    assessed
        .into_iter()
        .chain(months)
        .chain(visits)
        .chain(tests)
        .collect()
}

fn acute(w: Words, draft: &Draft, partners: &[Partner]) -> Vec<String> {
    let partner = draft
        .acute
        .partner
        .and_then(|id| partners.iter().find(|partner| partner.id == id));
    let who = match partner {
        Some(partner) => {
            format!("{} {} {}", partner.name, partner.phone, partner.hours)
        }
        None => w.say("plans-acute-own").into_owned(),
    };
    vec![who, draft.acute.policy.clone()]
}
