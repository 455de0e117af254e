//! The drug master and the high-safety list, read from bytes as their publishers write them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails here fails the test"
)]

use care::formulary::{
    Change, Code, Counts, Fault, Form, Formulary, Index, LegalClass, Why, high_safety, read,
};
use encoding_rs::SHIFT_JIS;
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 21);

/// One line of a master: columns by number, all others empty.
fn line(columns: usize, fields: &[(usize, &str)]) -> String {
    let mut all = vec![String::new(); columns];
    for (column, text) in fields {
        all[column - 1] = format!("\"{text}\"");
    }
    all.join(",") + "\r\n"
}

/// A drug in use, of a made-up name.
fn drug(change: &str, code: &str, name: &str, class: &str) -> String {
    line(
        42,
        &[
            (1, change),
            (2, "Y"),
            (3, code),
            (5, name),
            (7, "ﾐﾎﾝ"),
            (10, "錠"),
            (14, class),
            (28, "1"),
            (30, "20260401"),
            (31, "99999999"),
            (32, "2149001F1020"),
            (37, "2149001F1ZZZ"),
            (38, "【般】みほん錠５ｍｇ"),
        ],
    )
}

fn bytes(text: &str) -> Vec<u8> {
    SHIFT_JIS.encode(text).0.into_owned()
}

fn formulary(text: &str) -> Formulary {
    Formulary::default()
        .next(&read(&bytes(text)).unwrap())
        .unwrap()
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

#[test]
fn a_full_file_is_read_in_either_layout_and_counted() {
    let mut text = String::new();
    for (number, class) in [
        ("0", "0"),
        ("1", "1"),
        ("2", "2"),
        ("3", "3"),
        ("4", "5"),
        ("5", "5"),
        ("6", "4"),
    ] {
        text += &drug("0", &format!("62000000{number}"), "見本錠５ｍｇ", class);
    }
    for columns in [40, 42] {
        let text: String = text
            .lines()
            .map(|line| {
                let fields: Vec<&str> = line.split(',').take(columns).collect();
                fields.join(",") + "\r\n"
            })
            .collect();
        let all = formulary(&text);
        assert_eq!(
            all.counts(),
            Counts {
                rows: 7,
                narcotic: 1,
                poison: 1,
                stimulant_raw_material: 1,
                psychotropic: 2,
            }
        );
        assert_eq!(all.newest_change(), Some(date(2026, 4, 1)));
        let known = all.orderable(code("620000000"), TODAY).unwrap();
        assert_eq!(
            (known.name.as_str(), known.unit.as_str()),
            ("見本錠５ｍｇ", "錠")
        );
        assert_eq!(
            (known.form, known.class),
            (Form::Oral, LegalClass::Ordinary)
        );
        let unexplained = all.orderable(code("620000006"), TODAY).unwrap();
        assert_eq!(unexplained.class, LegalClass::Unknown);
        assert!(
            unexplained.class.is_controlled(),
            "nobody has said that it is not"
        );
    }
}

#[test]
fn an_increment_changes_only_what_it_writes_and_the_edition_before_stays() {
    let before = formulary(
        &(drug("0", "620000001", "見本錠", "5")
            + &drug("0", "620000002", "例錠", "0")
            + &drug("0", "620000003", "仮錠", "0")),
    );
    let renamed = line(
        42,
        &[(1, "5"), (2, "Y"), (3, "620000001"), (5, "見本錠(新)")],
    );
    let struck = line(42, &[(1, "1"), (2, "Y"), (3, "620000002")]);
    let abolished = line(42, &[(1, "9"), (2, "Y"), (3, "620000003")]);
    let new = drug("3", "620000004", "架空錠", "1");
    let lines = read(&bytes(&(renamed + &struck + &abolished + &new))).unwrap();
    assert_eq!(lines[0].change, Change::Changed);
    let after = before.next(&lines).unwrap();
    let changed = after.orderable(code("620000001"), TODAY).unwrap();
    assert_eq!(changed.name, "見本錠(新)");
    assert_eq!(
        changed.class,
        LegalClass::Psychotropic,
        "an empty field is as before"
    );
    assert_eq!(changed.unit, "錠");
    assert!(after.orderable(code("620000002"), TODAY).is_none());
    assert!(after.orderable(code("620000003"), TODAY).is_none());
    assert_eq!(after.counts().narcotic, 1);
    assert_eq!(before.counts().rows, 3);

    let full = before
        .next(&read(&bytes(&drug("0", "620000009", "一つだけ", "0"))).unwrap())
        .unwrap();
    assert_eq!(full.counts().rows, 1, "a full file replaces everything");
}

#[test]
fn an_increment_needs_what_it_changes() {
    let change = line(40, &[(1, "5"), (2, "Y"), (3, "620000001"), (5, "見本錠")]);
    let lines = read(&bytes(&change)).unwrap();
    let fault = Formulary::default().next(&lines).unwrap_err();
    assert_eq!((fault.line, fault.why), (1, Why::NoEditionBefore));
    let fault = formulary(&drug("0", "620000002", "例錠", "0"))
        .next(&lines)
        .unwrap_err();
    assert_eq!(
        (fault.line, fault.column, fault.why),
        (1, Some(1), Why::NothingToChange)
    );
}

#[test]
fn what_has_ended_or_is_no_drug_by_itself_cannot_be_ordered() {
    let fields = |form: &'static str, ends: &'static str, price: &'static str| {
        line(
            40,
            &[
                (1, "0"),
                (2, "Y"),
                (3, "660000001"),
                (5, "見本"),
                (14, "0"),
                (28, form),
                (31, ends),
                (32, price),
            ],
        )
    };
    for (form, ends, price, orderable) in [
        ("1", "99999999", "2149001F1020", true),
        ("1", "20261121", "2149001F1020", true),
        ("1", "20261120", "2149001F1020", false),
        ("3", "99999999", "", false),
        ("3", "99999999", "2149001F1020", true),
        ("1", "99999999", "", true),
    ] {
        let all = formulary(&fields(form, ends, price));
        let found = all.orderable(code("660000001"), TODAY);
        assert_eq!(found.is_some(), orderable, "{form} {ends} {price}");
        assert_eq!(all.counts().rows, 1);
    }
}

