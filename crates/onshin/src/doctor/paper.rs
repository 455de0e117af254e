//! `onshin doctor --paper`: who comes today and tomorrow, how to reach them, and what the plan says, on plain paper.

use crate::{Done, config::Config, outcome::Outcome, running, serve, tell::say};
use access::TenantId;
use care::consultation::Class;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{Actor, Entry};
use std::process::ExitCode;
use store::{Conn, Fault, Store, consultation::Booking};

/// How far ahead the paper looks.
const AHEAD: SignedDuration = SignedDuration::from_hours(36);
/// And how far back: who is late is still awaited.
const BACK: SignedDuration = SignedDuration::from_hours(2);
/// Patients named by one ledger entry at most.
const NAMED_MAX: usize = 50;

/// Prints it, after the ledger has kept that it was printed.
pub(super) fn print(config: &Config) -> Done {
    running::run(async move {
        let store = serve::open_store(config, serve::Reserve::None).await?;
        let done = all(&store, running::now()).await;
        store.close().await;
        for line in done? {
            say(line);
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn all(store: &Store, now: Timestamp) -> Result<Vec<String>, Outcome> {
    let mut paper: Vec<String> = Vec::new();
    for (tenant, name) in store.tenants().await? {
        let (from, until) = (now.saturating_sub(BACK), now.saturating_add(AHEAD));
        let (Ok(from), Ok(until)) = (from, until) else {
            continue;
        };
        let visits: Vec<Booking> = store
            .read(tenant)
            .await?
            .consultations_between(from, until)
            .await?
            .into_iter()
            .filter(|booking| !booking.consultation.stage.is_over())
            .collect();
        note(store, tenant, &visits, now).await?;
        paper.extend([
            name,
            "停電・故障のときの一覧 / for the time without the system".to_owned(),
        ]);
        let mut read = store.read(tenant).await?;
        for booking in &visits {
            paper.extend(lines(&mut read, booking).await?);
        }
    }
    Ok(paper)
}

/// Paper is a way out of the system: it is written down whose data were printed.
async fn note(
    store: &Store,
    tenant: TenantId,
    visits: &[Booking],
    now: Timestamp,
) -> Result<(), Outcome> {
    for some in visits.chunks(NAMED_MAX) {
        let patients: Vec<String> = some
            .iter()
            .map(|booking| booking.consultation.patient.to_string())
            .collect();
        store
            .write::<(), Fault, _>(tenant, now, move |tx| {
                Box::pin(async move {
                    let mut entry =
                        Entry::new("record.printed", Actor::System, "care").field("page", "paper");
                    for patient in patients {
                        entry = entry.object("patient", patient);
                    }
                    tx.record(entry).await?;
                    Ok(())
                })
            })
            .await?;
    }
    Ok(())
}

async fn lines(conn: &mut Conn, booking: &Booking) -> Result<Vec<String>, Fault> {
    let visit = &booking.consultation;
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    let at = visit
        .booked_for
        .to_zoned(tokyo)
        .strftime("%m/%d %H:%M")
        .to_string();
    let Some(patient) = conn.patient(visit.patient).await? else {
        return Ok(Vec::new());
    };
    let physician = conn.name_of(visit.physician).await?.unwrap_or_default();
    let class = match visit.class {
        Class::First | Class::FirstNewCondition => "初診",
        Class::Followup => "再診",
    };
    let profile = &patient.profile;
    let mut text = vec![
        String::new(),
        format!(
            "{at}  {} ({})  {} 生  {class}  医師 {physician}",
            profile.name, profile.kana, profile.birth
        ),
        format!("  電話 {}  {}", profile.phone, profile.address),
    ];
    for proxy in conn.proxies(visit.patient).await? {
        let person = proxy.person;
        text.push(format!(
            "  {} {}  電話 {}",
            person.relation, person.name, person.phone
        ));
    }
    if !profile.alerts.is_empty() {
        text.push(format!("  注意: {}", profile.alerts.join("、")));
    }
    if let Some(plan) = conn.plan_in_force(visit.patient).await? {
        let care = &plan.draft.online_care;
        let names: Vec<&str> = care.diagnoses.iter().map(|one| one.name.as_str()).collect();
        text.push(format!(
            "  計画 第{}版: {} / {}",
            plan.version,
            names.join("、"),
            care.treatment
        ));
        text.push(format!("  急に悪いとき: {}", plan.draft.acute.policy));
    }
    Ok(text)
}
