//! `/partners`: the register of institutions that patients can reach in person (連携先).

mod far;

use crate::{
    At, Errors, Form, Problem, StaffDesk,
    desk::go,
    form::{Reading, areas::lines, encode},
    route::{Route, Table},
    shell::{Section, StaffShell},
    words::Words,
};
use access::{Role, policy::Audience};
use askama::Template;
use axum::response::Response;
use care::{
    PartnerId,
    partner::{Confirmed, Partner, PartnerKind, to_confirm},
};
use jiff::{ToSpan as _, civil::Date};
use store::{dossier::legal_day, partner::PARTNERS_MAX};

const KEEPERS: Audience = Audience::Roles(&[
    Role::Reception,
    Role::Nurse,
    Role::Physician,
    Role::Administrator,
]);
const ADMINISTRATORS: Audience = Audience::Roles(&[Role::Administrator]);
/// Longest text of a field, in characters.
const TEXT_CHARS_MAX: usize = 200;
/// Most minutes of travel that are an entry at all: a day.
const MINUTES_MAX: u16 = 24 * 60;

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/partners", KEEPERS, show),
        Route::post("/partners", KEEPERS, save),
        Route::get("/partners/far", KEEPERS, far::show),
        Route::post("/partners/far", ADMINISTRATORS, far::areas),
        Route::post("/partners/far/agreement", ADMINISTRATORS, far::agree)
            .body_bytes_max(far::FORM_BYTES_MAX),
        Route::get("/partners/{id}", KEEPERS, edit),
    ])
}

#[derive(Template)]
#[template(path = "partners/partners.html")]
struct Page {
    shell: StaffShell,
    w: Words,
    errors: Errors,
    typed: Form,
    rows: Vec<Row>,
    kinds: [PartnerKind; 3],
    full: bool,
}

struct Row {
    partner: Partner,
    kind: String,
    areas: String,
    valid_until: String,
    expired: bool,
    /// What it can take, and when somebody confirmed it.
    takes: String,
    confirmed: String,
    /// It is to be asked (again).
    to_confirm: bool,
}

async fn show(desk: StaffDesk) -> Result<Response, Problem> {
    let year = legal_day(desk.now).saturating_add(1.year());
    let typed = Form::parse(format!("valid_until={year}").as_bytes())?;
    desk.page(&page(&desk, Errors::default(), typed).await?)
}

async fn edit(desk: StaffDesk, At(id): At<PartnerId>) -> Result<Response, Problem> {
    let mut read = desk.read().await?;
    let confirmed = read.partners_confirmed().await?.remove(&id);
    let partners = read.partners().await?;
    drop(read);
    let known = partners
        .into_iter()
        .find(|known| known.id == id)
        .ok_or(Problem::NotFound)?;
    let text = format!(
        "id={}&kind={}&name={}&phone={}&hours={}&areas={}&minutes={}&valid_until={}{}{}",
        known.id,
        known.kind.as_str(),
        encode(&known.name),
        encode(&known.phone),
        encode(&known.hours),
        encode(&lines(&known.areas)),
        known.travel_minutes,
        known.valid_until,
        if known.night { "&night=yes" } else { "" },
        confirmed.map_or_else(String::new, |one| format!(
            "&takes={}&confirmed_on={}",
            encode(&one.takes),
            one.on
        )),
    );
    let typed = Form::parse(text.as_bytes())?;
    desk.page(&page(&desk, Errors::default(), typed).await?)
}

