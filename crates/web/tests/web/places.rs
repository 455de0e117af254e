//! Attacks on places: several people at one address, typed in different ways, with papers and without.

use crate::{
    consultation_seed::{Practice, Said, Seed, post, staff, write},
    support::{Browser, person_id},
    ward::upload_as,
};
use access::Role;
use care::{PatientId, patient::Profile};
use jiff::{ToSpan as _, civil::Date};
use store::dossier::legal_day;

const PDF: &[u8] = b"%PDF-1.7 notification";

async fn patient(practice: &Practice, name: &'static str, address: &'static str) -> PatientId {
    let known = practice.patient;
    write(&practice.house, move |tx| {
        Box::pin(async move {
            let like = tx.patient(known).await?.expect("a patient").profile;
            let profile = Profile {
                name: name.into(),
                address: address.into(),
                ..like
            };
            tx.add_patient(&staff(Role::Reception), &profile).await
        })
    })
    .await
}

async fn book(desk: &mut Browser, patient: PatientId, on: Date, place: &str) -> Said {
    let (patient, physician, date) = (
        patient.to_string(),
        person_id("physician").to_string(),
        on.to_string(),
    );
    let fields = [
        ("patient", patient.as_str()),
        ("physician", &physician),
        ("date", &date),
        ("time", "10:00"),
        ("route", "stated"),
        ("basis", "電話で聞いた"),
        ("place", place),
    ];
    post(desk, "/bookings/new", &fields).await
}

async fn enter(desk: &mut Browser, kind: &str, address: &str, number: &str, file: &[u8]) -> u16 {
    let fields = [
        ("kind", kind),
        ("name", "見本公民館"),
        ("address", address),
        ("number", number),
    ];
    upload_as(desk, "/house/places", &fields, Some(("file", file)))
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn cl_2_2_iii_a_the_second_stranger_at_one_address_waits_for_the_places_papers() {
    let practice = Seed::first_visit().open().await;
    let mut reception = practice.house.signed_in("reception").await;
    let mut administrator = practice.house.signed_in("administrator").await;
    let on = legal_day(practice.house.now()).saturating_add(3.days());
    let one = patient(&practice, "別見 一郎", "東京都見本市見本町1-2-3").await;
    let family = patient(&practice, "別見　次郎", "見本市見本町１丁目２番３号").await;
    let stranger = patient(
        &practice,
        "他見 三郎",
        "〒000-0000 見本市見本町一丁目2番地3 見本会館",
    )
    .await;

    let said = book(&mut reception, one, on, "").await;
    assert_eq!(said.status, 303, "{}", said.body);
    let said = book(&mut reception, family, on, "").await;
    assert_eq!(said.status, 303, "one family: {}", said.body);
    let said = book(&mut reception, stranger, on, "").await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.2-iii-a"), "group_at_unregistered_place")
    );
    // Elsewhere is no way round: the place named is the one that counts, and it needs a number.
    let said = book(&mut reception, stranger, on, "見本市見本町1ー2ー3").await;
    assert_eq!(said.spoke(), (409, "cl-2.2-iii-a"));
    assert_eq!(
        book(&mut reception, stranger, on, "見本市の公民館")
            .await
            .status,
        422
    );

    // A number without its document is refused, whoever enters it; reception enters none.
    let (address, number) = ("見本市見本町1-2-3", "診-12");
    assert_eq!(
        enter(&mut administrator, "clinic", address, number, b"").await,
        422
    );
    assert_eq!(
        enter(&mut administrator, "clinic", address, "", PDF).await,
        422
    );
    assert_eq!(
        enter(&mut reception, "clinic", address, number, PDF).await,
        403
    );
    let said = book(&mut reception, stranger, on, "").await;
    assert_eq!(said.spoke(), (409, "cl-2.2-iii-a"));
    assert_eq!(
        enter(&mut administrator, "clinic", address, number, PDF).await,
        303
    );
    let said = book(&mut reception, stranger, on, "").await;
    assert_eq!(said.status, 303, "{}", said.body);
    let page = administrator.get("/house/places").await.body;
    assert!(page.contains("患者 3 人"), "{page}");
}

#[tokio::test]
async fn cl_2_2_iii_b_a_round_is_booked_on_its_days_when_it_is_signed() {
    let practice = Seed::first_visit().open().await;
    let mut reception = practice.house.signed_in("reception").await;
    let mut administrator = practice.house.signed_in("administrator").await;
    let today = legal_day(practice.house.now());
    let on = today.saturating_add(3.days());
    let guest = patient(&practice, "別見 一郎", "見本県別市1-1").await;
    let hall = "見本市見本町9-9";
    assert_eq!(enter(&mut administrator, "group", hall, "", b"").await, 303);
    let said = book(&mut reception, guest, on, hall).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.2-iii-a"), "group_not_notified"),
        "the first patient already"
    );

    let page = administrator.get("/house/places").await.body;
    let home = page
        .split("action=\"/house/places/")
        .find_map(|rest| rest.split_once("/except\""))
        .map(|(id, _)| format!("/house/places/{id}/except"))
        .unwrap();
    let (from, until, confirmed) = (
        on.to_string(),
        on.saturating_add(1.days()).to_string(),
        today.to_string(),
    );
    let fields = [
        ("round", "checkup_round"),
        ("from", from.as_str()),
        ("until", &until),
        ("confirmed", &confirmed),
        ("authority", "見本市保健所"),
        ("contact", "00-0000-0000"),
    ];
    let bare = upload_as(&mut administrator, &home, &fields, Some(("file", b""))).await;
    assert_eq!(bare.status, 422, "no document");
    let entered = upload_as(&mut administrator, &home, &fields, Some(("file", PDF))).await;
    assert_eq!(entered.status, 303, "{}", entered.body);
    let said = book(&mut reception, guest, on, hall).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.2-iii-b"), "exception_unsigned")
    );
    sign(&mut administrator).await;
    let said = book(&mut reception, guest, on, hall).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.2-iii-b"), "treatment_at_checkup")
    );

    // Used before, and the authority was not asked again since.
    let again = upload_as(&mut administrator, &home, &fields, Some(("file", PDF))).await;
    assert_eq!(again.status, 422, "{}", again.body);
    let mobile: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, text)| {
            (
                *name,
                if *name == "round" {
                    "mobile_clinic"
                } else {
                    *text
                },
            )
        })
        .collect();
    let entered = upload_as(&mut administrator, &home, &mobile, Some(("file", PDF))).await;
    assert_eq!(entered.status, 303, "{}", entered.body);
    sign(&mut administrator).await;
    let late = on.saturating_add(2.days());
    let said = book(&mut reception, guest, late, hall).await;
    assert_eq!(
        (said.spoke(), said.reason()),
        ((409, "cl-2.2-iii-b"), "exception_outside_dates")
    );
    let said = book(&mut reception, guest, on, hall).await;
    assert_eq!(said.status, 303, "{}", said.body);
    assert_eq!(
        practice
            .house
            .entries(practice.house.tenant, "exception.signed")
            .await,
        2
    );
}

/// Signs the exception that waits for it.
async fn sign(administrator: &mut Browser) {
    let page = administrator.get("/house/places").await.body;
    let act = page
        .split("action=\"")
        .find_map(|rest| rest.split_once("/sign\""))
        .map(|(path, _)| format!("{path}/sign"))
        .unwrap();
    assert_eq!(administrator.post(&act, &[]).await.status, 303);
}
