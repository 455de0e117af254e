//! `cargo xtask clauses`: each clause answered once and tested, and never fewer than before.
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde::Serialize;

use crate::{
    catalogue::{self, Catalogue},
    duties::{self, Duty},
    fault::Fault,
    places,
    source::{self, Function},
};

/// The file that holds how many clauses each milestone may still lack.
const RATCHET: &str = "docs/clauses-pending.toml";
const RATCHET_HEAD: &str = "\
# How many clauses of each milestone are not yet both answered and tested. These numbers only fall:
# `cargo xtask clauses` fails above them, `cargo xtask clauses --lower` takes them down.
";

/// What is printed as JSON.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    all: Count,
    milestones: BTreeMap<String, Count>,
    ids: BTreeMap<String, Standing>,
}

#[derive(Default, Serialize)]
struct Count {
    total: usize,
    answered: usize,
    tested: usize,
    pending: usize,
}

#[derive(Clone, Copy, Serialize)]
struct Standing {
    answered: bool,
    tested: bool,
}

/// A test of a clause, and where it stands.
struct Attack {
    id: String,
    place: String,
    ignored: bool,
}

/// Reads everything, prints the report, and fails on any fault.
pub(crate) fn run(args: &[String]) -> Result<(), Fault> {
    let mut json = false;
    let mut lower = false;
    for arg in args {
        match arg.as_str() {
            "--json" => json = true,
            "--lower" => lower = true,
            other => return Err(Fault::new(format!("clauses does not know {other}"))),
        }
    }
    let catalogue = catalogue::read()?;
    let mut faults = Vec::new();
    let duties = duties::all(&mut faults)?;
    let attacks = attacks(&catalogue, &mut faults)?;
    let report = report(&catalogue, &duties, &attacks);
    faults.extend(double_or_homeless(&catalogue, &duties));
    faults.extend(claims_without_test(&report, &duties));
    faults.extend(ignored(&attacks));
    if json {
        let text =
            serde_json::to_string(&report).map_err(|reason| Fault::new(reason.to_string()))?;
        println!("{text}");
    } else {
        print(&report);
    }
    if lower {
        write_ratchet(&report)?;
    }
    faults.extend(risen(&report, &allowed()?));
    Fault::unless_empty(faults)
}

/// Every test function of our crates whose name begins with a clause id.
fn attacks(catalogue: &Catalogue, faults: &mut Vec<String>) -> Result<Vec<Attack>, Fault> {
    let stems = stems(catalogue);
    let mut found = Vec::new();
    for path in sources()? {
        for function in source::functions(&source::file(&path)?) {
            let place = format!("{}:{}", places::short(&path), function.line);
            if !is_test(&function) {
                continue;
            }
            match clause_of(&stems, &function.name) {
                Some(id) => found.push(Attack {
                    id: id.to_owned(),
                    place,
                    ignored: function.attributes.iter().any(|name| name == "ignore"),
                }),
                None if looks_like_a_clause(&stems, &function.name) => {
                    faults.push(format!(
                        "{place}: no clause is called as {} says",
                        function.name
                    ));
                }
                None => {}
            }
        }
    }
    Ok(found)
}

fn sources() -> Result<Vec<PathBuf>, Fault> {
    let mut found = Vec::new();
    for name in places::crates()? {
        let folder = places::root().join("crates").join(name);
        found.extend(places::files(&folder.join("src"), "rs")?);
        found.extend(places::files(&folder.join("tests"), "rs")?);
    }
    Ok(found)
}

fn is_test(function: &Function) -> bool {
    function.attributes.iter().any(|name| name == "test")
}

/// Clause id by the beginning of a function's name: `cl-1.5-i-b` by `cl_1_5_i_b_`.
fn stems(catalogue: &Catalogue) -> BTreeMap<String, &str> {
    catalogue
        .keys()
        .map(|id| {
            let stem = id.replace(['.', '-'], "_").to_lowercase();
            (format!("{stem}_"), id.as_str())
        })
        .collect()
}

/// The clause with the longest id that the name begins with, so that `cl_1_1_ii_…` is not `cl-1.1-i`.
fn clause_of<'ids>(stems: &BTreeMap<String, &'ids str>, name: &str) -> Option<&'ids str> {
    let name = name.to_lowercase();
    stems
        .iter()
        .filter(|(stem, _)| name.starts_with(stem.as_str()) && name.len() > stem.len())
        .max_by_key(|(stem, _)| stem.len())
        .map(|(_, id)| *id)
}

