//! `onshin doctor --paper`: who comes today and tomorrow, how to reach them, and what the plan says, on plain paper.

use crate::{Done, config::Config, outcome::Outcome, running, serve, tell::say};
use access::TenantId;
use care::consultation::Class;
use jiff::{Timestamp, tz::TimeZone};
use ledger::{Actor, Entry};
use std::process::ExitCode;
use store::{Fault, Store, paper::PaperVisit};

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
        let visits = store.read(tenant).await?.paper(now).await?;
        note(store, tenant, &visits, now).await?;
        paper.extend([
            name,
            "停電・故障のときの一覧 / for the time without the system".to_owned(),
        ]);
        paper.extend(visits.iter().flat_map(lines));
    }
    Ok(paper)
}

/// Paper is a way out of the system: it is written down whose data were printed.
async fn note(
    store: &Store,
    tenant: TenantId,
    visits: &[PaperVisit],
    now: Timestamp,
) -> Result<(), Outcome> {
    for some in visits.chunks(NAMED_MAX) {
        let patients: Vec<String> = some.iter().map(|visit| visit.patient.to_string()).collect();
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

/// One visit: the same words as on the page that reception prints, with what is for clinical eyes.
fn lines(visit: &PaperVisit) -> Vec<String> {
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    let at = visit.at.to_zoned(tokyo).strftime("%m/%d %H:%M").to_string();
    let class = match visit.class {
        Class::First | Class::FirstNewCondition => "初診",
        Class::Followup => "再診",
    };
    let mut text = vec![
        String::new(),
        format!(
            "{at}  {} ({})  {} 生  {class}  医師 {}  予約番号 {}",
            visit.name, visit.kana, visit.birth, visit.physician, visit.number
        ),
        format!("  電話 {}  {}", visit.phone, visit.address),
    ];
    for (relation, name, phone) in &visit.helpers {
        text.push(format!("  {relation} {name}  電話 {phone}"));
    }
    if !visit.alerts.is_empty() {
        text.push(format!("  注意: {}", visit.alerts.join("、")));
    }
    if let Some(plan) = &visit.plan {
        text.push(format!("  計画 第{}版: {}", plan.version, plan.care));
        let place = plan.partner.as_ref().map_or_else(
            || "当院で対応".to_owned(),
            |partner| format!("{} {} {}", partner.name, partner.phone, partner.hours),
        );
        text.push(format!("  急に悪いとき: {place}  {}", plan.policy));
    }
    text
}
