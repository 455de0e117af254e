//! The file of the master (医薬品マスター, "y"): CP932, no header, 40 columns, 42 since the layout of July 2024.
//!
//! Read field by field: in CP932 no byte of a letter looks like a comma, a quote or an end of line, so that each fault is
//! named by its line and column.

use super::{Code, Drug, Fault, Form, LegalClass, Why, rows};
use encoding_rs::SHIFT_JIS;
use jiff::civil::Date;

/// How many columns a line may have.
const COLUMNS: [usize; 2] = [40, 42];
/// A day that never comes: in use.
const NO_END: &str = "99999999";

/// Columns by number, from 1, as the layout counts them.
pub(super) const CHANGE: usize = 1;
const MASTER: usize = 2;
pub(super) const CODE: usize = 3;
const NAME: usize = 5;
const KANA: usize = 7;
const UNIT: usize = 10;
const CLASS: usize = 14;
const FORM: usize = 28;
const CHANGED: usize = 30;
const ENDS: usize = 31;
const PRICE_CODE: usize = 32;
const GENERIC_CODE: usize = 37;
const GENERIC_NAME: usize = 38;

/// What a line does to the edition before (変更区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// 継続
    Continued,
    /// 抹消
    Struck,
    /// 復活
    Revived,
    /// 新規
    New,
    /// 変更
    Changed,
    /// 廃止
    Abolished,
}

/// One line, as it was written: what is empty in a change is as before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    number: u64,
    /// What it does.
    pub change: Change,
    /// Which drug.
    pub code: Code,
    name: Option<String>,
    kana: Option<String>,
    unit: Option<String>,
    class: Option<LegalClass>,
    form: Option<Form>,
    price_code: Option<String>,
    generic_code: Option<String>,
    generic_name: Option<String>,
    changed: Option<Date>,
    ends: End,
}

/// What a line says of a drug's last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Unsaid,
    Never,
    On(Date),
}

/// Reads a whole file.
///
/// # Errors
///
/// The first thing that is wrong with it; a file is taken whole or not at all.
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, Fault> {
    let mut lines = Vec::new();
    rows::each(bytes, |number, record| {
        lines.push(line(&Fields { number, record })?);
        Ok(())
    })?;
    if lines.is_empty() {
        return Err(Fault::of_line(1, Why::Empty));
    }
    Ok(lines)
}

/// The fields of a line, by column.
struct Fields<'a> {
    number: u64,
    record: &'a csv::ByteRecord,
}

impl Fields<'_> {
    const fn fault(&self, column: usize, why: Why) -> Fault {
        Fault {
            line: self.number,
            column: Some(column),
            why,
        }
    }

    /// What stands in a column; none where it is empty.
    fn text(&self, column: usize) -> Result<Option<String>, Fault> {
        let bytes = self
            .record
            .get(column.saturating_sub(1))
            .unwrap_or_default();
        let text = SHIFT_JIS
            .decode_without_bom_handling_and_without_replacement(bytes)
            .filter(|text| !text.contains('\0'))
            .ok_or_else(|| self.fault(column, Why::NotCp932))?;
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    fn day(&self, column: usize) -> Result<Option<Date>, Fault> {
        self.text(column)?
            .map(|text| day(&text).ok_or_else(|| self.fault(column, Why::Date)))
            .transpose()
    }
}