/// `cl_9_9_…` means a clause; `sec_fetch_site_…` does not.
fn looks_like_a_clause(stems: &BTreeMap<String, &str>, name: &str) -> bool {
    let Some((family, rest)) = name.split_once('_') else {
        return false;
    };
    let known = stems
        .keys()
        .any(|stem| stem.split('_').next() == Some(family));
    known && rest.starts_with(|first: char| first.is_ascii_digit())
}

fn report(catalogue: &Catalogue, duties: &[Duty], attacks: &[Attack]) -> Report {
    let answered: BTreeSet<&str> = duties.iter().map(|duty| duty.id.as_str()).collect();
    let tested: BTreeSet<&str> = attacks.iter().map(|attack| attack.id.as_str()).collect();
    let mut report = Report {
        all: Count::default(),
        milestones: BTreeMap::new(),
        ids: BTreeMap::new(),
    };
    for (id, milestone) in catalogue {
        let standing = Standing {
            answered: answered.contains(id.as_str()),
            tested: tested.contains(id.as_str()),
        };
        report.all.add(standing);
        report
            .milestones
            .entry(milestone.clone())
            .or_default()
            .add(standing);
        report.ids.insert(id.clone(), standing);
    }
    report
}

impl Count {
    fn add(&mut self, standing: Standing) {
        self.total += 1;
        self.answered += usize::from(standing.answered);
        self.tested += usize::from(standing.tested);
        self.pending += usize::from(!(standing.answered && standing.tested));
    }
}

fn double_or_homeless(catalogue: &Catalogue, duties: &[Duty]) -> Vec<String> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for Duty {
        id,
        table,
        answer,
        module,
    } in duties
    {
        if !catalogue.contains_key(id) {
            faults.push(format!("{table}: no catalogue lists {id}"));
        }
        if answer.is_none() {
            faults.push(format!(
                "{table}: {id} is answered by {module}, which has no file"
            ));
        }
        if let Some(before) = first.insert(id, table) {
            faults.push(format!(
                "{table}: {id} is answered twice, first at {before}"
            ));
        }
    }
    faults
}

/// A line of `DUTIES` is a claim, and a claim needs its test.
fn claims_without_test(report: &Report, duties: &[Duty]) -> Vec<String> {
    duties
        .iter()
        .filter(|duty| {
            report
                .ids
                .get(&duty.id)
                .is_some_and(|standing| !standing.tested)
        })
        .map(|duty| {
            let stem = duty.id.replace(['.', '-'], "_").to_lowercase();
            format!("{}: {} has no test `fn {stem}_…`", duty.table, duty.id)
        })
        .collect()
}

fn ignored(attacks: &[Attack]) -> Vec<String> {
    attacks
        .iter()
        .filter(|attack| attack.ignored)
        .map(|attack| format!("{}: the test of {} is ignored", attack.place, attack.id))
        .collect()
}

fn print(report: &Report) {
    println!("milestone     total  answered  tested  pending");
    for (name, count) in &report.milestones {
        line(name, count);
    }
    line("all", &report.all);
    let half: Vec<&str> = report
        .ids
        .iter()
        .filter(|(_, standing)| standing.tested && !standing.answered)
        .map(|(id, _)| id.as_str())
        .collect();
    if !half.is_empty() {
        println!("tested, not yet answered: {}", half.join(" "));
    }
}

fn line(name: &str, count: &Count) {
    let Count {
        total,
        answered,
        tested,
        pending,
    } = count;
    println!("{name:<12} {total:>6} {answered:>9} {tested:>7} {pending:>8}");
}

/// How many clauses of each milestone may be pending.
fn allowed() -> Result<BTreeMap<String, usize>, Fault> {
    let path = places::root().join(RATCHET);
    toml::from_str(&places::read(&path)?).map_err(|reason| Fault::at(&path, reason))
}

/// A milestone that the file does not name may lack nothing.
fn risen(report: &Report, allowed: &BTreeMap<String, usize>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, count) in &report.milestones {
        let bound = allowed.get(name).copied().unwrap_or(0);
        if count.pending > bound {
            faults.push(format!(
                "{name}: {} clauses pending, {RATCHET} allows {bound}",
                count.pending
            ));
        } else if count.pending < bound {
            eprintln!(
                "{name}: {} clauses pending, {RATCHET} still allows {bound}: cargo xtask clauses --lower",
                count.pending
            );
        }
    }
    faults
}

