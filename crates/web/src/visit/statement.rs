//! `/visit/statement`: last time's lines with one press, or the form of what is different. Each line is kept as its own act.

use super::{
    Steps, load, opened, seconds,
    step::{Asking, Case, Step},
};
use crate::{
    Errors, Form, PatientDesk, Problem,
    desk::go,
    shell::PatientShell,
    words::{Lang, Words},
};
use askama::Template;
use axum::{extract::Query, response::Response};
use care::{
    Consultation,
    statement::{Lines, Medicines, PlaceKind, Pressed, Statement, as_shown},
};
use serde::Deserialize;
use store::{dossier::legal_day, guidance::Told};

/// Longest text of a line, in characters.
const LINE_CHARS_MAX: usize = 200;
/// Most companions.
const COMPANIONS_MAX: usize = 5;

#[derive(Deserialize)]
pub(super) struct Asked {
    different: Option<String>,
}

#[derive(Template)]
#[template(path = "visit/statement.html")]
struct AsShown {
    shell: PatientShell,
    w: Words,
    steps: Option<Steps>,
    since: String,
    place: String,
    alone: bool,
    companions: String,
    medicines: String,
    own_network: bool,
    drawn: i64,
    guidance: Guidance,
}

#[derive(Template)]
#[template(path = "visit/different.html")]
struct Different {
    shell: PatientShell,
    w: Words,
    steps: Option<Steps>,
    errors: Errors,
    said: Form,
    places: [&'static str; 6],
    drawn: i64,
    guidance: Guidance,
}

/// Where to be, as the page says it: in one line where a message has said it in full, else in full (cl-2.2-ii-b).
struct Guidance(Option<String>);

impl Guidance {
    async fn load(desk: &PatientDesk) -> Result<Self, Problem> {
        let mut read = desk.read().await?;
        if read.guided(desk.consultation).await?.sent {
            return Ok(Self(None));
        }
        let text = read.guidance().await?;
        Ok(Self(text.map(|text| match desk.lang() {
            Lang::Ja => text.body_ja,
            Lang::En => text.body_en,
        })))
    }

