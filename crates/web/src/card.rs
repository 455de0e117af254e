//! The proof card as the system issues it: an address that any other device can open to see whether it is ours and in force.

use crate::{
    AnonymousDesk, At, Problem,
    route::{Route, Table},
    shell::PublicShell,
    visit::year_in_words,
    words::Words,
};
use access::{PersonId, TenantId, Ulid, policy::Audience};
use askama::Template;
use axum::response::Response;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use care::proof::{self, Card};
use jiff::civil::Date;
use store::{Conn, Fault, dossier::legal_day};

/// Bytes of an id.
const ID_BYTES: usize = 16;
/// Longest word of an address that is looked at.
const WORD_CHARS_MAX: usize = 100;

pub(crate) fn routes() -> Table {
    Table::of([Route::get("/card/{word}", Audience::Anyone, show)])
}

/// The address of a physician's card, below the patients' own; `None` where no card is in force.
///
/// # Errors
///
/// Storage failed.
pub async fn address(
    conn: &mut Conn,
    physician: PersonId,
    today: Date,
) -> Result<Option<String>, Fault> {
    Ok(issued(conn, physician, today).await?.map(|(_, code, _)| {
        let tenant = conn.tenant();
        let mut bytes = tenant.0.to_bytes().to_vec();
        bytes.extend(physician.0.to_bytes());
        bytes.extend(code);
        format!("/card/{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }))
}

/// The card in force with its code, and its last day.
async fn issued(
    conn: &mut Conn,
    physician: PersonId,
    today: Date,
) -> Result<Option<(Card, Vec<u8>, Date)>, Fault> {
    let facts = conn.proof_facts(physician).await?;
    let until = facts.proof.as_ref().map(|proof| proof.valid_until);
    Ok(match (proof::card(&facts, today), until) {
        (Ok(card), Some(until)) => {
            let code = conn.card_code(physician, &card, until);
            Some((card, code, until))
        }
        _ => None,
    })
}

/// Whether a physician's card can be issued and is then found to be ours: the nightly look asks it of each.
///
/// # Errors
///
/// Storage failed.
pub async fn can_be_drawn(
    conn: &mut Conn,
    physician: PersonId,
    today: Date,
) -> Result<bool, Fault> {
    let Some(address) = address(conn, physician, today).await? else {
        return Ok(false);
    };
    let word = address.rsplit('/').next().unwrap_or_default();
    let Some((_, person, code)) = decode(word) else {
        return Ok(false);
    };
    Ok(issued(conn, person, today)
        .await?
        .is_some_and(|(_, own, _)| own == code))
}

fn decode(word: &str) -> Option<(TenantId, PersonId, Vec<u8>)> {
    if word.len() > WORD_CHARS_MAX {
        return None;
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(word).ok()?;
    let (tenant, rest) = bytes.split_at_checked(ID_BYTES)?;
    let (person, code) = rest.split_at_checked(ID_BYTES)?;
    let id = |bytes: &[u8]| Some(Ulid::from_bytes(bytes.try_into().ok()?));
    Some((TenantId(id(tenant)?), PersonId(id(person)?), code.to_vec()))
}

/// A card that is ours.
struct Genuine {
    name: String,
    year: String,
    until: String,
    clinic: String,
    phone: String,
}

#[derive(Template)]
#[template(path = "visit/card.html")]
struct Page {
    shell: PublicShell,
    w: Words,
    card: Option<Genuine>,
}

/// `GET /card/{word}`: genuine and in force, or not ours. Needs no sign-in.
async fn show(desk: AnonymousDesk, At(word): At<String>) -> Result<Response, Problem> {
    let card = match decode(&word) {
        Some((tenant, person, code)) => genuine(&desk, tenant, person, &code).await?,
        None => None,
    };
    let mut shell = desk.shell("card-title").await;
    shell.look = "on-patient";
    desk.page(&Page {
        shell,
        w: desk.w,
        card,
    })
}

async fn genuine(
    desk: &AnonymousDesk,
    tenant: TenantId,
    person: PersonId,
    code: &[u8],
) -> Result<Option<Genuine>, Problem> {
    let mut read = match desk.app().store().read(tenant).await {
        Err(Fault::UnknownTenant) => return Ok(None),
        other => other?,
    };
    let found = issued(&mut read, person, legal_day(desk.now)).await?;
    let institution = read.institution().await?;
    Ok(found
        .zip(institution)
        .filter(|((_, own, _), _)| own == code)
        .map(|((card, _, until), institution)| Genuine {
            name: card.name,
            year: year_in_words(card.registration_year, desk.w),
            until: desk.w.date(until),
            clinic: crate::notice::Contact::name_of(&institution, desk.w),
            phone: institution.phone,
        }))
}