#[test]
fn a_malformed_file_is_refused_whole_with_its_line_and_column() {
    let good = drug("0", "620000001", "見本錠", "0");
    let second = |fields: &[(usize, &str)]| {
        let mut all = vec![
            (1, "0"),
            (2, "Y"),
            (3, "620000002"),
            (5, "例錠"),
            (14, "0"),
            (28, "1"),
        ];
        for (column, text) in fields {
            all.retain(|(known, _)| known != column);
            all.push((*column, text));
        }
        bytes(&(good.clone() + &line(42, &all)))
    };
    let mut no_text = second(&[(5, "#")]);
    let at = no_text.iter().rposition(|byte| *byte == b'#').unwrap();
    no_text[at] = 0xff;
    for (file, column, why) in [
        (second(&[(1, "7")]), Some(1), Why::Change),
        (second(&[(1, "")]), Some(1), Why::Change),
        (second(&[(2, "S")]), Some(2), Why::OtherMaster),
        (second(&[(3, "62000000")]), Some(3), Why::Code),
        (second(&[(3, "62000000x")]), Some(3), Why::Code),
        (second(&[(14, "x")]), Some(14), Why::Value),
        (second(&[(28, "2")]), Some(28), Why::Value),
        (second(&[(30, "20260230")]), Some(30), Why::Date),
        (second(&[(31, "2026")]), Some(31), Why::Date),
        (no_text, Some(5), Why::NotCp932),
        (bytes(&(good.clone() + "a,b,c\r\n")), None, Why::Columns(3)),
        (
            bytes(&(good.clone() + &line(41, &[(1, "0")]))),
            None,
            Why::Columns(41),
        ),
    ] {
        assert_eq!(
            read(&file),
            Err(Fault {
                line: 2,
                column,
                why
            })
        );
    }
    for (file, column, why) in [
        (second(&[(5, "")]), 5, Why::Missing),
        (second(&[(28, "")]), 28, Why::Missing),
        (second(&[(3, "620000001")]), 3, Why::Twice),
    ] {
        let fault = Formulary::default()
            .next(&read(&file).unwrap())
            .unwrap_err();
        assert_eq!(
            fault,
            Fault {
                line: 2,
                column: Some(column),
                why
            }
        );
    }
    assert_eq!(read(b"").unwrap_err().why, Why::Empty);
    // An unclosed quote swallows what follows: too few columns, at the line where it opens.
    let open = bytes(&(good.clone() + "\"0,Y\r\n" + &good));
    assert_eq!(read(&open).unwrap_err().line, 2);
}

#[test]
fn one_ingredient_is_one_whatever_its_name_or_strength() {
    let all = formulary(
        &(drug("0", "620000001", "見本錠５ｍｇ", "0")
            + &drug("0", "620000002", "架空錠１０ｍｇ", "0")),
    );
    let of = |text| all.orderable(code(text), TODAY).unwrap().ingredient();
    assert_eq!(of("620000001"), of("620000002"));
}

#[test]
fn a_drug_is_found_by_any_of_its_words_in_any_writing() {
    let all = formulary(
        &(drug("0", "620000001", "アムロ見本錠５ｍｇ", "0")
            + &drug("0", "620000002", "見本アムロ錠", "0")),
    );
    let index = Index::of(&all);
    let names = |sought: &str| -> Vec<String> {
        let found = index.search(&all, sought, TODAY, 10);
        found.into_iter().map(|drug| drug.name.clone()).collect()
    };
    let both = ["アムロ見本錠５ｍｇ", "見本アムロ錠"];
    for sought in ["アムロ", "あむろ", "ｱﾑﾛ", "アム ロ"] {
        assert_eq!(names(sought), both, "{sought}");
    }
    assert_eq!(names("620000002"), ["見本アムロ錠"]);
    assert_eq!(names("5mg").len(), 2, "generic name and name");
    assert_eq!(names("ﾐﾎﾝ").len(), 2);
    assert_eq!(names("2149001f"), both);
    assert_eq!(names(""), Vec::<String>::new());
    assert_eq!(index.search(&all, "錠", TODAY, 1).len(), 1);
}

#[test]
fn the_high_safety_list_is_found_by_its_heading() {
    let sheet = "特定薬剤管理指導加算等の算定対象となる薬剤一覧,,\r\nNo.,医薬品名,レセプト電算処理\u{3000}コード\r\n1,見本錠,620000001\r\n2,例錠,620000002\r\n,,\r\n";
    for file in [
        sheet.as_bytes().to_vec(),
        bytes(sheet),
        [b"\xef\xbb\xbf", sheet.as_bytes()].concat(),
    ] {
        let codes = high_safety(&file).unwrap();
        assert!(codes.contains(&code("620000002")) && codes.len() == 2);
    }
    let wrong = sheet.replace("620000002", "62x");
    let fault = high_safety(wrong.as_bytes()).unwrap_err();
    assert_eq!(
        fault,
        Fault {
            line: 4,
            column: Some(3),
            why: Why::Code
        }
    );
    assert_eq!(
        high_safety("a,b\n1,2\n".as_bytes()).unwrap_err().why,
        Why::Missing
    );
    assert_eq!(
        high_safety("医薬品コード\n".as_bytes()).unwrap_err().why,
        Why::Empty
    );
}