    /// Keeps that the page showed it, before its first byte; once for a visit.
    async fn served(desk: &PatientDesk, visit: &Consultation) -> Result<(), Problem> {
        if desk.read().await?.guided(visit.id).await?.shown {
            return Ok(());
        }
        let (by, visit) = (Asking::of(desk).by(), visit.clone());
        desk.write(move |tx| {
            Box::pin(async move { Ok(tx.keep_guidance(&by, &visit, Told::Shown).await?) })
        })
        .await
    }
}

impl Different {
    /// What was chosen before the page came back with errors.
    fn chose(&self, name: &str, value: &str) -> bool {
        self.said.text(name) == value
    }
}

pub(super) async fn show(
    desk: PatientDesk,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if !case.standing.stage.is_before_live() {
        return Ok(go(&case.next().address()));
    }
    let guidance = Guidance::load(&desk).await?;
    Guidance::served(&desk, &case.booking.consultation).await?;
    let shell = desk.shell("visit-statement-title").await?;
    match case.last.as_ref().or(case.today.as_ref()) {
        Some(last) if asked.different.is_none() && case.last.is_some() => {
            let on_record = on_record(&desk, &case).await?;
            opened(&desk, "statement").await?;
            desk.page(&shown(&desk, shell, (&case, last), (&on_record, guidance)))
        }
        _ => desk.page(&Different {
            shell,
            w: desk.w,
            steps: Steps::of(&case, Step::Statement),
            errors: Errors::default(),
            said: Form::parse(b"")?,
            places: PlaceKind::ALL.map(PlaceKind::as_str),
            drawn: desk.now.as_second(),
            guidance,
        }),
    }
}

/// The medicines that this clinic has on record and that have not run out, by name (cl-1.5-ii-b).
async fn on_record(desk: &PatientDesk, case: &Case) -> Result<Vec<String>, Problem> {
    let visit = &case.booking.consultation;
    let list = desk
        .read()
        .await?
        .medicines(visit, legal_day(desk.now))
        .await?;
    let mut names: Vec<String> = list
        .running
        .into_iter()
        .map(|given| given.ordered.name)
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

fn shown(
    desk: &PatientDesk,
    shell: PatientShell,
    (case, last): (&Case, &Statement),
    (on_record, guidance): (&[String], Guidance),
) -> AsShown {
    let w = desk.w;
    let lines = &last.lines;
    let kind = w.say(format!("visit-place-{}", lines.place.as_str()));
    AsShown {
        shell,
        w,
        steps: Steps::of(case, Step::Statement),
        since: w.day(last.at),
        place: match (lines.place_name.as_ref(), lines.elsewhere.as_ref()) {
            (None, None) => kind.into_owned(),
            (name, town) => {
                let which: Vec<&str> = name.into_iter().chain(town).map(String::as_str).collect();
                let which = which.join(w.say("visit-comma").as_ref());
                w.fill2("visit-statement-place-town", "kind", kind, "town", which)
                    .into_owned()
            }
        },
        alone: lines.companions.is_empty(),
        companions: lines.companions.join(w.say("visit-comma").as_ref()),
        medicines: match &lines.medicines {
            Medicines::Same if !on_record.is_empty() => {
                on_record.join(w.say("visit-comma").as_ref())
            }
            Medicines::Same => w.say("visit-medicines-same").into_owned(),
            Medicines::Changed { words } => words.clone(),
            Medicines::Unknown => w.say("visit-medicines-unknown").into_owned(),
            Medicines::None => w.say("visit-medicines-none").into_owned(),
        },
        own_network: lines.own_network,
        drawn: desk.now.as_second(),
        guidance,
    }
}

pub(super) async fn answer(desk: PatientDesk, form: Form) -> Result<Response, Problem> {
    let open = seconds(&form, desk.now);
    let lines = match form.text("pressed") {
        "as_shown" => None,
        "different" => match read(&form) {
            Ok(lines) => Some(lines),
            Err(errors) => return again(&desk, errors, form, open).await,
        },
        _ => return Err(Problem::Wrong(Errors::one("pressed", "field-empty"))),
    };
    let asking = Asking::of(&desk);
    let step = desk
        .write(move |tx| {
            Box::pin(async move {
                let case = Case::load(tx, &asking).await?;
                case.before_live()?;
                let (pressed, lines) = match lines {
                    Some(lines) => (Pressed::Different, lines),
                    None => (
                        Pressed::AsShown,
                        as_shown(case.last.as_ref().map(|last| &last.lines))?,
                    ),
                };
                tx.keep_statement(
                    &asking.by(),
                    &case.booking.consultation,
                    pressed,
                    open,
                    &lines,
                )
                .await?;
                Ok(Case::load(tx, &asking).await?.next())
            })
        })
        .await?;
    Ok(go(&step.address()))
}

async fn again(
    desk: &PatientDesk,
    errors: Errors,
    said: Form,
    open: i64,
) -> Result<Response, Problem> {
    let case = load(desk).await?;
    desk.page_wrong(&Different {
        shell: desk.shell("visit-statement-title").await?,
        w: desk.w,
        steps: Steps::of(&case, Step::Statement),
        errors,
        said,
        places: PlaceKind::ALL.map(PlaceKind::as_str),
        drawn: desk.now.as_second().saturating_sub(open),
        guidance: Guidance::load(desk).await?,
    })
}

/// Reads the form: nothing is taken for granted, every question has its answer.
fn read(form: &Form) -> Result<Lines, Errors> {
    let mut reading = form.reading();
    let place = PlaceKind::parse(form.text("place"));
    if place.is_none() {
        reading.wrong("place", "visit-statement-choose-place");
    }
    let elsewhere = reading.maybe("elsewhere", LINE_CHARS_MAX);
    let place_name = reading.maybe("place_name", LINE_CHARS_MAX);
    // Rooms of others have a name, by which the clinic knows whom to call there.
    let of_others = matches!(place, Some(PlaceKind::Facility | PlaceKind::Workplace));
    if of_others && place_name.is_none() {
        reading.wrong("place_name", "visit-statement-place-name");
    }
    let [mut clean, mut safe, mut private] = [true; 3];
    // Somebody on the road is not asked how clean it is: help comes first.
    let indoors = !matches!(place, Some(PlaceKind::Driving | PlaceKind::Outdoors));
    for (name, open, value) in [
        ("clean", "visit-statement-choose-clean", &mut clean),
        ("safe", "visit-statement-choose-safe", &mut safe),
        ("private", "visit-statement-choose-private", &mut private),
    ] {
        match form.text(name) {
            "yes" => *value = true,
            "no" => *value = false,
            _ if indoors => reading.wrong(name, open),
            _ => *value = false,
        }
    }
    let names = reading
        .maybe("companions", LINE_CHARS_MAX)
        .unwrap_or_default();
    let companions: Vec<String> = match form.text("alone") {
        "no" => split(&names),
        "yes" => Vec::new(),
        _ if indoors => {
            reading.wrong("alone", "visit-statement-choose-alone");
            Vec::new()
        }
        _ => Vec::new(),
    };
    if indoors && form.text("alone") == "no" && companions.is_empty() {
        reading.wrong("companions", "visit-statement-who");
    }
    let companions_agree = match form.text("companions_agree") {
        "yes" => true,
        "no" => false,
        _ if indoors && !companions.is_empty() => {
            reading.wrong("companions_agree", "visit-statement-choose-agree");
            false
        }
        _ => false,
    };
    let words = reading
        .maybe("medicine_words", LINE_CHARS_MAX)
        .unwrap_or_default();
    let medicines = match form.text("medicines") {
        "same" => Medicines::Same,
        "changed" => Medicines::Changed { words },
        "none" => Medicines::None,
        // No answer is shown to the physician as none.
        _ => Medicines::Unknown,
    };
    let own_network = match form.text("network") {
        "own" => true,
        "other" => false,
        _ if indoors => {
            reading.wrong("network", "visit-statement-choose-network");
            false
        }
        _ => false,
    };
    let no_recording = match form.text("no_recording") {
        "yes" => true,
        "no" => false,
        _ if indoors => {
            reading.wrong("no_recording", "visit-statement-choose-no-recording");
            false
        }
        _ => false,
    };
    let errors = reading.errors();
    match place {
        Some(place) if errors.is_empty() => Ok(Lines {
            place,
            place_name: place_name.filter(|_| of_others),
            elsewhere,
            clean,
            safe,
            private,
            companions,
            companions_agree,
            medicines,
            own_network,
            no_recording,
        }),
        _ => Err(errors),
    }
}

fn split(names: &str) -> Vec<String> {
    names
        .split(['、', ',', '，', '\n', '・'])
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .take(COMPANIONS_MAX)
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        Form::parse(text.as_bytes()).ok().unwrap()
    }

    #[test]
    fn every_question_has_an_answer_or_a_named_error() {
        let whole = "place=home&clean=yes&safe=yes&private=yes&alone=yes&medicines=same&network=own&no_recording=yes";
        assert!(
            read(&form(whole)).is_ok_and(|lines| lines.companions.is_empty() && lines.no_recording)
        );
        for missing in [
            "place",
            "clean",
            "safe",
            "private",
            "alone",
            "network",
            "no_recording",
        ] {
            let without: Vec<&str> = whole
                .split('&')
                .filter(|pair| !pair.starts_with(missing))
                .collect();
            let errors = read(&form(&without.join("&"))).unwrap_err();
            assert!(errors.of(missing).is_some(), "{missing}");
        }
        let errors = read(&form(&whole.replace("alone=yes", "alone=no"))).unwrap_err();
        assert_eq!(errors.of("companions"), Some("visit-statement-who"));
    }

    #[test]
    fn who_is_named_must_agree_and_a_room_of_others_has_a_name() {
        let whole = "place=home&clean=yes&safe=yes&private=yes&alone=no&companions=wife&network=own&no_recording=yes";
        let errors = read(&form(whole)).unwrap_err();
        assert_eq!(
            errors.of("companions_agree"),
            Some("visit-statement-choose-agree")
        );
        for (answer, agree) in [("yes", true), ("no", false)] {
            let lines = read(&form(&format!("{whole}&companions_agree={answer}"))).unwrap();
            assert_eq!(lines.companions_agree, agree);
        }
        let there = whole.replace("alone=no&companions=wife", "alone=yes");
        for place in ["facility", "workplace"] {
            let there = there.replace("home", place);
            let errors = read(&form(&there)).unwrap_err();
            assert_eq!(
                errors.of("place_name"),
                Some("visit-statement-place-name"),
                "{place}"
            );
            let lines = read(&form(&format!("{there}&place_name=himawari"))).unwrap();
            assert_eq!(lines.place_name.as_deref(), Some("himawari"));
        }
    }

    #[test]
    fn a_driver_is_asked_nothing_more() {
        let lines = read(&form("place=driving")).unwrap();
        assert!(lines.place == PlaceKind::Driving && !lines.clean && !lines.private);
        // What was said before the place hides nothing that would have to be answered.
        assert!(read(&form("place=outdoors&alone=no&medicines=changed")).is_ok());
    }
}