/// Takes the bounds down to what is true now; never up.
fn write_ratchet(report: &Report) -> Result<(), Fault> {
    let before = allowed()?;
    let bounds: Vec<String> = report
        .milestones
        .iter()
        .map(|(name, count)| {
            let bound = before.get(name).copied().unwrap_or(count.pending);
            format!("{name} = {}\n", bound.min(count.pending))
        })
        .collect();
    let text = format!("{RATCHET_HEAD}{}", bounds.concat());
    let path = places::root().join(RATCHET);
    std::fs::write(&path, text).map_err(|reason| Fault::at(&path, reason))
}

#[cfg(test)]
mod tests {
    use super::{
        Attack, Catalogue, claims_without_test, clause_of, double_or_homeless, looks_like_a_clause,
        report, risen, stems,
    };
    use crate::{catalogue, duties::Duty};

    fn three() -> Catalogue {
        [
            "cl-1.1-i",
            "cl-1.1-ii",
            "cl-1.1-i-b",
            "ext-6.9-B.a",
            "sec-r.a",
        ]
        .map(|id| (id.to_owned(), "visit".to_owned()))
        .into()
    }

    fn duty(id: &str) -> Duty {
        Duty {
            id: id.to_owned(),
            table: "lib.rs:1".to_owned(),
            answer: Some("lib.rs".into()),
            module: "m".to_owned(),
        }
    }

    fn attack(id: &str) -> Attack {
        Attack {
            id: id.to_owned(),
            place: "t.rs:1".to_owned(),
            ignored: false,
        }
    }

    #[test]
    fn a_test_belongs_to_the_longest_id_its_name_begins_with() {
        let catalogue = three();
        let stems = stems(&catalogue);
        let cases = [
            ("cl_1_1_i_refuses_a_stale_plan", Some("cl-1.1-i")),
            ("cl_1_1_ii_refuses_a_stale_plan", Some("cl-1.1-ii")),
            ("cl_1_1_i_b_refuses_a_stale_plan", Some("cl-1.1-i-b")),
            ("ext_6_9_b_a_lists_each_device", Some("ext-6.9-B.a")),
            ("cl_1_1_i_", None),
            ("cl_1_1_i", None),
            ("cl_1_1_iii_says_more", None),
            ("refuses_cl_1_1_i_when_stale", None),
        ];
        for (name, id) in cases {
            assert_eq!(clause_of(&stems, name), id, "{name}");
        }
    }

    #[test]
    fn a_name_of_no_clause_is_told_from_an_ordinary_name() {
        let catalogue = three();
        let stems = stems(&catalogue);
        for (name, meant) in [
            ("cl_9_9_refuses", true),
            ("sec_fetch_site_must_be_same_origin", false),
            ("a_plan_has_nine_items", false),
        ] {
            assert_eq!(looks_like_a_clause(&stems, name), meant, "{name}");
        }
    }

    #[test]
    fn pending_is_whatever_is_not_both_answered_and_tested() {
        let report = report(
            &three(),
            &[duty("cl-1.1-i"), duty("cl-1.1-ii")],
            &[attack("cl-1.1-i"), attack("sec-r.a")],
        );
        let count = &report.milestones["visit"];
        assert_eq!(
            (count.total, count.answered, count.tested, count.pending),
            (5, 2, 2, 4)
        );
        assert_eq!(
            claims_without_test(&report, &[duty("cl-1.1-i"), duty("cl-1.1-ii")]).len(),
            1
        );
    }

    #[test]
    fn a_clause_answered_twice_or_unknown_or_without_a_file_is_a_fault() {
        let homeless = Duty {
            answer: None,
            ..duty("cl-1.1-i")
        };
        for (duties, faults) in [
            (vec![duty("cl-1.1-i"), duty("cl-1.1-ii")], 0),
            (vec![duty("cl-1.1-i"), duty("cl-1.1-i")], 1),
            (vec![duty("cl-0")], 1),
            (vec![homeless], 1),
        ] {
            assert_eq!(double_or_homeless(&three(), &duties).len(), faults);
        }
    }

    #[test]
    fn more_pending_than_allowed_is_a_fault_and_fewer_is_not() {
        let report = report(&three(), &[], &[]);
        for (bound, faults) in [(Some(5), 0), (Some(6), 0), (Some(4), 1), (None, 1)] {
            let allowed = bound
                .map(|bound| ("visit".to_owned(), bound))
                .into_iter()
                .collect();
            assert_eq!(risen(&report, &allowed).len(), faults, "{bound:?}");
        }
    }

    #[test]
    fn no_two_clauses_of_the_catalogue_share_a_test_name() {
        let catalogue = catalogue::read().unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(stems(&catalogue).len(), catalogue.len());
    }
}
