//! The made-up lists of drugs: a small master, its drugs of special management, and the societies' list as it is shipped.

use super::{Calendar, people::BEGAN};
use crate::outcome::Outcome;
use access::TenantId;
use care::formulary;
use store::{
    By, Fault, Store,
    list::{List, NewEdition},
};

/// Seventeen drugs that nobody makes, in the layout of the real master.
const MASTER: &[u8] = include_bytes!("../../../../guidelines/sample/y_sample20261101.csv");
/// Which of them need special management.
const HIGH_SAFETY: &[u8] = include_bytes!("../../../../guidelines/sample/high_safety_sample.csv");
/// The drugs to be considered carefully at a first visit.
const CAREFUL: &[u8] = include_bytes!("../../../../guidelines/consider-carefully.csv");

/// Loads the lists, as `onshin drugs import` would.
pub(super) async fn load(store: &Store, calendar: &Calendar) -> Result<(), Outcome> {
    let now = calendar.at(BEGAN, 9, 0);
    store
        .write::<(), Fault, _>(TenantId::INSTALLATION, now, move |tx| {
            Box::pin(async move {
                for (list, name, file, rows) in [
                    (List::Drugs, "20261101", MASTER, rows(MASTER)),
                    (List::HighSafety, "20261101", HIGH_SAFETY, 2),
                    (List::Careful, "2022-11-24", CAREFUL, 18),
                ] {
                    let new = NewEdition {
                        list,
                        name,
                        whole: true,
                        rows,
                        file,
                    };
                    tx.load_list(&By::System, &new).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}

fn rows(master: &[u8]) -> i64 {
    formulary::read(master).map_or(0, |lines| i64::try_from(lines.len()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_lists_can_be_read() {
        let lines = formulary::read(MASTER).unwrap();
        let drugs = formulary::Formulary::default().next(&lines).unwrap();
        assert_eq!(drugs.counts().rows, 17);
        assert_eq!(drugs.counts().psychotropic, 2);
        assert_eq!(formulary::high_safety(HIGH_SAFETY).unwrap().len(), 2);
        let careful = formulary::careful(CAREFUL).unwrap();
        assert_eq!(careful.groups.len(), 18);
        assert!(
            careful.groups.iter().all(|group| !group.verified),
            "nobody has compared it with the original"
        );
    }
}
