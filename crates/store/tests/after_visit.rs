//! What follows a visit, on both engines: the sheet, the change put to the patient, the agreements for remote areas, and the
//! summaries for the institution that responds.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod engines;

use access::{DeviceId, PersonId, Role, Ulid};
use care::{
    Class, Consultation, PartnerId, PlanId, Service,
    area::Area,
    first_visit::sheet::{Explained, GoesOn, Next, Sheet},
    patient::Profile,
    plan::{Draft, proposal::Answer, reach::Agreement},
    task::Kind,
};
use engines::{CLINIC, NOW, Place, both_engines};
use store::{By, Fault, Store, Tx, summary::Summary};

const PHYSICIAN: PersonId = PersonId(Ulid::from_bytes([11; 16]));
const PARTNER: PartnerId = PartnerId(Ulid::from_bytes([5; 16]));

fn physician() -> By {
    By::Person {
        id: PHYSICIAN,
        role: Role::Physician,
        device: DeviceId(Ulid::from_bytes([21; 16])),
    }
}

fn patient_of(visit: &Consultation) -> By {
    By::Patient {
        id: visit.patient,
        proxy: None,
        device: DeviceId(Ulid::from_bytes([22; 16])),
    }
}

async fn visit(tx: &mut Tx) -> Result<Consultation, Fault> {
    let profile = Profile {
        name: "見本 正男".into(),
        kana: "みほん まさお".into(),
        birth: jiff::civil::date(1951, 4, 3),
        sex: "男".into(),
        phone: "0011112222".into(),
        mail: String::new(),
        address: "東京都小笠原村父島".into(),
        alerts: Vec::new(),
    };
    let patient = tx.add_patient(&physician(), &profile).await?;
    let kind = (Class::First, Service::Care);
    Ok(tx
        .book(&physician(), patient, PHYSICIAN, kind, NOW)
        .await?
        .consultation)
}

async fn opened(place: &Place) -> (Store, Consultation) {
    let store = place.open().await;
    let visit: Result<Consultation, Fault> =
        store.write(CLINIC, NOW, |tx| Box::pin(visit(tx))).await;
    (store, visit.unwrap())
}

fn sheet(signs: &str) -> Sheet {
    Sheet {
        next: Some(Next::Nothing {
            reason: "治った".into(),
        }),
        signs: signs.into(),
        place: "当院".into(),
        phone: "00-1234-5678".into(),
        goes_on: Some(GoesOn::No),
        explained: Some(Explained::Live),
    }
}

#[test]
fn a_sheet_is_written_until_it_is_signed_and_then_only_shown_and_read() {
    both_engines(|place| async move {
        let (store, visit) = opened(&place).await;
        let kept: Result<_, Fault> = store
            .write(CLINIC, NOW, move |tx| {
                Box::pin(async move {
                    let patient = patient_of(&visit);
                    tx.keep_sheet(&visit, &sheet("息が苦しい")).await?;
                    // Not signed: it is on nobody's page.
                    tx.sheet_shown(&patient, &visit).await?;
                    assert!(tx.sheet(&visit).await?.unwrap().shown.is_none());
                    tx.keep_sheet(&visit, &sheet("胸が痛い")).await?;
                    tx.sign_sheet(&physician(), PHYSICIAN, &visit, &sheet("胸が痛い"))
                        .await?;
                    tx.keep_sheet(&visit, &sheet("なし")).await?;
                    tx.sheet_read(&patient, &visit).await?;
                    assert!(tx.sheet(&visit).await?.unwrap().read.is_none());
                    tx.sheet_shown(&patient, &visit).await?;
                    tx.sheet_read(&patient, &visit).await?;
                    Ok(tx.sheet(&visit).await?.unwrap())
                })
            })
            .await;
        let kept = kept.unwrap();
        assert_eq!(kept.sheet.signs, "胸が痛い");
        assert!(kept.signed.is_some() && kept.shown.is_some() && kept.read.is_some());
        store.close().await;
        if place.engine == "sqlite" {
            let (file, words) = (std::fs::read(place.file()).unwrap(), "胸が痛い".as_bytes());
            assert!(
                !file.windows(words.len()).any(|part| part == words),
                "sealed"
            );
        }
    });
}

