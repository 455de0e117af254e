//! What must hold of everything that was signed (cl-1.6-ii-b): checked each night, or by `onshin check-invariants`.

use crate::{
    Done,
    config::{self, Sources},
    outcome::Outcome,
    running, serve,
    tell::{self, Both, say},
};
use access::TenantId;
use care::examination;
use jiff::Timestamp;
use std::process::ExitCode;
use store::{Fault, Store};

/// The check's name in the register and the ledger: a signed act without sight and sound.
const WITHOUT_MEDIA: &str = "order_without_media";

/// What one institution's check found.
pub(crate) struct Found {
    /// The institution.
    pub(crate) tenant: TenantId,
    /// What it is called.
    pub(crate) name: String,
    /// Signed acts without sight and sound.
    pub(crate) without_media: usize,
}

/// `onshin check-invariants`
pub(crate) fn run(sources: &Sources) -> Done {
    let config = config::sound(sources, running::today())?;
    tell::log_json(&config.log.level);
    running::run(async move {
        let store = serve::open_store(&config, serve::Reserve::None).await?;
        let found = all(&store, running::now()).await;
        store.close().await;
        let found = found?;
        for one in &found {
            let Found {
                name,
                without_media,
                ..
            } = one;
            say(Both::new(
                format!("{name}: 映像と音声なしに確定された記録 {without_media} 件"),
                format!("{name}: records signed without picture and sound: {without_media}"),
            ));
        }
        let good = found.iter().all(|one| one.without_media == 0);
        Ok::<_, Outcome>(if good {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    })
}

/// Checks every institution and keeps what was found.
///
/// # Errors
///
/// Storage failed.
pub(crate) async fn all(store: &Store, now: Timestamp) -> Result<Vec<Found>, Fault> {
    let mut found = Vec::new();
    for (tenant, name) in store.tenants().await? {
        let without_media = without_media(store, tenant).await?;
        store
            .write::<_, Fault, _>(tenant, now, move |tx| {
                Box::pin(async move { tx.keep_invariant(WITHOUT_MEDIA, without_media).await })
            })
            .await?;
        found.push(Found {
            tenant,
            name,
            without_media,
        });
    }
    Ok(found)
}

/// How many finalised notes have no sight and sound behind them. All are looked at, some at a time: no writer waits for it.
async fn without_media(store: &Store, tenant: TenantId) -> Result<usize, Fault> {
    let (mut found, mut after) = (0, String::new());
    loop {
        let some = store.read(tenant).await?.signed_acts(&after).await?;
        found += examination::without_media(&some.acts).len();
        match some.next {
            Some(next) => after = next,
            None => return Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::{DeviceId, PersonId, Role, Ulid};
    use care::{Class, patient::Profile, record::Soap};
    use store::{By, Database, MasterKey, Settings};

    const CLINIC: TenantId = TenantId(Ulid::from_bytes([7; 16]));
    const PHYSICIAN: PersonId = PersonId(Ulid::from_bytes([8; 16]));

    #[tokio::test]
    async fn cl_1_6_ii_b_a_night_leaves_a_row_and_a_finding_for_what_was_signed_without_media() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        let store = Store::open(Settings {
            database: Database::Memory,
            master_key: MasterKey::generate().unwrap(),
            anchor: None,
            reserve: None,
        })
        .await
        .unwrap();
        store
            .create_tenant(CLINIC, "見本の診療所", now)
            .await
            .unwrap();
        assert_eq!(all(&store, now).await.unwrap()[0].without_media, 0);
        store
            .write::<_, Fault, _>(CLINIC, now, move |tx| {
                Box::pin(async move {
                    let profile = Profile {
                        name: "見本 正男".to_owned(),
                        kana: "みほん まさお".to_owned(),
                        birth: jiff::civil::date(1951, 4, 3),
                        sex: String::new(),
                        phone: String::new(),
                        mail: String::new(),
                        address: String::new(),
                        alerts: Vec::new(),
                    };
                    let patient = tx.add_patient(&By::System, &profile).await?;
                    let by = By::Person {
                        id: PHYSICIAN,
                        role: Role::Physician,
                        device: DeviceId(Ulid::from_bytes([9; 16])),
                    };
                    let booking = tx
                        .book(
                            &by,
                            patient,
                            PHYSICIAN,
                            (Class::First, care::Service::Care),
                            now,
                        )
                        .await?;
                    let visit = booking.consultation;
                    tx.keep_draft(&by, PHYSICIAN, &visit, (&Soap::default(), ""))
                        .await?;
                    tx.finalize_note(&by, PHYSICIAN, &visit).await?;
                    Ok(())
                })
            })
            .await
            .unwrap();
        let next = now + jiff::SignedDuration::from_hours(24);
        assert_eq!(all(&store, next).await.unwrap()[0].without_media, 1);
        let mut read = store.read(CLINIC).await.unwrap();
        let (found, at) = read.newest_check(WITHOUT_MEDIA).await.unwrap().unwrap();
        assert_eq!((found, at), (1, next));
        drop(read);
        store.close().await;
    }
}