async fn save(desk: StaffDesk, form: Form) -> Result<Response, Problem> {
    let mut reading = form.reading();
    let name = reading.need("name", TEXT_CHARS_MAX);
    let phone = reading.need("phone", TEXT_CHARS_MAX);
    let hours = reading.need("hours", TEXT_CHARS_MAX);
    let kind = PartnerKind::parse(form.text("kind"));
    if kind.is_none() {
        reading.wrong("kind", "field-empty");
    }
    let areas = reading.areas("areas");
    if form.text("areas").is_empty() {
        reading.wrong("areas", "field-empty");
    }
    let minutes: Option<u16> = reading.parse("minutes");
    if minutes.is_some_and(|minutes| minutes > MINUTES_MAX) {
        reading.wrong("minutes", "field-wrong");
    }
    let valid_until: Option<Date> = reading.parse("valid_until");
    let id: Option<PartnerId> = if form.text("id").is_empty() {
        None
    } else {
        reading.parse("id")
    };
    let night = form.has("night");
    let confirmed = confirmed(&form, &mut reading, legal_day(desk.now));
    let errors = reading.errors();
    let (Some(kind), Some(travel_minutes), Some(valid_until), true) =
        (kind, minutes, valid_until, errors.is_empty())
    else {
        return desk.page_wrong(&page(&desk, errors, form).await?);
    };
    let by = desk.by();
    desk.write(move |tx| {
        Box::pin(async move {
            let id = match id {
                Some(id) if tx.partners().await?.iter().any(|known| known.id == id) => id,
                Some(_) => return Err(Problem::NotFound),
                None if is_full(&tx.partners().await?) => {
                    return Err(Problem::Wrong(Errors::one("name", "partners-full")));
                }
                None => tx.fresh_partner()?,
            };
            let partner = Partner {
                id,
                kind,
                name,
                phone,
                hours,
                night,
                areas,
                travel_minutes,
                valid_until,
            };
            tx.put_partner(&by, &partner).await?;
            let known = tx.partners_confirmed().await?.remove(&id);
            if let Some(confirmed) = confirmed.filter(|one| known.as_ref() != Some(one)) {
                tx.confirm_partner(&by, id, &confirmed).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(go("/partners"))
}

/// What it can take, with the day on which somebody there said so; neither without the other.
fn confirmed(form: &Form, reading: &mut Reading<'_>, today: Date) -> Option<Confirmed> {
    let takes = reading.maybe("takes", TEXT_CHARS_MAX).unwrap_or_default();
    let on: Option<Date> = match form.text("confirmed_on") {
        "" => None,
        _ => reading.parse("confirmed_on"),
    };
    match (takes.is_empty(), on) {
        (true, None) => return None,
        (true, Some(_)) => reading.wrong("takes", "field-empty"),
        (false, None) => reading.wrong("confirmed_on", "field-empty"),
        (false, Some(on)) if on > today => reading.wrong("confirmed_on", "field-wrong"),
        (false, Some(on)) => return Some(Confirmed { takes, on }),
    }
    None
}

async fn page(desk: &StaffDesk, errors: Errors, typed: Form) -> Result<Page, Problem> {
    let today = legal_day(desk.now);
    let mut read = desk.read().await?;
    let mut asked = read.partners_confirmed().await?;
    let partners = read.partners().await?;
    drop(read);
    Ok(Page {
        shell: desk.shell("partners-title", Section::Partners).await?,
        w: desk.w,
        errors,
        typed,
        kinds: PartnerKind::ALL,
        full: is_full(&partners),
        rows: partners
            .into_iter()
            .map(|partner| (asked.remove(&partner.id), partner))
            .map(|(asked, partner)| Row {
                to_confirm: to_confirm(asked.as_ref(), today),
                confirmed: asked
                    .as_ref()
                    .map(|one| desk.w.date(one.on))
                    .unwrap_or_default(),
                takes: asked.map(|one| one.takes).unwrap_or_default(),
                valid_until: desk.w.date(partner.valid_until),
                expired: partner.valid_until < today,
                kind: format!("partners-kind-{}", partner.kind.as_str()),
                areas: lines(&partner.areas).replace('\n', "、"),
                partner,
            })
            .collect(),
    })
}

/// A register has an end; what stands beyond it would be shown to nobody.
fn is_full(partners: &[Partner]) -> bool {
    i64::try_from(partners.len()).is_ok_and(|count| count >= PARTNERS_MAX)
}
