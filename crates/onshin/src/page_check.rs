//! The nightly look at the pages that must show the clinic's contact (cl-2.1-i-b): one row a page, one finding if any hides it.

use crate::remote::Remote;
use jiff::Timestamp;
use store::{Fault, Store, preconsultation::PAGES as PRE_PAGES};
use web::page_check::{PAGES, without_contact, without_terms};

/// The finding's name in the register, the ledger and the checklist.
const NAME: &str = "clinic_contact_hidden";
/// The name of the finding on pages about pre-consultations.
const PRE_NAME: &str = "preconsultation_notice_missing";

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

/// Looks at what is published of pre-consultations, our own page and the clinic's site (cl-1.2-vi-a). A page that misses it
/// is a finding, and new bookings pause until the terms are published anew.
///
/// # Errors
///
/// Storage failed.
pub(crate) async fn preconsultations(store: &Store, now: Timestamp) -> Result<usize, Fault> {
    let mut sum = 0;
    for (tenant, _) in store.tenants().await? {
        let terms = store.read(tenant).await?.preconsultation_terms().await?;
        let Some(terms) = terms.filter(|terms| terms.offered) else {
            continue;
        };
        let site = match Remote::new(&terms.external) {
            Ok(remote) => remote.page().await.ok(),
            Err(_) => None,
        };
        let hidden = without_terms(&terms, site.as_deref()).unwrap_or_else(|_| PRE_PAGES.to_vec());
        sum += hidden.len();
        store
            .write::<_, Fault, _>(tenant, now, move |tx| {
                Box::pin(async move {
                    for page in PRE_PAGES {
                        tx.keep_page_check(page, !hidden.contains(&page)).await?;
                    }
                    tx.keep_invariant(PRE_NAME, hidden.len()).await
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
    use care::preconsultation::Terms;
    use store::{By, Database, MasterKey, Settings};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const CLINIC: TenantId = TenantId(Ulid::from_bytes([7; 16]));

    /// A site that answers each question with the same page.
    async fn site(page: &'static str) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut asked = [0; 1024];
                let _ = socket.read(&mut asked).await;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
                    page.len()
                );
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        format!("http://{address}/")
    }

    #[tokio::test]
    async fn cl_1_2_vi_a_a_night_finds_the_site_that_lost_the_terms() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        for (page, found) in [
            ("<p>相談料 3,300円</p><p>進まないことがあります</p>", 0),
            ("<p>相談料 3,300円</p>", 1),
            ("<p>進まないことがあります</p>", 1),
        ] {
            let external = site(page).await;
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
            store
                .write::<i64, Fault, _>(CLINIC, now, move |tx| {
                    Box::pin(async move {
                        let terms = Terms {
                            version: 0,
                            offered: true,
                            fee_yen: Some(3_300),
                            charged: "前".into(),
                            refund: "なし".into(),
                            may_not_proceed: "進まないことがあります".into(),
                            external,
                        };
                        tx.publish_preconsultation(&By::System, &terms).await
                    })
                })
                .await
                .unwrap();
            assert_eq!(
                preconsultations(&store, now).await.unwrap(),
                found,
                "{page}"
            );
            let mut read = store.read(CLINIC).await.unwrap();
            assert_eq!(read.preconsultation_shown().await.unwrap(), found == 0);
            drop(read);
            store.close().await;
        }
    }

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
