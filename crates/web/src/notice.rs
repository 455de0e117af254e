//! The clinic's contact (問い合わせ先): mandatory settings, told on every patient page (cl-2.1-i-b).

use crate::words::{Lang, Words};
use guideline::{Clause, clause};
use store::institution::Institution;

/// Patients can see at any time whose physician it is and where to ask.
pub const CONTACT: Clause = clause("cl-2.1-i-b");

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
}

impl Contact {
    /// The contact in the reader's language; `None` if the institution's is not complete.
    pub fn of(institution: &Institution, w: Words) -> Option<Self> {
        institution.is_complete().then(|| Self {
            name: Self::name_of(institution, w),
            address: in_language(&institution.address, &institution.address_en, w),
            phone: institution.phone.clone(),
            phone_link: institution
                .phone
                .chars()
                .filter(|c| c.is_ascii_digit() || *c == '+')
                .collect(),
            hours: in_language(&institution.hours, &institution.hours_en, w),
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
