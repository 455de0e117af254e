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
        let without_media = store
            .write::<usize, Fault, _>(tenant, now, |tx| {
                Box::pin(async move {
                    let acts = tx.signed_acts().await?;
                    let found = examination::without_media(&acts).len();
                    tx.keep_invariant(WITHOUT_MEDIA, found).await?;
                    Ok(found)
                })
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