#[test]
fn a_proposal_is_answered_once() {
    both_engines(|place| async move {
        let (store, visit) = opened(&place).await;
        let answered: Result<_, Fault> = store
            .write(CLINIC, NOW, move |tx| {
                Box::pin(async move {
                    let patient = visit.patient;
                    let draft = Draft::default();
                    let plan: PlanId = tx
                        .draft_plan(&physician(), PHYSICIAN, patient, None, &draft)
                        .await?;
                    assert_eq!(tx.proposal_open(patient).await?, None);
                    tx.propose(&physician(), (patient, plan), true).await?;
                    assert_eq!(tx.proposal_open(patient).await?, Some(plan));
                    let by = patient_of(&visit);
                    tx.keep_proposal_answer(&by, (patient, plan), Answer::Keep)
                        .await?;
                    tx.propose(&physician(), (patient, plan), false).await?;
                    assert_eq!(tx.proposal_open(patient).await?, None);
                    let again = tx
                        .keep_proposal_answer(&by, (patient, plan), Answer::Accept)
                        .await;
                    assert!(matches!(again, Err(Fault::Conflict)));
                    Ok(tx.proposal(plan).await?.unwrap())
                })
            })
            .await;
        let put = answered.unwrap();
        assert_eq!((put.harms, put.answer), (true, Some(Answer::Keep)));
        store.close().await;
    });
}

#[test]
fn areas_and_agreements_are_of_one_institution() {
    both_engines(|place| async move {
        let (store, visit) = opened(&place).await;
        let facts: Result<_, Fault> = store
            .write(CLINIC, NOW, move |tx| {
                Box::pin(async move {
                    assert!(!tx.reach_facts(visit.patient).await?.far);
                    let island = Area::read("東京都小笠原村").unwrap();
                    tx.keep_far_areas(&physician(), &[island]).await?;
                    let agreement = Agreement {
                        partner: PARTNER,
                        transport: "船".into(),
                        place: "救急外来".into(),
                        contact: "00-0000-0000".into(),
                        document: String::new(),
                        valid_until: "2027-01-31".parse().unwrap(),
                    };
                    tx.keep_response_agreement(&physician(), &agreement, b"%PDF-1.4")
                        .await?;
                    tx.keep_response_agreement(&physician(), &agreement, b"%PDF-1.5")
                        .await?;
                    tx.reach_facts(visit.patient).await
                })
            })
            .await;
        let facts = facts.unwrap();
        assert!(facts.far);
        assert_eq!(facts.agreements.len(), 1);
        assert!(facts.agreements.iter().all(Agreement::is_whole));
        store.close().await;
    });
}

#[test]
fn a_summary_is_sent_sealed_and_received_once() {
    both_engines(|place| async move {
        let (store, visit) = opened(&place).await;
        let done: Result<_, Fault> = store
            .write(CLINIC, NOW, move |tx| {
                Box::pin(async move {
                    let patient = visit.patient;
                    assert_eq!(tx.last_informed(patient, PARTNER).await?, None);
                    let summary = Summary {
                        to: "見本中央病院".into(),
                        lines: vec![("評価".into(), "安定".into())],
                    };
                    let id = tx
                        .send_summary(&physician(), &visit, PARTNER, &summary)
                        .await?;
                    let kept = tx.summary(id).await?.unwrap();
                    assert_eq!(kept.summary.lines, summary.lines);
                    assert_eq!(
                        tx.last_informed(patient, PARTNER).await?,
                        Some(care::legal_day(NOW))
                    );
                    let open = tx.open_tasks().await?;
                    assert_eq!(open[0].opening.kind, Kind::SummaryReceipt);
                    tx.keep_summary_receipt(&physician(), &kept, "地域連携室")
                        .await?;
                    let again = tx.keep_summary_receipt(&physician(), &kept, "x").await;
                    assert!(matches!(again, Err(Fault::Conflict)));
                    Ok(tx.open_tasks().await?.len())
                })
            })
            .await;
        assert_eq!(done.unwrap(), 0);
        store.close().await;
    });
}
