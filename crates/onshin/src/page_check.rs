//! The nightly look at the pages that must show the clinic's contact (cl-2.1-i-b): one row a page, one finding if any hides it.

use jiff::Timestamp;
use store::{Fault, Store};
use web::page_check::{PAGES, without_contact};

/// The finding's name in the register, the ledger and the checklist.
const NAME: &str = "clinic_contact_hidden";

/// Looks at the pages of each institution and keeps what was seen.
///
/// # Errors
///
/// Storage failed.
pub(crate) async fn all(store: &Store, now: Timestamp) -> Result<usize, Fault> {
    let mut sum = 0;
    for (tenant, _) in store.tenants().await? {
        let institution = store.read(tenant).await?.institution().await?;
        // A page that cannot be drawn shows nobody's telephone either.
        let hidden = without_contact(institution.as_ref(), now).unwrap_or_else(|_| PAGES.to_vec());
        sum += hidden.len();
        store
            .write::<_, Fault, _>(tenant, now, move |tx| {
                Box::pin(async move {
                    for page in PAGES {
                        tx.keep_page_check(page, !hidden.contains(&page)).await?;
                    }
                    tx.keep_invariant(NAME, hidden.len()).await
                })
            })
            .await?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::{TenantId, Ulid};
    use store::{Database, MasterKey, Settings};

    const CLINIC: TenantId = TenantId(Ulid::from_bytes([7; 16]));

    #[tokio::test]
    async fn cl_2_1_i_b_each_night_leaves_a_row_a_page_and_a_finding_where_the_contact_is_hidden() {
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
        // Nothing but the name is entered yet: no page can show whom to ask.
        assert_eq!(all(&store, now).await.unwrap(), PAGES.len());
        let mut read = store.read(CLINIC).await.unwrap();
        let found = read.newest_check(NAME).await.unwrap().unwrap();
        assert_eq!(usize::try_from(found.0).unwrap(), PAGES.len());
        let pages = read.page_checks().await.unwrap();
        assert_eq!(pages.len(), PAGES.len());
        assert!(pages.iter().all(|(_, _, shown)| !shown));
        drop(read);
        store.close().await;
    }
}
