//! `/visit/wait`: received, how many are before you, who will see you. Nothing need be pressed.

use super::{
    call::{self, People},
    callback::Callback,
    card::{self, Shown},
    given::{self, Given},
    load,
    step::{Case, Step},
};
use crate::{PatientDesk, Problem, desk::go, shell::PatientShell, words::Words};
use askama::Template;
use axum::response::Response;
use care::{Consultation, Stage};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use store::{Conn, Fault, dossier::legal_day};

/// Beyond this the page says that it is late.
const LATE_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// With at most so many before, the browser readies camera, microphone and line. Nothing is sent before admission.
const NEAR: usize = 1;
/// Minutes that one visit takes, as a range: never a false second.
const MINUTES_EACH: (usize, usize) = (5, 10);

/// The words about the place in line, drawn again whenever they change.
#[derive(Template)]
#[template(path = "visit/place.html")]
pub(super) struct Place {
    w: Words,
    ahead: usize,
    from: usize,
    until: usize,
    busy: bool,
    late: bool,
    held: bool,
    disputed: bool,
}

impl Place {
    /// Whether the turn may come at any moment: even out of order, the next but one is ready.
    fn near(&self) -> bool {
        self.ahead <= NEAR
    }

    /// How many are before, and how long that may take.
    fn in_line(&self) -> String {
        let number = |n: usize| n.to_string();
        let values = [
            ("n", number(self.ahead)),
            ("from", number(self.from)),
            ("until", number(self.until)),
        ];
        self.w.fill_all("visit-wait-ahead", &values).into_owned()
    }
}

// What this template writes is escaped already.
impl askama::filters::HtmlSafe for Place {}

#[derive(Template)]
#[template(path = "visit/wait.html")]
struct Page {
    shell: PatientShell,
    w: Words,
    place: Place,
    callback: Callback,
    given: Given,
    shown: Shown,
    people: People,
    mark: String,
    /// The call stands by in this page, unseen.
    standby: bool,
}

pub(super) async fn show(desk: PatientDesk) -> Result<Response, Problem> {
    let case = load(&desk).await?;
    if case.next() != Step::Wait {
        return Ok(go(&case.next().address()));
    }
    let mut read = desk.read().await?;
    let visit = &case.booking.consultation;
    let shown = card::load_card(&mut read, visit, desk.w, desk.now).await?;
    let place = place(&mut read, visit, &case, desk.w, desk.now).await?;
    let callback = Callback::load(&mut read, visit.id, desk.w).await?;
    drop(read);
    card::put_on_screen(&desk, &case, &shown).await?;
    desk.app().signs().note(desk.consultation, desk.now);
    desk.page(&Page {
        shell: desk.shell("visit-wait-title").await?,
        w: desk.w,
        place,
        callback,
        given: given::load(&desk, &case).await?,
        shown,
        people: call::people(&desk, &case).await,
        mark: call::mark(&case, desk.w, desk.now),
        standby: true,
    })
}

/// Where this visit stands in its physician's line of today.
pub(super) async fn place(
    conn: &mut Conn,
    visit: &Consultation,
    case: &Case,
    w: Words,
    now: Timestamp,
) -> Result<Place, Fault> {
    let (from, until) = day_of(now);
    let others: Vec<Consultation> = conn
        .consultations_between(from, until)
        .await?
        .into_iter()
        .map(|booking| booking.consultation)
        .filter(|other| other.physician == visit.physician && other.id != visit.id)
        .collect();
    let busy = others
        .iter()
        .any(|other| matches!(other.stage, Stage::Live { .. }));
    let before = others
        .iter()
        .filter(|other| {
            matches!(other.stage, Stage::Checks { .. })
                && (other.booked_for, other.id) < (visit.booked_for, visit.id)
        })
        .count();
    let ahead = before + usize::from(busy);
    Ok(Place {
        w,
        ahead,
        from: ahead * MINUTES_EACH.0,
        until: ahead * MINUTES_EACH.1,
        busy,
        late: now.duration_since(visit.booked_for) > LATE_AFTER,
        held: matches!(visit.stage, Stage::Live { .. }),
        disputed: case.card_answer == Some(care::proof::Answer::NotThePerson),
    })
}

/// The legal day of an instant, from its first moment to the next day's.
fn day_of(now: Timestamp) -> (Timestamp, Timestamp) {
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    let day = legal_day(now);
    let start = |day: jiff::civil::Date| {
        day.to_zoned(tokyo.clone())
            .map_or(now, |zoned| zoned.timestamp())
    };
    (start(day), start(day.tomorrow().unwrap_or(day)))
}
