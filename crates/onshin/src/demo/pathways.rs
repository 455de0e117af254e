//! What emergency contraception rests on in the made-up clinic: two made-up lists, a physician with the designated training,
//! and the service switched on.

use super::{
    CLINIC, Calendar, certificate,
    people::{BEGAN, Staff},
};
use crate::outcome::Outcome;
use care::emergency_contraception::{
    Entry, GROUND, PHARMACIES_DAYS_MAX, Setting,
    list::{self, List},
};
use store::{Fault, Store, pathway::CONTRACEPTION, place_list::NewPlaces, staff_entry::NewEntry};

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
                    pharmacies_days_max: PHARMACIES_DAYS_MAX,
                };
                tx.put_pathway(&by, administrator, (CONTRACEPTION, GROUND), &setting)
                    .await
            })
        })
        .await?;
    Ok(())
}
