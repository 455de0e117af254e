//! The two lists that the service rests on: institutions that see patients in person with the counselling services, and
//! pharmacies able to dispense (対面の医療機関と相談窓口・調剤できる薬局の一覧).
//!
//! The publishers' own layout was not seen (要確認): a file is our own layout, one line a place, made from theirs.

use crate::{
    area::Area,
    formulary::{Fault, Why, each},
};
use std::collections::BTreeSet;

/// The heading of a file, in this order.
pub const HEADING: [&str; 5] = ["kind", "name", "area", "phone", "hours"];
/// Longest file, in bytes.
pub const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most places: the country has some ten thousand such pharmacies.
pub const PLACES_MAX: usize = 30_000;
/// Longest field, in characters.
const TEXT_CHARS_MAX: usize = 200;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    /// In-person institutions and counselling services.
    Institutions,
    /// Pharmacies able to dispense.
    Pharmacies,
}

impl List {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Institutions, Self::Pharmacies];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Institutions => "institutions",
            Self::Pharmacies => "pharmacies",
        }
    }

    /// The list of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == word)
    }

    const fn holds(self, kind: PlaceKind) -> bool {
        match kind {
            PlaceKind::Institution | PlaceKind::Counselling => matches!(self, Self::Institutions),
            PlaceKind::Pharmacy => matches!(self, Self::Pharmacies),
        }
    }
}

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// Sees patients in person: an obstetrician-gynaecologist is there (産婦人科).
    Institution,
    /// A counselling service for women's health (女性の健康に関する相談窓口).
    Counselling,
    /// Dispenses before a trained pharmacist.
    Pharmacy,
}

impl PlaceKind {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "institution" => Some(Self::Institution),
            "counselling" => Some(Self::Counselling),
            "pharmacy" => Some(Self::Pharmacy),
            _ => None,
        }
    }
}

/// One place of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What it is.
    pub kind: PlaceKind,
    /// Name; no two of a kind share it in one area.
    pub name: String,
    /// Where, as it is written.
    pub address: String,
    /// The same, as it is compared.
    pub area: Area,
    /// Telephone.
    pub phone: String,
    /// Opening hours in words.
    pub hours: String,
}

/// Reads a file: all of it or nothing.
///
/// # Errors
///
/// The first line, and column where there is one, that is no place of this list.
pub fn read(list: List, file: &[u8]) -> Result<Vec<Place>, Fault> {
    let too_long = Fault::of_line(1, Why::TooLong);
    if file.len() > BYTES_MAX {
        return Err(too_long);
    }
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let (mut places, mut seen, mut headed) = (Vec::new(), BTreeSet::new(), false);
    each(file, |line, record| {
        let fields: Vec<&str> = record
            .iter()
            .enumerate()
            .map(|(at, field)| text(line, at, field))
            .collect::<Result<_, _>>()?;
        if !headed {
            headed = true;
            return if fields == HEADING {
                Ok(())
            } else {
                Err(Fault::of_line(line, Why::Missing))
            };
        }
        let place = place(list, line, &fields)?;
        if !seen.insert((place.name.clone(), place.address.clone())) {
            return Err(at(line, 1, Why::Twice));
        }
        if places.len() == PLACES_MAX {
            return Err(Fault::of_line(line, Why::TooLong));
        }
        places.push(place);
        Ok(())
    })?;
    let sought = match list {
        List::Institutions => PlaceKind::Institution,
        List::Pharmacies => PlaceKind::Pharmacy,
    };
    let whole = places.iter().any(|place| place.kind == sought)
        && (list == List::Pharmacies
            || places
                .iter()
                .any(|place| place.kind == PlaceKind::Counselling));
    if whole {
        Ok(places)
    } else {
        Err(Fault::of_line(1, Why::Empty))
    }
}

fn place(list: List, line: u64, fields: &[&str]) -> Result<Place, Fault> {
    let [kind, name, address, phone, hours] = fields else {
        return Err(Fault::of_line(line, Why::Columns(fields.len())));
    };
    let kind = PlaceKind::parse(kind)
        .filter(|kind| list.holds(*kind))
        .ok_or_else(|| at(line, 0, Why::Value))?;
    for (column, field) in [name, address, phone, hours].into_iter().enumerate() {
        if field.is_empty() {
            return Err(at(line, column.saturating_add(1), Why::Missing));
        }
    }
    let area = Area::read(address)
        .filter(Area::names_prefecture)
        .ok_or_else(|| at(line, 2, Why::Value))?;
    let is_phone = phone
        .chars()
        .all(|letter| letter.is_ascii_digit() || "+-# ".contains(letter));
    if !is_phone {
        return Err(at(line, 3, Why::Value));
    }
    Ok(Place {
        kind,
        name: (*name).to_owned(),
        address: (*address).to_owned(),
        area,
        phone: (*phone).to_owned(),
        hours: (*hours).to_owned(),
    })
}

fn text(line: u64, column: usize, field: &[u8]) -> Result<&str, Fault> {
    let text = std::str::from_utf8(field).map_err(|_| at(line, column, Why::Value))?;
    let text = text.trim();
    if text.chars().count() > TEXT_CHARS_MAX || text.contains('\0') {
        return Err(at(line, column, Why::TooLong));
    }
    Ok(text)
}

const fn at(line: u64, column: usize, why: Why) -> Fault {
    Fault {
        line,
        column: Some(column.saturating_add(1)),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHARMACIES: &str = "kind,name,area,phone,hours
pharmacy,見本薬局,長野県みほん市,00-0000-0001,平日 9:00-18:00
";

    #[test]
    fn a_malformed_list_is_refused_whole_with_line_and_column() {
        assert_eq!(
            read(List::Pharmacies, PHARMACIES.as_bytes()).unwrap().len(),
            1
        );
        for (line, column, why) in [
            ("institution,別,長野県みほん市,1,平日", Some(1), Why::Value),
            ("pharmacy,,長野県みほん市,1,平日", Some(2), Why::Missing),
            ("pharmacy,別,みほん,1,平日", Some(3), Why::Value),
            ("pharmacy,別,長野県みほん市,電話,平日", Some(4), Why::Value),
            ("pharmacy,別,長野県みほん市,1", None, Why::Columns(4)),
            (
                "pharmacy,見本薬局,長野県みほん市,2,平日",
                Some(2),
                Why::Twice,
            ),
        ] {
            let file = format!("{PHARMACIES}{line}\n");
            let fault = read(List::Pharmacies, file.as_bytes()).unwrap_err();
            assert_eq!((fault.line, fault.column, fault.why), (3, column, why));
        }
        for (file, why) in [
            ("", Why::Empty),
            ("kind,name,area,phone,hours\n", Why::Empty),
            ("pharmacy,見本薬局,長野県みほん市,1,平日\n", Why::Missing),
        ] {
            assert_eq!(
                read(List::Pharmacies, file.as_bytes()).unwrap_err().why,
                why
            );
        }
        // Institutions without anybody to talk to are no list to introduce from.
        let alone = "kind,name,area,phone,hours\ninstitution,見本産婦人科,長野県みほん市,1,平日\n";
        assert_eq!(
            read(List::Institutions, alone.as_bytes()).unwrap_err().why,
            Why::Empty
        );
    }
}
