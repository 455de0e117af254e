//! The nightly look at the days ahead: whose proof will lapse, whose card can be drawn, and once a week whether the public
//! search for physicians can be reached (cl-2.5.1.1-vii, cl-2.5.2.1-ix-a, cl-1.4-iv-c).

use crate::remote::Remote;
use access::Role;
use care::proof::{self, AHEAD_DAYS};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use store::{
    Conn, Fault, Store,
    dossier::legal_day,
    readiness::{Look, SEARCH},
};

/// The search is looked at again after this long.
const LINK_EVERY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Looks at each institution's physicians, and answers how many of them cannot be booked throughout.
///
/// # Errors
///
/// Storage failed.
pub(crate) async fn all(store: &Store, now: Timestamp) -> Result<usize, Fault> {
    let mut sum = 0;
    for (tenant, _) in store.tenants().await? {
        let looks = looks(&mut *store.read(tenant).await?, now).await?;
        sum += looks.iter().filter(|look| look.hidden).count();
        store
            .write::<(), Fault, _>(tenant, now, move |tx| {
                Box::pin(async move { tx.keep_looks(&looks).await })
            })
            .await?;
    }
    Ok(sum)
}

async fn looks(read: &mut Conn, now: Timestamp) -> Result<Vec<Look>, Fault> {
    let today = legal_day(now);
    let ahead = today.saturating_add(AHEAD_DAYS.days());
    let mut looks = Vec::new();
    for profile in read.physician_profiles().await? {
        let person = profile.person;
        let works = read
            .memberships(person, now)
            .await?
            .iter()
            .any(|held| held.role == Role::Physician);
        if !works {
            continue;
        }
        let facts = read.proof_facts(person).await?;
        looks.push(Look {
            person,
            until: facts.proof.as_ref().map(|proof| proof.valid_until),
            hidden: proof::bookable(&facts, ahead).is_err(),
            drawn: web::card::can_be_drawn(read, person, today).await?,
        });
    }
    Ok(looks)
}

