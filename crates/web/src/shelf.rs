//! The lists of drugs in force, read once for an edition and kept in memory: the master with its index, the drugs of special
//! management, the societies' list.

use crate::{App, Problem};
use access::TenantId;
use care::formulary::{self, Careful, Code, Drug, Formulary, Group, Index};
use jiff::civil::Date;
use std::{
    collections::BTreeSet,
    sync::{Arc, RwLock},
};
use store::{Conn, Tx, list::List, prescription::Editions};

/// Most drugs that a search answers with.
const FOUND_MAX: usize = 20;
/// Most drugs of a service of its own.
const TYPED_MAX: usize = 10;

/// What was read of the lists.
#[derive(Default)]
pub(crate) struct Shelf {
    /// Of which editions.
    pub(crate) editions: Editions,
    /// The master; none was imported, or it cannot be read.
    pub(crate) formulary: Option<Formulary>,
    index: Option<Index>,
    /// The drugs of special management.
    pub(crate) high_safety: Option<BTreeSet<Code>>,
    /// The drugs that the societies want considered carefully.
    pub(crate) careful: Option<BTreeSet<Code>>,
    groups: Option<Careful>,
}

/// The newest shelf.
#[derive(Default)]
pub(crate) struct Kept(RwLock<Arc<Shelf>>);

impl Kept {
    fn get(&self) -> Option<Arc<Shelf>> {
        self.0.read().ok().map(|kept| Arc::clone(&kept))
    }

    fn put(&self, lists: &Arc<Shelf>) {
        if let Ok(mut kept) = self.0.write() {
            *kept = Arc::clone(lists);
        }
    }
}

/// The files of the lists, as they were imported.
struct Files {
    editions: Editions,
    drugs: Vec<Vec<u8>>,
    high_safety: Option<Vec<u8>>,
    careful: Option<Vec<u8>>,
}

impl Shelf {
    /// Whether these are still the lists in force: nothing is judged on an edition that was replaced.
    pub(crate) async fn stands(&self, tx: &mut Tx) -> Result<(), Problem> {
        if tx.lists_in_force().await? == self.editions {
            Ok(())
        } else {
            Err(Problem::OutOfTurn)
        }
    }

    /// Drugs by name, kana, generic name or code.
    pub(crate) fn search(&self, sought: &str, on: Date) -> Vec<&Drug> {
        match (&self.formulary, &self.index) {
            (Some(formulary), Some(index)) => index.search(formulary, sought, on, FOUND_MAX),
            _ => Vec::new(),
        }
    }

    /// A drug that may be ordered on a day.
    pub(crate) fn drug(&self, code: Code, on: Date) -> Option<&Drug> {
        self.formulary.as_ref()?.orderable(code, on)
    }

    /// The drugs that somebody typed, codes with spaces between; `None` where one is unknown, or there are more than a
    /// service has.
    pub(crate) fn typed(&self, codes: &str, on: Date) -> Option<Vec<Code>> {
        let codes: Vec<Code> = codes
            .split_whitespace()
            .map(|word| {
                word.parse()
                    .ok()
                    .filter(|code| self.drug(*code, on).is_some())
            })
            .collect::<Option<_>>()?;
        (codes.len() <= TYPED_MAX).then_some(codes)
    }

    /// The group of the societies' list that a drug falls under.
    pub(crate) fn group(&self, drug: &Drug) -> Option<&Group> {
        self.groups.as_ref()?.group(drug)
    }

    /// Whether a drug needs special management; without a list every drug does.
    pub(crate) fn is_managed(&self, code: Code) -> bool {
        self.high_safety
            .as_ref()
            .is_none_or(|list| list.contains(&code))
    }

    fn of(files: Files) -> Self {
        let formulary = files
            .drugs
            .iter()
            .try_fold(Formulary::default(), |before, file| {
                before.next(&formulary::read(file)?)
            })
            .map_err(|fault| tracing::error!(?fault, "the master in storage cannot be read"))
            .ok()
            .filter(|formulary| formulary.drugs().next().is_some());
        let groups = files
            .careful
            .and_then(|file| formulary::careful(&file).ok());
        let careful = groups.as_ref().map(|groups| {
            formulary
                .iter()
                .flat_map(Formulary::drugs)
                .filter(|drug| groups.group(drug).is_some())
                .map(|drug| drug.code)
                .collect()
        });
        Self {
            editions: files.editions,
            index: formulary.as_ref().map(Index::of),
            high_safety: files
                .high_safety
                .and_then(|file| formulary::high_safety(&file).ok()),
            careful,
            groups,
            formulary,
        }
    }
}

async fn files(read: &mut Conn, editions: Editions) -> Result<Files, Problem> {
    let mut drugs = Vec::new();
    for edition in read.editions(List::Drugs).await? {
        drugs.push(read.list_file(&edition).await?);
    }
    let [mut high_safety, mut careful] = [None, None];
    for (list, into) in [
        (List::HighSafety, &mut high_safety),
        (List::Careful, &mut careful),
    ] {
        if let Some(edition) = read.editions(list).await?.pop() {
            *into = Some(read.list_file(&edition).await?);
        }
    }
    Ok(Files {
        editions,
        drugs,
        high_safety,
        careful,
    })
}

impl App {
    /// The lists in force; read anew when an edition was imported.
    pub(crate) async fn lists(&self) -> Result<Arc<Shelf>, Problem> {
        let mut read = self.store().read(TenantId::INSTALLATION).await?;
        let editions = read.lists_in_force().await?;
        if let Some(kept) = self
            .shelves()
            .get()
            .filter(|kept| kept.editions == editions)
        {
            return Ok(kept);
        }
        let files = files(&mut read, editions).await?;
        drop(read);
        // Some 20,000 lines: a fraction of a second, away from the requests.
        let lists = tokio::task::spawn_blocking(move || Arc::new(Shelf::of(files)))
            .await
            .map_err(|_| Problem::Unavailable)?;
        self.shelves().put(&lists);
        Ok(lists)
    }
}
