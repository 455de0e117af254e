//! The clinic's contact stands on every patient page, or there is no patient page.

use crate::support::{House, house, institution};
use axum::http::StatusCode;
use ledger::Actor;
use std::{fs, path::Path};
use store::{Fault, institution::Institution};
use web::{Lang, Surface, Words, notice::Contact};

/// What patients are told.
const PARTS: [&str; 4] = [
    "contact.name",
    "contact.address",
    "contact.phone",
    "contact.hours",
];

#[tokio::test]
async fn cl_2_1_i_b_an_empty_telephone_number_is_refused_and_changes_nothing() {
    let house = house().await;
    let mut browser = house.signed_in("administrator").await;
    let full = [
        ("name", "新しい名前"),
        ("address", "新しい住所"),
        ("phone", "00-9999-0000"),
        ("hours", "月〜金"),
    ];
    for (field, said) in [
        ("name", "入れてください"),
        ("address", "入れてください"),
        ("phone", "入れてください"),
        ("hours", "入れてください"),
    ] {
        let lacking: Vec<_> = full
            .iter()
            .copied()
            .filter(|(name, _)| *name != field)
            .collect();
        let answer = browser.post("/house/institution", &lacking).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(
            answer.body.contains(&format!("href=\"#{field}\"")) && answer.body.contains(said),
            "{field}"
        );
    }
    let spaces: Vec<_> = full
        .iter()
        .copied()
        .map(|(name, value)| (name, if name == "phone" { "   " } else { value }))
        .collect();
    assert_eq!(
        browser.post("/house/institution", &spaces).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(stored(&house).await, institution("見本みずうみクリニック"));

    let answer = browser.post("/house/institution", &full).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(stored(&house).await.phone, "00-9999-0000");
    assert_eq!(house.entries(house.tenant, "institution.changed").await, 2);
    let mut patient = house.browser(Surface::Patient);
    assert!(patient.get("/none").await.body.contains("00-9999-0000"));
}

#[test]
fn cl_2_1_i_b_there_is_no_contact_with_one_of_its_parts_empty() {
    let w = Words::of(Lang::Ja);
    assert!(Contact::of(&institution("見本"), w).is_some());
    let empty: [fn(&mut Institution); 4] = [
        |one| one.name.clear(),
        |one| one.address = " ".into(),
        |one| one.phone.clear(),
        |one| one.hours = "\u{3000}".into(),
    ];
    for (number, clear) in empty.into_iter().enumerate() {
        let mut lacking = institution("見本");
        clear(&mut lacking);
        assert!(Contact::of(&lacking, w).is_none(), "{number}");
    }
}

#[test]
fn cl_2_1_i_b_no_patient_page_goes_without_the_frame_that_tells_the_contact() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let frame = fs::read_to_string(source.join("shell/patient.html")).unwrap();
    let foot = frame.split("<footer").nth(1).unwrap();
    for part in PARTS {
        assert!(foot.contains(part), "{part}");
    }
    let css = web::asset::address("onshin.css");
    let hides = |text: &str| {
        text.contains(".on-foot{display:none") || text.contains(".on-foot { display: none")
    };
    assert!(
        css.is_empty()
            || !hides(&fs::read_to_string(source.join("../assets/dist/onshin.css")).unwrap())
    );
    let mut open = vec![source.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "html")
                && !path.ends_with("shell/patient.html")
            {
                let text = fs::read_to_string(&path).unwrap();
                // The call fills the whole screen: a page with its own body tells all four by itself.
                let own = text.contains("<body") && !path.parent().unwrap().ends_with("shell");
                let tells = PARTS
                    .iter()
                    .all(|part| with_parts(&source, &text).contains(part));
                assert!(
                    !own || tells,
                    "{}: extend shell/patient.html",
                    path.display()
                );
            }
        }
    }
}

/// A template with what it includes.
fn with_parts(source: &Path, text: &str) -> String {
    let parts = text.split("{% include \"").skip(1);
    let names = parts.filter_map(|part| part.split('"').next());
    let texts = names.map(|name| fs::read_to_string(source.join(name)).unwrap());
    text.to_owned() + &texts.collect::<String>()
}

async fn stored(house: &House) -> Institution {
    house
        .store
        .read(house.tenant)
        .await
        .unwrap()
        .institution()
        .await
        .unwrap()
        .unwrap()
}

/// A row emptied behind the program's back closes the patients' pages with the clause, not with a hole.
#[tokio::test]
async fn cl_2_1_i_b_an_emptied_row_never_reaches_a_page() {
    let house = house().await;
    let mut lacking = institution("見本みずうみクリニック");
    lacking.phone.clear();
    house
        .store
        .write::<(), Fault, _>(house.tenant, house.now(), move |tx| {
            Box::pin(async move { tx.keep_institution(&lacking, Actor::System).await })
        })
        .await
        .unwrap();
    house.app.forget_institution(house.tenant);
    let mut patient = house.browser(Surface::Patient);
    let answer = patient.get("/none").await;
    assert!(!answer.body.contains("tel:\""), "{}", answer.body);
}