fn line(fields: &Fields<'_>) -> Result<Line, Fault> {
    if !COLUMNS.contains(&fields.record.len()) {
        let why = Why::Columns(fields.record.len());
        return Err(Fault::of_line(fields.number, why));
    }
    let change = match fields.text(CHANGE)?.as_deref() {
        Some("0") => Change::Continued,
        Some("1") => Change::Struck,
        Some("2") => Change::Revived,
        Some("3") => Change::New,
        Some("5") => Change::Changed,
        Some("9") => Change::Abolished,
        _ => return Err(fields.fault(CHANGE, Why::Change)),
    };
    if fields.text(MASTER)?.as_deref() != Some("Y") {
        return Err(fields.fault(MASTER, Why::OtherMaster));
    }
    let code = fields.text(CODE)?.and_then(|text| text.parse().ok());
    let class = match fields.text(CLASS)?.as_deref() {
        None => None,
        Some("0") => Some(LegalClass::Ordinary),
        Some("1") => Some(LegalClass::Narcotic),
        Some("2") => Some(LegalClass::Poison),
        Some("3") => Some(LegalClass::StimulantRawMaterial),
        Some("5") => Some(LegalClass::Psychotropic),
        Some(text) if text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(LegalClass::Unknown)
        }
        Some(_) => return Err(fields.fault(CLASS, Why::Value)),
    };
    let form = match fields.text(FORM)?.as_deref() {
        None => None,
        Some("1") => Some(Form::Oral),
        Some("3") => Some(Form::Other),
        Some("4") => Some(Form::Injected),
        Some("6") => Some(Form::External),
        Some("8") => Some(Form::Dental),
        Some(_) => return Err(fields.fault(FORM, Why::Value)),
    };
    let ends = match fields.text(ENDS)?.as_deref() {
        None => End::Unsaid,
        Some(NO_END) => End::Never,
        Some(text) => End::On(day(text).ok_or_else(|| fields.fault(ENDS, Why::Date))?),
    };
    Ok(Line {
        number: fields.number,
        change,
        code: code.ok_or_else(|| fields.fault(CODE, Why::Code))?,
        name: fields.text(NAME)?,
        kana: fields.text(KANA)?,
        unit: fields.text(UNIT)?,
        class,
        form,
        price_code: fields.text(PRICE_CODE)?,
        generic_code: fields.text(GENERIC_CODE)?,
        generic_name: fields.text(GENERIC_NAME)?,
        changed: fields.day(CHANGED)?,
        ends,
    })
}

/// `20240321`
fn day(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year = text.get(..4)?.parse().ok()?;
    let month = text.get(4..6)?.parse().ok()?;
    let day = text.get(6..)?.parse().ok()?;
    Date::new(year, month, day).ok()
}

impl Line {
    pub(super) const fn fault(&self, column: Option<usize>, why: Why) -> Fault {
        Fault {
            line: self.number,
            column,
            why,
        }
    }

    /// The drug that a line describes by itself. A class that is not written is not known.
    pub(super) fn whole(&self) -> Result<Drug, Fault> {
        let name = self.name.clone();
        let form = self.form;
        Ok(Drug {
            code: self.code,
            name: name.ok_or_else(|| self.fault(Some(NAME), Why::Missing))?,
            kana: self.kana.clone().unwrap_or_default(),
            unit: self.unit.clone().unwrap_or_default(),
            class: self.class.unwrap_or(LegalClass::Unknown),
            form: form.ok_or_else(|| self.fault(Some(FORM), Why::Missing))?,
            price_code: self.price_code.clone(),
            generic_code: self.generic_code.clone(),
            generic_name: self.generic_name.clone(),
            changed: self.changed,
            ends: self.ends.after(None),
        })
    }

    /// The drug after a change: what is empty is as before.
    pub(super) fn over(&self, before: &Drug) -> Drug {
        let text = |new: &Option<String>, old: &String| new.clone().unwrap_or_else(|| old.clone());
        Drug {
            code: self.code,
            name: text(&self.name, &before.name),
            kana: text(&self.kana, &before.kana),
            unit: text(&self.unit, &before.unit),
            class: self.class.unwrap_or(before.class),
            form: self.form.unwrap_or(before.form),
            price_code: self
                .price_code
                .clone()
                .or_else(|| before.price_code.clone()),
            generic_code: self
                .generic_code
                .clone()
                .or_else(|| before.generic_code.clone()),
            generic_name: self
                .generic_name
                .clone()
                .or_else(|| before.generic_name.clone()),
            changed: self.changed.or(before.changed),
            ends: self.ends.after(before.ends),
        }
    }
}

impl End {
    const fn after(self, before: Option<Date>) -> Option<Date> {
        match self {
            Self::Unsaid => before,
            Self::Never => None,
            Self::On(last) => Some(last),
        }
    }
}
