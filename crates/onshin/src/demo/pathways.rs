//! What the services apart from ordinary care rest on in the made-up clinic. Emergency contraception: two made-up lists, a
//! physician with the designated training, and the service switched on. Smoking cessation: switched on, with a made-up medicine.

use super::{
    CLINIC, Calendar, certificate,
    people::{BEGAN, Staff},
};
use crate::outcome::Outcome;
use care::emergency_contraception::{
    Entry, GROUND, PHARMACIES_DAYS_MAX, Setting,
    list::{self, List},
};
use care::smoking::{CHECKUP_DAYS_MAX, LOW_RISK};
use store::{
    Fault, Store,
    pathway::{CONTRACEPTION, SMOKING},
    place_list::NewPlaces,
    staff_entry::NewEntry,
};

/// Places that nobody runs.
const LISTS: [(List, &[u8]); 2] = [
    (
        List::Institutions,
        include_bytes!("../../../../guidelines/sample/institutions_sample.csv"),
    ),
    (
        List::Pharmacies,
        include_bytes!("../../../../guidelines/sample/pharmacies_sample.csv"),
    ),
];
/// The drug of the service in the made-up master.
const DRUG: &str = "620000016";
/// The medicine of smoking cessation in it.
const SMOKING_DRUG: &str = "620000017";

/// Loads the lists, enters the training, and switches the service on.
pub(super) async fn open(store: &Store, calendar: &Calendar) -> Result<(), Outcome> {
    let staff = Staff::load(store, calendar).await?;
    let calendar = *calendar;
    store
        .write::<(), Fault, _>(CLINIC, calendar.at(BEGAN, 11, 0), move |tx| {
            Box::pin(async move {
                let (administrator, by) = staff.administrator();
                for (list, file) in LISTS {
                    let new = NewPlaces {
                        list,
                        edition: "見本",
                        source: calendar.day(10),
                        rows: list::read(list, file).map_or(0, |places| places.len()),
                        file,
                    };
                    tx.load_places(&by, administrator, &new).await?;
                }
                let certificate = certificate::pdf("緊急避妊 指定研修 見本");
                for entry in [Entry::Designated, Entry::Counselling] {
                    let new = NewEntry {
                        person: staff.physician(0).0,
                        entry,
                        certificate: "見本-1",
                        days: (calendar.day(200), None),
                        file: &certificate,
                    };
                    tx.enter_staff_entry(&by, administrator, &new).await?;
                }
                let setting = Setting {
                    offered: true,
                    drugs: DRUG.parse().into_iter().collect(),
                    days_max: PHARMACIES_DAYS_MAX,
                };
                tx.put_pathway(&by, administrator, (CONTRACEPTION, GROUND), &setting)
                    .await?;
                let smoking = Setting {
                    offered: true,
                    drugs: SMOKING_DRUG.parse().into_iter().collect(),
                    days_max: CHECKUP_DAYS_MAX,
                };
                tx.put_pathway(&by, administrator, (SMOKING, LOW_RISK), &smoking)
                    .await
            })
        })
        .await?;
    Ok(())
}