/// Asks each institution's search once a week whether it answers.
///
/// # Errors
///
/// Storage failed.
pub(crate) async fn links(store: &Store, now: Timestamp) -> Result<usize, Fault> {
    let mut unreached = 0;
    for (tenant, _) in store.tenants().await? {
        let mut read = store.read(tenant).await?;
        let known = read.link_check(SEARCH).await?;
        let url = read
            .institution()
            .await?
            .map(|one| one.desks.licence_search)
            .unwrap_or_default();
        drop(read);
        let fresh = known.is_some_and(|(at, _)| now.duration_since(at) < LINK_EVERY);
        if fresh || url.is_empty() {
            continue;
        }
        let reached = match Remote::new(&url) {
            Ok(remote) => remote.answers().await,
            Err(_) => false,
        };
        unreached += usize::from(!reached);
        store
            .write::<(), Fault, _>(tenant, now, move |tx| {
                Box::pin(async move { tx.keep_link_check(SEARCH, reached).await })
            })
            .await?;
    }
    Ok(unreached)
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::{DeviceId, PersonId, TenantId, Ulid};
    use ledger::Actor;
    use store::{
        By, Database, MasterKey, Settings,
        person::{NewMembership, NewPerson},
        physician::{PhysicianProfile, Verified},
    };

    const CLINIC: TenantId = TenantId(Ulid::from_bytes([7; 16]));
    const PHYSICIAN: PersonId = PersonId(Ulid::from_bytes([8; 16]));
    const SECOND: PersonId = PersonId(Ulid::from_bytes([9; 16]));

    async fn clinic(until: &'static str, now: Timestamp) -> Store {
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
        let person = NewPerson {
            id: PHYSICIAN,
            login_name: "physician".into(),
            password_hash: "none".into(),
            totp_secret: None,
        };
        store
            .write::<(), Fault, _>(TenantId::INSTALLATION, now, move |tx| {
                Box::pin(async move { tx.create_person(&person, Actor::System).await })
            })
            .await
            .unwrap();
        store
            .write::<(), Fault, _>(CLINIC, now, move |tx| {
                Box::pin(async move {
                    let by = By::Person {
                        id: SECOND,
                        role: Role::Administrator,
                        device: DeviceId(Ulid::from_bytes([1; 16])),
                    };
                    let membership = NewMembership {
                        person: PHYSICIAN,
                        role: Role::Physician,
                        from: now,
                        until: None,
                        name: "例沢 はるか".into(),
                    };
                    tx.add_membership(&membership, Actor::System).await?;
                    let profile = PhysicianProfile {
                        person: PHYSICIAN,
                        name: "例沢 はるか".into(),
                        department: "内科".into(),
                        photo: b"\x89PNG a face".to_vec(),
                        photo_type: "image/png".into(),
                    };
                    tx.put_physician_profile(&by, &profile).await?;
                    let verified = Verified {
                        by: SECOND,
                        registration_year: Some(1998),
                        valid_until: until.parse().map_err(|_| Fault::Conflict)?,
                    };
                    tx.keep_proof(&by, &profile, verified).await
                })
            })
            .await
            .unwrap();
        store
    }

    #[tokio::test]
    async fn cl_2_5_1_1_vii_a_proof_that_lapses_within_two_weeks_is_found_each_night() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        for (until, found) in [("2026-12-05", 0), ("2026-12-04", 1), ("2026-11-20", 1)] {
            let store = clinic(until, now).await;
            assert_eq!(all(&store, now).await.unwrap(), found, "{until}");
            let mut read = store.read(CLINIC).await.unwrap();
            assert_eq!(read.proofs_lapsing().await.unwrap().len(), found);
            drop(read);
            store.close().await;
        }
    }

    #[tokio::test]
    async fn cl_2_5_2_1_ix_a_a_card_that_cannot_be_drawn_is_found_for_its_physician_alone() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        let store = clinic("2027-11-20", now).await;
        let mut read = store.read(CLINIC).await.unwrap();
        let drawn = looks(&mut read, now).await.unwrap();
        assert!(drawn.iter().all(|look| look.drawn && !look.hidden));
        drop(read);
        let faceless = PhysicianProfile {
            person: PHYSICIAN,
            name: "例沢 はるか".into(),
            department: "内科".into(),
            photo: Vec::new(),
            photo_type: String::new(),
        };
        store
            .write::<(), Fault, _>(CLINIC, now, move |tx| {
                Box::pin(async move { tx.put_physician_profile(&By::System, &faceless).await })
            })
            .await
            .unwrap();
        assert_eq!(all(&store, now).await.unwrap(), 1);
        let mut read = store.read(CLINIC).await.unwrap();
        assert_eq!(read.proofs_lapsing().await.unwrap(), [PHYSICIAN]);
        drop(read);
        store.close().await;
    }

    #[tokio::test]
    async fn cl_1_4_iv_c_a_search_that_does_not_answer_is_found_within_a_week() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
        let store = clinic("2027-11-20", now).await;
        // Nobody listens there: the port is of the machine itself and closed.
        store
            .write::<(), Fault, _>(CLINIC, now, |tx| {
                Box::pin(async move {
                    let institution = store::institution::Institution {
                        name: "見本の診療所".into(),
                        address: "長野県みほん郡".into(),
                        phone: "00-1234-5678".into(),
                        hours: "月〜土".into(),
                        name_en: String::new(),
                        address_en: String::new(),
                        hours_en: String::new(),
                        code: String::new(),
                        online_care_notified: true,
                        desks: store::institution::Desks::default(),
                    };
                    tx.keep_institution(&institution, Actor::System).await?;
                    let broken = store::institution::Desks {
                        licence_search: "https://127.0.0.1:9/".into(),
                        ..store::institution::Desks::default()
                    };
                    tx.keep_desks(&broken, Actor::System).await
                })
            })
            .await
            .unwrap();
        assert_eq!(links(&store, now).await.unwrap(), 1);
        let week = SignedDuration::from_hours(7 * 24);
        assert_eq!(
            links(&store, now + week - SignedDuration::from_secs(1))
                .await
                .unwrap(),
            0,
            "once a week"
        );
        assert_eq!(links(&store, now + week).await.unwrap(), 1);
        store.close().await;
    }
}
