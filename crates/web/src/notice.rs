//! The clinic's contact (問い合わせ先): mandatory settings, told on every patient page (cl-2.1-i-b).

use crate::words::{Lang, Words};
use guideline::{Clause, clause};
use store::institution::Institution;

/// Patients can see at any time whose physician it is and where to ask.
pub const CONTACT: Clause = clause("cl-2.1-i-b");
/// Who the physician is and whom to ask stand on a page that is there at any time.
pub const ALWAYS: Clause = clause("cl-2.5.1.1-viii");
/// Whom to complain to and whom to ask for the records is plain (苦情・開示などの窓口).
pub const DESKS: Clause = clause("ext-4.2.e");

/// Patients are told where to be, with the message and on the page that asks for the place.
pub const GUIDED: Clause = clause("cl-2.2-ii-b");

/// Name, address, telephone and hours of an institution: there is none with one of them empty.
#[derive(Clone)]
pub struct Contact {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// Its telephone number, as people write it.
    pub phone: String,
    /// Its telephone number, as a `tel:` link takes it.
    pub phone_link: String,
    /// When it is open.
    pub hours: String,
    /// Whom to complain to.
    pub complaint: Desk,
    /// Whom to ask for the records.
    pub disclosure: Desk,
    /// Where anybody can look a physician up.
    pub licence_search: String,
}

/// One desk that patients turn to.
#[derive(Clone)]
pub struct Desk {
    /// Who it is.
    pub name: String,
    /// Its telephone, as people write it.
    pub phone: String,
    /// Its telephone, as a `tel:` link takes it.
    pub phone_link: String,
}

impl Desk {
    /// A desk; the institution itself where nobody is named.
    fn of((name, phone): (&str, &str), institution: &Institution, w: Words) -> Self {
        let given = |text: &str, otherwise: String| {
            if text.trim().is_empty() {
                otherwise
            } else {
                text.to_owned()
            }
        };
        let phone = given(phone, institution.phone.clone());
        Self {
            name: given(name, Contact::name_of(institution, w)),
            phone_link: dialled(&phone),
            phone,
        }
    }
}

/// The digits of a number, for a link.
fn dialled(phone: &str) -> String {
    phone
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect()
}

impl Contact {
    /// The contact in the reader's language; `None` if the institution's is not complete.
    pub fn of(institution: &Institution, w: Words) -> Option<Self> {
        institution.is_complete().then(|| Self {
            name: Self::name_of(institution, w),
            address: in_language(&institution.address, &institution.address_en, w),
            phone: institution.phone.clone(),
            phone_link: dialled(&institution.phone),
            hours: in_language(&institution.hours, &institution.hours_en, w),
            complaint: {
                let desks = &institution.desks;
                Desk::of((&desks.complaint, &desks.complaint_phone), institution, w)
            },
            disclosure: {
                let desks = &institution.desks;
                Desk::of((&desks.disclosure, &desks.disclosure_phone), institution, w)
            },
            licence_search: institution.desks.licence_search.clone(),
        })
    }

    /// The name alone.
    pub fn name_of(institution: &Institution, w: Words) -> String {
        in_language(&institution.name, &institution.name_en, w)
    }
}

/// The Japanese text stands wherever there is no English one.
fn in_language(ja: &str, en: &str, w: Words) -> String {
    match w.lang() {
        Lang::En if !en.trim().is_empty() => en.to_owned(),
        Lang::En | Lang::Ja => ja.to_owned(),
    }
}
